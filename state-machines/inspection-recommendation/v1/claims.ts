import { personOf } from '../../capabilities/persons.ts';
import type { AnyData, RecordEvent } from './record-event.ts';

/** A claim that a second person must confirm, and the person who recorded or imported it. */
export interface Claim {
  readonly eventId: string;
  readonly by: string;
}

/** Returns the facts with an event's claim; the same object if the event makes none. */
export const withClaim = <Facts extends { readonly claims: readonly Claim[] }>(
  facts: Facts,
  event: RecordEvent,
): Facts => {
  const { claim }: AnyData = event.data;
  if (claim !== true) return facts;
  // The id of an event that is being decided is a hash, computed on first use.
  const { eventId, actor } = event;
  return { ...facts, claims: [...facts.claims, { eventId, by: personOf(actor.subject) }] };
};
