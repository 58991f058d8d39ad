import { sql } from 'kysely';
import { addDays } from '#lifecycle/plain-date';
import type { Role, Viewer } from '#state-machines/access';
import { isOfTheRecipient, personOf } from '#state-machines/access';
import type { LifecycleCode } from '#lifecycle/lifecycle-definition';
import { lifecycles } from '#state-machines/lifecycles';
import { dueDateBounds } from './record-row.ts';
import { personLine, regionColumn, waitsFor } from './standing.ts';
import type { Condition, Ground } from './ground.ts';

/** What waits for whom, by role; the names in the order in which they are shown. */
const QUEUES_OF_ROLES = [
  [
    'inspector',
    [
      'evidence-to-decide',
      'extensions-to-decide',
      'corrections-to-decide',
      'proposals-to-confirm',
      'without-recipient',
      'without-owner',
      'mine',
      'my-closures',
    ],
  ],
  ['approver', ['closures-to-decide', 'corrections-to-decide']],
  ['force-lead', ['evidence-rejected', 'extensions-waiting', 'without-owner']],
  ['commissioner', ['responses-due']],
  ...(['inspector', 'approver', 'force-lead', 'commissioner'] as const).map(
    (role) => [role, ['overdue', 'due-30', 'due-90']] as const,
  ),
  ['auditor', ['escalated', 'closed-30']],
] as const satisfies readonly (readonly [Role, readonly string[]])[];

export type QueueName = (typeof QUEUES_OF_ROLES)[number][1][number];

/** A queue, and for whom it is asked. */
export interface AskedQueue {
  readonly name: QueueName;
  readonly of: Viewer;
}

/** Every queue there is, each once, in order. */
export const QUEUE_NAMES: readonly QueueName[] = [
  ...new Set(QUEUES_OF_ROLES.flatMap(([, names]): readonly QueueName[] => names)),
];

/** The queues of somebody: those of all their roles, each once, in order. */
export const queuesOf = ({ roles }: Pick<Viewer, 'roles'>): QueueName[] =>
  QUEUE_NAMES.filter((name) => rolesWith(name).some((role) => roles.includes(role)));

const rolesWith = (name: QueueName): Role[] =>
  QUEUES_OF_ROLES.flatMap(([role, names]) => (names.some((each) => each === name) ? [role] : []));

/** Queues that are not of open records alone: one that is closed by a claim stays late until that is confirmed. */
const OF_CLOSED_TOO: readonly QueueName[] = [
  'responses-due',
  'closed-30',
  'corrections-to-decide',
  'overdue',
  'escalated',
];

/** Whether a queue is of open records alone. */
export const isOfOpen = (name: QueueName): boolean => !OF_CLOSED_TOO.includes(name);

export const OPEN: Condition = sql`closed = 0`;

/** The records of a queue. */
export function queueCondition({ name, of }: AskedQueue, ground: Ground): Condition {
  const conditions = [queued(name, of, ground), ...(isOfOpen(name) ? [OPEN] : []), actsOn(name, of, ground)];
  return sql`(${sql.join(conditions, sql` and `)})`;
}

/**
 * The records on which somebody has one of the roles that the queue is for. Whoever belongs to the recipient acts on it as one
 * of its people only; who only reads has nothing to decide, and is kept from none.
 */
function actsOn(
  name: QueueName,
  { roles, organisations, bodies = organisations }: Viewer,
  ground: Ground,
): Condition {
  const own = rolesWith(name).filter((role) => roles.includes(role));
  const [theirs, others] = [own.filter(isOfTheRecipient), own.filter((role) => !isOfTheRecipient(role))];
  if (others.includes('auditor') || (theirs.length > 0 && others.length > 0)) return sql`true`;
  const recipient = sql.ref(ground.recipientToday);
  const listed = ground.sql.listed(organisations);
  if (theirs.length > 0) return sql`${recipient} in ${listed}`;
  if (others.length === 0) return sql`false`;
  if (organisations.length === 0) return sql`true`;
  // While a record is for no body, it can be for one of theirs.
  return bodies.length > 0 && IS_DECIDED.has(name)
    ? sql`${recipient} not in ${listed}`
    : sql`(${recipient} is null or ${recipient} not in ${listed})`;
}

const IS_DECIDED: ReadonlySet<QueueName> = new Set<QueueName>([
  'evidence-to-decide',
  'extensions-to-decide',
  'proposals-to-confirm',
  'without-recipient',
  'closures-to-decide',
  'corrections-to-decide',
]);

const namesWith = (has: (code: LifecycleCode) => boolean): readonly string[] =>
  lifecycles.currents.filter(({ code }) => has(code)).map(({ reference }) => reference.name);

const KINDS_WITH_BODY = namesWith(({ summary }) => summary?.body !== undefined);
const KINDS_WITH_OWNER = namesWith(({ texts }) =>
  Object.values(texts?.at ?? {}).some((said) => Object.values(said).includes('owner')),
);

/** That a record is of one of some kinds; nothing is asked where these are all. */
const isOfKinds = (names: readonly string[], dialect: Ground['sql']): Condition =>
  names.length === lifecycles.currents.length ? sql`true` : sql`kind in ${dialect.listed(names)}`;

const [CLOSURE, EVIDENCE] = ['closure', 'evidence'].map((region) => sql.ref(regionColumn(region)));

function queued(name: QueueName, { subject }: Viewer, { today, sql: dialect }: Ground): Condition {
  const me = personLine(subject);
  const { escalated, overdue } = dueDateBounds(today);
  switch (name) {
    case 'evidence-to-decide':
      return sql`${EVIDENCE} = 'submitted' and replace(evidence_by, ${me}, '') = evidence_by`;
    case 'extensions-to-decide':
      return sql`extension_by <> ${me}`;
    case 'corrections-to-decide':
      return sql`replace(correction_by, ${me}, '') = correction_by`;
    case 'proposals-to-confirm':
      return sql`${waitsFor('proposal')}`;
    case 'without-recipient':
      return sql`recipient is null and ${isOfKinds(KINDS_WITH_BODY, dialect)}`;
    case 'without-owner':
      return sql`owner is null and ${isOfKinds(KINDS_WITH_OWNER, dialect)}`;
    case 'mine':
      return sql`owner in ${dialect.listed(namesOf(subject))}`;
    case 'my-closures':
      return sql`${CLOSURE} = 'requested' and closure_by = ${me}`;
    case 'closures-to-decide':
      return sql`${CLOSURE} = 'requested' and coalesce(closure_by, '') <> ${me}`;
    case 'evidence-rejected':
      return sql`${EVIDENCE} = 'rejected'`;
    case 'extensions-waiting':
      return sql`${waitsFor('extension')}`;
    case 'responses-due':
      return sql`unanswered = 1`;
    case 'overdue':
      return sql`settled = 0 and due_on <= ${overdue}`;
    case 'due-30':
      return sql`due_on >= ${today} and due_on <= ${addDays(today, 30)}`;
    case 'due-90':
      return sql`due_on >= ${today} and due_on <= ${addDays(today, 90)}`;
    case 'escalated':
      return sql`settled = 0 and due_on <= ${escalated}`;
    case 'closed-30':
      return sql`closed_on >= ${addDays(today, -30)}`;
  }
}

/** As whom somebody can be named: with their token, and at the command line. */
const namesOf = (subject: string): string[] => {
  const person = personOf(subject);
  return [...new Set([subject, person, `cli:${person}`])];
};
