import type { JsonObject } from '#event-sourcing/envelope';
import type { EventDraft } from '#event-sourcing/event-store';

/** A day's refusals, in a stream of their own: they belong to no record and follow no lifecycle. */
export const refusalStream = (day: string): string => `refusals-${day}`;

export const isRefusalStream = (streamId: string): boolean => streamId.startsWith('refusals-');

/** The types of the events in such a stream. */
export const COMMAND_REFUSED = 'CommandRefused';
export const REFUSALS_COUNTED = 'RefusalsCounted';

/**
 * One refused attempt; who made it is the event's actor. Neither the payload nor the sentence that answered it is kept:
 * both can hold what a person wrote, and nothing of it could be erased from here.
 */
export interface RefusedAttempt {
  /** As asked; null where it had not even the form of a command. */
  readonly command: string | null;
  /** The problem's code. */
  readonly code: string;
  /** The guard that did not hold. */
  readonly guard: string | null;
  /** The record's id as asked, or the one that a file names; null where none was, or nothing of that form. */
  readonly record: string | null;
  /** The record's version on which it was refused; null where it was refused without looking at one. */
  readonly seenVersion: number | null;
}

/** Refusals beyond what is recorded one by one. */
export interface CountedRefusals {
  /** Null for all the others together, where too many people were refused. */
  readonly subject: string | null;
  readonly count: number;
  /** The instants of the first and the last. */
  readonly from: string;
  readonly to: string;
  /** How many of each problem's code. */
  readonly codes: Readonly<Record<string, number>>;
}

export const commandRefused = (attempt: RefusedAttempt, day: string): EventDraft =>
  draft(COMMAND_REFUSED, { ...attempt }, day);

export const refusalsCounted = (counted: CountedRefusals, day: string): EventDraft =>
  draft(REFUSALS_COUNTED, { ...counted }, day);

const draft = (type: string, data: JsonObject, day: string): EventDraft => ({
  type,
  schemaVersion: 1,
  effectiveOn: day,
  data,
  state: null,
  sensitive: [],
});
