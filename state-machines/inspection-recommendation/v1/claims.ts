import type { Deadline, PassedDeadline } from '../../capabilities/deadlines.ts';
import { personOf } from '../../access.ts';
import type { AnyData, RecordEvent } from './record-event.ts';

/**
 * What an event says besides that one person, or a file, dates before a day on which a deadline that it settles is on record as
 * passed.
 */
export function claimOf(
  {
    deadlines,
    passed,
  }: { readonly deadlines: readonly Deadline[]; readonly passed: readonly PassedDeadline[] },
  kind: Deadline['kind'],
  effectiveOn: string,
): { readonly claim?: true } {
  const settled = new Set(deadlines.filter((each) => each.kind === kind).map(({ id }) => id));
  return passed.some(({ deadlineId, on }) => effectiveOn < on && settled.has(deadlineId))
    ? { claim: true }
    : {};
}

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

/** Whether deadlines of a kind are only claimed to be met. */
export const isClaimed = (deadlines: readonly Deadline[], kind: Deadline['kind']): boolean =>
  deadlines.some((each) => each.kind === kind && each.claimedBy !== undefined);

/** The deadlines after a claim that they were met: they stay as they were, and name it. */
export const claimedBy = (
  deadlines: readonly Deadline[],
  kind: Deadline['kind'],
  eventId: string,
): readonly Deadline[] =>
  deadlines.map((deadline) => (deadline.kind === kind ? { ...deadline, claimedBy: eventId } : deadline));

/** The deadlines once their claims fell, or the one of an event was confirmed. */
export const withoutClaims = (
  deadlines: readonly Deadline[],
  isMeant: (deadline: Deadline) => boolean,
): readonly Deadline[] =>
  deadlines.some((each) => each.claimedBy !== undefined && isMeant(each))
    ? deadlines.map((deadline) => {
        const { claimedBy: claim, ...settled } = deadline;
        return claim !== undefined && isMeant(deadline) ? settled : deadline;
      })
    : deadlines;
