/** What people are told of a deadline. */
export const NOTICE_KINDS = ['approaching', 'passed', 'escalated', 'reminder'] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];

/**
 * Something to tell of a deadline: ids and dates, and none of the record's text, so that nothing in the outbox would
 * ever have to be erased.
 */
export interface Notice {
  /** The same for the same notice, whoever derives it and however often. */
  readonly key: string;
  readonly kind: NoticeKind;
  /** The name of the record: its id, behind a kind where ids alone are not of that. */
  readonly recordId: string;
  /** The body that it is for; null where the register did not say. */
  readonly recipient: string | null;
  readonly deadlineId: string;
  /** 1 for the first date, and one more with each extension. */
  readonly dateVersion: number;
  readonly deadlineKind: string;
  readonly dueOn: string;
  /** The day on which it came to be so. */
  readonly day: string;
  /** The event that tells of it; a reminder has none. */
  readonly eventId: string | null;
  /** Of a reminder, how many there are with it; else null. */
  readonly reminder: number | null;
  /** When it was recorded: an instant. */
  readonly occurredAt: string;
}

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
export function isAddressed({ bodies, kinds, deadlines }: NoticeSubscription, notice: Notice): boolean {
  if (!kinds.includes(notice.kind)) return false;
  if (deadlines !== null && !deadlines.includes(notice.deadlineKind)) return false;
  return bodies === null || (notice.recipient !== null && bodies.includes(notice.recipient));
}
