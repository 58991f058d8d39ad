import { sql } from 'kysely';
import { STATUS_ORIGINS } from '#lifecycle/answers';
import { conditionsOf, date, one, several, since, until } from '#projections/filters';
import type { FilterValues, Condition } from '#projections/filters';
import { DEADLINE_STATES } from '#state-machines/capabilities/deadlines';
import type { DeadlineState } from '#state-machines/capabilities/deadlines';
import { lifecycles } from '#state-machines/lifecycles';
import { ofKinds, ownedBy, ownedByNobody } from './ground.ts';
import type { Ground } from './ground.ts';
import { queueCondition } from './queue-conditions.ts';
import type { ViewerQueue } from './queue-conditions.ts';
import { dueDateBounds } from './record-row.ts';
import { regionColumn, waitsFor } from './record-state.ts';

const among =
  (column: string) =>
  (values: readonly string[], ground: Ground): Condition =>
    isOneOf(column, values, ground);

/** Returns the condition for a pending request. Only open records have one, and an index finds those. */
const pendingRequest = (what: string) => (): Condition => sql`closed = 0 and ${waitsFor(what)}`;

/** The record filters of lists and counts. A filter with several values matches any of them. */
export const RECORD_FILTERS = {
  status: several('Includes only records with this status.', among('status'), lifecycles.statuses),
  recipient: several('Includes only the records of this body.', among('recipient')),
  issue: several(
    'Includes only the records of a recommendation issued to several bodies under this id.',
    among('issue'),
  ),
  owner: several('Includes only the records of this owner: a subject, or a name.', (names, ground: Ground) =>
    ground.past === undefined ? among('owner')(names, ground) : ownedBy(names, ground),
  ),
  statusOrigin: several(
    'Includes only records whose status has this origin.',
    among('status_origin'),
    STATUS_ORIGINS,
  ),
  deadline: several(
    'Includes only records whose deadline is in this state at the end of the day; overdue includes escalated.',
    (states, { today }: Ground) =>
      sql`(${sql.join(
        states.map((state) => deadlineCondition(state, today)),
        sql` or `,
      )})`,
    DEADLINE_STATES,
  ),
  extension: several('Includes only records with a requested extension.', pendingRequest('extension'), [
    'pending',
  ]),
  proposal: several(
    'Includes only records with an unconfirmed date from the text.',
    pendingRequest('proposal'),
    ['waiting'],
  ),
  without: one(
    'Includes only records without an owner, or without a recipient.',
    (column, ground: Ground) =>
      column === 'owner' ? ownedByNobody(ground) : sql`${sql.ref(column)} is null`,
    ['owner', 'recipient'],
  ),
  dueFrom: date(
    'Includes only records whose earliest deadline for action is on this day or later.',
    since('due_on'),
  ),
  dueTo: date(
    'Includes only records whose earliest deadline for action is on this day or before.',
    until('due_on'),
  ),
  issuedFrom: date('Includes only records that were issued on this day or later.', since('issued_on')),
  issuedTo: date('Includes only records that were issued on this day or before.', until('issued_on')),
};

/** The record filters, including those that lifecycles define. */
export interface RecordFilters extends FilterValues<typeof RECORD_FILTERS> {
  /** The names of record kinds. */
  readonly kind?: readonly string[];
  /** States by region name. */
  readonly regions?: Readonly<Record<string, readonly string[]>>;
  /** The records in one of a person's queues. */
  readonly queue?: ViewerQueue;
}

export function recordStateConditions(filters: RecordFilters, ground: Ground): Condition[] {
  const { kind, regions = {}, queue } = filters;
  return [
    ...Object.entries(regions).map(([region, states]) => isOneOf(regionColumn(region), states, ground)),
    ...(kind === undefined ? [] : [ofKinds(kind)]),
    ...conditionsOf(RECORD_FILTERS, { ...filters }, ground),
    ...(queue === undefined ? [] : [queueCondition(queue, ground, kind)]),
  ];
}

/** Selects one of several values. With a single value, an index returns the rows in order. */
const isOneOf = (column: string, values: readonly string[], ground: Ground): Condition =>
  values.length === 1
    ? sql`${sql.ref(column)} = ${values[0]}`
    : sql`${sql.ref(column)} in ${ground.sql.listed(values)}`;

/**
 * Selects rows by deadline state.
 * @param open the condition for unsettled rows.
 */
export function deadlineCondition(
  state: DeadlineState,
  today: string,
  open: Condition = sql`settled = 0`,
): Condition {
  const { escalated, overdue, approaching } = dueDateBounds(today);
  switch (state) {
    case 'none':
      return sql`due_on is null`;
    case 'settled':
      return sql`(settled = 1 and due_on is not null)`;
    case 'escalated':
      return sql`(${open} and due_on <= ${escalated})`;
    case 'overdue':
      return sql`(${open} and due_on <= ${overdue})`;
    case 'approaching':
      return sql`(${open} and due_on > ${overdue} and due_on <= ${approaching})`;
    case 'on-track':
      return sql`(${open} and due_on > ${approaching})`;
  }
}
