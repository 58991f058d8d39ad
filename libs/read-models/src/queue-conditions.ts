import { sql } from 'kysely';
import { addDays } from '#lifecycle/plain-date';
import type { Queue } from '#lifecycle/queue';
import type { RecordKind } from '#lifecycle/kind';
import type { Viewer } from '#state-machines/access';
import { personOf } from '#state-machines/capabilities/persons';
import { lifecycles } from '#state-machines/lifecycles';
import { dueDateBounds } from './record-row.ts';
import { personLine, regionColumn, waitColumn, waitsFor } from './record-state.ts';
import { ofKinds, ownedBy, ownedByNobody, recipientToday } from './ground.ts';
import type { Condition } from '#projections/filters';
import type { Ground } from './ground.ts';

/** A queue, and the person who sees it. */
export interface ViewerQueue {
  readonly name: string;
  readonly of: Viewer;
}

export interface KindQueue {
  readonly kind: RecordKind;
  readonly name: string;
  readonly queue: Queue;
}

const QUEUES: readonly KindQueue[] = lifecycles.currents.flatMap(({ kind, queues }) =>
  Object.entries(queues).map(([name, queue]) => ({ kind, name, queue })),
);

/** Returns whether a queue belongs to one of these kinds; true if no kinds are passed. */
const isOfKind = ({ kind }: KindQueue, kinds: readonly string[] | undefined): boolean =>
  kinds?.includes(kind.name) ?? true;

/** Returns the distinct queue names, in order. */
export const queueNames = (): readonly string[] => [...new Set(QUEUES.map(({ name }) => name))];

/** Returns the queues of all roles of a person, in order. */
export const queuesOf = ({ roles }: Pick<Viewer, 'roles'>, kinds?: readonly string[]): readonly KindQueue[] =>
  QUEUES.filter((each) => isOfKind(each, kinds) && each.queue.roles.some((role) => roles.includes(role)));

export const OPEN: Condition = sql`closed = 0`;

/** Selects the records in the queues of a name. */
export function queueCondition(
  { name, of }: ViewerQueue,
  ground: Ground,
  kinds?: readonly string[],
): Condition {
  const conditions = QUEUES.filter((each) => each.name === name && isOfKind(each, kinds)).map((each) =>
    inQueue(each, of, ground),
  );
  return conditions.length === 0 ? sql`false` : sql`(${sql.join(conditions, sql` or `)})`;
}

export function inQueue(each: KindQueue, of: Viewer, ground: Ground): Condition {
  const conditions = [
    ofKinds([each.kind.name]),
    ...recordCondition(each, of, ground),
    ...(each.queue.ofClosed === true ? [] : [OPEN]),
    actsOn(each, of, ground),
  ];
  return sql`(${sql.join(conditions, sql` and `)})`;
}

/**
 * Selects the records on which the person has one of the queue's roles. Members of the record's body act only as
 * members. Readers, who decide nothing, are not restricted.
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
  const recipient = recipientToday(ground);
  const listed = ground.sql.listed(organisations);
  if (theirs.length > 0) return sql`${recipient} in ${listed}`;
  if (others.length === 0) return sql`false`;
  if (organisations.length === 0) return sql`true`;
  // A record without a body could still be assigned to one of the viewer's bodies.
  return bodies.length > 0 && queue.decides === true
    ? sql`${recipient} not in ${listed}`
    : sql`(${recipient} is null or ${recipient} not in ${listed})`;
}

/** Selects the records that match the queue, by the columns of their rows. */
function recordCondition({ kind, queue }: KindQueue, { subject }: Viewer, ground: Ground): Condition[] {
  const { today } = ground;
  const { state = {}, waits, by, owner, body, answer, date, closedWithinDays } = queue;
  const { statusRegion } = lifecycles.current(kind.name).definition;
  return [
    ...Object.entries(state).map(([region, value]): Condition => {
      const column = region === statusRegion ? 'status' : regionColumn(region);
      return sql`${sql.ref(column)} = ${value}`;
    }),
    ...(waits === undefined ? [] : [requestCondition(waits, by, personLine(subject))]),
    ...(owner === 'me' ? [ownedBy(namesOf(subject), ground)] : []),
    ...(owner === 'none' ? [ownedByNobody(ground)] : []),
    ...(body === undefined ? [] : [sql<boolean>`recipient is null`]),
    ...(answer === undefined ? [] : [sql<boolean>`unanswered = 1`]),
    ...(date === undefined ? [] : [dateCondition(date, today)]),
    ...(closedWithinDays === undefined
      ? []
      : [sql<boolean>`closed_on >= ${addDays(today, -closedWithinDays)}`]),
  ];
}

function requestCondition(waits: string, by: Queue['by'], me: string): Condition {
  const persons = sql.ref(waitColumn(waits));
  switch (by) {
    case undefined:
      return waitsFor(waits);
    case 'me':
      return sql`substr(${persons}, 1, length(${me})) = ${me}`;
    case 'others':
      return sql`replace(${persons}, ${me}, '') = ${persons}`;
  }
}

function dateCondition(date: NonNullable<Queue['date']>, today: string): Condition {
  if (typeof date === 'object')
    // `+ 0` keeps the database on the index of dates.
    return sql`settled + 0 = 0 and due_on >= ${today} and due_on <= ${addDays(today, date.withinDays)}`;
  const { escalated, overdue } = dueDateBounds(today);
  return sql`settled = 0 and due_on <= ${date === 'over' ? overdue : escalated}`;
}

/** Returns the subjects of a person: in tokens, and on the command line. */
export const namesOf = (subject: string): string[] => {
  const person = personOf(subject);
  return [...new Set([subject, person, `cli:${person}`])];
};
