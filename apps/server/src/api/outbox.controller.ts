import { Controller, Get, HttpCode, Param, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { OutboxDatabase } from '../../../../libs/outbox/src/outbox-database.ts';
import { listMessages, MESSAGE_STATES, retryMessage } from '../../../../libs/outbox/src/outbox-list.ts';
import { Service } from '../../../../libs/platform/src/service.ts';
import { InvalidCursorError, readCursor, writeCursor } from '../../../../libs/projections/src/list-cursor.ts';
import { requireRole } from './authentication.ts';
import { Documented } from './openapi.ts';
import { ProblemError } from './problems.ts';
import { invalidParameter, limitOf, oneOf, queryOf } from './request-values.ts';

const ITEMS_DEFAULT = 50;
const ITEMS_MAX = 200;

/** What people are to be told, for who runs the service. */
@Controller('api/outbox')
export class OutboxController {
  readonly #service: Service;

  constructor(service: Service) {
    this.#service = service;
  }

  @Get()
  @Documented('outbox')
  list(@Req() request: FastifyRequest) {
    const query = queryOf(request, ['state', 'limit', 'cursor']);
    const state = oneOf('state', query.state, MESSAGE_STATES);
    const limit = limitOf(query.limit, ITEMS_DEFAULT, ITEMS_MAX);
    requireRole(request, ['administrator']);
    const list = { list: 'outbox', state };
    const after = query.cursor === undefined ? undefined : numberOf(query.cursor, list);
    const { items, next } = listMessages(this.#database(), {
      limit,
      ...(state && { state }),
      ...(after !== undefined && { after }),
    });
    return { items, nextCursor: next === null ? null : writeCursor({ value: null, id: String(next) }, list) };
  }

  @Post(':id/retry')
  @HttpCode(202)
  @Documented('retryMessage')
  retry(@Req() request: FastifyRequest, @Param('id') id: string) {
    requireRole(request, ['administrator']);
    const message = retryMessage(this.#database(), id, Date.now());
    if (message === null) {
      throw new ProblemError('not-found', 'There is no such message; GET /api/outbox lists them');
    }
    if (message.state === 'delivered') {
      throw new ProblemError('already-delivered', `It was delivered at ${message.endedAt}`);
    }
    return { id, state: 'requested' };
  }

  #database(): OutboxDatabase {
    const { telling } = this.#service;
    if (telling !== null) return telling.database;
    throw new ProblemError(
      'not-found',
      'This process tells nobody of deadlines: DOCKET_NOTIFICATIONS is not set, or DOCKET_OUTBOX is off',
    );
  }
}

function numberOf(cursor: string, list: Readonly<Record<string, unknown>>): number {
  try {
    const { id } = readCursor(cursor, list);
    if (/^\d{1,15}$/.test(id)) return Number(id);
    throw new InvalidCursorError();
  } catch (error) {
    throw error instanceof InvalidCursorError ? invalidParameter('cursor', error.message) : error;
  }
}
