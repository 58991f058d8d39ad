import { personOf } from '../../capabilities/persons.ts';
import type { AnyData, RecordEvent } from './record-event.ts';

/** What a second person is to confirm, and the person who recorded it: an import counts as well. */
export interface Claim {
  readonly eventId: string;
  readonly by: string;
}

/** The facts with the claim that an event makes; the same ones where it makes none. */
export const withClaim = <Facts extends { readonly claims: readonly Claim[] }>(
  facts: Facts,
  { eventId, data, actor }: RecordEvent,
): Facts => {
  const { claim }: AnyData = data;
  return claim === true
    ? { ...facts, claims: [...facts.claims, { eventId, by: personOf(actor.subject) }] }
    : facts;
};
