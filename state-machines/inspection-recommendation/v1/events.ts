import type { Upcasters } from '#event-sourcing/upcasting';
import {
  always,
  byCommand,
  byEngine,
  meaning,
  count,
  flag,
  freeBytes,
  freeText,
  identifier,
  labelled,
  list,
  object,
  neededIn,
  oneOf,
  optional,
  orNull,
  plainDate,
} from '#lifecycle/fields';
import type { ValuesOf } from '#lifecycle/fields';
import { addressing, commenting, owning, redacting, responding } from './parts.ts';
import { OUTCOME, publishedOn, reasonCode, report, stated } from './record-fields.ts';
import { DEADLINE_EVENTS, WHICH_DEADLINE } from '../../capabilities/deadline-facts.ts';
import { DEADLINE_KINDS, dateVersion } from '../../capabilities/deadlines.ts';
import { first, move, note } from '#lifecycle/shapes';
import type { DataOf } from '#lifecycle/shapes';
import { anomaly, difference } from '../../capabilities/register-imports.ts';
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
  'Where the date stands: half-open, in UTF-16 code units of the text of that event.',
);
const RIGHT_DATE = { missing: 'Enter the right date' };
/** The change to the named event: exactly one of these. */
const correction = {
  publishedOn: optional(
    labelled(
      meaning(publishedOn, 'Of an issue: the right date of publication.'),
      'Right date of publication',
      RIGHT_DATE,
    ),
  ),
  recipient: optional({
    ...meaning(recipient, 'Of an event that named a body: the right one.'),
    label: 'Right body',
  }),
  dueOn: optional(
    labelled(
      meaning(dueOn, 'Of an event that set or extended a deadline: the right date.'),
      'Right date',
      RIGHT_DATE,
    ),
  ),
  confirms: optional(
    labelled(
      always('Of a claim: that it is true from its date on.'),
      'What it says was true on the date that it gives',
      { missing: 'Confirm that it is true' },
    ),
  ),
};
const corrected = {
  eventId: labelled(
    meaning(eventId, 'The event that is corrected, as the events of the record give its id.'),
    'What is wrong',
    {
      missing: 'Choose what is wrong',
    },
  ),
  ...correction,
};
// Problems in a file are recorded without its free text. Closing, reopening and a recorded status count as moves of
// these regions when dates are compared.
const COUNTS_WIDELY = ['progress', 'closure', 'evidence'];

const { DeadlineSet, ...deadlineEvents } = DEADLINE_EVENTS;

/** Every event type of the lifecycle: its kind, its owning region and its members. */
export const events = {
  RecommendationIssued: first({
    title,
    text,
    recipient: orNull(recipient),
    report: orNull(object(report)),
    reference: orNull(identifier('Of a register.')),
    issue: orNull(identifier('The id that it was issued under to several bodies.')),
    statusOn: optional(
      orNull(plainDate('Of a file, the day of the status that the issue itself stands for.')),
    ),
    statusAfter: optional(orNull(count('How many entries of the file stand before that status.'))),
    ...stated,
  }),

  ProgressStarted: move('progress', stated),
  ReturnedToReview: move('progress', { reason: byCommand(reason), ...stated }),
  RecommendationCompleted: move('progress', { ...CLOSES, claim, ...stated }, COUNTS_WIDELY),
  NoFurtherActionDecided: move(
    'progress',
    {
      reason: byCommand(
        meaning(reasonCode, 'Why, as one of the codes: that of the request, where there was one.'),
      ),
      statement: { ...CLOSES.statement, hint: 'Why no further action is needed.' },
      supersededBy: byCommand(byEngine(optional(identifier('The record that takes its place.')))),
      decides: optional(CLOSES.decides),
      notConsidered: CLOSES.notConsidered,
      claim,
      ...stated,
    },
    COUNTS_WIDELY,
  ),
  RecommendationReopened: move(
    'progress',
    { reason: byCommand(why('Why it is opened again')), ...stated },
    COUNTS_WIDELY,
  ),
  'StatusRecorded.awaiting-review': move('progress', stated, COUNTS_WIDELY),
  'StatusRecorded.being-progressed': move('progress', stated, COUNTS_WIDELY),
  'StatusRecorded.complete': move('progress', { claim, ...stated }, COUNTS_WIDELY),
  'StatusRecorded.no-further-action-needed': move('progress', { claim, ...stated }, COUNTS_WIDELY),

  ...CLOSURE_EVENTS,
  ClosureRequested: move('closure', { ...OUTCOME, ...CLOSURE_EVENTS.ClosureRequested.members }),

  ...EVIDENCE_EVENTS,

  ...responding.events,

  ...commenting.events,
  ...redacting.events,
  ...owning.events,
  ...addressing.events,
  TextAmended: note({
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
      (given) => given['title'] === undefined,
    ),
    reason: why('Why it is amended'),
    ...stated,
    places: byEngine(
      optional(
        list(
          object({ deadlineId, source: orNull(source) }),
          'Where in the new text the words of deadlines and proposals are; null where they are gone.',
        ),
      ),
    ),
  }),
  DeadlineSet: note({ ...DeadlineSet.members, source: optional(orNull(source)) }),
  DeadlineProposed: note({
    deadlineId,
    kind: dateVersion.kind,
    suggestedOn: orNull(plainDate('By the rule; null where nothing tells.')),
    rule: identifier('How that was counted.'),
    source,
  }),
  DeadlineDismissed: note({
    deadlineId: labelled(deadlineId, 'Date in the text', WHICH_DEADLINE),
    reason: optional(why('Why it is no deadline')),
  }),
  ...deadlineEvents,
  /** Requests a change to one member of an earlier event, or the confirmation of a claim. */
  CorrectionRequested: note({ ...corrected, reason: why('Why it is wrong, and how that is known') }),
  CorrectionApproved: note({
    ...corrected,
    insteadOf: optional(identifier('What the event said until then; absent where a claim is confirmed.')),
    deadlineId: optional(identifier('The deadline whose date is corrected.')),
    kind: optional(oneOf(DEADLINE_KINDS, 'The kind of deadline that a claim settles once it is confirmed.')),
    decides: decided,
  }),
  CorrectionRefused: note({
    eventId: meaning(eventId, 'The event that stays as it was.'),
    reason: why('Why it is refused'),
    decides: byEngine(decided),
  }),
  SupersedesRecorded: note({ supersedes: identifier('The record whose place this one takes.') }),
  UnknownStatusRecorded: note({
    status: labelled(freeText('As the register has it.'), 'Status, as it was written'),
    ...stated,
  }),
  RegisterRecordImported: note({
    source: optional(
      labelled(
        freeBytes('The file, byte for byte; absent where it says again what was erased.'),
        'Imported file',
      ),
    ),
    sourceSha256: optional(labelled(freeText(), 'Digest of the imported file')),
    length: count('Of the file, in bytes.'),
    partial: optional(
      flag(
        "Whether the file's history is another one than the record's: it lacks some of it, or has what was not taken.",
      ),
    ),
    differences: optional(
      list(
        object(difference),
        'What the file says otherwise and the record did not take, since people here work on it.',
      ),
    ),
    anomalies: list(object(anomaly)),
    moreAnomalies: optional(count('How many more there were.')),
  }),
} as const;

export type EventType = keyof typeof events;

/** The most frequent events, which change neither the state of a record nor its body or dates. */
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

/**
 * Converts events of released earlier shapes to the current one, by type and `schemaVersion`. Entries are never
 * removed. Empty so far: every type still has its first released shape.
 */
export const upcasters: Upcasters = {};
