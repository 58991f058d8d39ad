import type { RecordKind } from './kind.ts';
import type { Queues } from './queue.ts';

/**
 * The notification for an event. People are not notified of their own actions or of events that they may not read.
 * Watchers of a record are notified of every event that has a notice.
 */
export interface Notice {
  /** The kind of notice, in lower case with dashes. Several events can have the same kind. */
  readonly kind: string;
  /** The label of that kind, a plural noun: `Requests that were refused`. */
  readonly title: string;
  /** The request that the event opens, by its name in the summary. Its deciders are notified until it is decided. */
  readonly opens?: string;
  /** The request that the event decides or withdraws. Its requester is notified. */
  readonly answers?: string;
  /** The member of the event that distinguishes parallel requests. */
  readonly about?: string;
  /**
   * Who else is notified. `owner`: the present and the previous owner; the staff who look after records without an
   * owner if there is none or a person of the body acted. `body`: the people of the present and the previous body.
   * `deciders`: those who decide the request. `roles`: the people with these roles.
   */
  readonly to?: readonly ('owner' | 'body' | 'deciders' | { readonly roles: readonly string[] })[];
  /** True if the event says that a date is near or has passed. */
  readonly isOfDate?: true;
  /**
   * True if the event returns work. The record's page shows it until the same request is made, decided or withdrawn
   * again.
   */
  readonly comesBack?: true;
}

/** The notices of a lifecycle, by event type. */
export type Notices = Readonly<Record<string, Notice>>;

/** Returns the roles that decide a request: those with a decision queue for it. */
export const decidersOf = (queues: Queues, wait: string): readonly string[] =>
  rolesOf(queues, (queue) => queue.decides === true && queue.waits === wait);

/** By queues, which belong to one kind. */
const keepers = new WeakMap<Queues, readonly string[]>();

/** Returns the staff roles that look after records without an owner. */
export function keepersOf(queues: Queues, { roles: { staff } }: RecordKind): readonly string[] {
  const known = keepers.get(queues);
  if (known !== undefined) return known;
  const roles = rolesOf(queues, (queue) => queue.owner === 'none').filter((role) => staff.includes(role));
  keepers.set(queues, roles);
  return roles;
}

const rolesOf = (queues: Queues, is: (queue: Queues[string]) => boolean): readonly string[] => [
  ...new Set(Object.values(queues).flatMap((queue) => (is(queue) ? queue.roles : []))),
];
