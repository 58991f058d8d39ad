import { randomUUID } from 'node:crypto';
import type { Envelope, JsonObject, JsonValue, Origin } from '#event-sourcing/envelope';
import type { EventStore } from '#event-sourcing/event-store';
import { commandIds } from '#audit/seal';
import type { Field, Members } from '#lifecycle/fields';
import { commitFor } from '#lifecycle/commit-for';
import type { EventData } from '#state-machines/inspection-recommendation/v1/events';
import { events } from '#state-machines/inspection-recommendation/v1/events';
import type { EventType } from '#state-machines/inspection-recommendation/v1/events';
import { inspectionRecommendation } from '#state-machines/inspection-recommendation/v1/lifecycle';
import { recordStream } from '#state-machines/inspection-recommendation/kind';

/** Returns the id of the last event of a type. */
type IdOf = (type: EventType) => string;

const SHA256 = 'a'.repeat(64);

/**
 * Returns values that refer to other events, or that must be consistent; generated samples would contradict each other.
 */
const referringValues = (idOf: IdOf): { readonly [Type in EventType]?: Partial<EventData[Type]> } => {
  const source = { eventId: idOf('RecommendationIssued'), from: 4, to: 19 };
  const decided = (type: EventType) => ({
    decides: [idOf(type)],
    notConsidered: [idOf('EvidenceSubmitted')],
  });
  const extension = { deadlineId: 'd1', dueOn: '2026-09-30' };
  const correction = { eventId: idOf('RecommendationIssued'), recipient: 'avon' };
  return {
    RecommendationIssued: {
      text: 'By 30 June 2026 the force should keep custody records.',
      recipient: 'avon-and-somerset',
      reference: '730',
    },
    RecommendationCompleted: decided('ClosureRequested'),
    NoFurtherActionDecided: { ...decided('ClosureRequested'), supersededBy: '731' },
    ClosureRequested: { outcome: 'superseded', reason: 'merged', supersededBy: '731' },
    ClosureRefused: { decides: [idOf('ClosureRequested')] },
    EvidenceAccepted: { decides: [idOf('EvidenceSubmitted')] },
    EvidenceRejected: { decides: [idOf('EvidenceSubmitted')] },
    CommentAdded: { completes: idOf('CommentAdded') },
    CommentRedacted: { eventId: idOf('CommentAdded'), erased: ['/data/text'] },
    RecipientAssigned: { recipient: 'avon' },
    TextAmended: { places: [{ deadlineId: 'd1', source }] },
    DeadlineSet: { source },
    DeadlineProposed: { deadlineId: 'd2', source },
    DeadlineDismissed: { deadlineId: 'd2' },
    DeadlineExtended: { ...extension, decides: [idOf('ExtensionRequested')] },
    ExtensionRequested: extension,
    ExtensionRefused: { decides: [idOf('ExtensionRequested')] },
    DeadlineApproaching: extension,
    DeadlinePassed: extension,
    DeadlineEscalated: extension,
    CorrectionRequested: correction,
    CorrectionApproved: { ...correction, insteadOf: '2026-01-04', decides: [idOf('CorrectionRequested')] },
    CorrectionRefused: { eventId: correction.eventId, decides: [idOf('CorrectionRequested')] },
    RegisterRecordImported: { source: Buffer.from('Custody records (730)\n').toString('base64') },
  };
};

/** Returns an event type's data with all optional members, or with none. */
export const dataOf = (type: EventType, idOf: IdOf, isBare: boolean): JsonObject =>
  filled(events[type].members, referringValues(idOf)[type] ?? {}, isBare);

const filled = (members: Members, known: JsonObject, isBare: boolean): JsonObject =>
  Object.fromEntries(
    Object.entries(members)
      .filter(([, { optional = false }]) => !isBare || !optional)
      .map(([name, field]) => {
        if (isBare && field.nullable === true) return [name, null];
        return [name, valueOf(field, name, known[name], isBare)];
      }),
  );

function valueOf(field: Field, name: string, known: JsonValue | undefined, isBare: boolean): JsonValue {
  if (field.kind === 'object') return filled(field.members, (known ?? {}) as JsonObject, isBare);
  if (field.kind === 'list') {
    const items = (known ?? [undefined]) as readonly (JsonValue | undefined)[];
    return items.map((item) => valueOf(field.of, name, item, isBare));
  }
  return known ?? sampleOf(field, name);
}

function sampleOf(field: Field, name: string): JsonValue {
  switch (field.kind) {
    case 'oneOf':
      return field.values[0] ?? '';
    case 'plainDate':
      return '2026-06-30';
    case 'instant':
      return '2026-06-30T12:00:00.000Z';
    case 'sha256':
      return SHA256;
    case 'count':
    case 'ordinal':
      return 2;
    case 'flag':
    case 'always':
      return true;
    case 'identifier':
      return name === 'deadlineId' ? 'd1' : `some-${name}`;
    default:
      return `Some ${name}.`;
  }
}

/** The members that only imports record. */
const OF_A_FILE: readonly string[] = ['statedOn', 'statusOn', 'statusAfter', 'cutOff', 'completes'];
/** The members that only commands record, by event type. */
const OF_A_COMMAND: Readonly<Record<string, readonly string[]>> = {
  ReturnedToReview: ['reason'],
  RecommendationCompleted: ['statement', 'decides'],
  NoFurtherActionDecided: ['reason', 'statement', 'supersededBy'],
  RecommendationReopened: ['reason'],
};

/** The event types in an order that the statechart accepts. Each occurs at least once. */
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

/** The records that contain every current shape, by name. */
export const SHAPES = {
  live: { types: LIVE, isBare: false, without: () => OF_A_FILE, redacted: false },
  'live-bare': { types: LIVE, isBare: true, without: () => [], redacted: false },
  imported: {
    types: IMPORTED,
    isBare: false,
    without: (type: string) => OF_A_COMMAND[type] ?? [],
    redacted: false,
  },
  'imported-bare': {
    types: IMPORTED,
    isBare: true,
    without: (type: string) => OF_A_COMMAND[type] ?? [],
    redacted: false,
  },
  redacted: {
    types: [...LIVE.slice(0, -1), 'UnknownStatusRecorded', 'RegisterRecordImported'],
    isBare: false,
    without: () => [],
    redacted: true,
  },
} as const;

const DAY_MS = 86_400_000;
const BEGINNING = Date.parse('2026-01-05T09:00:00.000Z');

/** Records one of these through the product, and returns its stored events. Each release has its own record. */
export async function recordShapes(
  store: EventStore,
  what: keyof typeof SHAPES,
  release: string,
): Promise<Envelope[]> {
  const { types, isBare, without, redacted } = SHAPES[what];
  const record = new Recorder(store, recordStream(`fixture-${release}-${what}`));
  const isImport = what.startsWith('imported');
  for (const type of types) {
    const all = dataOf(type, record.idOf, isBare);
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
    // This redacts a redaction too.
    for (const event of (await record.stored()).slice(-1)) await redact(event);
  }
  return record.stored();
}

/** Appends events, each with its own command, a day apart. */
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

  /** Returns the id of the last event of a type; if this stream has none yet, an id in another stream. */
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
      // Every other command has a key, and therefore a digest of its request.
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

/** Yields a value's members as pointers, in which `*` matches every item of a list. */
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

/** Returns the members of an event type that can be omitted or null. */
export function optionalPaths(type: EventType): Set<string> {
  const bare = new Set(memberPaths(dataOf(type, () => randomUUID(), true)));
  return new Set([...memberPaths(dataOf(type, () => randomUUID(), false))].filter((path) => !bare.has(path)));
}

/** Returns the members of an event type that contain free text, as paths into its data. */
export const sensitivePaths = (type: EventType): string[] =>
  events[type].sensitive.map((pointer) => pointer.slice('/data'.length));
