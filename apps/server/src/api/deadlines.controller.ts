import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { hash } from 'node:crypto';
import { PARTS } from '../parts.ts';
import type { Parts } from '../parts.ts';
import { identityOf } from './authentication.ts';
import { calendarOf } from './deadline-calendar.ts';
import { CsvAnswers } from './csv-answers.ts';
import { isKnown } from './entity-tags.ts';
import { withFreshReads } from './fresh-reads.ts';
import { Documented } from './openapi.ts';
import { ProblemError } from '#use-cases/problems';
import { listCurrentDeadlines, listDeadlines } from '#use-cases/register/lists';
import type { DeadlinesRequest } from '#use-cases/register/lists';
import { deadlinesTable } from '#use-cases/register/list-tables';
import { inView, publicAddress } from './request-values.ts';
import { queryOf, readQuery } from './route-query.ts';
import { ROUTES } from './routes.ts';
import type { Answer } from './schemas.ts';

/** A calendar is one response. A caller who needs more than a program can show must filter it. */
const CALENDAR_ITEMS_MAX = 2_000;

type Filters = Omit<DeadlinesRequest, 'limit' | 'cursor' | 'unsettled'>;

/** Deadlines, as lists and for calendar programs. */
@Controller('api')
export class DeadlinesController {
  @Inject(PARTS) private readonly parts!: Parts;
  @Inject(CsvAnswers) private readonly answers!: CsvAnswers;

  @Get('deadlines')
  @Documented('deadlines')
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const now = request.server.clock.now();
    const query = inView(queryOf(request, 'deadlines'), now);
    const args = [withFreshReads(request, this.parts), identityOf(request), query, now] as const;
    await this.answers.send(request, reply, 'deadlines', {
      json: (): Promise<Answer<'Deadlines'>> => listDeadlines(...args),
      csv: () => deadlinesTable(...args),
    });
  }

  @Get('deadlines.ics')
  @Documented('calendar')
  async calendar(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    return this.#calendar(request, reply, queryOf(request, 'calendar'));
  }

  /** The calendar of a calendar link, which determines the filter. */
  @Get('calendar-links/:id/deadlines.ics')
  @Documented('linkedCalendar')
  async linkedCalendar(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param('id') _id: string,
  ) {
    queryOf(request, 'linkedCalendar');
    const shown = Object.entries(request.calendarLink ?? {}).flatMap(([name, value]) =>
      value === null ? [] : [[name, value] as const],
    );
    return this.#calendar(request, reply, readQuery(ROUTES.calendar.query, Object.fromEntries(shown)));
  }

  async #calendar(
    request: FastifyRequest,
    reply: FastifyReply,
    filters: Filters,
  ): Promise<string | undefined> {
    const query = { ...filters, unsettled: true, limit: CALENDAR_ITEMS_MAX } as const;
    const access = withFreshReads(request, this.parts);
    const { items, nextCursor } = await listCurrentDeadlines(
      access,
      identityOf(request),
      query,
      request.server.clock.now(),
    );
    if (nextCursor !== null) {
      const narrower = 'narrow the request with recipient, kind, state, from or to';
      throw new ProblemError(
        'invalid-parameter',
        `The calendar would have more than ${CALENDAR_ITEMS_MAX} deadlines; ${narrower}`,
      );
    }
    const text = calendarOf(items, {
      recipient: filters.recipient ?? null,
      bodies: await request.server.pages.bodies.all(),
      pagesAt: publicAddress(this.parts, request),
    });
    const tag = `"${hash('sha256', text, 'base64url')}"`;
    if (isKnown(request, reply, tag)) return undefined;
    void reply.headers({
      'content-type': 'text/calendar; charset=utf-8',
      'content-disposition': 'inline; filename="deadlines.ics"',
    });
    return text;
  }
}
