import { isPlainDate } from '#lifecycle/plain-date';
import { DEADLINE_STATES } from '#state-machines/capabilities/deadlines';
import type { DeadlineState } from '#state-machines/capabilities/deadlines';
import { lifecycles } from '#state-machines/lifecycles';
import type { Models } from '#projections/projection';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { readLive } from '#projections/read-live';
import { viewIn } from '../past-rows.ts';
import type { ReportedView } from '../past-rows.ts';
import { registerConditions } from './register-query.ts';
import type { RegisterFilters } from './register-query.ts';
import { AGE_BUCKETS, AGES, readGroups, zeros } from './statistics-groups.ts';
import type { AgeBucket, StatisticsGroup } from './statistics-groups.ts';

export interface StatisticsQuery extends Omit<RegisterFilters, 'q'> {
  /** The plain date on which deadlines and ages are based, at its end. */
  readonly today: string;
}

type Counts<Name extends string = string> = Readonly<Record<Name, number>>;

export interface Statistics {
  readonly total: number;
  readonly byStatus: Counts;
  /** The figures by recipient. Records without one come last, under null. */
  readonly byRecipient: readonly {
    readonly recipient: string | null;
    readonly total: number;
    readonly byStatus: Counts;
    readonly byAge: Counts<AgeBucket>;
  }[];
  /** The records by deadline state, each counted once: `overdue` excludes `escalated` here. */
  readonly byDeadline: Counts<DeadlineState>;
  /** The open records by days since their issue. */
  readonly byAge: Counts<AgeBucket>;
  readonly position: string;
  /** The view of the past; absent for current data. */
  readonly view?: ReportedView;
}

/**
 * Counts the records that the caller may see, by the same filters as a list.
 * @throws ReadModelMissingError; RangeError for an invalid day
 */
export async function queryStatistics(
  database: ReadModelDatabase,
  query: StatisticsQuery,
): Promise<Statistics> {
  return readLive(database, statisticsOf(query));
}

/** Returns a function that counts rows. Throws as `queryStatistics` does, before anything is read. */
export function statisticsOf(query: StatisticsQuery) {
  const { today, ...filters } = query;
  if (!isPlainDate(today)) throw new RangeError(`${JSON.stringify(today)} is not a date`);
  return async (models: Models, position: string): Promise<Statistics> => {
    const conditions = registerConditions(models, filters, today);
    // An index of the current register separates settled rows.
    const isSplit = query.past === undefined && !isOfFew(query);
    return {
      ...countsOf(await readGroups(models, conditions, today, isSplit)),
      position,
      ...viewIn(query),
    };
  };
}

/** Returns whether the filters leave few records, which their own indexes find. */
const isOfFew = ({ owner, issue, without, extension, queue }: StatisticsQuery): boolean =>
  [owner, issue, extension, queue].some((filter) => filter !== undefined) || without === 'owner';

/** Returns the records of a group by deadline state. */
function deadlinesOf({ settled, records, due, dueBy }: StatisticsGroup): Counts {
  const none = records - due;
  if (settled === 1) return { none, settled: due };
  const { escalated, overdue, approaching } = dueBy;
  return {
    ...{ none, escalated, overdue: overdue - escalated, approaching: approaching - overdue },
    'on-track': due - approaching,
  };
}

/** Returns the records of a group by age; none for closed records. */
const agesOf = ({ closed, upToAge }: StatisticsGroup): [AgeBucket, number][] =>
  closed === 1
    ? []
    : AGE_BUCKETS.map(({ name }, index) => {
        const younger = AGE_BUCKETS[index - 1];
        return [name, upToAge[name] - (younger === undefined ? 0 : upToAge[younger.name])];
      });

interface OfBody {
  total: number;
  readonly byStatus: Record<string, number>;
  readonly byAge: Record<AgeBucket, number>;
}

function countsOf(groups: readonly StatisticsGroup[]): Omit<Statistics, 'position' | 'view'> {
  let total = 0;
  const byStatus = zeros(lifecycles.statuses);
  const byDeadline = zeros(DEADLINE_STATES);
  const byAge = zeros(AGES);
  const byRecipient = new Map<string | null, OfBody>();
  for (const group of groups) {
    const { recipient, status, records } = group;
    const body = byRecipient.get(recipient) ?? {
      total: 0,
      byStatus: zeros<string>(lifecycles.statuses),
      byAge: zeros(AGES),
    };
    byRecipient.set(recipient, body);
    total += records;
    body.total += records;
    add(byStatus, status, records);
    add(body.byStatus, status, records);
    for (const [state, count] of Object.entries(deadlinesOf(group))) add(byDeadline, state, count);
    for (const [age, count] of agesOf(group)) {
      add(byAge, age, count);
      add(body.byAge, age, count);
    }
  }
  return {
    total,
    byStatus,
    byRecipient: [...byRecipient]
      .map(([recipient, counts]) => ({ recipient, ...counts }))
      .sort((a, b) => compareNullsLast(a.recipient, b.recipient)),
    byDeadline,
    byAge,
  };
}

/** Adds to a count, even for a status that this version does not know. */
function add(counts: Record<string, number>, name: string, records: number): void {
  counts[name] = (counts[name] ?? 0) + records;
}

function compareNullsLast(a: string | null, b: string | null): number {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? 1 : -1;
  return a < b ? -1 : 1;
}
