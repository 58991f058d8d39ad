export const NOTICE_KINDS = ['approaching', 'passed', 'escalated', 'reminder'] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];

/**
 * A notice for a receiver. It contains ids and dates but no text of the record, so that nothing in the outbox
 * needs to be erased. The text is read when the notice is sent.
 */
export interface Notice {
  /** Identifies the notice: it is the same whichever process derives it, and however often. */
  readonly key: string;
  readonly kind: string;
  /** The record's name: its id, prefixed with the kind if ids of that kind are not unique. */
  readonly recordId: string;
  /** The event that caused it; null for a reminder. */
  readonly eventId: string | null;
  /** The instant at which the event was recorded. */
  readonly occurredAt: string;
  /** Null for a notice that is not about a deadline. */
  readonly deadline: DeadlineFacts | null;
}

/** The facts that are compared with the deadline's current ones when the notice is sent. */
export interface DeadlineFacts {
  /** The body responsible for the record; null if unknown. */
  readonly recipient: string | null;
  readonly deadlineId: string;
  /** 1 for the first date, and one more for each extension. */
  readonly dateVersion: number;
  readonly deadlineKind: string;
  readonly dueOn: string;
  /** The London date of the threshold. */
  readonly day: string;
  /** The number of a reminder, from 1; null for other kinds. */
  readonly reminder: number | null;
}

export interface DeadlineNotice extends Notice {
  readonly kind: NoticeKind;
  readonly deadline: DeadlineFacts;
}

export const isOfDeadline = (notice: Notice): notice is DeadlineNotice => notice.deadline !== null;

/** The receiver, the filter, the channel and the time of notices. */
export interface NoticeSubscription {
  readonly id: string;
  readonly target: Target;
  /** The bodies whose records it covers; null for all. */
  readonly bodies: readonly string[] | null;
  readonly kinds: readonly NoticeKind[];
  /** The kinds of deadlines that it covers; null for all. */
  readonly deadlines: readonly string[] | null;
  readonly when: 'at-once' | 'daily';
}

export type Target =
  | { readonly channel: 'email'; readonly address: string }
  | { readonly channel: 'webhook'; readonly url: string; readonly secret: string };
export type ChannelName = Target['channel'];

/** Reports whether a subscription covers a notice. Only subscriptions to all bodies cover records without a body. */
export function isAddressed(
  { bodies, kinds, deadlines }: NoticeSubscription,
  { kind, deadline: { deadlineKind, recipient } }: Pick<DeadlineNotice, 'kind' | 'deadline'>,
): boolean {
  if (!kinds.includes(kind)) return false;
  if (deadlines !== null && !deadlines.includes(deadlineKind)) return false;
  return bodies === null || (recipient !== null && bodies.includes(recipient));
}
