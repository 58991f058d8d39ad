import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { admitToLog, requireLogReader } from '#use-cases/log/filter-log';
import type { filteredLog, LogFilter } from '#use-cases/log/filter-log';
import { assertInOrder } from '#use-cases/problems';
import { PARTS } from '../parts.ts';
import type { Parts } from '../parts.ts';
import { readerOf } from './authentication.ts';
import { responseStream } from './response-stream.ts';
import { EventFeeds } from './event-feeds.ts';
import { waitForLog } from './fresh-reads.ts';
import { Documented } from './openapi.ts';
import { positionOf } from './query-parameters.ts';
import { prefers } from './request-values.ts';
import { queryOf } from './route-query.ts';
import type { QueryOf } from './route-query.ts';
import type { Answer } from './schemas.ts';

/** Resolves to `never` if a page's content does not match its schema, so that no page can be returned. */
type Page<Pieces> =
  Pieces extends AsyncGenerator<Answer<'Log'>['items'], Answer<'Log'>['next']> ? Uint8Array : never;

/** The whole log, for auditors: in pages, or as a live feed. */
@Controller('api/events')
export class EventsController {
  @Inject(PARTS) private readonly parts!: Parts;
  @Inject(EventFeeds) private readonly feeds!: EventFeeds;

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
    const viewer = readerOf(request);
    await waitForLog(request, this.parts, () => {
      requireLogReader(viewer);
    });
    await admitToLog(this.parts, viewer, { name, position: from });
    if (!isFeed) {
      const pieces: AsyncGenerator<Page<ReturnType<typeof filteredLog>>> = this.parts.logPages.page({
        after,
        limit,
        filter,
      });
      await reply.type('application/json; charset=utf-8').send(await responseStream(pieces));
      return;
    }
    this.feeds.open(request, reply, from, filter);
  }
}

/** Returns a query's filter for events. @throws ProblemError naming the invalid parameter. */
export function filterOf(query: QueryOf<'log'>): LogFilter {
  const { type = null, actor = null, recommendation = null, correlationId = null } = query;
  const { recordedFrom = null, recordedTo = null } = query;
  assertInOrder(query, 'recordedFrom', 'recordedTo');
  return {
    types: type,
    actors: actor,
    records: recommendation,
    correlations: correlationId,
    recordedFrom,
    recordedTo,
  };
}
