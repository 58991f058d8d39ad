import { service } from '#lifecycle/services';

/** A date in a text: its place (half-open, in UTF-16 code units), and how it was computed. */
export interface FoundDate {
  readonly from: number;
  readonly to: number;
  /** A plain date; null if it cannot be computed. */
  readonly on: string | null;
  /** The rule that suggests the date; null if the text contains the day. */
  readonly rule: string | null;
}

/** Finds dates in prose. */
export interface DatesInText {
  /** Returns the dates in a text, by its publication date if known. */
  find(text: string, publishedOn: string | null): readonly FoundDate[];
  /** Returns the exact dates in a text, whatever it says about them. */
  named(text: string): readonly string[];
}

export const DATES_IN_TEXT = service<DatesInText>('dates-in-text');
