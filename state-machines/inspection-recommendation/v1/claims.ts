import type { Deadline } from '../../capabilities/deadlines.ts';
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

/** Returns the claims that await confirmation by a second person. */
export const unconfirmedClaims = ({
  claims,
  deadlines,
}: {
  readonly claims: readonly Claim[];
  readonly deadlines: readonly Deadline[];
}) =>
  claims.flatMap(({ eventId, by: claimant }) => {
    const claimed = deadlines.find(({ claimedBy }) => claimedBy === eventId);
    return claimed === undefined ? [] : [{ eventId, kind: claimed.kind, claimant }];
  });
