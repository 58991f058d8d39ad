import type { RowOf, TableDefinition } from '#projections/tables';
import type { DeadlineOutcome } from './deadlines/outcomes.ts';
import { DEADLINES } from './deadlines/deadline-rows.ts';
import { REGISTER } from './register/register-projection.ts';
import { LISTED_COLUMNS } from './register/register-rows.ts';
import type { ListedRow } from './register/register-rows.ts';

const columns: TableDefinition['columns'] = REGISTER.columns;
const listed = Object.fromEntries(LISTED_COLUMNS.map((column) => [column, columns[column] ?? 'text']));

/** The register of a past day. Its owners are the ids of the events that name them, and it has no other names or titles. */
export const PAST_REGISTER: TableDefinition = {
  name: 'register',
  columns: {
    ...listed,
    number: 'integer',
    /** The body that is responsible today. It may see the record and its past. */
    recipient_today: 'text or null',
  },
  key: 'stream',
  indexes: [],
};

export type PastRegisterRow = ListedRow & {
  readonly number: number;
  readonly recipient_today: string | null;
};

/** The deadlines of a past day. */
export const PAST_DEADLINES = {
  name: 'deadlines',
  columns: {
    ...DEADLINES.columns,
    recipient_today: 'text or null',
    issued_on: 'text',
    /** The outcome; null if the deadline has not fallen due. */
    outcome: 'text or null',
    extensions: 'integer',
    /** 1 if the deadline was withdrawn, else 0. */
    withdrawn: 'integer',
    /** The bodies that were responsible when it was recorded as passed, between line breaks; null if it was not. */
    late_under: 'text or null',
    revision: 'integer',
    changed_at: 'text',
    /** The decision that showed later that it was met, as JSON; null if there is none. */
    established: 'text or null',
  },
  key: 'id',
  indexes: [],
} as const satisfies TableDefinition;

export type PastDeadlineRow = RowOf<typeof PAST_DEADLINES.columns> & { outcome: DeadlineOutcome | null };
