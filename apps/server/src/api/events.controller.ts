import { Controller, Get, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Service } from '../../../../libs/platform/src/service.ts';
import { READS_LOG } from '../../../../state-machines/inspection-recommendation/v1/policy.ts';
import { requireRole } from './authentication.ts';
import { EventFeeds } from './event-feeds.ts';
import { Documented } from './openapi.ts';
import { EVENTS_PAGE, invalidParameter, limitOf, positionOf, prefers, queryOf } from './request-values.ts';

/** The whole log, for auditors: page by page, or as a live feed. */
@Controller('api/events')
export class EventsController {
  readonly #service: Service;
  readonly #feeds: EventFeeds;

  constructor(service: Service, feeds: EventFeeds) {
    this.#service = service;
    this.#feeds = feeds;
  }

  @Get()
  @Documented('log')
  async log(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const query = queryOf(request, ['after', 'limit']);
    const limit = limitOf(query.limit, EVENTS_PAGE);
    const after = positionOf('after', query.after) ?? '0';
    const isFeed = prefers(request, reply, 'text/event-stream');
    const resumed = isFeed ? request.headers['last-event-id'] : undefined;
    const from = positionOf('Last-Event-ID', typeof resumed === 'string' ? resumed : undefined) ?? after;
    requireRole(request, READS_LOG);
    const end = BigInt(await this.#service.store.lastPosition());
    const isBeyondEnd = BigInt(from) > end;
    if (isFeed) {
      if (isBeyondEnd)
        throw invalidParameter(
          resumed === undefined ? 'after' : 'Last-Event-ID',
          'lies beyond the end of the log',
        );
      this.#feeds.open(request, reply, from);
      return;
    }
    const items = isBeyondEnd ? [] : await this.#service.store.readAll({ after: from, limit });
    const last = items.at(-1);
    await reply.send({ items, next: last && BigInt(last.position) < end ? last.position : null });
  }
}
