import { sql } from 'kysely';
import type { DeadlineState } from '#state-machines/capabilities/deadlines';
import { ofKinds } from './ground.ts';
import type { Condition, Ground } from './ground.ts';
import { queueCondition } from './queue-conditions.ts';
import type { AskedQueue } from './queue-conditions.ts';
import { dueDateBounds } from './record-row.ts';
import { regionColumn, waitsFor } from './standing.ts';
import type { StatusOrigin } from '#lifecycle/answers';

/** By what records are narrowed, however many are listed or counted; of what may have several values any will do. */
export interface StandingFilters {
  /** The names of kinds of records. */
  readonly kind?: readonly string[];
  readonly status?: readonly string[];
  readonly recipient?: readonly string[];
  /** The id under which a recommendation to several bodies was issued. */
  readonly issue?: readonly string[];
  readonly owner?: readonly string[];
  /** Where the status came from. */
  readonly statusOrigin?: readonly StatusOrigin[];
  /** `overdue` includes `escalated`. */
  readonly deadline?: readonly DeadlineState[];
  /** The states of regions, by the regions' names. */
  readonly regions?: Readonly<Record<string, readonly string[]>>;
  /** That a later date was asked for and is not decided; that a date from the text waits to be confirmed. */
  readonly extension?: readonly 'pending'[];
  readonly proposal?: readonly 'waiting'[];
  /** What nobody is named as. */
  readonly without?: 'owner' | 'recipient';
  /** The first and the last date of the earliest action deadline. */
  readonly dueFrom?: string;
  readonly dueTo?: string;
  /** The first and the last date of issue. */
  readonly issuedFrom?: string;
  readonly issuedTo?: string;
  /** What waits for somebody, in one of their queues. */
  readonly queue?: AskedQueue;
}

/** The rows that filters leave. */
export function standingConditions(filters: StandingFilters, ground: Ground): Condition[] {
  const { kind, status, recipient, issue, owner, statusOrigin: status_origin } = filters;
  const { regions = {}, deadline, extension, proposal, queue } = filters;
  const { without, dueFrom, dueTo, issuedFrom, issuedTo } = filters;
  const conditions = Object.entries({
    ...{ status, recipient, issue, owner, status_origin },
    ...Object.fromEntries(Object.entries(regions).map(([region, states]) => [regionColumn(region), states])),
  }).flatMap(([column, values]) => (values === undefined ? [] : [isOneOf(column, values, ground)]));
  if (kind !== undefined) conditions.push(ofKinds(kind));
  if (deadline !== undefined) {
    const states = deadline.map((state) => deadlineCondition(state, ground.today));
    conditions.push(sql`(${sql.join(states, sql` or `)})`);
  }
  // Only open records wait for anything, and these an index gives.
  if (extension !== undefined) conditions.push(sql`closed = 0 and ${waitsFor('extension')}`);
  if (proposal !== undefined) conditions.push(sql`closed = 0 and ${waitsFor('proposal')}`);
  if (without !== undefined) conditions.push(sql`${sql.ref(without)} is null`);
  if (dueFrom !== undefined) conditions.push(sql`due_on >= ${dueFrom}`);
  if (dueTo !== undefined) conditions.push(sql`due_on <= ${dueTo}`);
  if (issuedFrom !== undefined) conditions.push(sql`issued_on >= ${issuedFrom}`);
  if (issuedTo !== undefined) conditions.push(sql`issued_on <= ${issuedTo}`);
  if (queue !== undefined) conditions.push(queueCondition(queue, ground, kind));
  return conditions;
}

/** Of one value an index gives the rows in their order. */
const isOneOf = (column: string, values: readonly string[], ground: Ground): Condition =>
  values.length === 1
    ? sql`${sql.ref(column)} = ${values[0]}`
    : sql`${sql.ref(column)} in ${ground.sql.listed(values)}`;

function deadlineCondition(state: DeadlineState, today: string): Condition {
  const { escalated, overdue, approaching } = dueDateBounds(today);
  switch (state) {
    case 'none':
      return sql`due_on is null`;
    case 'settled':
      return sql`(settled = 1 and due_on is not null)`;
    case 'escalated':
      return sql`(settled = 0 and due_on <= ${escalated})`;
    case 'overdue':
      return sql`(settled = 0 and due_on <= ${overdue})`;
    case 'approaching':
      return sql`(settled = 0 and due_on > ${overdue} and due_on <= ${approaching})`;
    case 'on-track':
      return sql`(settled = 0 and due_on > ${approaching})`;
  }
}

/** Filters in a form that is the same for the same list; what belongs to a cursor. */
export const filtersKey = (filters: object): readonly unknown[] =>
  Object.entries(filters)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, keyOf(value)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));

const keyOf = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.toSorted();
  return typeof value === 'object' && value !== null ? filtersKey(value) : value;
};
