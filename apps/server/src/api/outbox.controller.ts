import { Inject, Controller, Get, HttpCode, Param, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { OutboxDatabase } from '#notifications/outbox/outbox-database';
import { seeMessages, tryMessageAgain } from '#use-cases/operations/messages';
import { OUTBOX } from '../parts.ts';
import type { OutboxParts } from '../parts.ts';
import { identityOf } from './authentication.ts';
import { Documented } from './openapi.ts';
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
    return seeMessages(this.#outbox, identityOf(request), {
      limit,
      ...(state && { state }),
      ...(cursor !== undefined && { cursor }),
    });
  }

  @Post(':id/retry')
  @HttpCode(202)
  @Documented('retryMessage')
  async retry(@Req() request: FastifyRequest, @Param('id') id: string) {
    await tryMessageAgain(this.#outbox, identityOf(request), id, Date.now());
    return { id, state: 'requested' } as const;
  }
}
