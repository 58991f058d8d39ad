import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import { addDays, isPlainDate } from '#lifecycle/plain-date';
import { DEADLINE_STATES } from '#state-machines/inspection-recommendation/v1/deadlines';
import type { DeadlineState } from '#state-machines/inspection-recommendation/v1/deadlines';
import { STATUSES } from '#state-machines/inspection-recommendation/v1/machine';
import type { Projection } from '#projections/projection';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { readLive } from '#projections/read-live';
import { dueDateBounds } from '../record-row.ts';
import type { Condition } from '../ground.ts';
import { viewTold } from '../history/holds-at.ts';
import type { ToldView } from '../history/holds-at.ts';
import { asItStands } from './register-pages.ts';
import type { RegisterSource } from './register-pages.ts';
import { registerConditions } from './register-query.ts';
import type { RegisterFilters } from './register-query.ts';

export interface StatisticsQuery extends Omit<RegisterFilters, 'q'> {
  /** The day at whose end deadlines and ages are judged. */
  readonly today: string;
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
  /** What of the past is counted; absent where it is counted as it stands. */
  readonly view?: ToldView;
}

/**
 * The register as it is counted: no text is, so nothing has to be withheld, and the counts need not ask the store what was
 * redacted. They are told while it is away. Only who is counted by an owner asks what is said of owners.
 */
function counted(projection: Projection, { owner, without, queue }: StatisticsQuery): Projection {
  if (owner !== undefined || without === 'owner' || queue !== undefined) return projection;
  const { withheld: _, ...told } = projection;
  return told;
}

/**
 * Counts the records that the caller may see, as a list with the same filters has them.
 * @throws ReadModelMissingError, RangeError for a day that is none.
 */
export async function queryStatistics(
  database: ReadModelDatabase,
  query: StatisticsQuery,
  source: RegisterSource = asItStands,
): Promise<Statistics> {
  const { today, ...filters } = query;
  if (!isPlainDate(today)) throw new RangeError(`${JSON.stringify(today)} is no date`);
  return readLive(database, counted(source.projection, query), async (generation, position) => {
    const conditions = registerConditions(generation, filters, { today, source });
    const groups = await readGroups(source.rows(generation), conditions, today);
    return { ...countsOf(groups), position, ...(source.view && { view: viewTold(source.view) }) };
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
  rows: ReturnType<RegisterSource['rows']>,
  conditions: readonly Condition[],
  today: string,
): Promise<Group[]> {
  let groups = rows
    .select((expression) => [
      'recipient',
      'status',
      'closed',
      deadlineColumn(today).as('deadline'),
      ageColumn(today).as('age'),
      expression.fn.countAll<number>().as('records'),
    ])
    .groupBy(['recipient', 'status', 'closed', 'deadline', 'age']);
  for (const condition of conditions) groups = groups.where(condition);
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

function countsOf(groups: readonly Group[]): Omit<Statistics, 'position' | 'view'> {
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
