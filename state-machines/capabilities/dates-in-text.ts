import type { Services } from '#lifecycle/decide';

/** A date in a text, its place (half-open, in UTF-16 code units), and the rule that computed it. */
export interface FoundDate {
  readonly from: number;
  readonly to: number;
  /** A plain date; null if it cannot be computed. */
  readonly on: string | null;
  /** The rule that computed a suggested date; null if the text contains the day itself. */
  readonly rule: string | null;
}

/** Finds dates in prose. */
export interface DatesInText {
  /** Returns the dates in a text. The publication date is null if it is unknown. */
  find(text: string, publishedOn: string | null): readonly FoundDate[];
  /** Returns the exact dates in a text, in any context. */
  exactDates(text: string): readonly string[];
}

export const DATES_IN_TEXT = 'dates-in-text';

/** Returns the finder of dates that the caller of a decision passed. */
export const datesInTextOf = (services: Services): DatesInText => services[DATES_IN_TEXT] as DatesInText;
