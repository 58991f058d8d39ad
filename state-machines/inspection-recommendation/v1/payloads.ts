import { flag, labelled, list, meaning, named, onlyIn, optional, plainDate, sent } from '#lifecycle/fields';
import { events } from './events.ts';
import { issuePayload } from '#lifecycle/issue';
import { commandPayload, payload } from '#lifecycle/shapes';
import type { PayloadOf } from '#lifecycle/shapes';
import {
  decides,
  dueOn,
  eventId,
  reason,
  recipient,
  statement,
  text,
  title,
} from '../../capabilities/fields.ts';
import { recordId, report } from './record-fields.ts';
import { recommendation } from '../kind.ts';

/** The most recipients of one recommendation; there are 43 territorial forces in England and Wales. */
export const RECIPIENTS_MAX = 200;
const whichCorrection = optional(labelled(eventId, 'Correction', { missing: 'Choose a correction' }));
export const EmptyPayload = commandPayload('EmptyPayload', {});
export const ReasonPayload = commandPayload('ReasonPayload', sent(events.ReturnedToReview.members));
export const ReopenPayload = commandPayload('ReasonPayload', sent(events.RecommendationReopened.members));
/** The reason why an import corrects an earlier one. */
export const CorrectsPayload = payload('CorrectsPayload', {
  corrects: meaning(reason, 'Why the record is to say what the file says, in words.'),
});
export const NoFurtherActionPayload = commandPayload('NoFurtherActionPayload', {
  ...sent(events.NoFurtherActionDecided.members),
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

export const ConfirmDeadlinePayload = commandPayload('ConfirmDeadlinePayload', {
  deadlineId: events.DeadlineDismissed.members.deadlineId,
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
/** A policy rule requires exactly one of the corrected values. */
export const RequestCorrectionPayload = commandPayload(
  'RequestCorrectionPayload',
  events.CorrectionRequested.members,
);
export type RequestCorrectionPayload = PayloadOf<typeof RequestCorrectionPayload>;
/** A decision on a correction; without an event id, the only one that the caller may decide is meant. */
export const ApproveCorrectionPayload = commandPayload('ApproveCorrectionPayload', {
  eventId: whichCorrection,
  decides,
});
export type ApproveCorrectionPayload = PayloadOf<typeof ApproveCorrectionPayload>;
export const RefuseCorrectionPayload = commandPayload('RefuseCorrectionPayload', {
  ...sent(events.CorrectionRefused.members),
  eventId: whichCorrection,
  decides,
});
export type RefuseCorrectionPayload = PayloadOf<typeof RefuseCorrectionPayload>;

/** At least one of text and title is required. */
export const AmendTextPayload = commandPayload('AmendTextPayload', sent(events.TextAmended.members));
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
      hint: 'One a line, by name or short name, such as avon-and-somerset. Each body gets a record of its own.',
    },
  ),
  report: meaning(named('ReportPayload', report), 'The report that makes the recommendation.'),
  // Fewer can be in force; exceeding that is another refusal.
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
