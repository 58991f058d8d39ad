import { Inject, Controller, Get, Param, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { OutboxDatabase } from '#notifications/outbox/outbox-database';
import { seeMessages, requestRetry } from '#use-cases/operations/messages';
import type { RecordsAccess } from '#use-cases/records/records-access';
import { OUTBOX, RECORDS } from '../parts.ts';
import type { OutboxParts } from '../parts.ts';
import { identityOf } from './authentication.ts';
import { waitForLog } from './fresh-reads.ts';
import { Documented } from './openapi.ts';
import { queryOf } from './route-query.ts';

/** The outgoing messages, for operators. */
@Controller('api/outbox')
export class OutboxController {
  readonly #outbox: OutboxDatabase | null;
  readonly #log: Pick<RecordsAccess, 'store'>;

  constructor(@Inject(OUTBOX) { outbox }: OutboxParts, @Inject(RECORDS) log: RecordsAccess) {
    this.#outbox = outbox;
    this.#log = log;
  }

  @Get()
  @Documented('outbox')
  async list(@Req() request: FastifyRequest) {
    const { state, limit, cursor } = queryOf(request, 'outbox');
    const query = { limit, ...(state && { state }), ...(cursor !== undefined && { cursor }) };
    const see = () => seeMessages(this.#outbox, identityOf(request), query);
    await waitForLog(request, this.#log, see);
    return see();
  }

  @Post(':id/retry')
  @Documented('retryMessage')
  async retry(@Req() request: FastifyRequest, @Param('id') id: string) {
    await requestRetry(this.#outbox, identityOf(request), id, request.server.clock.now());
    return { id, state: 'requested' } as const;
  }
}
