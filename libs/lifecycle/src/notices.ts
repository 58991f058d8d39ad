import type { RecordKind } from './kind.ts';
import type { Queues } from './queue.ts';

/**
 * The notification for an event. People are never notified of their own actions or of events that they may not read;
 * watchers of a record are notified of every event that has a notice.
 */
export interface Notice {
  /** The kind that subscriptions choose, in lower case with dashes; events can share one. */
  readonly kind: string;
  /** The label of that choice, a plural noun: `Requests that were refused`. */
  readonly title: string;
  /** The request that the event opens, by its name in the summary: the deciders are notified until it is decided. */
  readonly opens?: string;
  /** The request that the event decides or withdraws: its requester is notified. */
  readonly answers?: string;
  /** The member of the event that distinguishes parallel requests. */
  readonly about?: string;
  /**
   * Who else is notified: the record's owner, also the previous one; if it has no owner, or a person of the body acted,
   * the staff who look for records without one; the people of its body, also of the previous one; or the deciders of
   * the request.
   */
  readonly to?: readonly ('owner' | 'body' | 'deciders')[];
  /**
   * True if it returns work: the page of an open record shows this until the same is requested, decided or withdrawn
   * again.
   */
  readonly comesBack?: true;
}

/** The notices of a lifecycle, by event type. */
export type Notices = Readonly<Record<string, Notice>>;

/** Returns the roles that decide a request: those whose decision queues contain it. */
export const decidersOf = (queues: Queues, wait: string): readonly string[] =>
  rolesOf(queues, (queue) => queue.decides === true && queue.waits === wait);

/** Returns the staff roles that look after records without an owner; the body's people are notified as the body. */
export const keepersOf = (queues: Queues, { roles: { staff } }: RecordKind): readonly string[] =>
  rolesOf(queues, (queue) => queue.owner === 'nobody').filter((role) => staff.includes(role));

const rolesOf = (queues: Queues, is: (queue: Queues[string]) => boolean): readonly string[] => [
  ...new Set(Object.values(queues).flatMap((queue) => (is(queue) ? queue.roles : []))),
];
