import { TypedStream } from '#event-sourcing/typed-stream';

/** A day's refusals, in a stream of their own: they belong to no record and follow no lifecycle. */
export const refusalStream = (day: string): string => `refusals-${day}`;

export const isRefusalStream = (streamId: string): boolean => streamId.startsWith('refusals-');

/**
 * One refused attempt; who made it is the event's actor. Neither the payload nor the sentence that answered it is kept:
 * both can hold what a person wrote, and nothing of it could be erased from here.
 */
export type RefusedAttempt = {
  /** Null where there is no such command. */
  readonly command: string | null;
  /** The problem's code. */
  readonly code: string;
  /** The guard that did not hold. */
  readonly guard: string | null;
  /** The record that was asked for, or that a file names; null where there is none. */
  readonly record: string | null;
  /** The record's version on which it was refused; null where it was refused without looking at one. */
  readonly seenVersion: number | null;
};

/** Refusals beyond what is recorded one by one. */
export type CountedRefusals = {
  /** Null for all the others together, where too many people were refused. */
  readonly subject: string | null;
  readonly count: number;
  /** The instants of the first and the last. */
  readonly from: string;
  readonly to: string;
  /** How many of each problem's code. */
  readonly codes: Readonly<Record<string, number>>;
};

/** What the events of such a stream say. */
export type RefusalEventData = {
  readonly CommandRefused: RefusedAttempt;
  readonly RefusalsCounted: CountedRefusals;
};

const events = new TypedStream<RefusalEventData>({
  CommandRefused: { schemaVersion: 1 },
  RefusalsCounted: { schemaVersion: 1 },
});

/** An event of such a stream as it is read. */
export const asRefusalEvent = events.asToday;

/** An event to append to such a stream. */
export const refusalDraft = events.draft;
