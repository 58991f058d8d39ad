import { createHash } from 'node:crypto';
import type { Envelope, JsonObject, JsonValue } from '#event-sourcing/envelope';
import { eraseFromEnvelope, pointerTokens, valueAt } from '#event-sourcing/erasure';
import type { EventStore, Subscription } from '#event-sourcing/event-store';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import type { Shapes } from '#lifecycle/shapes';
import { addDays } from '#lifecycle/plain-date';
import { events } from '#state-machines/inspection-recommendation/v1/events';
import type { Facts } from '#state-machines/inspection-recommendation/v1/facts';
import { inspectionRecommendation } from '#state-machines/inspection-recommendation/v1/lifecycle';
import { recordIdOf, recordStream } from '#state-machines/inspection-recommendation/kind';
import type { Deadline } from '#state-machines/capabilities/deadlines';
import type { EventData } from '#state-machines/inspection-recommendation/v1/events';
import type { EventType } from '#state-machines/inspection-recommendation/v1/events';
import type {
  AnyData,
  RecordEvent,
  StoredData,
} from '#state-machines/inspection-recommendation/v1/record-event';
import { lifecycles } from '#state-machines/lifecycles';
import { todaysEvents } from './todays-events.ts';

/** The pointers of sensitive values, for events that the lifecycle does not know. */
const SENSITIVE = ['title', 'text', 'statement', 'reason', 'note'].map((name) => `/data/${name}`);
/** The first position; positions have gaps, and soon exceed the precision of a double. */
const FIRST_POSITION = 9_999_999_999_999_990n;
const POSITION_STEP = 3n;

export interface EventOptions {
  readonly correlationId?: string;
  readonly effectiveOn?: string;
  readonly recordedAt?: string;
  readonly subject?: string;
  readonly roles?: readonly string[];
  readonly origin?: Envelope['origin'];
  readonly schemaVersion?: number;
}

const actorOf = ({ subject = 'ada', roles = ['inspector'] }: Pick<EventOptions, 'subject' | 'roles'>) => ({
  subject,
  roles: [...roles],
});

/** Returns the pointers of an event type's sensitive values. */
function sensitiveIn(type: string, data: JsonObject): string[] {
  const definitions: Shapes = events;
  const own = definitions[type]?.sensitive ?? SENSITIVE;
  return own
    .flatMap((pattern) => itemsOf(pattern, data))
    .filter((pointer) => valueAt({ data }, pointer) !== undefined);
}

function itemsOf(pattern: string, data: JsonObject): string[] {
  const [list, member] = pattern.split('/*');
  if (member === undefined) return [pattern];
  const [, name = ''] = pointerTokens(list as string);
  const items = (data[name] ?? []) as readonly JsonValue[];
  return items.map((_, index) => `${list}/${index}${member}`);
}

/** Returns a hash of an event, computed otherwise than in a store. */
const hashOf = (event: Envelope): string => createHash('sha256').update(JSON.stringify(event)).digest('hex');

/** An in-memory log of records for projections, to which specs add events one by one. */
export class RecordLog implements Pick<EventStore, 'readAll' | 'readStream' | 'subscribe' | 'lastPosition'> {
  readonly events: RecordEvent<Envelope>[] = [];
  readonly #states = new Map<string, LifecycleState<Facts>>();
  readonly #versions = new Map<string, number>();
  /** The hash of each stream's last event. */
  readonly #hashes = new Map<string, string>();
  #firstPosition: bigint;
  #growth = Promise.withResolvers<undefined>();

  constructor(firstPosition = FIRST_POSITION) {
    this.#firstPosition = firstPosition;
  }

  /** Empties the log. */
  clear(firstPosition = FIRST_POSITION): void {
    this.#firstPosition = firstPosition;
    this.events.length = 0;
    this.#states.clear();
    this.#versions.clear();
    this.#hashes.clear();
  }

  issue(
    id: string,
    data: Partial<EventData['RecommendationIssued']> = {},
    options: EventOptions = {},
  ): Envelope {
    const report = { name: 'PEEL 2025', publishedOn: '2026-01-01' };
    const issuedData = {
      title: `Title of ${id}`,
      text: `Text of ${id}`,
      recipient: 'avon',
      report,
      reference: null,
      issue: null,
    };
    return this.add(id, 'RecommendationIssued', { ...issuedData, ...data }, options);
  }

  comment(id: string, text: string, visibility: 'public' | 'internal' = 'public'): Envelope {
    return this.add(id, 'CommentAdded', { text, visibility });
  }

  deadline(id: string, deadlineId: string, dueOn: string, kind: Deadline['kind'] = 'action'): Envelope {
    return this.add(id, 'DeadlineSet', { deadlineId, kind, dueOn });
  }

  redact(id: string, { eventId }: Envelope, ...pointers: string[]): Envelope {
    return this.add(id, 'CommentRedacted', { eventId, erased: pointers, reason: 'asked for' });
  }

  /** Returns whether the lifecycle accepts the event now. */
  accepts(id: string, type: string): boolean {
    return inspectionRecommendation.valueAfter(this.#states.get(id)?.value ?? null, type) !== null;
  }

  /** Adds an event with the members of its type. A spec omits those that it does not read. */
  add<Type extends EventType>(
    id: string,
    type: Type,
    data: Partial<StoredData[Type]>,
    options: EventOptions = {},
  ): Envelope {
    return this.addAny(id, type, data as JsonObject, options);
  }

  /** Adds an event of an unknown type. */
  addAny(id: string, type: string, data: JsonObject, options: EventOptions = {}): Envelope {
    const { effectiveOn = '2026-01-01', origin = 'command' } = options;
    const before = this.#states.get(id) ?? null;
    const eventId = `e${this.events.length}`;
    const state = inspectionRecommendation.evolve(before, {
      eventId,
      version: (before?.size.events ?? 0) + 1,
      type,
      data,
      effectiveOn,
      recordedAt: options.recordedAt ?? '2026-01-01T00:00:00.000Z',
      origin,
      actor: actorOf(options),
      decision: null,
    });
    this.#states.set(id, state);
    const lifecycle = lifecycles.current('inspection-recommendation').reference;
    return this.append(recordStream(id), type, data, { ...options, state: state.value, lifecycle });
  }

  /** Adds any event, including one that no lifecycle would produce. */
  append(
    streamId: string,
    type: string,
    data: JsonObject,
    more: EventOptions & Partial<Pick<Envelope, 'state' | 'lifecycle' | 'version'>> = {},
  ): Envelope {
    const count = this.events.length;
    const version = more.version ?? (this.#versions.get(streamId) ?? 0) + 1;
    this.#versions.set(streamId, version);
    const pointers = sensitiveIn(type, data);
    const envelope: Envelope = {
      envelope: 1,
      eventId: `e${count}`,
      type,
      schemaVersion: more.schemaVersion ?? 1,
      streamId,
      version,
      position: String(this.#firstPosition + POSITION_STEP * BigInt(count)),
      recordedAt: more.recordedAt ?? new Date(Date.UTC(2026, 0, 1) + count * 1_000).toISOString(),
      effectiveOn: more.effectiveOn ?? '2026-01-01',
      actor: actorOf(more),
      command: { id: `c${count}`, name: 'spec', digest: null },
      decision: null,
      correlationId: more.correlationId ?? 'spec',
      causationId: null,
      origin: more.origin ?? 'command',
      lifecycle:
        more.lifecycle ??
        (recordIdOf(streamId) === null ? null : lifecycles.current('inspection-recommendation').reference),
      state: more.state ?? null,
      data,
      nonce: 'nonce',
      commitments: Object.fromEntries(pointers.map((pointer) => [pointer, 'commitment'])),
      salts: Object.fromEntries(pointers.map((pointer) => [pointer, 'salt'])),
      previousHash: this.#hashes.get(streamId) ?? null,
      hash: '',
    };
    Object.assign(envelope, { hash: hashOf(envelope) });
    this.#hashes.set(streamId, envelope.hash);
    this.events.push(...todaysEvents([envelope]));
    this.#growth.resolve(undefined);
    return envelope;
  }

  /** Erases values, as a redaction does. */
  erase({ eventId }: Envelope, ...pointers: string[]): void {
    const index = this.events.findIndex((event) => event.eventId === eventId);
    this.events[index] = eraseFromEnvelope(this.events[index] as RecordEvent<Envelope>, pointers);
  }

  readAll({ after = '0', limit = 1_000 } = {}): Promise<Envelope[]> {
    const start = this.events.findIndex(({ position }) => BigInt(position) > BigInt(after));
    return Promise.resolve(start === -1 ? [] : this.events.slice(start, start + limit));
  }

  readStream(streamId: string, { after = 0, limit = 1_000 } = {}): Promise<Envelope[]> {
    const events = this.events.filter((event) => event.streamId === streamId && event.version > after);
    return Promise.resolve(events.slice(0, limit));
  }

  lastPosition(): Promise<string> {
    return Promise.resolve(this.events.at(-1)?.position ?? '0');
  }

  subscribe(after: string, handler: (batch: readonly Envelope[]) => Promise<void>): Subscription {
    const closed = Promise.withResolvers<undefined>();
    let isClosed = false;
    const follow = async () => {
      for (let position = after; !isClosed;) {
        this.#growth = Promise.withResolvers();
        const batch = await this.readAll({ after: position, limit: 1_000 });
        if (batch.length === 0) {
          await Promise.race([this.#growth.promise, closed.promise]);
        } else {
          await handler(batch);
          position = batch.at(-1)?.position ?? position;
        }
      }
    };
    const ended = follow();
    const close = async () => {
      isClosed = true;
      closed.resolve(undefined);
      await Promise.allSettled([ended]);
    };
    return { ended, close };
  }
}

const WORDS = [
  'custody',
  'firearms',
  'training',
  'Zürich',
  'naïve',
  'response',
  '"quoted"',
  'o\u0000o',
  '…',
  '',
];
const MOVES = [
  'ProgressStarted',
  'ReturnedToReview',
  'RecommendationCompleted',
  'NoFurtherActionDecided',
  'RecommendationReopened',
  'ClosureRequested',
  'ClosureWithdrawn',
  'ClosureRefused',
  'EvidenceSubmitted',
  'EvidenceAccepted',
  'EvidenceRejected',
  'ResponseRequired',
  'ResponsePublished',
  'StatusRecorded.being-progressed',
  'StatusRecorded.complete',
];

/**
 * Returns a history of some records on an empty log, with one or two events per number. Every list of numbers results
 * in a history that the lifecycle accepts.
 */
export function historyFrom(choices: readonly number[], log = new RecordLog()): RecordLog {
  for (const choice of choices) {
    const pick = picker(choice);
    const id = pick(['a', 'b', 'c', 'd']);
    const options = {
      effectiveOn: addDays('2026-01-01', pick([0, 1, 40, 400])),
      subject: pick(['ada', 'bob', 'cli:bob']),
      origin: pick(['command', 'command', 'import']),
    } as const;
    if (log.accepts(id, 'RecommendationIssued')) {
      const data = {
        title: pick(WORDS),
        recipient: pick(['avon', 'kent', null]),
        issue: pick([null, 'i-1']),
      };
      log.issue(id, data, options);
      continue;
    }
    const own = log.events.filter(({ streamId }) => streamId === recordStream(id));
    const text = pick(WORDS);
    const notes: (() => void)[] = [
      () => log.add(id, 'CommentAdded', { text, visibility: pick(['public', 'internal'] as const) }, options),
      () =>
        log.add(
          id,
          'TextAmended',
          { ...pick([{ text }, { title: text }, { text, title: 'new' }]), reason: 'better' },
          options,
        ),
      () => log.add(id, 'OwnerAssigned', { owner: pick(['ada', 'bob']) }, options),
      () => log.add(id, 'RecipientAssigned', { recipient: pick(['avon', 'kent']) }, options),
      () =>
        log.deadline(
          id,
          // Ids are never reused.
          `d${own.filter(({ type, data }) => type === 'DeadlineSet' && data.deadlineId.startsWith('d')).length + 1}`,
          addDays('2026-03-01', pick([0, 50])),
          pick(['action', 'response'] as const),
        ),
      () =>
        log.add(
          id,
          'DeadlineExtended',
          { deadlineId: 'd1', dueOn: addDays('2026-06-01', pick([0, 9])) },
          options,
        ),
      () =>
        log.add(
          id,
          'ExtensionRequested',
          { deadlineId: pick(['d1', 'd2']), dueOn: addDays('2026-06-01', pick([0, 9])), reason: text },
          options,
        ),
      () => log.add(id, pick(['ExtensionRefused', 'ExtensionWithdrawn']), { deadlineId: 'd1' }, options),
      ...proposalNotes(log, id, own, options),
      () => log.add(id, 'DeadlineWithdrawn', { deadlineId: pick(['d1', 'd2']), reason: 'a slip' }, options),
      () => {
        const redacted = pick(own);
        log.redact(
          id,
          redacted,
          ...Object.keys(redacted.commitments).filter(() => pick([true, true, false])),
        );
      },
      () => log.append('person-ada', 'PersonNamed', { name: 'Ada' }),
      ...correctionNotes(log, id, own, options),
      ...MOVES.filter((type) => log.accepts(id, type)).map((type) => () => {
        const claim = CLAIMS.has(type) && pick([true, false]);
        return log.addAny(id, type, { reason: text, ...(claim && { claim }) }, options);
      }),
    ];
    pick(notes)();
  }
  return log;
}

/** The events that settle deadlines, and may only claim that they were met. */
export const CLAIMS: ReadonlySet<string> = new Set([
  'RecommendationCompleted',
  'NoFurtherActionDecided',
  'StatusRecorded.complete',
  'ResponsePublished',
]);

/** Requests the confirmation of the latest claim, once or repeatedly, and decides the first pending request. */
function correctionNotes(
  log: RecordLog,
  id: string,
  own: readonly RecordEvent<Envelope>[],
  options: EventOptions,
): (() => void)[] {
  const claim = own.findLast(({ data }) => (data as AnyData).claim === true);
  if (claim === undefined) return [];
  const named = (type: string) => own.filter((each) => each.type === type);
  const decided = [...named('CorrectionApproved'), ...named('CorrectionRefused')].flatMap(
    ({ data }) => (data as AnyData).decides ?? [],
  );
  const request = named('CorrectionRequested').find(({ eventId }) => !decided.includes(eventId));
  const corrects = { eventId: claim.eventId, confirms: true } as const;
  const decides = request === undefined ? [] : [request.eventId];
  const kind = claim.type === 'ResponsePublished' ? 'response' : 'action';
  const { effectiveOn } = claim;
  return [
    () => log.add(id, 'CorrectionRequested', { ...corrects, reason: 'It was met.' }, options),
    ...(request === undefined
      ? []
      : [
          () =>
            log.add(id, 'CorrectionApproved', { ...corrects, kind, decides }, { ...options, effectiveOn }),
          () => log.add(id, 'CorrectionRefused', { eventId: claim.eventId, reason: 'No.', decides }, options),
        ]),
  ];
}

/** Adds another date that was found in the text, and confirms or dismisses the first pending one. */
function proposalNotes(
  log: RecordLog,
  id: string,
  own: readonly RecordEvent<Envelope>[],
  options: EventOptions,
): (() => void)[] {
  const named = (...types: readonly string[]): (string | undefined)[] =>
    own.flatMap(({ type, data }) => (types.includes(type) ? [(data as AnyData).deadlineId] : []));
  const [proposed, decided] = [named('DeadlineProposed'), named('DeadlineSet', 'DeadlineDismissed')];
  const waiting = proposed.find((each) => !decided.includes(each));
  const source = { eventId: own[0]?.eventId ?? '', from: 0, to: 1 };
  const next = { deadlineId: `p${proposed.length + 1}`, rule: 'months', suggestedOn: '2026-07-01', source };
  return [
    () => log.add(id, 'DeadlineProposed', { ...next, kind: 'action' }, options),
    ...(waiting === undefined
      ? []
      : [
          () => log.deadline(id, waiting, '2026-07-01'),
          () => log.add(id, 'DeadlineDismissed', { deadlineId: waiting }, options),
        ]),
  ];
}

/** Returns a function that draws values from a number, one after another. */
function picker(choice: number) {
  let rest = choice >>> 0;
  return <Value extends JsonValue | Envelope | (() => void)>(values: readonly Value[]): Value => {
    rest = (Math.imul(rest, 1_664_525) + 1_013_904_223) >>> 0;
    return values[(rest >>> 8) % values.length] as Value;
  };
}
