import type { StateValue } from '#event-sourcing/envelope';
import { oneOf, ordinal } from '#lifecycle/fields';
import type { ValuesOf } from '#lifecycle/fields';
import { addDays, daysBetween } from '#lifecycle/plain-date';
import type { DueDate, SummaryCode } from '#lifecycle/summary';
import { deadlineId, dueOn } from './fields.ts';

/**
 * The number of days before a deadline from which on it is approaching, and the number of days after it when it
 * escalates.
 */
export const thresholds = { approachingDays: 14, escalatedDays: 30 } as const;

/**
 * The number of days from publication to the last day for a response. The duty is to respond "within 56 days beginning
 * with the day" of publication: day 1 is that day, so the last day is 55 days after it (Police Act 1996, section 55).
 */
const RESPONSE_DAYS_AFTER_PUBLICATION = 55;

/** The kinds of deadline: `action` for the recommendation itself, `response` for the duty to respond to it. */
export const DEADLINE_KINDS = ['action', 'response'] as const;
export type DeadlineKind = (typeof DEADLINE_KINDS)[number];
/** The kind of deadline that a response settles. The end of the record settles all others. */
export const ANSWER = 'response' satisfies DeadlineKind;

/** The fields of one version of a deadline's date. */
export const dateVersion = {
  deadlineId,
  dateVersion: ordinal('The version of the date, which increases with each extension and correction.'),
  kind: oneOf(DEADLINE_KINDS),
  dueOn,
};
export type DateVersion = ValuesOf<typeof dateVersion>;

export interface Deadline extends DueDate {
  readonly kind: DeadlineKind;
  /** The effective date from which the present date applies. */
  readonly dueSince: string;
  /**
   * The effective date on which the last request to extend the deadline was refused or withdrawn; absent if there was
   * none.
   */
  readonly requestSettledOn?: string;
  /** The person whose command set the deadline, and the time of recording; null if it was imported. */
  readonly setBy: { readonly subject: string; readonly at: string } | null;
  /** The place of its words in the text; null if an amendment removed them. */
  readonly source?: TextSource | null;
}

/** A recorded threshold of a late deadline. */
export interface PassedDeadline {
  readonly deadlineId: string;
  /** The date to which the threshold belongs. */
  readonly dueOn: string;
  /** The day of the threshold. */
  readonly on: string;
}

/** The event with the issued text, and the dates that follow from the text. */
export interface IssuedDates {
  readonly eventId: string;
  readonly dates: readonly string[];
}

/** The place of a date's words in the text of an event: half-open, in UTF-16 code units. */
export type TextSource = {
  readonly eventId: string;
  readonly from: number;
  readonly to: number;
};

/** The place of a deadline's or proposal's words in an amended text; null if they were removed. */
export type Place = {
  readonly deadlineId: string;
  readonly source: TextSource | null;
};

/** A possible deadline found in the text. It has no effect until an inspector confirms it. */
export interface DeadlineProposal {
  /** The id that the deadline will have. */
  readonly id: string;
  /** The date; null if the text counts from an unknown publication date, or was not searched. */
  readonly suggestedOn: string | null;
  /** The rule by which the date was computed. */
  readonly rule: string;
  /** The effective date on which the proposal was recorded. */
  readonly proposedOn: string;
  /** The place of its words in the text; null if an amendment removed them. */
  readonly source: TextSource | null;
  /** The publication date on which the suggestion is based, if it has been corrected since. */
  readonly countedFrom?: string;
}

/** The earliest date of a deadline that a person withdrew although another person had set it. */
export interface WithdrawnDate {
  readonly by: string;
  readonly dueOn: string;
}

/** The states of an unsettled date. */
export const DUE_STATES = ['on-track', 'approaching', 'overdue', 'escalated'] as const;
type DueState = (typeof DUE_STATES)[number];

export const DEADLINE_STATES = ['none', ...DUE_STATES, 'settled'] as const;
export type DeadlineState = (typeof DEADLINE_STATES)[number];

/** The most deadlines in force on a record. Only imports may exceed it. */
export const DEADLINES_MAX = 100;

/** Returns the date by which the response to a report is due. */
export const responseDueOn = (publishedOn: string): string =>
  addDays(publishedOn, RESPONSE_DAYS_AFTER_PUBLICATION);

/** Returns the state of an unsettled date at the end of a day. */
export function dateState(dueOn: string, day: string): DueState {
  const over = daysBetween(dueOn, day);
  if (over >= thresholds.escalatedDays) return 'escalated';
  if (over >= 1) return 'overdue';
  return over >= -thresholds.approachingDays ? 'approaching' : 'on-track';
}

/** Returns whether a date is settled: by the response for that kind, and by the end of the record for all others. */
export const isSettledBy = (
  { answer, isClosed }: Pick<SummaryCode, 'answer' | 'isClosed'>,
  value: StateValue,
  { kind, claimedBy }: Pick<DueDate, 'kind' | 'claimedBy'>,
): boolean =>
  claimedBy === undefined &&
  (kind === ANSWER && answer !== undefined ? answer(value) === 'given' : isClosed(value));

/**
 * Returns the date that lists use: the earliest of the unsettled kinds, or else the earliest of all; null if there is
 * none. A kind is settled if all its dates are.
 */
export function listedDate(
  code: Pick<SummaryCode, 'answer' | 'isClosed' | 'listedKinds'>,
  value: StateValue,
  dates: readonly Pick<DueDate, 'kind' | 'dueOn' | 'claimedBy'>[],
): { readonly dueOn: string | null; readonly isSettled: boolean } {
  const { listedKinds } = code;
  const listed = listedKinds === undefined ? dates : dates.filter(({ kind }) => listedKinds.includes(kind));
  const unsettled = new Set(listed.filter((each) => !isSettledBy(code, value, each)).map(({ kind }) => kind));
  let earliest: string | null = null;
  for (const { kind, dueOn } of listed)
    if (unsettled.size === 0 || unsettled.has(kind))
      if (earliest === null || dueOn < earliest) earliest = dueOn;
  return { dueOn: earliest, isSettled: listed.length === 0 ? code.isClosed(value) : unsettled.size === 0 };
}

/**
 * Returns a deadline, marked as passed if its date is before a day. A recorded threshold is not required, because a
 * sweep may not have run yet.
 */
export const lateOn = (deadline: Deadline, on: string): Deadline =>
  on > deadline.dueOn && !deadline.passed ? { ...deadline, passed: true } : deadline;

/** Returns the deadlines after they were settled; the same list if that was in time. */
export function settledOn(
  deadlines: readonly Deadline[],
  kind: Deadline['kind'],
  on: string,
): readonly Deadline[] {
  const after = deadlines.map((deadline) => (deadline.kind === kind ? lateOn(deadline, on) : deadline));
  return after.some((deadline, index) => deadline !== deadlines[index]) ? after : deadlines;
}

const longDateFormat = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });

/** Returns a date in words: `2016-06-30` as `30 June 2016`. */
export function longDate(date: string | undefined): string {
  const time = Date.parse(date ?? '');
  return Number.isNaN(time) ? 'an unknown date' : longDateFormat.format(time);
}
