import { sql } from 'kysely';
import type { RawBuilder, SqlBool } from 'kysely';
import { addDays } from '#lifecycle/plain-date';
import type { FoundForEach, ReadModelSql } from '#projections/read-model-sql';
import type { Condition } from '#projections/filters';
import { waitColumn, WAITS, waitsFor } from '../standing.ts';
import type { WaitColumn } from '../standing.ts';
import { FOUND_COLUMNS } from './history-tables.ts';
import type { HistoryRow } from './history-tables.ts';
import { ALL_KNOWN, rowInTime } from './holds-at.ts';
import type { HistoryPoint } from './holds-at.ts';
import { DAY_MS, ENDLESS, LONGEST, NEVER } from './spans.ts';

/** What is read of the rows that are found: an index has all of it. */
const COLUMNS = ['row' as const, ...FOUND_COLUMNS, 'from_on' as const, 'known' as const];
type FoundRow = Pick<HistoryRow, (typeof COLUMNS)[number] | WaitColumn>;
const SELECTED = sql.join([
  ...COLUMNS.map((column) => sql.ref(`h.${column}`)),
  // Of few rows something waits, and the index says of which.
  ...WAITS.map((what) => {
    const column = sql.ref(`h.${waitColumn(what)}`);
    return sql`case when ${waitsFor(what, 'h.waits')} then ${column} end as ${sql.ref(waitColumn(what))}`;
  }),
]);

/**
 * The rows of the history that hold at a point, of each record one at most, found by how long they do. They are of two kinds: what
 * ended after the day, and what nobody knew at the instant to have ended by then.
 */
export function foundAt({ on, known }: HistoryPoint, dialect: ReadModelSql): RawBuilder<FoundRow> {
  const rows = (
    each: readonly RawBuilder<unknown>[],
    stretch: FoundForEach['stretch'],
    ...conditions: readonly Condition[]
  ) =>
    dialect.foundForEach(each, {
      columns: SELECTED,
      table: sql`${sql.table('history')} as h`,
      stretch,
      where: sql`${rowInTime(dialect, 'h.row')} and ${sql.join(conditions, sql` and `)}`,
    }) as RawBuilder<FoundRow>;
  const held = { of: sql.ref('h.held'), column: sql.ref('h.from_on'), to: on };
  const isHeld = sql<SqlBool>`h.next_on > ${on}`;
  // By all that is known, what was told otherwise does not hold.
  if (known === ALL_KNOWN) return rows(heldFrom(on), held, isHeld, sql`h.known_to = ${BigInt(NEVER)}`);
  // As an integer: a number would be bound as a real.
  const instant = BigInt(known);
  const open = { of: sql.ref('h.open'), column: sql.ref('h.known'), to: instant };
  // What is computed is looked for in no index.
  const isOpen = sql<SqlBool>`h.next_known > ${instant} and (h.next_on || '') <= ${on} and (h.from_on || '') <= ${on}`;
  const isKnown = sql<SqlBool>`h.known_to > ${instant}`;
  return sql`(select * from ${rows(heldFrom(on), held, isHeld, sql`h.known <= ${instant}`, isKnown)} as held
    union all select * from ${rows(openFrom(known), open, isOpen, isKnown)} as open)`;
}

const LENGTHS = Array.from({ length: LONGEST + 1 }, (_, length) => length);

/** From which day on what holds on a day has begun, by its length. */
const heldFrom = (on: string): RawBuilder<unknown>[] => [
  ...LENGTHS.map((length) => sql`(${sql.lit(length)}, ${dayBefore(on, 2 ** length)})`),
  sql`(${sql.lit(ENDLESS)}, '')`,
];

/** What is before the first day that can be written comes before all days. */
const dayBefore = (on: string, days: number): string => {
  const day = addDays(on, -days);
  return day === FIRST_DAY ? '' : day;
};
const FIRST_DAY = '0001-01-01';

/** The same of an instant, for what has an end by all that is known. */
const openFrom = (known: number): RawBuilder<unknown>[] =>
  LENGTHS.map((length) => sql`(${sql.lit(length)}, cast(${BigInt(known - DAY_MS * 2 ** length)} as bigint))`);
