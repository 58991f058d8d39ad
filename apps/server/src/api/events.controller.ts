import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { admitToLog, requireLogReader } from '#use-cases/log/admit-to-log';
import type { RecordsAccess } from '#use-cases/records/records-access';
import { filteredLog } from '#use-cases/log/filter-log';
import type { LogFilter } from '#use-cases/log/filter-log';
import { RECORDS } from '../parts.ts';
import { identityOf } from './authentication.ts';
import { EventFeeds } from './event-feeds.ts';
import { whenLogged } from './fresh-reads.ts';
import { jsonPage } from './json-page.ts';
import { Documented } from './openapi.ts';
import { positionOf } from './query-parameters.ts';
import { invalidParameter, prefers } from './request-values.ts';
import { queryOf } from './route-query.ts';
import type { QueryOf } from './route-query.ts';
import type { Answer } from './schemas.ts';

type LogAccess = Pick<RecordsAccess, 'store'>;

/** The whole log, for auditors: page by page, or as a live feed. */
@Controller('api/events')
export class EventsController {
  readonly #access: LogAccess;
  readonly #feeds: EventFeeds;

  constructor(@Inject(RECORDS) access: LogAccess, feeds: EventFeeds) {
    this.#access = access;
    this.#feeds = feeds;
  }

  @Get()
  @Documented('log')
  async log(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const query = queryOf(request, 'log');
    const { after = '0', limit } = query;
    const isFeed = prefers(request, reply, 'text/event-stream');
    const resumed = isFeed ? request.headers['last-event-id'] : undefined;
    const from = typeof resumed === 'string' ? positionOf('Last-Event-ID', resumed) : after;
    const filter = filterOf(query);
    const name = resumed === undefined ? 'after' : 'Last-Event-ID';
    const viewer = identityOf(request);
    await whenLogged(request, this.#access, () => {
      requireLogReader(viewer);
    });
    await admitToLog(this.#access, viewer, { name, position: from });
    if (!isFeed) {
      const pieces: AsyncGenerator<Answer<'Log'>['items'], Answer<'Log'>['next']> = filteredLog(
        this.#access.store,
        { after, limit, filter },
      );
      await reply.type('application/json; charset=utf-8').send(await jsonPage(pieces));
      return;
    }
    this.#feeds.open(request, reply, from, filter);
  }
}

/** @throws ProblemError naming the parameter that cannot be used. */
function filterOf(query: QueryOf<'log'>): LogFilter {
  const { type = null, actor = null, recommendation = null, recordedFrom = null, recordedTo = null } = query;
  if (recordedFrom !== null && recordedTo !== null && recordedTo < recordedFrom)
    throw invalidParameter('recordedTo', 'is earlier than recordedFrom');
  return { types: type, actors: actor, records: recommendation, recordedFrom, recordedTo };
}
