import {
  byImport,
  freeText,
  identifier,
  withLabel,
  withDescription,
  neededIn,
  oneOfWords,
  onlyIn,
  optional,
  plainDate,
} from '#lifecycle/fields';
import type { Form } from '#lifecycle/fields';
import { ANY_RECORD_ID } from '#lifecycle/kind';

export type NoFurtherActionReason = (typeof reasonCode)['values'][number];
/** The outcome of a closure; `complete` by default in `request-closure`. */
export type ClosureOutcome = (typeof outcome)['values'][number];
const OF_A_RECORD: Form = { matches: ANY_RECORD_ID, message: 'must be the id of a record' };
// Fields of the lifecycle's events and payloads, each with one meaning and one form.
export const recordId = identifier('The id of a record.', { form: OF_A_RECORD });
export const publishedOn = plainDate('The publication date.');
/** The reasons for closing a recommendation without further action. */
export const reasonCode = oneOfWords(
  {
    superseded: 'Superseded by another recommendation',
    merged: 'Merged with another recommendation',
    'covered-by-later-inspection': 'Covered by a later inspection',
    'no-longer-applicable': 'No longer applicable',
    'not-accepted': 'Not accepted',
    withdrawn: 'Withdrawn',
  },
  'The reason, as a code.',
);
export const outcome = oneOfWords({
  complete: 'Complete',
  'no-further-action': 'No further action',
  superseded: 'Superseded by another recommendation',
});
const isOutcome =
  (wanted: ClosureOutcome) =>
  (sent: Readonly<Record<string, unknown>>): boolean =>
    sent['outcome'] === wanted;
/** Returns a field that one outcome requires and the others do not accept. */
const onlyOf = <Of extends Parameters<typeof optional>[0]>(wanted: ClosureOutcome, field: Of) =>
  onlyIn(neededIn(field, isOutcome(wanted)), isOutcome(wanted), `is only for the ${wanted} outcome`);

/** The members of a request that describe its outcome. */
export const OUTCOME = {
  outcome: optional(withDescription(outcome, 'The outcome of the closure; complete if absent.')),
  reason: onlyOf(
    'no-further-action',
    withLabel(
      withDescription(reasonCode, 'The reason, as a code; only for the `no-further-action` outcome.'),
      'Reason, if no further action is needed',
      { missing: 'Choose a reason' },
    ),
  ),
  supersededBy: onlyOf(
    'superseded',
    withLabel(
      withDescription(
        recordId,
        'The id of the record that replaces this one; only for the `superseded` outcome.',
      ),
      'Reference of the recommendation that replaces it, if one does',
      { missing: 'Enter the reference of a recommendation' },
    ),
  ),
};

export const report = {
  name: withLabel(freeText('The name of the report.', { max: 500, isLine: true }), 'Report', {
    missing: 'Enter the name of the report',
    hint: 'The report that makes the recommendation',
  }),
  publishedOn: withLabel(publishedOn, 'When the report was published', {
    missing: 'Enter when the report was published',
    hint: 'For example, 27 3 2026',
  }),
};
/** The members that only imported events have. */
export const stated = {
  statedOn: byImport(
    optional(plainDate('The date as written in an imported file, if it differs from the effective date.')),
  ),
};
