import { Inject, Controller, Get, HttpCode, Param, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { OutboxDatabase } from '#notifications/outbox/outbox-database';
import { listMessages, retryMessage } from '#notifications/outbox/outbox-list';
import { readNumberCursor, writeNumberCursor } from '#read-models/list-cursor';
import { RUNS_SERVICE } from '#state-machines/access';
import { requireRole } from '#use-cases/asked';
import { OUTBOX } from '../parts.ts';
import type { OutboxParts } from '../parts.ts';
import { identityOf } from './authentication.ts';
import { Documented } from './openapi.ts';
import { ProblemError } from '#use-cases/problems';
import { queryOf } from './route-query.ts';

/** What people are to be told, for who runs the service. */
@Controller('api/outbox')
export class OutboxController {
  readonly #outbox: OutboxDatabase | null;

  constructor(@Inject(OUTBOX) { outbox }: OutboxParts) {
    this.#outbox = outbox;
  }

  @Get()
  @Documented('outbox')
  async list(@Req() request: FastifyRequest) {
    const { state, limit, cursor } = queryOf(request, 'outbox');
    requireRole(identityOf(request), RUNS_SERVICE);
    const list = { list: 'outbox', state };
    const after = cursor === undefined ? undefined : readNumberCursor(cursor, list);
    const { items, next } = await listMessages(this.#database(), {
      limit,
      ...(state && { state }),
      ...(after !== undefined && { after }),
    });
    return { items, nextCursor: next === null ? null : writeNumberCursor(next, list) };
  }

  @Post(':id/retry')
  @HttpCode(202)
  @Documented('retryMessage')
  async retry(@Req() request: FastifyRequest, @Param('id') id: string) {
    requireRole(identityOf(request), RUNS_SERVICE);
    const message = await retryMessage(this.#database(), id, Date.now());
    if (message === null) {
      throw new ProblemError('not-found', 'There is no such message; GET /api/outbox lists them');
    }
    if (message.state === 'delivered') {
      throw new ProblemError('already-delivered', `It was delivered at ${message.endedAt}`);
    }
    return { id, state: 'requested' } as const;
  }

  #database(): OutboxDatabase {
    if (this.#outbox !== null) return this.#outbox;
    throw new ProblemError(
      'not-found',
      'This process tells nobody of deadlines: DOCKET_NOTIFICATIONS is not set, or DOCKET_OUTBOX is off',
    );
  }
}
