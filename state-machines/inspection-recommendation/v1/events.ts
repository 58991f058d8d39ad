import {
  always,
  byCommand,
  byEngine,
  withDescription,
  count,
  flag,
  freeBytes,
  freeText,
  identifier,
  withLabel,
  list,
  object,
  neededIn,
  oneOf,
  optional,
  orNull,
  plainDate,
} from '#lifecycle/fields';
import type { ValuesOf } from '#lifecycle/fields';
import {
  recipientCapability,
  commentCapability,
  ownerCapability,
  redactionCapability,
  responseCapability,
} from './parts.ts';
import { OUTCOME, publishedOn, reasonCode, report, stated } from './record-fields.ts';
import { changingDeadline, DEADLINE_EVENTS, WHICH_DEADLINE } from '../../capabilities/deadline-facts.ts';
import { DEADLINE_KINDS, dateVersion } from '../../capabilities/deadlines.ts';
import { changing, first, move, note, writing } from '#lifecycle/shapes';
import type { DataOf, Writes } from '#lifecycle/shapes';
import { anomaly } from '../../capabilities/register-imports.ts';
import { CLOSES, CLOSURE_EVENTS } from '../../capabilities/closure-facts.ts';
import { EVIDENCE_EVENTS } from '../../capabilities/evidence.ts';
import {
  claim,
  deadlineId,
  decided,
  dueOn,
  eventId,
  reason,
  recipient,
  text,
  title,
  why,
} from '../../capabilities/fields.ts';

const source = object(
  { eventId: identifier(), from: count(), to: count() },
  'The place of the date in the text of the event with this id, in UTF-16 code units: `from` is inclusive, `to` exclusive.',
);
const RIGHT_DATE = { missing: 'Enter the correct date' };
/** The change of an event, which is exactly one of these. */
const correction = {
  publishedOn: optional(
    withLabel(
      withDescription(publishedOn, 'The correct publication date, if the event is an issue.'),
      'Correct publication date',
      RIGHT_DATE,
    ),
  ),
  recipient: optional({
    ...withDescription(recipient, 'The correct recipient, if the event set one.'),
    label: 'Correct body',
  }),
  dueOn: optional(
    withLabel(
      withDescription(dueOn, 'The correct date, if the event set or extended a deadline.'),
      'Correct date',
      RIGHT_DATE,
    ),
  ),
  confirms: optional(
    withLabel(
      always("True to confirm the event's claim, which then applies from the event's date."),
      'Confirmation of the claim',
      {
        missing: 'Confirm that the claim is true',
      },
    ),
  ),
};
const corrected = {
  eventId: withLabel(withDescription(eventId, 'The id of the event to correct.'), 'Entry to correct', {
    missing: 'Choose the entry to correct',
  }),
  ...correction,
};
/** Returns the part that a correction changes; null if it confirms a claim. */
const correctedPart: Writes['of'] = ({ recipient: body, publishedOn: published, deadlineId: id }) => {
  if (body !== undefined) return 'recipient';
  if (published !== undefined) return 'publication';
  return typeof id === 'string' ? id : null;
};
// When dates are compared, closing, reopening and a recorded status count as moves of these regions.
const COUNTS_WIDELY = ['progress', 'closure', 'evidence'];

const { DeadlineSet, ...deadlineEvents } = DEADLINE_EVENTS;

/** Every event type of the lifecycle: its kind, its owning region and its members. */
export const events = {
  RecommendationIssued: writing(
    'issue',
    first({
      title,
      text: withDescription(text, 'The text of the recommendation.'),
      recipient: orNull(recipient),
      report: orNull(object(report)),
      reference: orNull(identifier('The reference in a register.')),
      issue: orNull(identifier('The id of the issue, if it named several bodies.')),
      statusOn: optional(
        orNull(
          plainDate('The date of the status that the issue itself represents; only for an imported record.'),
        ),
      ),
      statusAfter: optional(orNull(count('The number of entries in the file before that status.'))),
      ...stated,
    }),
  ),

  ProgressStarted: move('progress', stated),
  ReturnedToReview: move('progress', { reason: byCommand(reason), ...stated }),
  RecommendationCompleted: writing(
    'closing',
    move('progress', { ...CLOSES, claim, ...stated }, COUNTS_WIDELY),
  ),
  NoFurtherActionDecided: writing(
    'closing',
    move(
      'progress',
      {
        reason: byCommand(
          withDescription(reasonCode, 'The reason, as a code; the same as in the request, if there was one.'),
        ),
        statement: { ...CLOSES.statement, hint: 'The reason why no further action is needed.' },
        supersededBy: byCommand(
          byEngine(optional(identifier('The id of the record that replaces this one.'))),
        ),
        decides: optional(CLOSES.decides),
        notConsidered: CLOSES.notConsidered,
        claim,
        ...stated,
      },
      COUNTS_WIDELY,
    ),
  ),
  RecommendationReopened: move(
    'progress',
    { reason: byCommand(why('Reason for reopening')), ...stated },
    COUNTS_WIDELY,
  ),
  'StatusRecorded.awaiting-review': move('progress', stated, COUNTS_WIDELY),
  'StatusRecorded.being-progressed': move('progress', stated, COUNTS_WIDELY),
  'StatusRecorded.complete': move('progress', { claim, ...stated }, COUNTS_WIDELY),
  'StatusRecorded.no-further-action-needed': move('progress', { claim, ...stated }, COUNTS_WIDELY),

  ...CLOSURE_EVENTS,
  ClosureRequested: move('closure', { ...OUTCOME, ...CLOSURE_EVENTS.ClosureRequested.members }),

  ...EVIDENCE_EVENTS,

  ...responseCapability.events,

  ...commentCapability.events,
  ...redactionCapability.events,
  ...ownerCapability.events,
  ...recipientCapability.events,
  TextAmended: changing(
    'text',
    note({
      title: optional(withDescription(title, 'The new title.')),
      text: neededIn(
        withLabel(withDescription(text, 'The new text; new dates in it are proposed as deadlines.'), 'Text', {
          missing: 'Change the text or the title',
          hint: 'New dates in the text are proposed as deadlines. No deadline is set or withdrawn.',
        }),
        (sent) => sent['title'] === undefined,
      ),
      reason: why('Reason for the amendment'),
      ...stated,
      places: byEngine(
        optional(
          list(
            object({ deadlineId, source: orNull(source) }),
            'The places in the new text of the words that deadlines and proposals come from; null for words that were removed.',
          ),
        ),
      ),
    }),
  ),
  DeadlineSet: changingDeadline(note({ ...DeadlineSet.members, source: optional(orNull(source)) })),
  DeadlineProposed: note({
    deadlineId,
    kind: dateVersion.kind,
    suggestedOn: orNull(plainDate('The date that the rule suggested; null if none.')),
    rule: identifier('The rule that suggested the date.'),
    source,
  }),
  DeadlineDismissed: changingDeadline(
    note({
      deadlineId: withLabel(deadlineId, 'Date in the text', WHICH_DEADLINE),
      reason: optional(why('Why this is not a deadline')),
    }),
  ),
  ...deadlineEvents,
  /** A request to change one member of an earlier event, or to confirm a claim. */
  CorrectionRequested: writing(
    'request',
    note({ ...corrected, reason: why('What is wrong, and the evidence for it') }),
  ),
  CorrectionApproved: changing(
    correctedPart,
    note({
      ...corrected,
      insteadOf: optional(identifier('The previous value; absent if a claim is confirmed.')),
      deadlineId: optional(identifier('The id of the deadline whose date was corrected.')),
      kind: optional(oneOf(DEADLINE_KINDS, 'The kind of deadline that the confirmed claim settles.')),
      decides: decided,
    }),
  ),
  CorrectionRefused: note({
    eventId: withDescription(eventId, 'The id of the event that was not corrected.'),
    reason: why('Reason for refusal'),
    decides: byEngine(decided),
  }),
  SupersedesRecorded: writing(
    'succession',
    note({ supersedes: identifier('The id of the record that this one replaces.') }),
  ),
  UnknownStatusRecorded: note({
    status: withLabel(freeText('The status as written in the register.'), 'Status as written'),
    ...stated,
  }),
  RegisterRecordImported: writing(
    'issue',
    note({
      source: optional(
        withLabel(
          freeBytes('The file, byte for byte; absent if the file contains erased text.'),
          'Imported file',
        ),
      ),
      sourceSha256: optional(withLabel(freeText(), 'Digest of the imported file')),
      length: count('The size of the file in bytes.'),
      partial: optional(
        flag(
          "True if the file's history differs from the record's: it lacks entries, or has entries that were not imported.",
        ),
      ),
      anomalies: list(object(anomaly)),
      moreAnomalies: optional(count('The number of further anomalies.')),
    }),
  ),
} as const;

export type EventType = keyof typeof events;

/** The most frequent types of events, which change neither the state of a record nor its body or dates. */
export const ASIDES: ReadonlySet<string> = new Set<EventType>([
  'CommentAdded',
  'CommentRedacted',
  'UnknownStatusRecorded',
  'RegisterRecordImported',
  'SupersedesRecorded',
  'DeadlineApproaching',
]);

/** The data of each event type when a command or the sweep creates it. */
export type EventData = DataOf<typeof events>;

export type Correction = ValuesOf<typeof correction>;
