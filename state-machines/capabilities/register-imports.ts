import { identifier, oneOf, ordinal } from '#lifecycle/fields';
import type { ValuesOf } from '#lifecycle/fields';

// What an import records of a file, and answers.

const place = { line: ordinal(), column: ordinal() };

/** Where a file says otherwise than a record. */
export const difference = {
  ...place,
  what: oneOf(['title', 'text', 'status', 'comment']),
  detail: identifier(),
};
export type RecordDifference = ValuesOf<typeof difference>;

/** What is odd about a file, as its format has codes for it. */
export const anomaly = { code: identifier(), ...place, detail: identifier() };
export type RecordedAnomaly = ValuesOf<typeof anomaly>;
