/** What people are told of a deadline. */
export const NOTICE_KINDS = ['approaching', 'passed', 'escalated', 'reminder'] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];

/**
 * Something that a receiver is sent: ids and dates, and none of the record's text, so that nothing in the outbox would
 * ever have to be erased. What is said of it is read as it is sent.
 */
export interface Notice {
  /** The same for the same notice, whoever derives it and however often. */
  readonly key: string;
  readonly kind: string;
  /** The name of the record: its id, behind a kind where ids alone are not of that. */
  readonly recordId: string;
  /** The event that it is about; a reminder has none. */
  readonly eventId: string | null;
  /** When it was recorded: an instant. */
  readonly occurredAt: string;
  /** Null where it is not about a deadline. */
  readonly deadline: DeadlineFacts | null;
}

/** What a notice of a deadline is held against when it is sent. */
export interface DeadlineFacts {
  /** The body that it is for; null where the register did not say. */
  readonly recipient: string | null;
  readonly deadlineId: string;
  /** 1 for the first date, and one more with each extension. */
  readonly dateVersion: number;
  readonly deadlineKind: string;
  readonly dueOn: string;
  /** The day on which it came to be so. */
  readonly day: string;
  /** Of a reminder, how many there are with it; else null. */
  readonly reminder: number | null;
}

export interface DeadlineNotice extends Notice {
  readonly kind: NoticeKind;
  readonly deadline: DeadlineFacts;
}

export const isOfDeadline = (notice: Notice): notice is DeadlineNotice => notice.deadline !== null;

/** Who is told what, how and when. */
export interface NoticeSubscription {
  readonly id: string;
  readonly target: Target;
  /** Whose records it is told of; null for all. */
  readonly bodies: readonly string[] | null;
  readonly kinds: readonly NoticeKind[];
  /** Of which kinds; null for all. */
  readonly deadlines: readonly string[] | null;
  readonly when: 'at-once' | 'daily';
}

export type Target =
  | { readonly channel: 'email'; readonly address: string }
  | { readonly channel: 'webhook'; readonly url: string; readonly secret: string };
export type ChannelName = Target['channel'];

/** Whether a subscription is told of a notice. A record without a body is for those who are told of all. */
export function isAddressed(
  { bodies, kinds, deadlines }: NoticeSubscription,
  { kind, deadline: { deadlineKind, recipient } }: Pick<DeadlineNotice, 'kind' | 'deadline'>,
): boolean {
  if (!kinds.includes(kind)) return false;
  if (deadlines !== null && !deadlines.includes(deadlineKind)) return false;
  return bodies === null || (recipient !== null && bodies.includes(recipient));
}
