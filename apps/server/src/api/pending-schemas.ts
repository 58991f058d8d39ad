import { list, meaning, object, oneOf, optional, orNull } from '#lifecycle/fields';
import { DEADLINE_KINDS } from '#state-machines/capabilities/deadlines';
import { outcome, reasonCode } from '#state-machines/inspection-recommendation/v1/record-fields';
import { always, count, date, text } from './answer-fields.ts';

const source = object({ eventId: text, from: count, to: count });
export const textSource = meaning(orNull(source), 'Null where the text was amended, and the words are gone.');
export const sourceGone = optional(always);
export const proposal = object({
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
const request = { eventId: text, requester: orNull(text), requestedOn: date };
const decidedBy = (what: string) =>
  meaning(list(text), `What ${what} decides on now, as its "decides" would name it.`);
export const pending = object({
  closure: optional(
    object({
      ...request,
      outcome: meaning(oneOf(outcome.values), 'What the record would be closed as.'),
      reason: optional(meaning(oneOf(reasonCode.values), 'Of the outcome `no-further-action`.')),
      supersededBy: optional(
        meaning(
          text,
          'Of the outcome `superseded`: the record that takes its place. Its text, recipient and deadlines that changed after the request are to be named as well: 409 `decides-outdated` lists them.',
        ),
      ),
      decides: decidedBy('the command that approves the outcome, or refuse-closure,'),
      notConsidered: optional(
        meaning(
          list(text),
          'The submissions that came after the request. An approval leaves them aside, unless its "decides" names them.',
        ),
      ),
    }),
  ),
  evidence: optional(
    meaning(
      object({ decides: decidedBy('accept-evidence or reject-evidence') }),
      'Absent where no evidence waits to be decided on.',
    ),
  ),
  extensions: list(
    object({
      deadlineId: text,
      dueOn: date,
      ...request,
      decides: decidedBy('grant-extension or refuse-extension'),
    }),
  ),
  proposals: list(proposal),
  corrections: list(
    object({
      corrects: meaning(text, 'The event that is corrected.'),
      publishedOn: optional(date),
      recipient: optional(text),
      dueOn: optional(date),
      confirms: optional(always),
      ...request,
      decides: decidedBy('approve-correction or refuse-correction'),
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
