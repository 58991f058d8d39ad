import { TypedStream } from '#event-sourcing/typed-stream';
import { count, counts, identifier, instant, optional, ordinal, orNull } from '#lifecycle/fields';
import { shape } from '#lifecycle/shapes';
import type { DataOf } from '#lifecycle/shapes';

/** A day's refusals, in a stream of their own: they belong to no record and follow no lifecycle. */
export const refusalStream = (day: string): string => `refusals-${day}`;

export const isRefusalStream = (streamId: string): boolean => streamId.startsWith('refusals-');

export const REFUSAL_SHAPES = {
  /**
   * One refused attempt; who made it is the event's actor. Neither the payload nor the sentence that answered it is kept:
   * both can hold what a person wrote, and nothing of it could be erased from here.
   */
  CommandRefused: shape({
    command: orNull(identifier('As asked; null where it had not the form of a command.')),
    code: identifier("The problem's code."),
    guard: orNull(identifier('The guard that did not hold.')),
    record: orNull(identifier('The id of the record.')),
    kind: optional(identifier('The kind of the record; absent of a recommendation.')),
    seenVersion: orNull(ordinal("The record's version on which it was refused.")),
  }),
  /** Refusals beyond what is recorded one by one. */
  RefusalsCounted: shape({
    subject: orNull(identifier('Whose they were; null for all the others together.')),
    count: count(),
    from: instant('The first.'),
    to: instant('The last.'),
    codes: counts("How many of each problem's code."),
  }),
};

type Data = DataOf<typeof REFUSAL_SHAPES>;
export type RefusedAttempt = Data['CommandRefused'];
export type CountedRefusals = Data['RefusalsCounted'];

const events = new TypedStream<Data>(REFUSAL_SHAPES);

/** An event of such a stream as it is read. */
export const asRefusalEvent = events.asToday;

/** An event to append to such a stream. */
export const refusalDraft = events.draft;
