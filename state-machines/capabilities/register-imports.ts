import { identifier, oneOf, ordinal } from '#lifecycle/fields';
import type { ValuesOf } from '#lifecycle/fields';

// Members of import events and of responses to imports.

const place = { line: ordinal(), column: ordinal() };

/** A difference between an import and a record. */
export const difference = {
  ...place,
  what: oneOf(['recipient', 'title', 'text', 'status', 'comment']),
  detail: identifier(),
};
export type RecordDifference = ValuesOf<typeof difference>;

/** A problem in a file, with the code of its format. */
export const anomaly = { code: identifier(), ...place, detail: identifier() };
export type RecordedAnomaly = ValuesOf<typeof anomaly>;
