import { ANSWER } from '#state-machines/capabilities/deadlines';
import type { PackedDeadline, PackedSpan } from './packed-life.ts';

/** The outcomes of a deadline that fell due, in order of precedence. */
export const OUTCOMES = [
  'enteredInError',
  'superseded',
  'withdrawn',
  'lateAtEntry',
  'metEstablishedLater',
  'stillOpen',
  'late',
  'met',
] as const;
export type DeadlineOutcome = (typeof OUTCOMES)[number];

/** A deadline and its record at the end of a day. */
export interface DeadlineOnDay {
  readonly deadline: PackedDeadline;
  readonly kind: string;
  readonly span: PackedSpan;
  /** True if the record was closed because another one replaced it. */
  readonly isSuperseded: boolean;
}

/** Returns the day on which a deadline was settled; null if it is not, or the settlement is only claimed. */
export function settledOn({ deadline, kind, span }: DeadlineOnDay): number | null {
  if (deadline.is('claimed')) return null;
  return kind === ANSWER ? span.answeredOn : span.closedOn;
}

/** Returns the days between the date in force and a later settlement; null if it was not later. */
export function daysLate(each: DeadlineOnDay): number | null {
  const settled = settledOn(each);
  return settled !== null && settled > each.deadline.dueOn ? settled - each.deadline.dueOn : null;
}

/** Returns whether the settlement was also recorded by the date in force. */
export function isOnRecord({ deadline, kind, span }: DeadlineOnDay): boolean {
  const recordedOn = kind === ANSWER ? span.answeredRecordedOn : span.closedRecordedOn;
  return recordedOn !== null && recordedOn <= deadline.dueOn;
}

/** Returns the outcome of a deadline by the end of a day; null if it has not fallen due. */
export function outcomeOn(each: DeadlineOnDay, day: number): DeadlineOutcome | null {
  const { deadline, kind, span, isSuperseded } = each;
  const { dueOn, withdrawnOn, recorded } = deadline;
  // It is late only because of a mistake that was corrected later.
  if (deadline.is('mistaken') && recorded !== 'late') return 'enteredInError';
  if (dueOn >= day) return null;
  if (withdrawnOn !== null) return withdrawnOn > dueOn || recorded !== null ? 'withdrawn' : null;
  if (kind !== ANSWER && span.closedOn !== null && isSuperseded) return 'superseded';
  const settled = settledOn(each);
  const isLate = deadline.is('passed') || settled === null || settled > dueOn;
  if (recorded === 'at-entry' || (recorded === null && deadline.is('enteredLate') && isLate))
    return 'lateAtEntry';
  if (recorded === 'late' && !isLate) return 'metEstablishedLater';
  if (settled === null) return 'stillOpen';
  return isLate ? 'late' : 'met';
}
