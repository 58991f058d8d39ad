import type { DecisionContext } from '#lifecycle/decide';
import type { FoldedEvent } from '#lifecycle/folded-event';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import type { Reason } from '#lifecycle/refused';
import { isOfTheRecipient, isSamePerson } from '../../access.ts';
import { isSettled } from './deadlines.ts';
import type { Deadline } from '../../capabilities/deadlines.ts';
import type { Facts } from './facts.ts';
import type { AnyData } from './record-event.ts';

type Decided = Pick<FoldedEvent, 'type' | 'data'>;
type State = LifecycleState<Facts>;

/** What was decided for a record, and when it takes effect. */
export interface TakingEffect {
  readonly events: readonly Decided[];
  readonly effectiveOn: string;
  /** The record after the events. */
  readonly after: () => State;
}

/**
 * Why one person's decision cannot take effect before the last threshold of a deadline that it settles, withdraws, moves or hands to
 * another body: lateness that is on record would disappear from the days before. Null where two people of the inspectorate decide.
 */
export function beforeThreshold(
  before: State,
  { events, effectiveOn, after }: TakingEffect,
  { actor, today }: Pick<DecisionContext<Facts>, 'actor' | 'today'>,
): Reason | null {
  // What was recorded while a clock was wrong binds nobody.
  const passed = before.facts.passed.filter(({ on }) => effectiveOn < on && on <= today);
  if (passed.length === 0 || isSecondPerson(before.facts, events, actor.subject)) return null;
  const changed = changedBy(before, after());
  const days = passed.filter(({ deadlineId }) => changed(deadlineId)).map(({ on }) => on);
  const earliest = days.sort().at(-1);
  if (earliest === undefined) return null;
  const detail =
    `A deadline that this changes passed, or was escalated, on ${earliest}, which is on record. ` +
    `One person's decision can take effect on ${earliest} at the earliest, not on ${effectiveOn}`;
  return { code: 'effective-date-before-threshold', detail, earliest };
}

/** Whether the events decide a request that another person of the inspectorate made; a body's own request does not count. */
function isSecondPerson(facts: Facts, events: readonly Decided[], subject: string): boolean {
  const decided = new Set(
    events.flatMap(({ data }) => {
      const { decides = [] }: AnyData = data;
      return decides;
    }),
  );
  const { closure, extensions, corrections } = facts;
  return [...(closure === null ? [] : [closure]), ...extensions, ...corrections].some(
    ({ eventId, requester, role }) =>
      decided.has(eventId) &&
      requester !== null &&
      !isSamePerson(requester, subject) &&
      // An inspector who imports a closing status gives no command, and requests the closure all the same.
      (role === undefined || !isOfTheRecipient(role)),
  );
}

/** Which deadlines are settled, withdrawn, moved or handed to another body between two states. */
function changedBy(before: State, after: State): (deadlineId: string) => boolean {
  const { recipient } = before.facts;
  if (recipient !== null && recipient !== after.facts.recipient) return () => true;
  const left = new Map(after.facts.deadlines.map((deadline) => [deadline.id, deadline]));
  const isChanged = (deadline: Deadline): boolean => {
    const now = left.get(deadline.id);
    if (now === undefined || now.dueOn !== deadline.dueOn) return true;
    return isSettled(after.value, now) && !isSettled(before.value, deadline);
  };
  const changed = new Set(before.facts.deadlines.filter(isChanged).map(({ id }) => id));
  return (deadlineId) => changed.has(deadlineId);
}
