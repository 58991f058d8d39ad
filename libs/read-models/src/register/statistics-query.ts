import { sql } from 'kysely';
import type { Kysely, RawBuilder } from 'kysely';
import { addDays, isPlainDate } from '#lifecycle/plain-date';
import { DEADLINE_STATES } from '#state-machines/inspection-recommendation/v1/deadlines';
import type { DeadlineState } from '#state-machines/inspection-recommendation/v1/deadlines';
import { STATUSES } from '#state-machines/inspection-recommendation/v1/machine';
import type { Generation } from '#projections/projection';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { readLive } from '#projections/read-live';
import { dueDateBounds } from '../record-row.ts';
import { registerProjection } from './register-projection.ts';
import type { RegisterTables } from './register-projection.ts';

export interface StatisticsQuery {
  /** The day at whose end deadlines and ages are judged. */
  readonly today: string;
  /** The bodies that the caller may see the records of; null for all. */
  readonly recipients?: readonly string[] | null;
}

/** Since how many days an open record has been issued; the last bucket has no end. */
const AGE_BUCKETS = [
  { name: '0-30', until: 30 },
  { name: '31-90', until: 90 },
  { name: '91-180', until: 180 },
  { name: '181-365', until: 365 },
  { name: '366+', until: Infinity },
] as const;
type AgeBucket = (typeof AGE_BUCKETS)[number]['name'];

type Counts<Name extends string = string> = Readonly<Record<Name, number>>;

export interface Statistics {
  readonly total: number;
  readonly byStatus: Counts;
  /** Those without a recipient come last, under null. */
  readonly byRecipient: readonly {
    readonly recipient: string | null;
    readonly total: number;
    readonly byStatus: Counts;
  }[];
  /** Each record once: `overdue` is without `escalated` here. */
  readonly byDeadline: Counts<DeadlineState>;
  /** Open records by days since their issue. */
  readonly byAge: Counts<AgeBucket>;
  readonly position: string;
}

/**
 * The register as it is counted: no text is, nor who wrote one, so nothing has to be withheld, and the counts need not ask
 * the store what was redacted. They are told while it is away.
 */
const { withheld: _, ...COUNTED } = registerProjection;

/**
 * Counts the records that the caller may see.
 * @throws ReadModelMissingError, RangeError for a day that is none.
 */
export async function queryStatistics(
  database: ReadModelDatabase,
  { today, recipients = null }: StatisticsQuery,
): Promise<Statistics> {
  if (!isPlainDate(today)) throw new RangeError(`${JSON.stringify(today)} is no date`);
  return readLive(database, COUNTED, async (generation, position) => {
    const groups = await readGroups(generation, today, recipients);
    return { ...countsOf(groups), position };
  });
}

interface Group {
  readonly recipient: string | null;
  readonly status: string;
  readonly closed: number;
  readonly deadline: DeadlineState;
  readonly age: AgeBucket;
  readonly records: number;
}

async function readGroups(
  { db, sql: dialect }: Generation,
  today: string,
  recipients: readonly string[] | null,
): Promise<Group[]> {
  let groups = (db as Kysely<RegisterTables>)
    .selectFrom('register')
    .select((expression) => [
      'recipient',
      'status',
      'closed',
      deadlineColumn(today).as('deadline'),
      ageColumn(today).as('age'),
      expression.fn.countAll<number>().as('records'),
    ])
    .groupBy(['recipient', 'status', 'closed', 'deadline', 'age']);
  if (recipients !== null) groups = groups.where('recipient', 'in', dialect.listed(recipients));
  return groups.execute();
}

function deadlineColumn(today: string): RawBuilder<DeadlineState> {
  const { escalated, overdue, approaching } = dueDateBounds(today);
  return sql`case when due_on is null then 'none' when closed = 1 then 'settled'
    when due_on <= ${escalated} then 'escalated' when due_on <= ${overdue} then 'overdue'
    when due_on <= ${approaching} then 'approaching' else 'on-track' end`;
}

function ageColumn(today: string): RawBuilder<AgeBucket> {
  const cases = AGE_BUCKETS.map(({ name, until }) =>
    until === Infinity ? sql`else ${name}` : sql`when issued_on >= ${addDays(today, -until)} then ${name}`,
  );
  return sql`case ${sql.join(cases, sql` `)} end`;
}

function countsOf(groups: readonly Group[]): Omit<Statistics, 'position'> {
  let total = 0;
  const byStatus = zeros(STATUSES);
  const byDeadline = zeros(DEADLINE_STATES);
  const byAge = zeros(AGE_BUCKETS.map(({ name }) => name));
  const byRecipient = new Map<string | null, { total: number; byStatus: Record<string, number> }>();
  for (const { recipient, status, closed, deadline, age, records } of groups) {
    const body = byRecipient.get(recipient) ?? { total: 0, byStatus: zeros<string>(STATUSES) };
    byRecipient.set(recipient, body);
    total += records;
    body.total += records;
    add(byStatus, status, records);
    add(body.byStatus, status, records);
    add(byDeadline, deadline, records);
    if (closed === 0) add(byAge, age, records);
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

const zeros = <Name extends string>(names: readonly Name[]): Record<Name, number> =>
  Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>;

/** A status that this version does not know is counted as well. */
function add(counts: Record<string, number>, name: string, records: number): void {
  counts[name] = (counts[name] ?? 0) + records;
}

function compareNullsLast(a: string | null, b: string | null): number {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? 1 : -1;
  return a < b ? -1 : 1;
}
