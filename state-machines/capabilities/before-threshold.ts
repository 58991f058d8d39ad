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
 * Why one person's decision cannot take effect before the last threshold of a deadline that it settles, withdraws, moves or hands to
 * another body: lateness that is on record would disappear from the days before. Null where two people of the inspectorate decide.
 */
export const beforeThreshold =
  <Facts extends DeadlineFacts>(
    kind: RecordKind,
    isSettled: IsSettled,
    requests: (facts: Facts) => readonly Request[],
  ): NonNullable<LifecycleCode<Facts>['notYet']> =>
  (before, { events, effectiveOn, after }, { actor, today }) => {
    // What was recorded while a clock was wrong binds nobody.
    const passed = before.facts.passed.filter(({ on }) => effectiveOn < on && on <= today);
    if (passed.length === 0 || isSecondPerson(kind, requests(before.facts), events, actor.subject))
      return null;
    const changed = changedBy(isSettled, before, after());
    const days = passed.filter(({ deadlineId }) => changed(deadlineId)).map(({ on }) => on);
    const earliest = days.sort().at(-1);
    if (earliest === undefined) return null;
    const detail =
      `A deadline that this changes passed, or was escalated, on ${earliest}, which is on record. ` +
      `One person's decision can take effect on ${earliest} at the earliest, not on ${effectiveOn}`;
    return { code: 'effective-date-before-threshold', detail, earliest };
  };

/** Whether the events decide a request that another person of the inspectorate made; a body's own request does not count. */
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
      // An inspector who imports a closing status gives no command, and requests the closure all the same.
      (role === undefined || !isOfBody(kind, role)),
  );
}

/** Which deadlines are settled, withdrawn, moved or handed to another body between two states. */
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
