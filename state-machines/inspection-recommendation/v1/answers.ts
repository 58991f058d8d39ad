import { nullableIfErasable, STATUS_ORIGINS } from '#lifecycle/answers';
import type { LifecycleAnswers } from '#lifecycle/answers';
import {
  always,
  identifier,
  isErasable,
  list,
  withDescription,
  object,
  oneOf,
  optional,
  ordinal,
  orNull,
  plainDate,
} from '#lifecycle/fields';
import { closureCapability, evidenceCapability } from './closure-capability.ts';
import { deadlineCapability } from './deadline-capability.ts';
import { decidedByName, request, shownExtensions, textSource } from '../../capabilities/deadline-words.ts';
import { DEADLINE_KINDS } from '../../capabilities/deadlines.ts';
import { anomaly } from '../../capabilities/register-imports.ts';
import { report } from './record-fields.ts';
import { LINE_FIELDS } from './line-members.ts';

const text = identifier();
const date = plainDate();
const sourceGone = optional(always());
const proposal = object({
  id: text,
  suggestedOn: withDescription(orNull(date), 'The suggested date; null if none can be computed.'),
  rule: text,
  source: textSource,
  sourceGone,
  countedFrom: optional(
    withDescription(
      date,
      'The publication date from which the suggested date was counted, if the publication date has been corrected since.',
    ),
  ),
});
const pending = object({
  ...closureCapability.answers.currentData.pending.members,
  ...evidenceCapability.answers.currentData.pending.members,
  extensions: shownExtensions,
  proposals: list(proposal),
  corrections: list(
    object({
      corrects: withDescription(text, 'The id of the event to correct.'),
      publishedOn: optional(date),
      recipient: optional(text),
      dueOn: optional(date),
      confirms: optional(always()),
      ...request,
      decides: decidedByName('approve-correction or refuse-correction'),
    }),
  ),
  claims: optional(
    withDescription(
      list(
        object({
          eventId: withDescription(
            text,
            'The id of the event with the claim. To have the claim confirmed, send this id in request-correction.',
          ),
          kind: withDescription(
            oneOf(DEADLINE_KINDS),
            'The kind of deadline that counts as late until the claim is confirmed.',
          ),
          claimant: withDescription(
            text,
            'The person who recorded the claim; another person must confirm it.',
          ),
        }),
      ),
      'Events dated before the day on which a deadline passed, although it is already recorded as passed, and which no second person has confirmed. Absent if there are none.',
    ),
  ),
});

/** The members of API responses for recommendations. */
export const answers: LifecycleAnswers = {
  details: {
    title: orNull(text),
    text: orNull(text),
    reference: orNull(text),
    issue: orNull(text),
    report: orNull(object(nullableIfErasable(report))),
    anomalies: list(object(nullableIfErasable(anomaly))),
    moreAnomalies: optional(
      withDescription(ordinal(), 'The number of further anomalies; absent if all are listed.'),
    ),
  },
  state: deadlineCapability.answers.state,
  currentData: {
    recipient: orNull(text),
    owner: orNull(text),
    statusOrigin: oneOf(STATUS_ORIGINS, 'The source of the status: an imported register, or a command.'),
    pending: withDescription(pending, 'The pending requests; empty for a closed record.'),
    deadlines: deadlineCapability.answers.currentData.deadlines,
    proposedDeadlines: list(proposal),
    supersededBy: orNull(text),
  },
  line: Object.fromEntries(
    Object.entries(LINE_FIELDS).map(([name, field]) => [
      name,
      { ...field, optional: true, nullable: isErasable(field) },
    ]),
  ),
};
