import { asTold, STATUS_ORIGINS } from '#lifecycle/answers';
import type { LifecycleAnswers } from '#lifecycle/answers';
import {
  always,
  identifier,
  isErasable,
  list,
  meaning,
  object,
  oneOf,
  optional,
  ordinal,
  orNull,
  plainDate,
} from '#lifecycle/fields';
import { closing, evidencing } from './closing.ts';
import { dating } from './dating.ts';
import { decidedByName, request, shownExtensions, textSource } from '../../capabilities/deadline-words.ts';
import { DEADLINE_KINDS } from '../../capabilities/deadlines.ts';
import { anomaly } from '../../capabilities/register-imports.ts';
import { report } from './record-fields.ts';
import { SAID_FIELDS } from './told.ts';

const text = identifier();
const date = plainDate();
const sourceGone = optional(always());
const proposal = object({
  id: text,
  suggestedOn: meaning(orNull(date), 'Null where none can be said.'),
  rule: text,
  source: textSource,
  sourceGone,
  countedFrom: optional(
    meaning(
      date,
      'The date of publication when it was found, where that was corrected since: what counts from publication is another day now.',
    ),
  ),
});
const pending = object({
  ...closing.answers.standing.pending.members,
  ...evidencing.answers.standing.pending.members,
  extensions: shownExtensions,
  proposals: list(proposal),
  corrections: list(
    object({
      corrects: meaning(text, 'The event that is corrected.'),
      publishedOn: optional(date),
      recipient: optional(text),
      dueOn: optional(date),
      confirms: optional(always()),
      ...request,
      decides: decidedByName('approve-correction or refuse-correction'),
    }),
  ),
  claims: optional(
    meaning(
      list(
        object({
          eventId: meaning(text, 'The response or closing that is claimed; request-correction confirms it.'),
          kind: meaning(oneOf(DEADLINE_KINDS), 'The kind of deadline that counts as late until then.'),
          claimant: meaning(text, 'The person who recorded it; another person confirms it.'),
        }),
      ),
      'What is dated before a deadline was recorded as passed, and not confirmed by a second person. Absent where there is none.',
    ),
  ),
});

/** The members of recommendations in API answers. */
export const answers: LifecycleAnswers = {
  details: {
    title: orNull(text),
    text: orNull(text),
    reference: orNull(text),
    issue: orNull(text),
    report: orNull(object(asTold(report))),
    anomalies: list(object(asTold(anomaly))),
    moreAnomalies: optional(meaning(ordinal(), 'How many more there were; absent where those are all.')),
  },
  state: dating.answers.state,
  standing: {
    recipient: orNull(text),
    owner: orNull(text),
    statusOrigin: oneOf(
      STATUS_ORIGINS,
      'Where the status came from: what a register said, or a decision that was given here.',
    ),
    pending: meaning(pending, 'What waits for a decision; nothing of a record that is closed.'),
    deadlines: dating.answers.standing.deadlines,
    proposedDeadlines: list(proposal),
    supersededBy: orNull(text),
  },
  line: Object.fromEntries(
    Object.entries(SAID_FIELDS).map(([name, field]) => [
      name,
      { ...field, optional: true, nullable: isErasable(field) },
    ]),
  ),
};
