/** Half-open, in UTF-16 code units of the original text. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The rules that suggest a date for words without a day, with their descriptions. */
export const PROPOSAL_RULES = {
  'end-of-month': 'the last day of the month named',
  'end-of-quarter': 'the last day of the quarter named',
  'end-of-half': 'the last day of the half year named',
  'end-of-season':
    'the last day of the season named: spring ends with May, summer August, autumn November, winter February',
  'end-of-year': 'the last day of the year named, or of the year of publication where it says "the year"',
  'end-of-financial-year': '31 March, the last day of the financial year named, or of that of publication',
  'part-of-period':
    'early, mid and late: 31 March, 30 June and 31 December of a year; the 10th, 15th and last of a month',
  'start-of-period': 'the first day of what is named, where the text says its start or beginning',
  'before-period': 'the day before the first of the month, quarter or year that it must precede',
  'year-not-stated': 'the first such day on or after publication, of a day, month or season without a year',
  'two-digit-year': 'the day with its year taken as of the nearest century',
  'invalid-date':
    'the nearest day that exists, or the day with month and day exchanged where only that exists',
  'duty-unclear': 'the day named, in a sentence that may tell of the past rather than set a duty',
  'before-publication': 'the day named, which is before publication',
  'publication-not-known': 'the day named, where it cannot be told whether publication came before',
  'after-publication':
    'the period counted from publication, which is not a day of it unless the text begins with it',
  'after-date': 'the period counted from the date that the text names',
  'start-not-known': 'the period counted from publication, for want of the event that the text counts from',
  'weekdays-only': 'Mondays to Fridays counted, where it reaches years whose bank holidays are not known',
  immediately: 'the day of publication',
  'without-delay': '14 days after publication',
  urgently: '14 days after publication',
  'as-soon-as-practicable': '28 days after publication',
  'not-searched': 'none: what stands from here on was not searched, as so many dates stand before it',
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
  /** The last day for a duty due by it. */
  readonly by: string;
  /** The last day for a duty due before it. */
  readonly before: string;
  /** The last day of the period. */
  readonly until: string;
  /** The rule that chose the day; null if the text contains it. */
  readonly rule: ProposalRule | null;
}
