import {
  always,
  flag,
  labelled,
  list,
  meaning,
  named,
  neededIn,
  onlyIn,
  optional,
  plainDate,
} from '#lifecycle/fields';
import { events } from './events.ts';
import { WHICH_DEADLINE } from '../../capabilities/deadline-facts.ts';
import { issuePayload } from '#lifecycle/issue';
import { commandPayload, payload } from '#lifecycle/shapes';
import type { PayloadOf } from '#lifecycle/shapes';
import {
  added,
  deadlineId,
  decides,
  dueOn,
  eventId,
  reason,
  recipient,
  statement,
  text,
  title,
  why,
} from '../../capabilities/fields.ts';
import { evidenceItem, outcome, publishedOn, reasonCode, recordId, report } from './record-fields.ts';
import { recommendation } from '../kind.ts';
import type { ClosureOutcome } from './record-fields.ts';

/** The most recipients of one recommendation; there are 43 territorial forces in England and Wales. */
export const RECIPIENTS_MAX = 200;
const whichCorrection = optional(labelled(eventId, 'Correction', { missing: 'Choose a correction' }));
const isOutcome =
  (outcome: ClosureOutcome) =>
  (sent: Readonly<Record<string, unknown>>): boolean =>
    sent['outcome'] === outcome;
/** A member that one outcome of a closure needs and the others do not take. */
const onlyOf = <Of extends Parameters<typeof optional>[0]>(outcome: ClosureOutcome, field: Of) =>
  onlyIn(neededIn(field, isOutcome(outcome)), isOutcome(outcome), `is only for the outcome ${outcome}`);

export const EmptyPayload = commandPayload('EmptyPayload', {});
export const ReasonPayload = commandPayload('ReasonPayload', { reason });
/** Why an import corrects what another one brought. */
export const CorrectsPayload = payload('CorrectsPayload', {
  corrects: meaning(reason, 'Why the record is to say what the file says, in words.'),
});
/** A decision that says why. */
export const DecideWithReasonPayload = commandPayload('DecideWithReasonPayload', { reason, decides });
export type DecideWithReasonPayload = PayloadOf<typeof DecideWithReasonPayload>;
/** A decision with its statement. */
export const DecideWithStatementPayload = commandPayload('DecideWithStatementPayload', {
  statement: { ...statement, hint: 'What was found. The record keeps it as the ground of the closure.' },
  decides,
});
export type DecideWithStatementPayload = PayloadOf<typeof DecideWithStatementPayload>;

/** A request to close the record, for a second person to decide. */
export const RequestClosurePayload = commandPayload('RequestClosurePayload', {
  outcome: optional(meaning(outcome, 'What the record is to be closed as; complete where nothing is given.')),
  reason: onlyOf(
    'no-further-action',
    labelled(
      meaning(reasonCode, 'Why, as one of the codes; of the outcome no-further-action alone.'),
      'Reason, if no further action is needed',
      { missing: 'Choose a reason' },
    ),
  ),
  supersededBy: onlyOf(
    'superseded',
    labelled(
      meaning(recordId, 'The id of the record that takes its place; of the outcome superseded alone.'),
      'Id of the recommendation that replaces it, if one does',
      { missing: 'Enter the id of a recommendation' },
    ),
  ),
  statement: { ...statement, hint: 'What was done, or why nothing more is needed, and how it is known.' },
  decides: meaning(
    decides,
    'The ids of all submissions of evidence that were considered; later ones do not refuse the request.',
  ),
});
export type RequestClosurePayload = PayloadOf<typeof RequestClosurePayload>;
export const NoFurtherActionPayload = commandPayload('NoFurtherActionPayload', {
  reason: meaning(reasonCode, 'Why, as one of the codes; the same as in the request.'),
  statement: { ...statement, hint: 'Why no further action is needed.' },
  decides,
});
export type NoFurtherActionPayload = PayloadOf<typeof NoFurtherActionPayload>;
export const SupersedePayload = commandPayload('SupersedePayload', {
  by: labelled(
    meaning(recordId, 'The id of the record that takes its place, as the request names it.'),
    'Replaced by',
    { missing: 'Choose a recommendation' },
  ),
  statement: { ...statement, hint: 'Why the other recommendation replaces this one.' },
  decides,
});
export type SupersedePayload = PayloadOf<typeof SupersedePayload>;

export const SubmitEvidencePayload = commandPayload('SubmitEvidencePayload', {
  items: labelled(
    list(named('EvidenceItemPayload', evidenceItem), 'The evidence, whose bytes stay where they are.', {
      min: 1,
      max: 100,
    }),
    'Files',
    {
      missing: 'Choose a file, or give the digest of one',
      hint: 'What is kept is the name, the size and a digest (SHA-256) by which the file is known again. Keep the file itself where it is.',
    },
  ),
  note: optional(added),
});
export type SubmitEvidencePayload = PayloadOf<typeof SubmitEvidencePayload>;
export const AcceptEvidencePayload = commandPayload('AcceptEvidencePayload', {
  note: optional(added),
  decides,
});
export type AcceptEvidencePayload = PayloadOf<typeof AcceptEvidencePayload>;

export const ConfirmDeadlinePayload = commandPayload('ConfirmDeadlinePayload', {
  deadlineId: labelled(deadlineId, 'Date in the text', WHICH_DEADLINE),
  dueOn: labelled(meaning(dueOn, 'By when, from the day of the issue on.'), 'Deadline', {
    missing: 'Enter the date of the deadline',
  }),
});
export type ConfirmDeadlinePayload = PayloadOf<typeof ConfirmDeadlinePayload>;
export const DismissDeadlinePayload = commandPayload(
  'DismissDeadlinePayload',
  events.DeadlineDismissed.members,
);
export type DismissDeadlinePayload = PayloadOf<typeof DismissDeadlinePayload>;
const RIGHT_DATE = { missing: 'Enter the right date' };
/** Exactly one of what is right is given, which is a rule of the policy. */
export const RequestCorrectionPayload = commandPayload('RequestCorrectionPayload', {
  eventId: labelled(eventId, 'What is wrong', { missing: 'Choose what is wrong' }),
  publishedOn: optional(
    labelled(
      meaning(publishedOn, 'The right date of publication, where `eventId` is the issue.'),
      'Right date of publication',
      RIGHT_DATE,
    ),
  ),
  recipient: optional({
    ...meaning(recipient, 'The right body, where `eventId` named another one.'),
    label: 'Right body',
  }),
  dueOn: optional(
    labelled(
      meaning(dueOn, 'The right date, where `eventId` set or extended a deadline.'),
      'Right date',
      RIGHT_DATE,
    ),
  ),
  confirms: optional(
    labelled(
      always('Confirms that the claim in `eventId` is true from its date on.'),
      'What it says was true on the date that it gives',
      { missing: 'Confirm that it is true' },
    ),
  ),
  reason: why('Why it is wrong, and how that is known'),
});
export type RequestCorrectionPayload = PayloadOf<typeof RequestCorrectionPayload>;
/** A decision on a correction; without an event's id it is for the only one that waits and that the caller may decide. */
export const ApproveCorrectionPayload = commandPayload('ApproveCorrectionPayload', {
  eventId: whichCorrection,
  decides,
});
export type ApproveCorrectionPayload = PayloadOf<typeof ApproveCorrectionPayload>;
export const RefuseCorrectionPayload = commandPayload('RefuseCorrectionPayload', {
  eventId: whichCorrection,
  reason: why('Why it is refused'),
  decides,
});
export type RefuseCorrectionPayload = PayloadOf<typeof RefuseCorrectionPayload>;

/** Text or title or both are said otherwise. */
export const AmendTextPayload = commandPayload('AmendTextPayload', {
  title: optional(meaning(title, 'The title as it should be.')),
  text: neededIn(
    labelled(
      meaning(text, 'The text as it should be; dates that the old one did not have are proposed.'),
      'Text',
      {
        missing: 'Change the text or the title',
        hint: 'Dates that the old text did not have are proposed as deadlines. Nothing is set or withdrawn.',
      },
    ),
    (sent) => sent['title'] === undefined,
  ),
  reason: why('Why it is amended'),
});
export type AmendTextPayload = PayloadOf<typeof AmendTextPayload>;

/** A recommendation to one body, or to several, each of which gets a record of its own. */
export const IssuePayload = issuePayload('IssuePayload', recommendation.name, {
  title,
  text: labelled(meaning(text, 'The recommendation itself.'), 'Text of the recommendation', {
    missing: 'Enter the text of the recommendation',
    hint: 'Dates in the text become deadlines, or are proposed as such. You can look at them before you issue it.',
  }),
  recipients: labelled(
    list(recipient, 'The bodies, by their slugs; each gets a record of its own.', {
      ...{ min: 1, max: RECIPIENTS_MAX },
      isSet: true,
    }),
    'Bodies',
    {
      missing: 'Enter at least one body',
      hint: 'The short name of each, one a line, such as avon-and-somerset. Each body gets a record of its own.',
    },
  ),
  report: meaning(named('ReportPayload', report), 'The report that makes the recommendation.'),
  // Fewer are in force at most, which is another refusal.
  deadlines: optional(
    labelled(
      list(
        labelled(named('GivenDeadlinePayload', { dueOn }), 'Deadline'),
        'By when it is to be done; dates that the text names are found besides.',
        { max: 200 },
      ),
      'Deadlines',
      {
        missing: 'Enter a date',
        hint: 'Besides those in the text. Leave empty what you do not need.',
      },
    ),
  ),
  responseRequired: optional(
    labelled(flag('Whether the body has to publish a response.'), 'Each body has to publish a response'),
  ),
  responseDueOn: onlyIn(
    labelled(plainDate('By when; publication and 55 days where nothing is said.'), 'Response due', {
      missing: 'Enter when the response is due',
      hint: 'If a response is required: 55 days after the publication where you enter nothing',
    }),
    (sent) => sent['responseRequired'] === true,
    'is only for a response that is required',
  ),
});
export type IssuePayload = PayloadOf<typeof IssuePayload>;
