import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Service } from '#platform/service';
import { admitToLog } from '#use-cases/log/admit-to-log';
import type { RecordsAccess } from '#use-cases/records/records-access';
import { filteredLog } from '#use-cases/log/filter-log';
import type { LogFilter } from '#use-cases/log/filter-log';
import { ANY_RECORD_ID } from '#state-machines/inspection-recommendation/v1/payloads';
import { identityOf } from './authentication.ts';
import { EventFeeds } from './event-feeds.ts';
import { EVENT_TYPES } from './event-member-schemas.ts';
import { Documented } from './openapi.ts';
import {
  EVENTS_PAGE,
  instantOf,
  invalidParameter,
  limitOf,
  positionOf,
  prefers,
  queryOf,
  valuesOf,
} from './request-values.ts';

/** What may be asked for several times. */
const FORMS = {
  type: {
    pattern: new RegExp(`^(?:${EVENT_TYPES.map((type) => RegExp.escape(type)).join('|')})$`),
    told: `a type of event: ${EVENT_TYPES.join(', ')}`,
  },
  actor: { pattern: /^\P{Cc}{1,300}$/u, told: 'the subject of somebody who acted' },
  recommendation: { pattern: ANY_RECORD_ID, told: 'the id of a record' },
} as const;

type LogAccess = Pick<RecordsAccess, 'store'>;

/** The whole log, for auditors: page by page, or as a live feed. */
@Controller('api/events')
export class EventsController {
  readonly #access: LogAccess;
  readonly #feeds: EventFeeds;

  constructor(@Inject(Service) access: LogAccess, feeds: EventFeeds) {
    this.#access = access;
    this.#feeds = feeds;
  }

  @Get()
  @Documented('log')
  async log(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const query = queryOf(request, ['after', 'limit', 'recordedFrom', 'recordedTo'], Object.keys(FORMS));
    const limit = limitOf(query.limit, EVENTS_PAGE);
    const after = positionOf('after', query.after) ?? '0';
    const isFeed = prefers(request, reply, 'text/event-stream');
    const resumed = isFeed ? request.headers['last-event-id'] : undefined;
    const from = positionOf('Last-Event-ID', typeof resumed === 'string' ? resumed : undefined) ?? after;
    const filter = filterOf(request, query);
    const name = resumed === undefined ? 'after' : 'Last-Event-ID';
    await admitToLog(this.#access, identityOf(request), { name, position: from });
    if (!isFeed) {
      await reply.send(await filteredLog(this.#access.store, { after, limit, filter }));
      return;
    }
    this.#feeds.open(request, reply, from, filter);
  }
}

/** @throws ProblemError naming the parameter that cannot be used. */
function filterOf(
  request: FastifyRequest,
  query: { readonly recordedFrom?: string; readonly recordedTo?: string },
): LogFilter {
  const recordedFrom = instantOf('recordedFrom', query.recordedFrom, 'from');
  const recordedTo = instantOf('recordedTo', query.recordedTo, 'to');
  if (recordedFrom !== null && recordedTo !== null && recordedTo < recordedFrom)
    throw invalidParameter('recordedTo', 'is earlier than recordedFrom');
  return {
    types: valuesOf(request, 'type', FORMS.type),
    actors: valuesOf(request, 'actor', FORMS.actor),
    records: valuesOf(request, 'recommendation', FORMS.recommendation),
    recordedFrom,
    recordedTo,
  };
}
