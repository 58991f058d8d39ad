/** A half-open range in UTF-16 code units of the original text. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The rules that suggest a date for words without a day, with their descriptions. */
export const PROPOSAL_RULES = {
  'end-of-month': 'the last day of the month',
  'end-of-quarter': 'the last day of the quarter',
  'end-of-half': 'the last day of the half year',
  'end-of-season':
    'the last day of the season: spring ends with May, summer August, autumn November, winter February',
  'end-of-year': 'the last day of the year',
  'end-of-financial-year': 'the last day of the financial year, 31 March, or of the academic year',
  'part-of-period':
    'early, mid and late: 31 March, 30 June and 31 December of a year; the 10th, 15th and last of a month',
  'start-of-period': 'the first day of the period, if the text says its start or beginning',
  'before-period': 'the day before the month, quarter or year',
  'year-not-stated': 'the first such day, month or period on or after publication, if the text has no year',
  'two-digit-year': 'the day in the nearest century',
  'invalid-date': 'the nearest real date, or the date with month and day exchanged if only that exists',
  'duty-unclear': 'the day in the text; the sentence may describe the past instead of a duty',
  'before-publication': 'the day in the text, which is before publication',
  'publication-not-known': 'the day in the text; the publication date is unknown',
  'after-publication':
    'the period counted from the day after publication, or from publication if the text says "beginning with"',
  'after-date': 'the period counted from the date in the text',
  'start-not-known': 'the period counted from publication, because the event in the text is unknown',
  'weekdays-only': 'Mondays to Fridays counted, because the bank holidays of some years are unknown',
  immediately: 'the day of publication',
  'without-delay': '14 days after publication',
  urgently: '14 days after publication',
  'as-soon-as-practicable': '28 days after publication',
  'not-searched': 'none: the rest of the text was not searched, because it is too long or has too many dates',
} as const;
export type ProposalRule = keyof typeof PROPOSAL_RULES;

/** A due date: exact, or suggested by a rule for an inspector to confirm or dismiss. Dates are plain dates. */
export type Due =
  | { readonly kind: 'exact'; readonly dueOn: string }
  | {
      readonly kind: 'proposed';
      /** Null if it counts from an unknown publication. */
      readonly suggestedOn: string | null;
      readonly rule: ProposalRule;
    };

export type FoundDeadline = Due & { readonly span: Span };

/** A date read at a place of the text, and its end there. */
export interface Reading {
  readonly end: number;
  /** The last day for a duty that is due by it. */
  readonly by: string;
  /** The last day for a duty that is due before it. */
  readonly before: string;
  /** The rule that chose the day; null if the text contains the day. */
  readonly rule: ProposalRule | null;
}
