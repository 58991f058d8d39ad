import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { addDays } from '#lifecycle/plain-date';
import { londonDate } from '#state-machines/london';
import { listDeadlines } from '#use-cases/register/lists';
import { deadlinesTable } from '#use-cases/register/list-tables';
import { identityOf } from '../../api/authentication.ts';
import { CsvAnswers } from '../../api/csv-answers.ts';
import { withFreshReads } from '../../api/fresh-reads.ts';
import { inView } from '../../api/request-values.ts';
import { parseQuery } from '../../api/route-query.ts';
import { DEADLINES } from '../../parts.ts';
import type { DeadlinesParts } from '../../parts.ts';
import { parseParams, parseOrRedirect, foundAt, queryFrom } from '../lists/list-address.ts';
import { sendPage } from '../send-page.tsx';
import { DEADLINES_PATH, DeadlinesView, monthNamed, monthOf } from './deadlines-view.tsx';
import type { FoundDeadlines, Month } from './deadlines-view.tsx';

/**
 * The maximum that is counted for a month (as in calendar feeds), and of overdue deadlines that are listed.
 */
const COUNTED_MAX = 2_000;
const OVERDUE_SHOWN_MAX = 20;

/** Parameters that replace the view by month. */
const OTHER_DAYS = ['from', 'to', 'state', 'outcome', 'cursor'];

/** The deadlines page and its file. */
@ApiExcludeController()
@Controller()
export class DeadlinesPages {
  readonly #access: DeadlinesParts;
  readonly #answers: CsvAnswers;

  constructor(@Inject(DEADLINES) access: DeadlinesParts, answers: CsvAnswers) {
    this.#access = access;
    this.#answers = answers;
  }

  @Get('deadlines')
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const params = await parseOrRedirect(request, reply, DEADLINES_PATH);
    if (params === null) return;
    const now = request.server.clock.now();
    const today = londonDate(now);
    const month = selectedMonth(params, today);
    const { found, problems } = await this.#findDeadlines(request, params, month, now);
    const viewer = identityOf(request);
    const content = <DeadlinesView {...{ viewer, params, problems, month, found, today }} />;
    const isRefused = problems.length > 0;
    await sendPage(reply, {
      title: ['Deadlines'],
      section: 'deadlines',
      isWide: true,
      isRefused,
      content,
    });
  }

  #findDeadlines(request: FastifyRequest, params: URLSearchParams, month: Month | null, now: number) {
    const listParams = new URLSearchParams(params);
    listParams.delete('month');
    return foundAt(listParams, { route: 'deadlines' }, (read) => {
      const query = { ...inView(read, now), ...(month && { from: month.from, to: month.to }) };
      return this.#read(request, query, month, now);
    });
  }

  async #read(
    request: FastifyRequest,
    query: Parameters<typeof listDeadlines>[2],
    month: Month | null,
    now: number,
  ): Promise<FoundDeadlines> {
    const access = [withFreshReads(request, this.#access), identityOf(request)] as const;
    const page = await listDeadlines(...access, query, now);
    if (month === null) return { ...NO_MONTH, page };
    const { cursor: _, from: _from, to: _to, ...all } = query;
    const isAny = async (days: { readonly from?: string; readonly to?: string }) =>
      (await listDeadlines(...access, { ...all, ...days, limit: 1 }, now)).items.length > 0;
    const hasEarlier = await isAny({ to: addDays(month.from, -1) });
    const hasLater = await isAny({ from: addDays(month.to, 1) });
    const counted = await listDeadlines(...access, { ...query, limit: COUNTED_MAX }, now);
    const overdue =
      query.state === undefined
        ? await listDeadlines(...access, { ...all, state: 'overdue', limit: OVERDUE_SHOWN_MAX }, now)
        : null;
    const byDay = Map.groupBy(counted.items, ({ dueOn }) => dueOn);
    const counts = new Map([...byDay].map(([day, items]) => [day, items.length]));
    return { page, overdue, counts, isCountedWhole: counted.nextCursor === null, hasEarlier, hasLater };
  }

  @Get('deadlines.csv')
  async csv(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const now = request.server.clock.now();
    const query = inView(parseQuery(queryFrom(parseParams(request.url)), 'deadlines'), now);
    const list = [withFreshReads(request, this.#access), identityOf(request), query, now] as const;
    await this.#answers.sendTable(request, reply, 'deadlines', () => deadlinesTable(...list));
  }
}

const NO_MONTH = {
  overdue: null,
  counts: new Map<string, number>(),
  isCountedWhole: true,
  hasEarlier: false,
  hasLater: false,
} as const;

/** Returns the selected month, or the current one if no other days are selected. */
function selectedMonth(params: URLSearchParams, today: string): Month | null {
  const named = params.get('month');
  if (named === null && OTHER_DAYS.some((name) => params.has(name))) return null;
  return monthNamed(named ?? params.get('effectiveOn')?.slice(0, 7) ?? '') ?? monthOf(today);
}
