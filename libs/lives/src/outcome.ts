import type { DeadlineOutcome } from '#read-models/deadlines/outcomes';
import { ANSWER } from '#state-machines/capabilities/deadlines';
import type { Marks } from './deadline-fold.ts';
import { DEADLINE, SPAN } from './packed-life.ts';
import type { Part } from './packed-life.ts';

/** A deadline and its record at the end of a day. */
export interface DeadlineOnDay {
  readonly deadline: Part;
  readonly marks: Marks;
  readonly kind: string;
  readonly span: Part;
  /** True if the record was closed because another one replaced it. */
  readonly isSuperseded: boolean;
}

/** Returns the day on which a deadline was settled; null if it is not, or the settlement is only claimed. */
export function settledOn({ marks, kind, span }: DeadlineOnDay): number | null {
  if (marks.claimed) return null;
  return span.orNull(kind === ANSWER ? SPAN.answeredOn : SPAN.closedOn);
}

/** Returns the days between the date in force and a later settlement; null if it was not later. */
export function daysLate(each: DeadlineOnDay): number | null {
  const late = (settledOn(each) ?? -Infinity) - each.deadline.at(DEADLINE.dueOn);
  return late > 0 ? late : null;
}

/** Returns whether the settlement was also recorded by the date in force. */
export function isOnRecord({ deadline, kind, span }: DeadlineOnDay): boolean {
  const recordedOn = span.orNull(kind === ANSWER ? SPAN.answeredRecordedOn : SPAN.closedRecordedOn);
  return recordedOn !== null && recordedOn <= deadline.at(DEADLINE.dueOn);
}

/** Returns the outcome of a deadline by the end of a day; null if it has not fallen due. */
export function outcomeOn(each: DeadlineOnDay, day: number): DeadlineOutcome | null {
  const { deadline, kind, span, isSuperseded } = each;
  const { recorded, mistaken, passed, enteredLate } = each.marks;
  const [dueOn, withdrawnOn] = [deadline.at(DEADLINE.dueOn), deadline.orNull(DEADLINE.withdrawnOn)];
  // It is late only because of a mistake that was corrected later.
  if (mistaken && recorded !== 'late') return 'enteredInError';
  if (dueOn >= day) return null;
  if (withdrawnOn !== null) return withdrawnOn > dueOn || recorded !== null ? 'withdrawn' : null;
  if (kind !== ANSWER && span.orNull(SPAN.closedOn) !== null && isSuperseded) return 'superseded';
  const settled = settledOn(each);
  const isLate = passed || settled === null || settled > dueOn;
  if (recorded === 'at-entry' || (recorded === null && enteredLate && isLate)) return 'lateAtEntry';
  if (recorded === 'late' && !isLate) return 'metEstablishedLater';
  if (settled === null) return 'stillOpen';
  return isLate ? 'late' : 'met';
}
