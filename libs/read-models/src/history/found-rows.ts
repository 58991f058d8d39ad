import { sql } from 'kysely';
import type { RawBuilder, SqlBool } from 'kysely';
import { addDays } from '#lifecycle/plain-date';
import type { FoundForEach, ReadModelSql } from '#projections/read-model-sql';
import type { Condition } from '#projections/filters';
import { waitColumn, WAITS, waitsFor } from '../record-state.ts';
import type { WaitColumn } from '../record-state.ts';
import { FOUND_COLUMNS } from './history-tables.ts';
import type { HistoryRow } from './history-tables.ts';
import { ALL_KNOWN, rowInTime } from './valid-at.ts';
import type { HistoryPoint } from './valid-at.ts';
import { DAY_MS, ENDLESS, LONGEST, NEVER } from './spans.ts';

/** The columns with which rows are found. One index contains all of them. */
const COLUMNS = ['row' as const, ...FOUND_COLUMNS, 'from_on' as const, 'known' as const];
type FoundRow = Pick<HistoryRow, (typeof COLUMNS)[number] | WaitColumn>;
const SELECTED = sql.join([
  ...COLUMNS.map((column) => sql.ref(`h.${column}`)),
  // Few rows have a pending request, and an index finds them.
  ...WAITS.map((what) => {
    const column = sql.ref(`h.${waitColumn(what)}`);
    return sql`case when ${waitsFor(what, 'h.waits')} then ${column} end as ${sql.ref(waitColumn(what))}`;
  }),
]);

/**
 * Selects the rows valid at a point, at most one per record, by classes of the length of their validity. Includes rows
 * that ended after the day, and rows whose end was not known at the instant.
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
  const effective = { of: sql.ref('h.held'), column: sql.ref('h.from_on'), to: on };
  const isEffective = sql<SqlBool>`h.next_on > ${on}`;
  // At the latest instant, superseded rows do not apply.
  if (known === ALL_KNOWN)
    return rows(effectiveFrom(on), effective, isEffective, sql`h.known_to = ${BigInt(NEVER)}`);
  // A bigint is bound as an integer; a number would be bound as a real.
  const instant = BigInt(known);
  const open = { of: sql.ref('h.open'), column: sql.ref('h.known'), to: instant };
  // The concatenation prevents the database from choosing an index on the column.
  const isOpen = sql<SqlBool>`h.next_known > ${instant} and (h.next_on || '') <= ${on} and (h.from_on || '') <= ${on}`;
  const isKnown = sql<SqlBool>`h.known_to > ${instant}`;
  return sql`(select * from ${rows(effectiveFrom(on), effective, isEffective, sql`h.known <= ${instant}`, isKnown)} as held
    union all select * from ${rows(openFrom(known), open, isOpen, isKnown)} as open)`;
}

const LENGTHS = Array.from({ length: LONGEST + 1 }, (_, length) => length);

/** Returns the earliest start of a row that is valid on the day, for each length class. */
const effectiveFrom = (on: string): RawBuilder<unknown>[] => [
  ...LENGTHS.map((length) => sql`(${sql.lit(length)}, ${dayBefore(on, 2 ** length)})`),
  sql`(${sql.lit(ENDLESS)}, '')`,
];

/** Returns a day that is some days earlier; a text that sorts before all days if no date can express it. */
const dayBefore = (on: string, days: number): string => {
  const day = addDays(on, -days);
  return day === FIRST_DAY ? '' : day;
};
const FIRST_DAY = '0001-01-01';

/** Returns the earliest start of a row that was open at an instant, for each length class. */
const openFrom = (known: number): RawBuilder<unknown>[] =>
  LENGTHS.map((length) => sql`(${sql.lit(length)}, cast(${BigInt(known - DAY_MS * 2 ** length)} as bigint))`);
