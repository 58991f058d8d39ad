import type { RecordKind } from './kind.ts';
import type { Queues } from './queue.ts';

/**
 * What an event is to the people who wait for it. Nobody is told of what they did themselves, nor of what they may not read; whoever
 * watches a record is told of each of its events that has a notice.
 */
export interface Notice {
  /** By which people choose what they are told of, in small letters with dashes; events can share one. */
  readonly kind: string;
  /** How that choice reads, as a noun in the plural: `Requests that were refused`. */
  readonly title: string;
  /** What begins to wait, by its name in the summary: who may decide it is told, until somebody has. */
  readonly asks?: string;
  /** What was decided or taken back: who requested it is told. */
  readonly answers?: string;
  /** The member of the event that tells apart what can be asked beside each other. */
  readonly about?: string;
  /**
   * Who is told besides: the record's owner, and where it was another who it was; where it has none, or a person of the body did it, those of the staff
   * who look for records without an owner; its body's own people, and where it was another one's those; or those who may decide what is answered.
   */
  readonly to?: readonly ('owner' | 'body' | 'deciders')[];
  /** Whether it sends work back: the page of an open record says so until the same is requested, decided or taken back again. */
  readonly comesBack?: true;
}

/** The notices of a lifecycle by the types of its events. */
export type Notices = Readonly<Record<string, Notice>>;

/** In which roles people decide what waits: those whose queues of decisions have it. */
export const decidersOf = (queues: Queues, wait: string): readonly string[] =>
  rolesOf(queues, (queue) => queue.decides === true && queue.waits === wait);

/** In which roles the staff looks after records that have no owner; the body's people are told as the body. */
export const keepersOf = (queues: Queues, { roles: { staff } }: RecordKind): readonly string[] =>
  rolesOf(queues, (queue) => queue.owner === 'nobody').filter((role) => staff.includes(role));

const rolesOf = (queues: Queues, is: (queue: Queues[string]) => boolean): readonly string[] => [
  ...new Set(Object.values(queues).flatMap((queue) => (is(queue) ? queue.roles : []))),
];
