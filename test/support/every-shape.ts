import { randomUUID } from 'node:crypto';
import type { Envelope, JsonObject, JsonValue, Origin } from '#event-sourcing/envelope';
import type { EventStore } from '#event-sourcing/event-store';
import { commandIds } from '#audit/seal';
import { commitFor } from '#lifecycle/commit-for';
import type { EventData } from '#state-machines/inspection-recommendation/v1/events';
import { events } from '#state-machines/inspection-recommendation/v1/events';
import type { EventType } from '#state-machines/inspection-recommendation/v1/events';
import { inspectionRecommendation } from '#state-machines/inspection-recommendation/v1/lifecycle';
import { recordStream } from '#state-machines/record-streams';

/** Data with every member that its type has, down to the last; the compiler asks for a new one. */
type Every<Value> = Value extends readonly (infer Item)[]
  ? readonly Every<Item>[]
  : Value extends object
    ? { readonly [Member in keyof Value]-?: Every<NonNullable<Value[Member]>> }
    : Value;

/** Data without any member that may be left out. */
type Bare<Value> = Value extends readonly (infer Item)[]
  ? readonly Bare<Item>[]
  : Value extends object
    ? {
        readonly [Member in keyof Value as undefined extends Value[Member] ? never : Member]: Bare<
          Value[Member]
        >;
      }
    : Value;

/** The id of the last event of a type. */
type IdOf = (type: EventType) => string;

const SHA256 = 'a'.repeat(64);
const stated = { statedOn: '2030-01-01' };
const ofDate = (dateVersion: number, dueOn: string) =>
  ({ deadlineId: 'd1', dateVersion, kind: 'action', dueOn }) as const;

export const everyMember = (idOf: IdOf) => {
  const source = { eventId: idOf('RecommendationIssued'), from: 4, to: 19 };
  return {
    RecommendationIssued: {
      title: 'Custody records',
      text: 'By 30 June 2026 the force should keep custody records.',
      recipient: 'avon-and-somerset',
      report: { name: 'PEEL 2026', publishedOn: '2026-01-05' },
      reference: '730',
      issue: '2026-11',
      statusOn: '2026-01-05',
      statusAfter: 1,
      ...stated,
    },
    ProgressStarted: stated,
    ReturnedToReview: { reason: 'It began too early.', ...stated },
    RecommendationCompleted: {
      statement: 'All records are kept.',
      decides: [idOf('ClosureRequested')],
      notConsidered: [idOf('EvidenceSubmitted')],
      claim: true,
      ...stated,
    },
    NoFurtherActionDecided: {
      reason: 'superseded',
      statement: 'See the later one.',
      supersededBy: '731',
      decides: [idOf('ClosureRequested')],
      notConsidered: [idOf('EvidenceSubmitted')],
      claim: true,
      ...stated,
    },
    RecommendationReopened: { reason: 'Records were lost.', ...stated },
    'StatusRecorded.awaiting-review': stated,
    'StatusRecorded.being-progressed': stated,
    'StatusRecorded.complete': { claim: true, ...stated },
    'StatusRecorded.no-further-action-needed': { claim: true, ...stated },
    ClosureRequested: {
      statement: 'Please look at the records.',
      outcome: 'superseded',
      reason: 'merged',
      supersededBy: '731',
      considers: [idOf('EvidenceSubmitted')],
    },
    ClosureWithdrawn: {},
    ClosureRefused: { reason: 'Two are missing.', decides: [idOf('ClosureRequested')] },
    EvidenceSubmitted: {
      items: [
        {
          name: 'records.pdf',
          sha256: SHA256,
          size: 12,
          mediaType: 'application/pdf',
          url: 'https://avon.example/r',
        },
      ],
      note: 'Those of May.',
    },
    EvidenceAccepted: { note: 'These will do.', decides: [idOf('EvidenceSubmitted')] },
    EvidenceRejected: { reason: 'Not legible.', decides: [idOf('EvidenceSubmitted')] },
    ResponseRequired: {},
    ResponsePublished: {
      position: 'action-taken',
      text: 'We keep them.',
      publishedElsewhere: 'https://avon.example/response',
      dueOn: '2026-03-01',
      late: true,
      claim: true,
    },
    CommentAdded: {
      text: 'All forces were asked.',
      visibility: 'public',
      cutOff: true,
      completes: idOf('CommentAdded'),
      reason: 'The copy was bad.',
      ...stated,
    },
    CommentRedacted: { eventId: idOf('CommentAdded'), erased: ['/data/text'], reason: 'It named somebody.' },
    OwnerAssigned: { owner: 'Ann Other', reason: 'Ben left.' },
    RecipientAssigned: { recipient: 'avon', reason: 'The bodies merged.' },
    TextAmended: {
      title: 'Custody',
      text: 'By 30 June 2026 keep custody records.',
      reason: 'It was too long.',
      places: [{ deadlineId: 'd1', source }],
      ...stated,
    },
    DeadlineSet: { deadlineId: 'd1', kind: 'action', dueOn: '2026-06-30', note: 'As agreed.', source },
    DeadlineProposed: {
      deadlineId: 'd2',
      kind: 'action',
      suggestedOn: '2026-07-05',
      rule: 'within six months',
      source,
    },
    DeadlineDismissed: { deadlineId: 'd2', reason: 'It is no deadline.' },
    DeadlineWithdrawn: { deadlineId: 'd1', reason: 'It was of another body.' },
    DeadlineExtended: {
      deadlineId: 'd1',
      dueOn: '2026-09-30',
      reason: 'As agreed.',
      decides: [idOf('ExtensionRequested')],
    },
    ExtensionRequested: { deadlineId: 'd1', dueOn: '2026-09-30', reason: 'The system is late.' },
    ExtensionRefused: { deadlineId: 'd1', reason: 'It is not.', decides: [idOf('ExtensionRequested')] },
    ExtensionWithdrawn: { deadlineId: 'd1' },
    DeadlineApproaching: ofDate(2, '2026-09-30'),
    DeadlinePassed: ofDate(2, '2026-09-30'),
    DeadlineEscalated: ofDate(2, '2026-09-30'),
    CorrectionRequested: {
      eventId: idOf('RecommendationIssued'),
      publishedOn: '2026-01-05',
      recipient: 'avon',
      dueOn: '2026-07-30',
      confirms: true,
      reason: 'A slip of the pen.',
    },
    CorrectionApproved: {
      eventId: idOf('RecommendationIssued'),
      publishedOn: '2026-01-05',
      recipient: 'avon',
      dueOn: '2026-07-30',
      confirms: true,
      insteadOf: '2026-01-04',
      deadlineId: 'd1',
      kind: 'action',
      decides: [idOf('CorrectionRequested')],
    },
    CorrectionRefused: {
      eventId: idOf('RecommendationIssued'),
      reason: 'It was right.',
      decides: [idOf('CorrectionRequested')],
    },
    SupersedesRecorded: { supersedes: '729' },
    UnknownStatusRecorded: { status: 'in limbo', ...stated },
    RegisterRecordImported: {
      source: Buffer.from('Custody records (730)\n').toString('base64'),
      sourceSha256: SHA256,
      length: 22,
      partial: true,
      differences: [{ line: 1, column: 1, what: 'title', detail: 'another title' }],
      anomalies: [{ code: 'no-history', line: 1, column: 1, detail: 'there is none' }],
      moreAnomalies: 3,
    },
  } satisfies { readonly [Type in EventType]: Every<EventData[Type]> };
};

const noOptionalMember = (idOf: IdOf) => {
  const every = everyMember(idOf);
  const { title, text } = every.RecommendationIssued;
  const { sha256 } = every.EvidenceSubmitted.items[0] ?? { sha256: SHA256 };
  return {
    ...every,
    RecommendationIssued: { title, text, recipient: null, report: null, reference: null, issue: null },
    ProgressStarted: {},
    ReturnedToReview: { reason: 'It began too early.' },
    RecommendationCompleted: { statement: 'All records are kept.', decides: [] },
    NoFurtherActionDecided: { reason: 'merged', statement: 'See the later one.' },
    RecommendationReopened: { reason: 'Records were lost.' },
    'StatusRecorded.awaiting-review': {},
    'StatusRecorded.being-progressed': {},
    'StatusRecorded.complete': {},
    'StatusRecorded.no-further-action-needed': {},
    EvidenceSubmitted: { items: [{ name: 'records.pdf', sha256 }] },
    EvidenceAccepted: { decides: [] },
    ResponsePublished: { position: 'no-action', text: 'We do not.', dueOn: null, late: false },
    CommentAdded: { text: 'Ann is ill.', visibility: 'internal' },
    OwnerAssigned: { owner: 'Ann Other' },
    RecipientAssigned: { recipient: 'avon' },
    TextAmended: { reason: 'It was too long.' },
    DeadlineSet: { deadlineId: 'd1', kind: 'action', dueOn: '2026-06-30' },
    DeadlineProposed: { ...every.DeadlineProposed, suggestedOn: null },
    DeadlineDismissed: { deadlineId: 'd2' },
    DeadlineExtended: { deadlineId: 'd1', dueOn: '2026-09-30', decides: [] },
    CorrectionRequested: { eventId: idOf('RecommendationIssued'), reason: 'A slip of the pen.' },
    CorrectionApproved: { eventId: idOf('RecommendationIssued'), decides: [] },
    UnknownStatusRecorded: { status: 'in limbo' },
    RegisterRecordImported: { length: 22, anomalies: [] },
  } satisfies { readonly [Type in EventType]: Bare<EventData[Type]> };
};

/** What no command says of an event, by its members: it comes from a file. */
const OF_A_FILE: readonly string[] = ['statedOn', 'statusOn', 'statusAfter', 'cutOff', 'completes'];
/** What an import lacks of an event that a command makes as well. */
const OF_A_COMMAND: Readonly<Record<string, readonly string[]>> = {
  ReturnedToReview: ['reason'],
  RecommendationCompleted: ['statement', 'decides'],
  NoFurtherActionDecided: ['reason', 'statement', 'supersededBy'],
  RecommendationReopened: ['reason'],
};

/** Types of events in an order that the statechart takes, each of which is there once at least. */
const LIVE: readonly EventType[] = [
  'RecommendationIssued',
  'CommentAdded',
  'CommentAdded',
  'OwnerAssigned',
  'RecipientAssigned',
  'DeadlineSet',
  'DeadlineProposed',
  'DeadlineDismissed',
  'ExtensionRequested',
  'ExtensionRefused',
  'ExtensionRequested',
  'ExtensionWithdrawn',
  'ExtensionRequested',
  'DeadlineExtended',
  'CorrectionRequested',
  'CorrectionRefused',
  'CorrectionRequested',
  'CorrectionApproved',
  'TextAmended',
  'ResponseRequired',
  'ResponsePublished',
  'ProgressStarted',
  'ReturnedToReview',
  'ProgressStarted',
  'EvidenceSubmitted',
  'EvidenceRejected',
  'EvidenceSubmitted',
  'EvidenceAccepted',
  'ClosureRequested',
  'ClosureWithdrawn',
  'ClosureRequested',
  'ClosureRefused',
  'ClosureRequested',
  'DeadlineApproaching',
  'DeadlinePassed',
  'DeadlineEscalated',
  'RecommendationCompleted',
  'RecommendationReopened',
  'NoFurtherActionDecided',
  'RecommendationReopened',
  'SupersedesRecorded',
  'DeadlineWithdrawn',
  'CommentRedacted',
];
const IMPORTED: readonly EventType[] = [
  'RecommendationIssued',
  'DeadlineSet',
  'DeadlineProposed',
  'CommentAdded',
  'CommentAdded',
  'ProgressStarted',
  'ReturnedToReview',
  'RecommendationCompleted',
  'RecommendationReopened',
  'NoFurtherActionDecided',
  'StatusRecorded.awaiting-review',
  'StatusRecorded.being-progressed',
  'StatusRecorded.complete',
  'StatusRecorded.no-further-action-needed',
  'UnknownStatusRecorded',
  'TextAmended',
  'RegisterRecordImported',
];
const SWEPT: readonly EventType[] = ['DeadlineApproaching', 'DeadlinePassed', 'DeadlineEscalated'];

/** The records that have every shape there is today, by what they are. */
export const SHAPES = {
  live: { types: LIVE, data: everyMember, without: () => OF_A_FILE, redacted: false },
  'live-bare': { types: LIVE, data: noOptionalMember, without: () => [], redacted: false },
  imported: {
    types: IMPORTED,
    data: everyMember,
    without: (type: string) => OF_A_COMMAND[type] ?? [],
    redacted: false,
  },
  'imported-bare': {
    types: IMPORTED,
    data: noOptionalMember,
    without: (type: string) => OF_A_COMMAND[type] ?? [],
    redacted: false,
  },
  redacted: {
    types: [...LIVE.slice(0, -1), 'UnknownStatusRecorded', 'RegisterRecordImported'],
    data: everyMember,
    without: () => [],
    redacted: true,
  },
} as const;

const DAY_MS = 86_400_000;
const BEGINNING = Date.parse('2026-01-05T09:00:00.000Z');

/** Records one of these in a store, through what records any event, and gives its events as they are stored; of each release there is another record. */
export async function recordShapes(
  store: EventStore,
  what: keyof typeof SHAPES,
  release: string,
): Promise<Envelope[]> {
  const { types, data, without, redacted } = SHAPES[what];
  const record = new Recorder(store, recordStream(`fixture-${release}-${what}`));
  const isImport = what.startsWith('imported');
  for (const type of types) {
    const all: JsonObject = data((each) => record.idOf(each))[type];
    const left = without(type);
    const members = Object.fromEntries(Object.entries(all).filter(([name]) => !left.includes(name)));
    await record.add(type, members, SWEPT.includes(type) ? 'sweep' : isImport ? 'import' : 'command');
  }
  const redact = async ({ eventId, commitments }: Envelope): Promise<void> => {
    const erased = Object.keys(commitments);
    if (erased.length === 0) return;
    await record.add('CommentRedacted', { eventId, erased, reason: 'asked for' }, 'command');
  };
  if (redacted) {
    for (const event of await record.stored()) await redact(event);
    // Of a redaction itself as well.
    for (const event of (await record.stored()).slice(-1)) await redact(event);
  }
  return record.stored();
}

/** Appends events one command each, a day apart. */
class Recorder {
  readonly #store: EventStore;
  readonly #streamId: string;
  #state: Parameters<typeof inspectionRecommendation.evolve>[0] = null;
  readonly #ids = new Map<string, string>();
  #version = 0;

  constructor(store: EventStore, streamId: string) {
    this.#store = store;
    this.#streamId = streamId;
  }

  /** One of another stream where there is none yet. */
  readonly idOf: IdOf = (type) => this.#ids.get(type) ?? randomUUID();

  stored(): Promise<Envelope[]> {
    return this.#store.readStream(this.#streamId);
  }

  async add(type: EventType, data: JsonObject, origin: Origin): Promise<void> {
    const now = BEGINNING + this.#version * DAY_MS;
    const ids = commandIds(randomUUID());
    const decision = origin === 'command' ? { role: 'inspector', guards: ['open'] } : null;
    const request = { method: 'POST', path: `/fixtures/${type}`, payload: data };
    const header = { ids, name: 'fixture', actor: { subject: 'ann', roles: ['inspector'] }, now };
    const { commit, states } = commitFor(
      // Every other one has a key, and so a digest of its request.
      {
        ...header,
        correlationId: randomUUID(),
        decision,
        origin,
        request: this.#version % 2 === 0 ? request : null,
      },
      [
        {
          streamId: this.#streamId,
          expectedVersion: this.#version,
          lifecycle: inspectionRecommendation,
          before: this.#state,
          decided: () => [{ type, data }],
          effectiveOn: new Date(now).toISOString().slice(0, 10),
        },
      ],
    );
    const { events: appended } = await this.#store.append(commit);
    this.#ids.set(type, appended[0]?.eventId ?? '');
    this.#state = states.get(this.#streamId) ?? null;
    this.#version += 1;
  }
}

/** The members of data down to the last, as pointers in which `*` is every item of a list. */
export function* memberPaths(value: JsonValue, path = ''): Generator<string> {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value as JsonValue[]) yield* memberPaths(item, `${path}/*`);
    return;
  }
  for (const [name, member] of Object.entries(value as JsonObject)) {
    yield `${path}/${name}`;
    yield* memberPaths(member, `${path}/${name}`);
  }
}

/** The members of a type of event that can be left out, or be null in place of what they hold. */
export function optionalPaths(type: EventType): Set<string> {
  const anyId = () => randomUUID();
  const bare = new Set(memberPaths(noOptionalMember(anyId)[type]));
  return new Set([...memberPaths(everyMember(anyId)[type])].filter((path) => !bare.has(path)));
}

/** The members of a type of event that hold free text, as paths into its data. */
export const sensitivePaths = (type: EventType): string[] =>
  events[type].sensitive.map((pointer) => pointer.slice('/data'.length));
