import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import { addDays } from '#lifecycle/plain-date';
import { DEADLINE_STATES, thresholds } from '#state-machines/capabilities/deadlines';
import type { DeadlineState } from '#state-machines/capabilities/deadlines';
import { lifecycles } from '#state-machines/lifecycles';
import type { Generation } from '#projections/projection';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { readLive } from '#projections/read-live';
import { rowDeadlineState } from '../record-row.ts';
import { zeros } from '../register/statistics-groups.ts';
import { endOf, knownAt, knownOf, shownRows } from './figures.ts';
import { historyProjection } from './history-projection.ts';
import type { FiguresQuery } from './figures.ts';
import { intervalEnds, lastDay, placeOf } from './series-points.ts';
import type { Interval } from './series-points.ts';
import { NEVER_ON } from './spans.ts';

interface SeriesQuery extends FiguresQuery {
  readonly from: string;
  readonly to: string;
  readonly interval: Interval;
}

/** The number of records by state at the end of an interval, and the numbers issued and closed within it. */
export interface SeriesItem {
  readonly on: string;
  readonly open: number;
  readonly byStatus: Readonly<Record<string, number>>;
  readonly byDeadline: Readonly<Record<DeadlineState, number>>;
  readonly issued: number;
  readonly closed: number;
}

/** A number of records that were in the same state from one month or year to another. */
interface StateSpan {
  readonly from: string;
  readonly until: string;
  readonly status: string;
  readonly isClosed: boolean;
  /** The reduced due date: null if there is none; `settled` if all obligations are met. */
  readonly due: string | null;
  readonly records: number;
}

/**
 * Returns the register's figures at the ends of calendar intervals, as known at an instant. Reads every row once, and
 * groups rows by the months in which they are valid. An unfinished last interval is counted separately.
 */
export function querySeries(
  database: ReadModelDatabase,
  query: SeriesQuery,
): Promise<{ readonly items: readonly SeriesItem[]; readonly position: string }> {
  return readLive(database, historyProjection, async (generation, position) => {
    const ends = intervalEnds(query.from, query.to, query.interval);
    const last = ends.at(-1) ?? query.to;
    const isEnded = last === lastDay(last);
    const months = isEnded ? ends : ends.slice(0, -1);
    const stocks = new Stocks(months);
    if (months.length > 0) {
      for (const group of await readSpans(generation, query, months)) stocks.add(group);
    }
    const atEnds = stocks.counted();
    if (!isEnded) atEnds.push(await stockOn(generation, query, last));
    const flows = await readFlows(generation, query);
    const items = ends.map((on, index): SeriesItem => {
      const counted = atEnds[index] ?? emptyStock();
      return { on, ...counted, issued: 0, closed: 0, ...flowsWithin(flows, ends, index) };
    });
    return { items, position };
  });
}

interface Stock {
  open: number;
  readonly byStatus: Record<string, number>;
  readonly byDeadline: Record<DeadlineState, number>;
}

const emptyStock = (): Stock => ({
  open: 0,
  byStatus: zeros<string>(lifecycles.statuses),
  byDeadline: zeros(DEADLINE_STATES),
});

const monthOf = (column: RawBuilder<string>): RawBuilder<string> => sql<string>`substr(${column}, 1, 7)`;

/**
 * The due date, reduced to one of three days of its month: states at month ends differ only between the start, the
 * middle and the end of a month.
 */
const DUE = sql<string | null>`case when due_on is null or settled = 1 then due_on
  when substr(due_on, 9) between '02' and '14' then substr(due_on, 1, 8) || '02'
  when substr(due_on, 9) between '15' and '27' then substr(due_on, 1, 8) || '15' else due_on end`;

/**
 * Returns the rows that are valid at the end of at least one month (or year). The grouping key is one text, because
 * SQLite sorts by many columns 50% slower.
 */
async function readSpans(
  generation: Generation,
  query: SeriesQuery,
  months: readonly string[],
): Promise<readonly StateSpan[]> {
  const known = knownOf(query);
  const [first = '', last = ''] = [months.at(0), months.at(-1)];
  const isOfYears = last < NEVER_ON.slice(0, 4) && months.every((end) => end.endsWith('-12-31'));
  const length = isOfYears ? 4 : 7;
  const from = sql<string>`substr(from_on, 1, ${sql.lit(length)})`;
  const until = sql<string>`substr(${endOf(known)}, 1, ${sql.lit(length)})`;
  const due = sql<string>`coalesce(case when settled = 0 then ${DUE} when due_on is not null then 'settled' end, 'none')`;
  const closed = sql<string>`case when closed = 1 then 'c' else 'o' end`;
  const rows = await shownRows(generation, query)
    .select((expression) => [
      sql<string>`${from} || ${until} || ${closed} || status || '|' || ${due}`.as('span'),
      expression.fn.countAll<number>().as('records'),
    ])
    .where(knownAt(known))
    .where('from_on', '<=', last)
    .where(sql<boolean>`${endOf(known)} > ${first}`)
    .where(sql<boolean>`${from} < ${until}`)
    .groupBy('span')
    .execute();
  return rows.map(({ span, records }) => stateSpanOf(span, length, records));
}

function stateSpanOf(text: string, length: number, records: number): StateSpan {
  const [status = '', due = ''] = text.slice(2 * length + 1).split('|');
  return {
    from: text.slice(0, length),
    until: text.slice(length, 2 * length),
    isClosed: text[2 * length] === 'c',
    status,
    due: due === 'none' ? null : due,
    records,
  };
}

/** Computes the number of records by state at each month end from the numbers that enter and leave the state. */
class Stocks {
  readonly #ends: readonly string[];
  readonly #changes: Stock[];

  constructor(ends: readonly string[]) {
    this.#ends = ends;
    this.#changes = Array.from({ length: ends.length + 1 }, emptyStock);
  }

  add({ from, until, status, isClosed, due, records }: StateSpan): void {
    const begin = this.#place(from);
    const end = NEVER_ON.startsWith(until) ? this.#ends.length : this.#place(until);
    if (begin >= end) return;
    this.#change(begin, end, records, ({ byStatus }) => byStatus, status);
    for (const [state, first, next] of this.#states(due, begin, end)) {
      if (first < next) this.#change(first, next, records, ({ byDeadline }) => byDeadline, state);
    }
    if (isClosed) return;
    (this.#changes[begin] as Stock).open += records;
    (this.#changes[end] as Stock).open -= records;
  }

  /** Returns the index of the first end that is not before a month or year. */
  #place(monthOrYear: string): number {
    return placeOf(monthOrYear, this.#ends);
  }

  /** Yields the states of a deadline, each with its first and its last month end. */
  #states(
    due: string | null,
    begin: number,
    end: number,
  ): readonly (readonly [DeadlineState, number, number])[] {
    if (due === null) return [['none', begin, end]];
    if (due === 'settled') return [['settled', begin, end]];
    const within = (days: number) => Math.min(end, Math.max(begin, placeOf(addDays(due, days), this.#ends)));
    const [near, over, far] = [
      within(-thresholds.approachingDays),
      within(1),
      within(thresholds.escalatedDays),
    ];
    return [
      ['on-track', begin, near],
      ['approaching', near, over],
      ['overdue', over, far],
      ['escalated', far, end],
    ];
  }

  #change(
    begin: number,
    end: number,
    records: number,
    countsOf: (stock: Stock) => Record<string, number>,
    name: string,
  ): void {
    addTo(countsOf(this.#changes[begin] as Stock), { [name]: records });
    addTo(countsOf(this.#changes[end] as Stock), { [name]: -records });
  }

  counted(): Stock[] {
    const sum = emptyStock();
    let open = 0;
    return this.#ends.map((_, index) => {
      const change = this.#changes[index] as Stock;
      open += change.open;
      addTo(sum.byStatus, change.byStatus);
      addTo(sum.byDeadline, change.byDeadline);
      return { open, byStatus: { ...sum.byStatus }, byDeadline: { ...sum.byDeadline } };
    });
  }
}

function addTo(counts: Record<string, number>, more: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(more)) counts[name] = (counts[name] ?? 0) + count;
}

/** Returns the figures at the end of any day. */
async function stockOn(generation: Generation, query: SeriesQuery, on: string): Promise<Stock> {
  const rows = await shownRows(generation, query, { on, known: knownOf(query) })
    .select((expression) => [
      'status',
      'closed',
      'settled',
      'due_on',
      expression.fn.countAll<number>().as('records'),
    ])
    .groupBy(['status', 'closed', 'settled', 'due_on'])
    .execute();
  const stock = emptyStock();
  let open = 0;
  for (const { status, closed, settled, due_on, records } of rows) {
    if (closed === 0) open += records;
    addTo(stock.byStatus, { [status]: records });
    addTo(stock.byDeadline, { [rowDeadlineState({ settled, due_on }, on)]: records });
  }
  return { ...stock, open };
}

interface Flow {
  /** The month of issue; null if it is not between the days. Likewise for the closure. */
  readonly issuedIn: string | null;
  readonly closedIn: string | null;
  readonly records: number;
}

/**
 * Returns the numbers of records issued and closed by month. A record that was closed and reopened on the same day does
 * not count as closed.
 */
async function readFlows(generation: Generation, query: SeriesQuery): Promise<Flow[]> {
  const known = knownOf(query);
  const { from, to } = query;
  // Exactly one row of a record is valid on its issue day. A row starts on the day of each closure.
  const isIssued = sql<boolean>`(issued_on >= ${from} and issued_on <= ${to} and from_on <= issued_on and ${endOf(known)} > issued_on)`;
  const isClosed = sql<boolean>`(from_on = closed_on and from_on >= ${from} and from_on <= ${to})`;
  const monthWhere = (condition: RawBuilder<boolean>, day: 'issued_on' | 'closed_on') =>
    sql<string | null>`case when ${condition} then ${monthOf(sql.ref(day))} end`;
  return shownRows(generation, query)
    .select((expression) => [
      monthWhere(isIssued, 'issued_on').as('issuedIn'),
      monthWhere(isClosed, 'closed_on').as('closedIn'),
      expression.fn.countAll<number>().as('records'),
    ])
    .where(knownAt(known))
    .where(sql<boolean>`(${isIssued} or ${isClosed})`)
    .groupBy(['issuedIn', 'closedIn'])
    .execute();
}

function flowsWithin(flows: readonly Flow[], ends: readonly string[], index: number): Partial<SeriesItem> {
  const counts = { issued: 0, closed: 0 };
  for (const { issuedIn, closedIn, records } of flows) {
    for (const [what, month] of [
      ['issued', issuedIn],
      ['closed', closedIn],
    ] as const) {
      // In its last month, the series includes only the days up to `to`.
      if (month !== null && Math.min(placeOf(`${month}-01`, ends), ends.length - 1) === index)
        counts[what] += records;
    }
  }
  return counts;
}
