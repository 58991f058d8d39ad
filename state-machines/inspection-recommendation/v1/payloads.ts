import {
  always,
  flag,
  identifier,
  list,
  meaning,
  named,
  neededIn,
  oneOf,
  onlyIn,
  optional,
  plainDate,
} from '#lifecycle/fields';
import { commandPayload, payload } from '#lifecycle/shapes';
import type { PayloadOf } from '#lifecycle/shapes';
import {
  added,
  CLOSURE_OUTCOMES,
  deadlineId,
  dueOn,
  eventId,
  evidenceItem,
  owner,
  position,
  publishedElsewhere,
  publishedOn,
  reason,
  reasonCode,
  recipient,
  recordId,
  RECORD_ID,
  report,
  statement,
  text,
  title,
  visibility,
} from './record-fields.ts';
import type { ClosureOutcome } from './record-fields.ts';

/** The most recipients of one recommendation; there are 43 territorial forces in England and Wales. */
export const RECIPIENTS_MAX = 200;
/** The most events that a payload names: as many as a record has. */
const DECIDES_MAX = 10_000;
/** More values than any event has. */
const POINTERS_MAX = 200;

/** What a decision is about; where other events stand by then it is refused. */
const decides = optional(
  list(
    eventId,
    'The ids of the events that the decision is about, as "pending" of the record lists them: the request, and what changed the text, the recipient or a deadline since.',
    { max: DECIDES_MAX },
  ),
);
const whichDeadline = optional(
  meaning(
    deadlineId,
    'The deadline, as the record gives its id; needed where it could be several; for a decision, several that you may decide.',
  ),
);
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
  statement,
  decides,
});
export type DecideWithStatementPayload = PayloadOf<typeof DecideWithStatementPayload>;

export const AddCommentPayload = commandPayload('AddCommentPayload', {
  text,
  visibility: optional(visibility),
});
export type AddCommentPayload = PayloadOf<typeof AddCommentPayload>;
export const CorrectCommentPayload = commandPayload('CorrectCommentPayload', {
  reason,
  eventId: meaning(
    eventId,
    'The comment, or an earlier correction of it, as the events of the record give its id.',
  ),
  text: meaning(text, 'The comment as it should be.'),
});
export type CorrectCommentPayload = PayloadOf<typeof CorrectCommentPayload>;
export const RedactPayload = commandPayload('RedactPayload', {
  reason,
  eventId: meaning(
    eventId,
    'The event that holds what is to be erased, as the events of the record give its id.',
  ),
  pointers: optional(
    list(
      identifier(undefined, {
        form: { matches: /^(\/[^/]{1,64}){1,8}$/, says: 'must be a JSON pointer such as /data/text' },
      }),
      'JSON pointers of the values, as the commitments of the event name them; all where none is named.',
      { min: 1, max: POINTERS_MAX, isSet: true },
    ),
  ),
});
export type RedactPayload = PayloadOf<typeof RedactPayload>;

/** A request to close the record, for a second person to decide. */
export const RequestClosurePayload = commandPayload('RequestClosurePayload', {
  statement,
  decides: meaning(
    decides,
    'The ids of all submissions of evidence that were considered; later ones do not refuse the request.',
  ),
  outcome: optional(
    oneOf(CLOSURE_OUTCOMES, 'What the record is to be closed as; complete where nothing is given.'),
  ),
  reason: onlyOf(
    'no-further-action',
    meaning(reasonCode, 'Why, as one of the codes; of the outcome no-further-action alone.'),
  ),
  supersededBy: onlyOf(
    'superseded',
    meaning(recordId, 'The id of the record that takes its place; of the outcome superseded alone.'),
  ),
});
export type RequestClosurePayload = PayloadOf<typeof RequestClosurePayload>;
export const NoFurtherActionPayload = commandPayload('NoFurtherActionPayload', {
  statement,
  decides,
  reason: meaning(reasonCode, 'Why, as one of the codes; the same as in the request.'),
});
export type NoFurtherActionPayload = PayloadOf<typeof NoFurtherActionPayload>;
export const SupersedePayload = commandPayload('SupersedePayload', {
  statement,
  decides,
  by: meaning(recordId, 'The id of the record that takes its place, as the request names it.'),
});
export type SupersedePayload = PayloadOf<typeof SupersedePayload>;

export const AssignRecipientPayload = commandPayload('AssignRecipientPayload', {
  recipient,
  // Needed where the record has a recipient, and of an approver.
  reason: optional(meaning(reason, 'Why, where the record had a recipient before.')),
});
export type AssignRecipientPayload = PayloadOf<typeof AssignRecipientPayload>;
export const AssignOwnerPayload = commandPayload('AssignOwnerPayload', {
  owner,
  reason: optional(meaning(reason, 'Why, where the record had an owner before.')),
});
export type AssignOwnerPayload = PayloadOf<typeof AssignOwnerPayload>;

export const SubmitEvidencePayload = commandPayload('SubmitEvidencePayload', {
  items: list(named('EvidenceItemPayload', evidenceItem), 'The evidence, whose bytes stay where they are.', {
    min: 1,
    max: 100,
  }),
  note: optional(added),
});
export type SubmitEvidencePayload = PayloadOf<typeof SubmitEvidencePayload>;
export const AcceptEvidencePayload = commandPayload('AcceptEvidencePayload', {
  note: optional(added),
  decides,
});
export type AcceptEvidencePayload = PayloadOf<typeof AcceptEvidencePayload>;

export const SetDeadlinePayload = commandPayload('SetDeadlinePayload', { dueOn, note: optional(added) });
export type SetDeadlinePayload = PayloadOf<typeof SetDeadlinePayload>;
/** Without a deadline's id it is for the only one that it can be. */
export const WhichDeadlinePayload = commandPayload('WhichDeadlinePayload', { deadlineId: whichDeadline });
export type WhichDeadlinePayload = PayloadOf<typeof WhichDeadlinePayload>;
/** A decision on the extension of a deadline. */
export const DecideExtensionPayload = commandPayload('DecideExtensionPayload', {
  deadlineId: whichDeadline,
  decides,
});
export type DecideExtensionPayload = PayloadOf<typeof DecideExtensionPayload>;
export const WithdrawDeadlinePayload = commandPayload('WithdrawDeadlinePayload', { reason, deadlineId });
export type WithdrawDeadlinePayload = PayloadOf<typeof WithdrawDeadlinePayload>;
export const ConfirmDeadlinePayload = commandPayload('ConfirmDeadlinePayload', {
  deadlineId,
  dueOn: meaning(dueOn, 'By when, from the day of the issue on.'),
});
export type ConfirmDeadlinePayload = PayloadOf<typeof ConfirmDeadlinePayload>;
export const DismissDeadlinePayload = commandPayload('DismissDeadlinePayload', {
  deadlineId,
  reason: optional(reason),
});
export type DismissDeadlinePayload = PayloadOf<typeof DismissDeadlinePayload>;
export const RequestExtensionPayload = commandPayload('RequestExtensionPayload', {
  deadlineId: whichDeadline,
  dueOn: meaning(dueOn, 'The later date that is asked for.'),
  reason,
});
export type RequestExtensionPayload = PayloadOf<typeof RequestExtensionPayload>;
export const RefuseExtensionPayload = commandPayload('RefuseExtensionPayload', {
  deadlineId: whichDeadline,
  decides,
  reason,
});
export type RefuseExtensionPayload = PayloadOf<typeof RefuseExtensionPayload>;

export const PublishResponsePayload = commandPayload('PublishResponsePayload', {
  position,
  text: meaning(text, 'The action, or why there is none.'),
  // An inspector says so, for a body that published it otherwise.
  publishedElsewhere: optional(publishedElsewhere),
});
export type PublishResponsePayload = PayloadOf<typeof PublishResponsePayload>;

/** Exactly one of the last four is given, which is a rule of the policy. */
export const RequestCorrectionPayload = commandPayload('RequestCorrectionPayload', {
  reason,
  eventId,
  publishedOn: optional(meaning(publishedOn, 'The right date of publication, where `eventId` is the issue.')),
  recipient: optional(meaning(recipient, 'The right body, where `eventId` named another one.')),
  dueOn: optional(meaning(dueOn, 'The right date, where `eventId` set or extended a deadline.')),
  confirms: optional(always('Confirms that the claim in `eventId` is true from its date on.')),
});
export type RequestCorrectionPayload = PayloadOf<typeof RequestCorrectionPayload>;
/** A decision on a correction; without an event's id it is for the only one that waits and that the caller may decide. */
export const ApproveCorrectionPayload = commandPayload('ApproveCorrectionPayload', {
  eventId: optional(eventId),
  decides,
});
export type ApproveCorrectionPayload = PayloadOf<typeof ApproveCorrectionPayload>;
export const RefuseCorrectionPayload = commandPayload('RefuseCorrectionPayload', {
  eventId: optional(eventId),
  decides,
  reason,
});
export type RefuseCorrectionPayload = PayloadOf<typeof RefuseCorrectionPayload>;

/** Text or title or both are said otherwise. */
export const AmendTextPayload = commandPayload('AmendTextPayload', {
  reason,
  text: neededIn(
    meaning(text, 'The text as it should be; dates that the old one did not have are proposed.'),
    (sent) => sent['title'] === undefined,
  ),
  title: optional(meaning(title, 'The title as it should be.')),
});
export type AmendTextPayload = PayloadOf<typeof AmendTextPayload>;

/** A recommendation to one body, or to several, each of which gets a record of its own. */
export const IssuePayload = payload('IssuePayload', {
  id: optional(
    identifier('Yours to choose; one is made where none is given.', {
      form: { matches: RECORD_ID, says: 'must be 1 to 64 letters, digits, dots, underscores or dashes' },
    }),
  ),
  title,
  text: meaning(text, 'The recommendation itself.'),
  recipients: list(recipient, 'The bodies, by their slugs; each gets a record of its own.', {
    ...{ min: 1, max: RECIPIENTS_MAX },
    isSet: true,
  }),
  report: meaning(named('ReportPayload', report), 'The report that makes the recommendation.'),
  // Fewer are in force at most, which is another refusal.
  deadlines: optional(
    list(
      named('GivenDeadlinePayload', { dueOn }),
      'By when it is to be done; dates that the text names are found besides.',
      { max: 200 },
    ),
  ),
  responseRequired: optional(flag('Whether the body has to publish a response.')),
  responseDueOn: onlyIn(
    plainDate('By when; publication and 55 days where nothing is said.'),
    (sent) => sent['responseRequired'] === true,
    'is only for a response that is required',
  ),
  lifecycle: optional(oneOf(['inspection-recommendation'], 'The rules that it follows.')),
});
export type IssuePayload = PayloadOf<typeof IssuePayload>;
