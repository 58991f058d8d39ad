/** A half-open range in UTF-16 code units of the original text. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The rules that suggest a date, with their descriptions. */
export const PROPOSAL_RULES = {
  period: 'a day of the month, quarter, half, season or year: mostly its last, the first for its start',
  'year-not-stated': 'the first such day, month or period on or after publication, if the text has no year',
  'two-digit-year': 'the day in this century',
  'duty-unclear': 'the day in the text; the sentence may describe the past instead of a duty',
  'before-publication': 'the day in the text, which is before publication',
  'publication-not-known': 'the day in the text; the publication date is unknown',
  'after-publication': 'the period counted from publication',
  'after-date': 'the period counted from the date in the text',
  'weekdays-only': 'Mondays to Fridays counted, because the bank holidays of some years are unknown',
  immediately: 'the day of publication',
  urgently: '14 days after publication',
  'as-soon-as-practicable': '28 days after publication',
  'not-searched': 'none: the rest of the text was not searched, because it is too long or has too many dates',
} as const;
export type ProposalRule = keyof typeof PROPOSAL_RULES;

/** Rules that count from publication. */
export const FROM_PUBLICATION: ReadonlySet<ProposalRule | null> = new Set([
  'after-publication',
  'year-not-stated',
  'weekdays-only',
  'immediately',
  'urgently',
  'as-soon-as-practicable',
] as const);

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
