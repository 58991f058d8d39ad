/**
 * A notice for a receiver. It contains ids but no text of the record, so that nothing in the outbox
 * needs to be erased. The text is read when the notice is sent.
 */
export interface Notice {
  /** Identifies the notice: it is the same whichever process derives it, and however often. */
  readonly key: string;
  readonly kind: string;
  /** The record's name: its id, prefixed with the kind if ids of that kind are not unique. */
  readonly recordId: string;
  /** The event that caused it. */
  readonly eventId: string;
  /** The instant at which the event was recorded. */
  readonly occurredAt: string;
}

export type ChannelName = 'email' | 'webhook';
