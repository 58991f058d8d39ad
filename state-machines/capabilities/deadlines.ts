import type { StateValue } from '#event-sourcing/envelope';
import { oneOf, ordinal } from '#lifecycle/fields';
import type { ValuesOf } from '#lifecycle/fields';
import { addDays, daysBetween } from '#lifecycle/plain-date';
import type { DueDate, SummaryCode } from '#lifecycle/summary';
import { deadlineId, dueOn } from './fields.ts';

/** Days before a deadline from which it is approaching, and after it from which it is escalated. */
export const thresholds = { approachingDays: 14, escalatedDays: 30 } as const;

/**
 * The duty to respond "within 56 days beginning with the day" of publication: day 1 is the day of publication, so the
 * last day is 55 days after it (Police Act 1996, section 55).
 */
const RESPONSE_DAYS_AFTER_PUBLICATION = 55;

/** `action` is for the recommendation itself, `response` for the duty to answer it. */
export const DEADLINE_KINDS = ['action', 'response'] as const;
export type DeadlineKind = (typeof DEADLINE_KINDS)[number];
/** The kind of dates that are met by an answer; all others are met by the end of the record. */
export const ANSWER = 'response' satisfies DeadlineKind;

/** What applies to the deadlines of a kind. */
export interface KindOfDeadline {
  /** Whether two people can give it a later date. */
  readonly isExtendable: boolean;
  /** Whether it can be withdrawn as one that was none. */
  readonly isWithdrawable: boolean;
  /** Whether lists, queues and statistics judge a record by it. */
  readonly isListed: boolean;
  /** Whether a new one takes the place of the one before. */
  readonly isSingle: boolean;
}
export type KindsOfDeadlines = Readonly<Record<DeadlineKind, KindOfDeadline>>;

/** Where a lifecycle declares nothing else; the duty to respond is the law's, and so is its date. */
export const PLAIN_KINDS: KindsOfDeadlines = {
  action: { isExtendable: true, isWithdrawable: true, isListed: true, isSingle: false },
  response: { isExtendable: false, isWithdrawable: false, isListed: true, isSingle: false },
};

/** The kinds of which something applies. */
export const kindsThat = (kinds: KindsOfDeadlines, apply: keyof KindOfDeadline): ReadonlySet<string> =>
  new Set(DEADLINE_KINDS.filter((kind) => kinds[kind][apply]));

/** One version of a deadline's date. */
export const dateVersion = {
  deadlineId,
  dateVersion: ordinal('One more with each extension and each correction.'),
  kind: oneOf(DEADLINE_KINDS),
  dueOn,
};
export type DateVersion = ValuesOf<typeof dateVersion>;

export interface Deadline {
  /** `d1`, `d2`, … in the record. */
  readonly id: string;
  readonly kind: DeadlineKind;
  readonly dueOn: string;
  /** The date before any extension, kept for ever. */
  readonly firstDueOn: string;
  /** The day on which its present date was given, by effective date. */
  readonly dueSince: string;
  /** Whether one of its dates had passed before it was extended, or what it is for settled; by effective dates. */
  readonly passed?: true;
  /** The event that claims that it was met in time, which nobody has confirmed: it is not settled by that. */
  readonly claimedBy?: string;
  /** Since when the last request to extend it is refused or taken back, by effective date; absent where none was. */
  readonly requestSettledOn?: string;
  /** Who set it here, and when that was recorded; null where it was imported. */
  readonly setBy: { readonly subject: string; readonly at: string } | null;
  /** Where it was found; null where the text was amended, and its words are gone. */
  readonly source?: TextSource | null;
}

/** A threshold that is on record, of a deadline that is late by it. */
export interface PassedDeadline {
  readonly deadlineId: string;
  /** The date that it is a threshold of. */
  readonly dueOn: string;
  /** The day of the threshold. */
  readonly on: string;
}

/** The event that a text was issued in, and the dates that follow from it. */
export interface IssuedDates {
  readonly eventId: string;
  readonly dates: readonly string[];
}

/** Where in which event's text a date was found: half-open, in UTF-16 code units. */
export type TextSource = {
  readonly eventId: string;
  readonly from: number;
  readonly to: number;
};

/** Where the words of a deadline or a proposal are in an amended text; null where they are gone. */
export type Place = {
  readonly deadlineId: string;
  readonly source: TextSource | null;
};

/** A deadline that the text may mean; it is none until an inspector confirms it. */
export interface DeadlineProposal {
  /** The id that the deadline will have. */
  readonly id: string;
  /** Null where the text counts from a publication that is not known, or was not searched. */
  readonly suggestedOn: string | null;
  /** How the date that is suggested was arrived at. */
  readonly rule: string;
  /** The day on which it was found, by effective date. */
  readonly proposedOn: string;
  /** Null where the text was amended, and its words are gone. */
  readonly source: TextSource | null;
  /** The date of publication when it was found, where that was corrected since. */
  readonly countedFrom?: string;
}

/** The date of a deadline that somebody took away from another person. */
export interface WithdrawnDate {
  readonly by: string;
  readonly dueOn: string;
}

/** How a date can stand while what it is for is not settled. */
export const DUE_STATES = ['on-track', 'approaching', 'overdue', 'escalated'] as const;
type DueState = (typeof DUE_STATES)[number];

export const DEADLINE_STATES = ['none', ...DUE_STATES, 'settled'] as const;
export type DeadlineState = (typeof DEADLINE_STATES)[number];

/** The most deadlines of a record that are in force; only an import sets more. */
export const DEADLINES_MAX = 100;

/** The response is due on this date when a report was published on that one. */
export const responseDueOn = (publishedOn: string): string =>
  addDays(publishedOn, RESPONSE_DAYS_AFTER_PUBLICATION);

/** How one date stands at the end of a day, while what it is for is not settled. */
export function dateState(dueOn: string, day: string): DueState {
  const over = daysBetween(dueOn, day);
  if (over >= thresholds.escalatedDays) return 'escalated';
  if (over >= 1) return 'overdue';
  return over >= -thresholds.approachingDays ? 'approaching' : 'on-track';
}

/** Whether what a date is for is done: a response settles a date of that kind, the end of the record all others. */
export const isSettledBy = (
  { answer, isClosed }: Pick<SummaryCode, 'answer' | 'isClosed'>,
  value: StateValue,
  { kind, claimedBy }: Pick<DueDate, 'kind' | 'claimedBy'>,
): boolean =>
  claimedBy === undefined &&
  (kind === ANSWER && answer !== undefined ? answer(value) === 'given' : isClosed(value));

/**
 * The date by which lists judge a record: the earliest of the kinds that are not settled, else the earliest of all; null where it has
 * none. A kind is settled once all its dates are.
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

/** Whether a date has passed is told by dates alone, and not by whether a sweep has come by. */
export const lateOn = (deadline: Deadline, on: string): Deadline =>
  on > deadline.dueOn && !deadline.passed ? { ...deadline, passed: true } : deadline;

/** The deadlines after what they are for was settled; the same list where it was settled in time. */
export function settledOn(
  deadlines: readonly Deadline[],
  kind: Deadline['kind'],
  on: string,
): readonly Deadline[] {
  const after = deadlines.map((deadline) => (deadline.kind === kind ? lateOn(deadline, on) : deadline));
  return after.some((deadline, index) => deadline !== deadlines[index]) ? after : deadlines;
}

const longDateFormat = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });

/** `2016-06-30` as `30 June 2016`. */
export function longDate(date: string | undefined): string {
  const time = Date.parse(date ?? '');
  return Number.isNaN(time) ? 'a date that is not known' : longDateFormat.format(time);
}
