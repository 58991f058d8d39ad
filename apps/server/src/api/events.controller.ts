import { Controller, Get, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Envelope } from '../../../../libs/event-sourcing/src/envelope.ts';
import { Service } from '../../../../libs/platform/src/service.ts';
import { requireRole } from './authentication.ts';
import { EventFeeds } from './event-feeds.ts';
import { Documented } from './openapi.ts';
import { limitOf, positionOf, queryOf } from './request-values.ts';

const EVENTS_DEFAULT = 1_000;
const EVENTS_MAX = 10_000;

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
    requireRole(request, ['auditor']);
    const query = queryOf(request, ['after', 'limit']);
    const after = positionOf('after', query.after);
    if (request.headers.accept?.includes('text/event-stream')) {
      const resumed = request.headers['last-event-id'];
      const from = positionOf('Last-Event-ID', typeof resumed === 'string' ? resumed : undefined);
      this.#feeds.open(request, reply, from ?? after ?? '0');
      return;
    }
    const limit = limitOf(query.limit, EVENTS_DEFAULT, EVENTS_MAX);
    const page = await this.#service.store.readAll({ after: after ?? '0', limit: limit + 1 });
    const items = page.slice(0, limit);
    await reply.send({ items, next: page.length > limit ? (items.at(-1) as Envelope).position : null });
  }
}
