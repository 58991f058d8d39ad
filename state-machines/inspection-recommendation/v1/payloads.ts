import {
  flag,
  withLabel,
  list,
  withDescription,
  namedObject,
  onlyIn,
  optional,
  plainDate,
  commandMembers,
} from '#lifecycle/fields';
import { events } from './events.ts';
import { issuePayload } from '#lifecycle/issue';
import { commandPayload } from '#lifecycle/shapes';
import type { PayloadOf } from '#lifecycle/shapes';
import { decides, dueOn, eventId, recipient, statement, text, title } from '../../capabilities/fields.ts';
import { recordId, report } from './record-fields.ts';
import { recommendation } from '../kind.ts';

/** The most recipients of one recommendation. There are 43 territorial forces in England and Wales. */
export const RECIPIENTS_MAX = 200;
const whichCorrection = optional(withLabel(eventId, 'Correction', { missing: 'Choose a correction' }));
export const EmptyPayload = commandPayload('EmptyPayload', {});
export const ReasonPayload = commandPayload('ReasonPayload', commandMembers(events.ReturnedToReview.members));
export const ReopenPayload = commandPayload(
  'ReasonPayload',
  commandMembers(events.RecommendationReopened.members),
);
export const NoFurtherActionPayload = commandPayload('NoFurtherActionPayload', {
  ...commandMembers(events.NoFurtherActionDecided.members),
  decides,
});
export type NoFurtherActionPayload = PayloadOf<typeof NoFurtherActionPayload>;
export const SupersedePayload = commandPayload('SupersedePayload', {
  by: withLabel(
    withDescription(recordId, 'The id of the record that replaces this one, as in the request.'),
    'Replaced by',
    { missing: 'Choose a recommendation' },
  ),
  statement: { ...statement, hint: 'Why the other recommendation replaces this one.' },
  decides,
});
export type SupersedePayload = PayloadOf<typeof SupersedePayload>;

export const ConfirmDeadlinePayload = commandPayload('ConfirmDeadlinePayload', {
  deadlineId: events.DeadlineDismissed.members.deadlineId,
  dueOn: withLabel(
    withDescription(dueOn, 'The date of the deadline, on or after the date of issue.'),
    'Deadline',
    {
      missing: 'Enter the date of the deadline',
    },
  ),
});
export type ConfirmDeadlinePayload = PayloadOf<typeof ConfirmDeadlinePayload>;
export const DismissDeadlinePayload = commandPayload(
  'DismissDeadlinePayload',
  events.DeadlineDismissed.members,
);
export type DismissDeadlinePayload = PayloadOf<typeof DismissDeadlinePayload>;
/** A request for a correction. A rule of the policy requires exactly one of the corrected values. */
export const RequestCorrectionPayload = commandPayload(
  'RequestCorrectionPayload',
  events.CorrectionRequested.members,
);
export type RequestCorrectionPayload = PayloadOf<typeof RequestCorrectionPayload>;
/** A decision on a correction. Without an event id, it is the only one that the caller may decide. */
export const ApproveCorrectionPayload = commandPayload('ApproveCorrectionPayload', {
  eventId: whichCorrection,
  decides,
});
export type ApproveCorrectionPayload = PayloadOf<typeof ApproveCorrectionPayload>;
export const RefuseCorrectionPayload = commandPayload('RefuseCorrectionPayload', {
  ...commandMembers(events.CorrectionRefused.members),
  eventId: whichCorrection,
  decides,
});
export type RefuseCorrectionPayload = PayloadOf<typeof RefuseCorrectionPayload>;

/** An amendment. A rule of the policy requires at least one of text and title. */
export const AmendTextPayload = commandPayload(
  'AmendTextPayload',
  commandMembers(events.TextAmended.members),
);
export type AmendTextPayload = PayloadOf<typeof AmendTextPayload>;

/** A recommendation to one body, or to several, each of which gets its own record. */
export const IssuePayload = issuePayload('IssuePayload', recommendation.name, {
  title,
  text: withLabel(withDescription(text, 'The text of the recommendation.'), 'Text of the recommendation', {
    missing: 'Enter the text of the recommendation',
    hint: 'Dates in the text become deadlines or are proposed as deadlines. You can check them before you issue the recommendation.',
  }),
  recipients: withLabel(
    list(recipient, 'The slugs of the bodies; each body gets its own record.', {
      ...{ min: 1, max: RECIPIENTS_MAX },
      isSet: true,
    }),
    'Bodies',
    {
      missing: 'Enter at least one body',
      hint: 'One per line, by name or short name, such as avon-and-somerset. Each body gets its own record.',
    },
  ),
  report: withDescription(namedObject('ReportPayload', report), 'The report that makes the recommendation.'),
  // Fewer can be in force; exceeding that is another refusal.
  deadlines: optional(
    withLabel(
      list(
        withLabel(namedObject('GivenDeadlinePayload', { dueOn }), 'Deadline'),
        'The deadlines, in addition to dates in the text.',
        { max: 200 },
      ),
      'Deadlines',
      {
        missing: 'Enter a date',
        hint: 'In addition to dates in the text. Leave any fields that you do not need empty.',
      },
    ),
  ),
  responseRequired: optional(
    withLabel(flag('True if the body must publish a response.'), 'Each body must publish a response'),
  ),
  responseDueOn: onlyIn(
    withLabel(
      plainDate('The date on which the response is due; 55 days after publication if absent.'),
      'Response due',
      {
        missing: 'Enter when the response is due',
        hint: 'If a response is required. If you leave this empty, the response is due 55 days after publication.',
      },
    ),
    (sent) => sent['responseRequired'] === true,
    'is only allowed if a response is required',
  ),
});
export type IssuePayload = PayloadOf<typeof IssuePayload>;
