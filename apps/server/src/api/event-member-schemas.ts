import type { TextSource } from '#state-machines/inspection-recommendation/v1/deadlines';
import type { StoredData } from '#state-machines/inspection-recommendation/v1/record-event';
import type { IssueEventData } from '#state-machines/record-streams';
import {
  CLOSURE_OUTCOMES,
  NO_FURTHER_ACTION_REASONS,
  RESPONSE_POSITIONS,
  VISIBILITIES,
} from '#state-machines/inspection-recommendation/v1/payloads';
import type { AccessEventData } from '#state-machines/access-events';
import type { BodyEventData } from '#state-machines/body-events';
import type { CheckpointEventData } from '#state-machines/checkpoint-events';
import type { ClockEventData } from '#state-machines/clock-events';
import { SESSION_ENDS } from '#state-machines/person-events';
import type { PersonEventData } from '#state-machines/person-events';
import type { RefusalEventData } from '#state-machines/refusal-events';
import {
  always,
  anomaly,
  boolean,
  choice,
  count,
  date,
  difference,
  hash,
  instant,
  list,
  mapOf,
  object,
  orNull,
  ref,
  text,
  version,
} from './schema-forms.ts';
import type { Schema } from './schema-forms.ts';

const told = (schema: Schema, description: string): Schema => ({ ...schema, description });

/** A member that an event need not have: it need not be given, an import lacks it, or it can be erased. */
interface Maybe {
  readonly maybe: Schema;
}
const maybe = (schema: Schema, description?: string): Maybe => ({
  maybe: description === undefined ? schema : told(schema, description),
});

const statedOn = maybe(
  date,
  'In a file, the day as it was written, where that is not the day from which it holds.',
);
const reason = maybe(text, 'Why, in words.');
const statement = maybe(text, 'What was found, in words.');
const note = maybe(text, 'In words.');
const deadlineId = told(text, 'The deadline.');
const dueOn = told(date, 'By when.');
const decides = told(list(text), 'The ids of the events that it decides on.');
const notConsidered = maybe(
  list(text),
  'The ids of the submissions that came after the request to close, and that the decision did not consider.',
);
const claim = maybe(
  always,
  'That it is dated before a deadline that is on record as passed: it settles none until a second person confirms it.',
);
const source: Schema = {
  ...object({ eventId: text, from: count, to: count } satisfies SchemasOf<{ source: TextSource }>['source']),
  description: 'Where the date stands: half-open, in UTF-16 code units of the text of that event.',
};
const correction = {
  eventId: told(text, 'The event that is corrected.'),
  publishedOn: maybe(date, 'When the report was published.'),
  recipient: maybe(text, 'The body.'),
  dueOn: maybe(date, 'By when.'),
  confirms: maybe(always, 'That the event is true from its date on.'),
};
const kind: Schema = choice(['action', 'response']);
const logOrigin = told(text, 'Which log it is.');
const root = told(text, 'The root of the tree over these events, in base64.');
const threshold = {
  deadlineId,
  dateVersion: told(version, 'One more with each extension and each correction.'),
  kind,
  dueOn,
};

type Members = Readonly<Record<string, Schema | Maybe>>;

/** A schema for every member of the data of every type of event, and for no other; the compiler knows which need not be there. */
type SchemasOf<Data> = {
  readonly [Type in keyof Data]: {
    readonly [Member in keyof Data[Type]]-?: undefined extends Data[Type][Member] ? Maybe : Schema;
  };
};

const objectOf = (members: Members): Schema => {
  const entries = Object.entries(members);
  return {
    type: 'object',
    properties: Object.fromEntries(
      entries.map(([name, member]) => [name, 'maybe' in member ? member.maybe : member]),
    ),
    required: entries.flatMap(([name, member]) => ('maybe' in member ? [] : [name])),
    additionalProperties: false,
  };
};

/** What the data of each type of event on a record can hold. */
const RECORD_EVENT_DATA: SchemasOf<StoredData> = {
  RecommendationIssued: {
    title: maybe(text),
    text: maybe(text),
    recipient: told(orNull(text), 'The body.'),
    // Its name is free text, and gone once it is erased.
    report: orNull(object({ name: text, publishedOn: date }, ['name'])),
    reference: told(orNull(text), 'Of a register.'),
    issue: told(orNull(text), 'The id that it was issued under to several bodies.'),
    statusOn: maybe(orNull(date), 'Of a file, the day of the status that the issue itself stands for.'),
    statusAfter: maybe(orNull(count), 'How many entries of the file stand before that status.'),
    statedOn,
  },
  ProgressStarted: { statedOn },
  ReturnedToReview: { reason, statedOn },
  RecommendationCompleted: { statement, decides: maybe(decides), notConsidered, claim, statedOn },
  NoFurtherActionDecided: {
    reason: maybe(choice(NO_FURTHER_ACTION_REASONS)),
    statement,
    supersededBy: maybe(text, 'The record that takes its place.'),
    decides: maybe(decides),
    notConsidered,
    claim,
    statedOn,
  },
  RecommendationReopened: { reason, statedOn },
  'StatusRecorded.awaiting-review': { statedOn },
  'StatusRecorded.being-progressed': { statedOn },
  'StatusRecorded.complete': { claim, statedOn },
  'StatusRecorded.no-further-action-needed': { claim, statedOn },
  ClosureRequested: {
    statement,
    outcome: maybe(
      choice(CLOSURE_OUTCOMES),
      'What the record would be closed as; `complete` where it is absent.',
    ),
    reason: maybe(choice(NO_FURTHER_ACTION_REASONS), 'Of the outcome `no-further-action`: why.'),
    supersededBy: maybe(text, 'Of the outcome `superseded`: the record that takes its place.'),
    considers: maybe(list(text), 'The ids of the submissions that it takes into account.'),
  },
  ClosureWithdrawn: {},
  ClosureRefused: { reason, decides },
  EvidenceSubmitted: { items: list(ref('EvidenceData')), note },
  EvidenceAccepted: { note, decides },
  EvidenceRejected: { reason, decides },
  ResponseRequired: {},
  ResponsePublished: {
    position: choice(RESPONSE_POSITIONS),
    text: maybe(text, 'The action, or why there is none.'),
    publishedElsewhere: maybe(text, 'Where, of a response that came otherwise.'),
    dueOn: orNull(date),
    late: boolean,
    claim,
  },
  CommentAdded: {
    text: maybe(text),
    visibility: choice(VISIBILITIES),
    cutOff: maybe(boolean, 'Whether the file ended in the middle of it.'),
    completes: maybe(text, 'The id of the comment in whose place this one stands.'),
    reason: maybe(text, 'Why it has another text than the comment in whose place it stands.'),
    statedOn,
  },
  CommentRedacted: {
    eventId: told(text, 'The event of which something was erased.'),
    erased: told(list(text), 'The JSON pointers of what was.'),
    reason,
  },
  OwnerAssigned: { owner: maybe(text, 'A person or a team.'), reason },
  RecipientAssigned: { recipient: told(text, 'The body.'), reason },
  TextAmended: {
    title: maybe(text),
    text: maybe(text),
    reason,
    statedOn,
    places: maybe(
      list(object({ deadlineId, source: orNull(source) })),
      'Where in the new text the words of deadlines and proposals are; null where they are gone.',
    ),
  },
  DeadlineSet: { deadlineId, kind, dueOn, note, source: maybe(orNull(source)) },
  DeadlineProposed: {
    deadlineId,
    kind,
    suggestedOn: told(orNull(date), 'By the rule; null where nothing tells.'),
    rule: told(text, 'How that was counted.'),
    source,
  },
  DeadlineDismissed: { deadlineId, reason },
  DeadlineWithdrawn: { deadlineId, reason },
  DeadlineExtended: { deadlineId, dueOn, reason, decides },
  ExtensionRequested: { deadlineId, dueOn, reason },
  ExtensionRefused: { deadlineId, reason, decides },
  ExtensionWithdrawn: { deadlineId },
  DeadlineApproaching: threshold,
  DeadlinePassed: threshold,
  DeadlineEscalated: threshold,
  CorrectionRequested: { ...correction, reason },
  CorrectionApproved: {
    ...correction,
    insteadOf: maybe(text, 'What the event said until then; absent where a claim is confirmed.'),
    deadlineId: maybe(text, 'The deadline whose date is corrected.'),
    kind: maybe(kind, 'The kind of deadline that a claim settles once it is confirmed.'),
    decides,
  },
  CorrectionRefused: { eventId: told(text, 'The event that stays as it was.'), reason, decides },
  SupersedesRecorded: { supersedes: told(text, 'The record whose place this one takes.') },
  UnknownStatusRecorded: { status: maybe(text, 'As the register has it.'), statedOn },
  RegisterRecordImported: {
    source: maybe({ type: 'string', contentEncoding: 'base64' } as Schema, 'The file, byte for byte.'),
    sourceSha256: maybe(text),
    length: told(count, 'Of the file, in bytes.'),
    partial: maybe(
      boolean,
      "Whether the file's history is another one than the record's: it lacks some of it, or has what was not taken.",
    ),
    differences: maybe(
      list(difference),
      'What the file says otherwise and the record did not take, since people here work on it.',
    ),
    anomalies: list(anomaly),
    moreAnomalies: maybe(count, 'How many more there were.'),
  },
};

const linkId = told(text, 'The link.');
const sessionId = told(text, 'The sign-in at the pages.');
const searchId = told(text, 'The search.');

/** The same of events in streams of their own: of people, of bodies, of refusals, and of what went to several bodies. */
const OTHER_EVENT_DATA: SchemasOf<
  Omit<PersonEventData, 'CommentRedacted'> &
    RefusalEventData &
    IssueEventData &
    BodyEventData &
    CheckpointEventData &
    ClockEventData &
    AccessEventData
> = {
  PersonSeen: {
    name: maybe(text, 'As their token has it.'),
    roles: maybe(list(text)),
    organisations: maybe(list(text), 'The bodies that they belong to.'),
    issuedAt: told(instant, 'When the token was issued.'),
  },
  PersonEntered: {
    name: maybe(text, 'As an administrator entered it.'),
    roles: told(list(text), 'As entered, where there was no token yet.'),
    organisations: told(list(text), 'The bodies that they belong to.'),
  },
  CalendarLinkMade: {
    linkId,
    secretHash: told(hash, 'SHA-256 of the secret in its address.'),
    expiresOn: told(date, 'The first day, in London, on which it is refused.'),
    recipient: told(orNull(text), 'Only deadlines of this body; null for all.'),
    kind: told(orNull(text), 'Only deadlines of this kind; null for all.'),
    state: told(orNull(text), 'Only deadlines in this state; null for all.'),
  },
  CalendarLinkRevoked: { linkId },
  SearchSaved: {
    searchId,
    name: maybe(text, 'As its person calls it.'),
    query: maybe(text, "The list's query, as it stands in an address."),
  },
  SearchRemoved: { searchId },
  SessionStarted: {
    sessionId,
    browser: told(text, 'In words, such as Firefox on Windows.'),
    roles: list(text),
    organisations: list(text),
    issuedAt: told(instant, 'When the token was issued.'),
    expiresAt: told(instant, 'When it ends by itself.'),
  },
  SessionUsed: { sessionId },
  SessionEnded: { sessionId, because: choice(SESSION_ENDS) },
  BodyNamed: {
    slug: told(text, 'The body, as records name it.'),
    name: told(text, 'What people call it.'),
    kind: told(text, 'What sort of body, as a slug.'),
  },
  CheckpointSigned: {
    origin: logOrigin,
    size: told(count, 'How many events of the log were signed for.'),
    root,
    note: told(text, 'The signed checkpoint (C2SP tlog-checkpoint).'),
  },
  CheckpointCosigned: {
    origin: logOrigin,
    size: told(count, 'How many events of the log were signed for.'),
    root,
    signatures: told(list(text), 'What witnesses signed of it, a line each (C2SP tlog-cosignature).'),
    examined: maybe(boolean, 'True where somebody brought them, as an examiner does.'),
  },
  CheckpointTimestamped: {
    origin: logOrigin,
    size: told(count, 'How many events of the log were signed for.'),
    root,
    timestamp: told(text, 'What a time-stamping authority answered, in base64 (RFC 3161 TimeStampResp).'),
  },
  KeyChanged: {
    origin: logOrigin,
    before: told(text, 'The key before, as a verifier key.'),
    after: told(text, 'The key from now on, as a verifier key.'),
    bothUntil: told(date, 'The last day, in UTC, on which both sign.'),
  },
  CheckpointsBegun: {
    origin: logOrigin,
    reason: told(text, 'Why, in words.'),
    before: told(
      orNull(object({ origin: logOrigin, size: count, root })),
      'What was signed last until then; null where nothing was.',
    ),
  },
  ClockConfirmed: {
    now: told(instant, 'What the clock said that was confirmed.'),
    latest: told(
      orNull(instant),
      'The latest instant at which an event was recorded until then; null for an empty log.',
    ),
  },
  AccessRecorded: {
    kind: told(text, 'What was given out: export, log or internal.'),
    streamId: told(orNull(text), "The record's stream; null for the log."),
    version: told(orNull(version), 'Of an export, up to which version it goes.'),
    format: told(orNull(text), 'Of an export.'),
  },
  AccessesCounted: {
    subject: told(orNull(text), 'Who was given it; null for all the others together.'),
    count,
    from: told(instant, 'The first.'),
    to: told(instant, 'The last.'),
    kinds: told(mapOf(count), 'How many of each kind.'),
  },
  PackMade: {
    streamId: told(text, "The record's stream."),
    version: told(version, 'Where the record ended.'),
    hash: told(hash, 'The hash of its last event.'),
    withheld: told(
      object({ count, sha256: hash }),
      'How many values were withheld, and SHA-256 of the list of them.',
    ),
    challenge: told(
      orNull(text),
      'The text that came with the request; null without one. Events of `schemaVersion` 1 lack it.',
    ),
  },
  CommandRefused: {
    command: told(orNull(text), 'As asked; null where it had not the form of a command.'),
    code: told(text, "The problem's code."),
    guard: told(orNull(text), 'The guard that did not hold.'),
    record: told(orNull(text), 'The id of the record.'),
    seenVersion: told(orNull(version), "The record's version on which it was refused."),
  },
  RefusalsCounted: {
    subject: told(orNull(text), 'Whose they were; null for all the others together.'),
    count,
    from: told(instant, 'The first.'),
    to: told(instant, 'The last.'),
    codes: told(mapOf(count), "How many of each problem's code."),
  },
  RecommendationsIssued: {
    issue: told(text, 'The id that it was issued under.'),
    recipients: told(list(text), 'The bodies, each of which has a record of its own.'),
  },
};

const EVENT_DATA: Readonly<Record<string, Members>> = { ...RECORD_EVENT_DATA, ...OTHER_EVENT_DATA };

/** Every type of event that a log can hold. */
export const EVENT_TYPES: readonly string[] = Object.keys(EVENT_DATA);

const nameOf = (type: string): string => `${type}Data`;

/** A schema for the data of each type of event. A value that was erased or is withheld is absent, as is what an import lacks. */
export const EVENT_DATA_SCHEMAS: Readonly<Record<string, Schema>> = {
  EvidenceData: objectOf({
    name: maybe(text),
    sha256: text,
    size: maybe(count),
    mediaType: maybe(text),
    url: maybe(text),
  } satisfies SchemasOf<{ item: StoredData['EvidenceSubmitted']['items'][number] }>['item']),
  ...Object.fromEntries(
    Object.entries(EVENT_DATA).map(([type, properties]): [string, Schema] => [
      nameOf(type),
      objectOf(properties),
    ]),
  ),
};

/** Which of them is the schema of an envelope's data: one of these, told apart by its type. */
export const DATA_BY_TYPE: Schema[] = Object.keys(EVENT_DATA).map((type) => ({
  properties: { type: choice([type]), data: ref(nameOf(type)) },
  required: ['type', 'data'],
}));
