import { sql } from 'kysely';
import { addDays } from '#lifecycle/plain-date';
import type { Queue } from '#lifecycle/queue';
import type { RecordKind } from '#lifecycle/kind';
import type { Viewer } from '#state-machines/access';
import { personOf } from '#state-machines/capabilities/persons';
import { lifecycles } from '#state-machines/lifecycles';
import { dueDateBounds } from './record-row.ts';
import { personLine, regionColumn, waitColumn, waitsFor } from './standing.ts';
import { ofKinds } from './ground.ts';
import type { Condition } from '#projections/filters';
import type { Ground } from './ground.ts';

/** A queue, and for whom it is asked. */
export interface AskedQueue {
  readonly name: string;
  readonly of: Viewer;
}

/** A queue of a kind of record. */
export interface KindQueue {
  readonly kind: RecordKind;
  readonly name: string;
  readonly queue: Queue;
}

/** The queues of every kind of record, in order. */
const QUEUES: readonly KindQueue[] = lifecycles.currents.flatMap(({ kind, queues }) =>
  Object.entries(queues).map(([name, queue]) => ({ kind, name, queue })),
);

/** Whether something is of one of these kinds, by their names; of any where none is given. */
const isOfKind = ({ kind }: KindQueue, kinds: readonly string[] | undefined): boolean =>
  kinds?.includes(kind.name) ?? true;

/** The names of the queues of some kinds, each once, in order. */
export const queueNames = (kinds?: readonly string[]): readonly string[] => [
  ...new Set(QUEUES.filter((each) => isOfKind(each, kinds)).map(({ name }) => name)),
];

/** The queues of somebody: those of all their roles, in order. */
export const queuesOf = ({ roles }: Pick<Viewer, 'roles'>, kinds?: readonly string[]): readonly KindQueue[] =>
  QUEUES.filter((each) => isOfKind(each, kinds) && each.queue.roles.some((role) => roles.includes(role)));

export const OPEN: Condition = sql`closed = 0`;

/** The records of the queues of a name, of these kinds. */
export function queueCondition(
  { name, of }: AskedQueue,
  ground: Ground,
  kinds?: readonly string[],
): Condition {
  const conditions = QUEUES.filter((each) => each.name === name && isOfKind(each, kinds)).map((each) =>
    inQueue(each, of, ground),
  );
  return conditions.length === 0 ? sql`false` : sql`(${sql.join(conditions, sql` or `)})`;
}

/** The records of a queue. */
export function inQueue(each: KindQueue, of: Viewer, ground: Ground): Condition {
  const conditions = [
    ofKinds([each.kind.name]),
    ...waiting(each, of, ground),
    ...(each.queue.ofClosed === true ? [] : [OPEN]),
    actsOn(each, of, ground),
  ];
  return sql`(${sql.join(conditions, sql` and `)})`;
}

/**
 * The records on which somebody has one of the roles that the queue is for. Whoever belongs to the body of a record acts on it as one
 * of its people only; who only reads has nothing to decide, and is kept from none.
 */
function actsOn(
  { kind, queue }: KindQueue,
  { roles, organisations, bodies = organisations }: Viewer,
  ground: Ground,
): Condition {
  const { staff, body } = kind.roles;
  const own = queue.roles.filter((role) => roles.includes(role));
  const [theirs, others] = [
    own.filter((role) => body.includes(role)),
    own.filter((role) => staff.includes(role)),
  ];
  const isReader = own.length > theirs.length + others.length;
  if (body.length === 0 || isReader || (theirs.length > 0 && others.length > 0)) return sql`true`;
  const recipient = sql.ref(ground.recipientToday);
  const listed = ground.sql.listed(organisations);
  if (theirs.length > 0) return sql`${recipient} in ${listed}`;
  if (others.length === 0) return sql`false`;
  if (organisations.length === 0) return sql`true`;
  // While a record is for no body, it can be for one of theirs.
  return bodies.length > 0 && queue.decides === true
    ? sql`${recipient} not in ${listed}`
    : sql`(${recipient} is null or ${recipient} not in ${listed})`;
}

/** What a queue says of its records, in the columns of their rows. */
function waiting(
  { kind, queue }: KindQueue,
  { subject }: Viewer,
  { today, sql: dialect }: Ground,
): Condition[] {
  const { state = {}, waits, by, owner, body, answer, date, closedWithinDays } = queue;
  const { statusRegion } = lifecycles.current(kind.name).definition;
  return [
    ...Object.entries(state).map(([region, value]): Condition => {
      const column = region === statusRegion ? 'status' : regionColumn(region);
      return sql`${sql.ref(column)} = ${value}`;
    }),
    ...(waits === undefined ? [] : [requested(waits, by, personLine(subject))]),
    ...(owner === 'me' ? [sql<boolean>`owner in ${dialect.listed(namesOf(subject))}`] : []),
    ...(owner === 'nobody' ? [sql<boolean>`owner is null`] : []),
    ...(body === undefined ? [] : [sql<boolean>`recipient is null`]),
    ...(answer === undefined ? [] : [sql<boolean>`unanswered = 1`]),
    ...(date === undefined ? [] : [dated(date, today)]),
    ...(closedWithinDays === undefined
      ? []
      : [sql<boolean>`closed_on >= ${addDays(today, -closedWithinDays)}`]),
  ];
}

function requested(waits: string, by: Queue['by'], me: string): Condition {
  const persons = sql.ref(waitColumn(waits));
  switch (by) {
    case undefined:
      return waitsFor(waits);
    case 'me':
      return sql`${persons} = ${me}`;
    case 'another':
      return sql`${persons} <> ${me}`;
    case 'others':
      return sql`replace(${persons}, ${me}, '') = ${persons}`;
  }
}

function dated(date: NonNullable<Queue['date']>, today: string): Condition {
  if (typeof date === 'object')
    return sql`due_on >= ${today} and due_on <= ${addDays(today, date.withinDays)}`;
  const { escalated, overdue } = dueDateBounds(today);
  return sql`settled = 0 and due_on <= ${date === 'over' ? overdue : escalated}`;
}

/** As whom somebody can be named: with their token, and at the command line. */
export const namesOf = (subject: string): string[] => {
  const person = personOf(subject);
  return [...new Set([subject, person, `cli:${person}`])];
};
