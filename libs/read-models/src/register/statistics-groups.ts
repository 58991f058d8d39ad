import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import { addDays } from '#lifecycle/plain-date';
import type { Condition } from '#projections/filters';
import type { Models } from '#projections/projection';
import { dueDateBounds } from '../record-row.ts';
import { GROUPED_BY } from './register-projection.ts';
import { registerRows } from './register-rows.ts';

/** The age groups of open records, by days since they were issued. The last one has no end. */
export const AGE_BUCKETS = [
  { name: '0-30', until: 30 },
  { name: '31-90', until: 90 },
  { name: '91-180', until: 180 },
  { name: '181-365', until: 365 },
  { name: '366+', until: Infinity },
] as const;
export type AgeBucket = (typeof AGE_BUCKETS)[number]['name'];
export const AGES: readonly AgeBucket[] = AGE_BUCKETS.map(({ name }) => name);

/** The bounds between deadline states, and between ages. */
const DUE_BOUNDS = ['escalated', 'overdue', 'approaching'] as const;
const AGE_BOUNDS = AGE_BUCKETS.slice(0, -1);

/** The records of a body with the same status. */
export interface StatisticsGroup {
  readonly recipient: string | null;
  readonly status: string;
  readonly closed: number;
  readonly settled: number;
  readonly records: number;
  /** The number of records with a deadline, and the number of unsettled ones that are due by each bound. */
  readonly due: number;
  readonly dueBy: Readonly<Record<(typeof DUE_BOUNDS)[number], number>>;
  /** The number of open records that are at most this old. */
  readonly upToAge: Readonly<Record<AgeBucket, number>>;
}

/**
 * Counts group by group, because grouping also by deadline state would sort all rows.
 * @param isSplit true if an index separates settled rows, so that their dates need no check.
 */
export async function readGroups(
  models: Models,
  conditions: readonly Condition[],
  today: string,
  isSplit: boolean,
): Promise<StatisticsGroup[]> {
  if (!isSplit) return groupsOf(models, conditions, countOf, today);
  const settled = await groupsOf(models, [...conditions, sql`settled = 1`], () => sql`0`, today);
  return [...settled, ...(await groupsOf(models, [...conditions, sql`settled = 0`], countOf, today))];
}

async function groupsOf(
  models: Models,
  conditions: readonly Condition[],
  count: (condition: Condition) => RawBuilder<number>,
  today: string,
): Promise<StatisticsGroup[]> {
  const bounds = dueDateBounds(today);
  const found = await registerRows(models, conditions)
    .select(GROUPED_BY)
    .select(({ fn }) => [fn.countAll<number>().as('records'), fn.count<number>('due_on').as('due')])
    .select(DUE_BOUNDS.map((name) => count(sql`due_on <= ${bounds[name]}`).as(name)))
    .select(AGE_BOUNDS.map(({ name, until }) => count(sql`issued_on >= ${addDays(today, -until)}`).as(name)))
    .groupBy(GROUPED_BY)
    .execute();
  return found.map(({ recipient, status, closed, settled, records, due, ...counts }) => ({
    ...{ recipient, status, closed, settled, records, due },
    dueBy: counts,
    upToAge: { ...counts, '366+': records },
  }));
}

const countOf = (condition: Condition): RawBuilder<number> => sql`count(case when ${condition} then 1 end)`;

export const zeros = <Name extends string>(names: readonly Name[]): Record<Name, number> =>
  Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>;
