import type { LifecycleCode, LifecycleState } from '#lifecycle/lifecycle-definition';
import { isOfBody } from '#lifecycle/kind';
import type { RecordKind } from '#lifecycle/kind';
import type { StateValue } from '#event-sourcing/envelope';
import { isSamePerson } from './persons.ts';
import type { DeadlineFacts } from './deadline-facts.ts';
import type { Deadline } from './deadlines.ts';
import type { Request } from './persons.ts';

type Decided = Parameters<NonNullable<LifecycleCode['notYet']>>[1];
type IsSettled = (value: StateValue, deadline: Deadline) => boolean;

/**
 * Returns a function with the reason why one person's decision cannot be effective before the last threshold of a
 * deadline that it settles, withdraws, moves or passes to another body: recorded lateness would disappear from earlier
 * days. It returns null if two people of the inspectorate decide.
 */
export const beforeThreshold =
  <Facts extends DeadlineFacts>(
    kind: RecordKind,
    isSettled: IsSettled,
    requests: (facts: Facts) => readonly Request[],
  ): NonNullable<LifecycleCode<Facts>['notYet']> =>
  (before, { events, effectiveOn, after }, { actor, today }) => {
    // Thresholds recorded while a clock was ahead are ignored.
    const passed = before.facts.passed.filter(({ on }) => effectiveOn < on && on <= today);
    if (passed.length === 0 || isSecondPerson(kind, requests(before.facts), events, actor.subject))
      return null;
    const changed = changedBy(isSettled, before, after());
    const days = passed.filter(({ deadlineId }) => changed(deadlineId)).map(({ on }) => on);
    const earliest = days.sort().at(-1);
    if (earliest === undefined) return null;
    const detail =
      `A deadline that this changes is recorded as passed or escalated on ${earliest}. ` +
      `One person’s decision can take effect on ${earliest} or later, not on ${effectiveOn}`;
    return { code: 'effective-date-before-threshold', detail, earliest };
  };

/**
 * Returns whether the events decide a request by another person of the inspectorate. A request by the body itself does
 * not count.
 */
function isSecondPerson(
  kind: RecordKind,
  requests: readonly Request[],
  events: Decided['events'],
  subject: string,
): boolean {
  const decided = new Set(
    events.flatMap(({ data: { decides } }) =>
      Array.isArray(decides) ? (decides as readonly unknown[]) : [],
    ),
  );
  return requests.some(
    ({ eventId, requester, role }) =>
      decided.has(eventId) &&
      requester !== null &&
      !isSamePerson(requester, subject) &&
      // The import of a closing status counts as an inspector's request for closure.
      (role === undefined || !isOfBody(kind, role)),
  );
}

/** Returns whether a deadline is settled, withdrawn, moved or passed to another body between two states. */
function changedBy(
  isSettled: IsSettled,
  before: LifecycleState<DeadlineFacts>,
  after: LifecycleState<DeadlineFacts>,
): (deadlineId: string) => boolean {
  if (before.body !== null && before.body !== after.body) return () => true;
  const left = new Map(after.facts.deadlines.map((deadline) => [deadline.id, deadline]));
  const isChanged = (deadline: Deadline): boolean => {
    const now = left.get(deadline.id);
    if (now === undefined || now.dueOn !== deadline.dueOn) return true;
    return isSettled(after.value, now) && !isSettled(before.value, deadline);
  };
  const changed = new Set(before.facts.deadlines.filter(isChanged).map(({ id }) => id));
  return (deadlineId) => changed.has(deadlineId);
}
