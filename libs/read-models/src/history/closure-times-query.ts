import { sql } from 'kysely';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { readLive } from '#projections/read-live';
import { byBody, knownOf, shownRows } from './figures.ts';
import { historyProjection } from './history-projection.ts';
import type { ByBody, FiguresQuery } from './figures.ts';

export interface IssuedQuery extends FiguresQuery {
  /** The day; states at its end count. */
  readonly on: string;
  /** The first issue date that counts; all if absent. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** Days from issue to closure, by quartile; null if too few records are closed for the quartile. */
export interface ClosureTimes {
  readonly closed: number;
  readonly open: number;
  readonly days: { readonly q1: number | null; readonly median: number | null; readonly q3: number | null };
}

/** A number of records that were closed after, or have been open for, the same number of days. */
interface Observed {
  readonly recipient: string | null;
  readonly closed: number;
  readonly days: number;
  readonly records: number;
}

/**
 * Returns the times to closure, estimated by the Kaplan–Meier method: open and reopened records count as not closed
 * yet. A closure dated before the issue counts as zero days.
 */
export function queryClosureTimes(
  database: ReadModelDatabase,
  query: IssuedQuery,
): Promise<ByBody<ClosureTimes> & { readonly position: string }> {
  return readLive(database, historyProjection, async (generation, position) => {
    const { on } = query;
    const days = generation.sql.daysBetween(
      sql.ref('issued_on'),
      sql`case when closed = 1 then closed_on else ${on} end`,
    );
    const rows = await shownRows(generation, query, { on, known: knownOf(query) })
      .select((expression) => [
        'recipient',
        'closed',
        days.as('days'),
        expression.fn.countAll<number>().as('records'),
      ])
      .$if(query.from !== undefined, (each) => each.where('issued_on', '>=', query.from ?? ''))
      .$if(query.to !== undefined, (each) => each.where('issued_on', '<=', query.to ?? ''))
      .groupBy(['recipient', 'closed', 'days'])
      .execute();
    const observed = rows.map((row): Observed => ({ ...row, days: Math.max(0, row.days) }));
    return { ...byBody(observed, closureTimes), position };
  });
}

const QUARTILES = { q1: 1 / 4, median: 1 / 2, q3: 3 / 4 } as const;
/** The tolerance for floating-point errors: a share of exactly one half must count as reached. */
const NEARLY = 1e-9;

export function closureTimes(observed: readonly Omit<Observed, 'recipient'>[]): ClosureTimes {
  let [closed, open] = [0, 0];
  for (const each of observed) {
    if (each.closed === 1) closed += each.records;
    else open += each.records;
  }
  const days: Record<keyof typeof QUARTILES, number | null> = { q1: null, median: null, q3: null };
  let [atRisk, unclosed] = [closed + open, 1];
  const byDays = [...Map.groupBy(observed, (each) => each.days)].sort(([one], [other]) => one - other);
  for (const [day, own] of byDays) {
    const closings = own.reduce((sum, each) => sum + (each.closed === 1 ? each.records : 0), 0);
    unclosed *= 1 - closings / atRisk;
    for (const name of Object.keys(QUARTILES) as (keyof typeof QUARTILES)[]) {
      if (closings > 0 && unclosed <= 1 - QUARTILES[name] + NEARLY) days[name] ??= day;
    }
    atRisk -= own.reduce((sum, { records }) => sum + records, 0);
  }
  return { closed, open, days };
}
