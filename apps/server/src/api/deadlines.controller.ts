import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { hash } from 'node:crypto';
import { Service } from '#platform/service';
import { LISTED_STATES } from '#projections/deadlines/deadlines-query';
import type { DeadlinesPage, DeadlinesQuery } from '#projections/deadlines/deadlines-query';
import { DUE_STATES } from '#state-machines/inspection-recommendation/v1/deadlines';
import { identityOf } from './authentication.ts';
import { calendarOf } from './deadline-calendar.ts';
import { isKnown } from './entity-tags.ts';
import { Documented } from './openapi.ts';
import { ProblemError } from '#use-cases/problems';
import type { RecordsAccess } from '#use-cases/records/records-access';
import { listDeadlines } from '#use-cases/register/lists';
import {
  dateOf,
  invalidParameter,
  limitOf,
  LIST_PAGE,
  oneOf,
  queryOf,
  publicAddress,
} from './request-values.ts';

/** A calendar comes in one piece; who wants more than a program can show asks for a part. */
const CALENDAR_ITEMS_MAX = 2_000;

const FILTERS = ['from', 'to', 'recipient', 'kind', 'state'] as const;
type Filter = (typeof FILTERS)[number];
const KINDS = ['action', 'response'] as const;

type DeadlinesAccess = Pick<RecordsAccess, 'readModels'> & Pick<Service, 'publicUrl'>;

/** What is due, and when: for lists, and for calendar programs. */
@Controller('api')
export class DeadlinesController {
  readonly #access: DeadlinesAccess;

  constructor(@Inject(Service) access: DeadlinesAccess) {
    this.#access = access;
  }

  @Get('deadlines')
  @Documented('deadlines')
  async list(@Req() request: FastifyRequest) {
    const query = queryOf(request, [...FILTERS, 'limit', 'cursor']);
    const { cursor } = query;
    return this.#query(request, query, LISTED_STATES, {
      ...(cursor !== undefined && { cursor }),
      limit: limitOf(query.limit, LIST_PAGE),
    });
  }

  @Get('deadlines.ics')
  @Documented('calendar')
  async calendar(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    return this.#calendar(request, reply, queryOf(request, FILTERS));
  }

  /** The same for a program that comes by a calendar link, which says what it shows. */
  @Get('calendar-links/:id/deadlines.ics')
  @Documented('linkedCalendar')
  async linkedCalendar(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param('id') _id: string,
  ) {
    queryOf(request, ['key']);
    const shown = Object.entries(request.calendarLink ?? {}).filter(([, value]) => value !== null);
    const { recipient, kind, state } = Object.fromEntries(shown) as Partial<Record<Filter, string>>;
    return this.#calendar(request, reply, {
      ...(recipient !== undefined && { recipient }),
      ...(kind !== undefined && { kind }),
      ...(state !== undefined && { state }),
    });
  }

  async #calendar(
    request: FastifyRequest,
    reply: FastifyReply,
    query: Partial<Record<Filter, string>>,
  ): Promise<string | undefined> {
    const { items, nextCursor } = await this.#query(request, query, DUE_STATES, {
      unsettled: true,
      limit: CALENDAR_ITEMS_MAX,
    });
    if (nextCursor !== null) {
      const narrower = 'ask for a part of them with recipient, kind, state, from or to';
      throw new ProblemError(
        'invalid-parameter',
        `A calendar holds at most ${CALENDAR_ITEMS_MAX} deadlines, and these are more; ${narrower}`,
      );
    }
    const text = calendarOf(items, {
      recipient: query.recipient ?? null,
      recordsAt: `${publicAddress(this.#access, request)}/api/recommendations`,
    });
    const tag = `"${hash('sha256', text, 'base64url')}"`;
    if (isKnown(request, reply, tag)) return undefined;
    void reply.headers({
      'content-type': 'text/calendar; charset=utf-8',
      'content-disposition': 'inline; filename="deadlines.ics"',
    });
    return text;
  }

  async #query(
    request: FastifyRequest,
    query: Partial<Record<Filter, string>>,
    states: readonly NonNullable<DeadlinesQuery['state']>[],
    more: Pick<DeadlinesQuery, 'limit' | 'cursor' | 'unsettled'>,
  ): Promise<DeadlinesPage> {
    const state = oneOf('state', query.state, states);
    const kind = oneOf('kind', query.kind, KINDS);
    const from = dateOf('from', query.from);
    const to = dateOf('to', query.to);
    if (from !== undefined && to !== undefined && to < from)
      throw invalidParameter('to', 'is earlier than from');
    const { recipient } = query;
    const list = {
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
      ...(recipient !== undefined && { recipient }),
      ...(kind !== undefined && { kind }),
      ...(state !== undefined && { state }),
      ...more,
    };
    return listDeadlines(this.#access, identityOf(request), list, Date.now());
  }
}
