import { service } from '#lifecycle/services';

/** A date that a text names, or may mean: where (half-open, in UTF-16 code units), and how it was arrived at. */
export interface FoundDate {
  readonly from: number;
  readonly to: number;
  /** A plain date; null where none can be said. */
  readonly on: string | null;
  /** The rule that suggests the date; null where the text names the day. */
  readonly rule: string | null;
}

/** Reads dates in prose. */
export interface DatesInText {
  /** The dates in a text that was published on a day, or on one that is not known. */
  find(text: string, publishedOn: string | null): readonly FoundDate[];
  /** The plain dates that a text names exactly, whatever it says about them. */
  named(text: string): readonly string[];
}

export const DATES_IN_TEXT = service<DatesInText>('dates-in-text');
