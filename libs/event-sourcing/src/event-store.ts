import type {
  Actor,
  Decision,
  Envelope,
  JsonObject,
  JsonValue,
  LifecycleReference,
  Origin,
  Pointer,
  StateValue,
} from './envelope.ts';

/** An event that was decided and is not yet sealed. */
export interface EventDraft {
  readonly type: string;
  readonly schemaVersion: number;
  readonly effectiveOn: string;
  readonly data: JsonObject;
  readonly state: StateValue | null;
  /** Which members are sensitive: pointers from the envelope, where `*` stands for every item of an array. */
  readonly sensitive: readonly Pointer[];
}

/** What one command appends to one stream. Without events it is only a check of the version. */
export interface StreamAppend {
  readonly streamId: string;
  /** The version the stream must have: 0 where it must not exist. */
  readonly expectedVersion: number;
  /** Where the stream follows another one than the commit names. */
  readonly lifecycle?: LifecycleReference;
  readonly events: readonly EventDraft[];
}

/** The request as the caller sent it, so that a key reused for another request is noticed. */
export interface CommandRequest {
  readonly method: string;
  readonly path: string;
  readonly payload: JsonObject;
}

/** One command's outcome: appended to all its streams, or to none. */
export interface Commit {
  readonly command: {
    readonly id: string;
    readonly name: string;
    /** Present where the caller sent an Idempotency-Key: the command's id is then looked up in the transaction. */
    readonly request: CommandRequest | null;
  };
  readonly actor: Actor;
  readonly decision: Decision | null;
  readonly correlationId: string;
  readonly causationId: string | null;
  readonly origin: Origin;
  readonly lifecycle: LifecycleReference | null;
  /** UTC instant, ISO 8601 with milliseconds. The store raises it to the previous event's where that is later. */
  readonly recordedAt: string;
  readonly appends: readonly StreamAppend[];
  /**
   * Commits of other commands, without a key, that are appended before it in the same transaction. Each expects the versions that
   * those before it leave; the answer lists none of their events.
   */
  readonly preceding?: readonly Commit[];
}

export type AppendedEvent = Pick<
  Envelope,
  'eventId' | 'streamId' | 'type' | 'version' | 'position' | 'recordedAt'
>;

export type AppendResult =
  | { readonly repeated: false; readonly events: readonly AppendedEvent[] }
  /** The command had been appended before under the same id: its events as they are stored. */
  | { readonly repeated: true; readonly events: readonly Envelope[] };

/**
 * Until when erased values can still be found by who has the store's files, though by nobody who asks the store: not at all, until
 * PostgreSQL has vacuumed its table, or until KurrentDB's next scavenge.
 */
export type ErasedRemains = 'nowhere' | 'until-vacuum' | 'until-scavenge';

/** An event as a store keeps it. */
export interface StoredEntry {
  /** Null for what is no event's place, such as a name without events. */
  readonly position: string | null;
  /** Where reads of a stream find it; null where they do not. */
  readonly streamId: string | null;
  readonly version: number | null;
  /** Null where it cannot be read. */
  readonly event: Envelope | null;
  /** That its text has no backslash: each of its texts is written in JSON as it is. */
  readonly isUnescaped?: boolean;
  readonly faults: readonly StoreFault[];
}

/** An event as it stands in a table, with all that reads find it by, not yet read. */
export interface StoredRow {
  readonly position: string;
  /** Under which number its stream's name stands. */
  readonly stream: string | number | bigint;
  /** The name; null where none stands there. */
  readonly streamId: string | null;
  readonly version: number;
  readonly commandId: string | null;
  /** How the table keeps the id of a keyed command. */
  readonly keyAs: 'given' | 'lower-case';
  readonly envelope: string;
}

export type RowPage = readonly (StoredEntry | StoredRow)[];

/** The rows of a log by their positions, which are given one after another. */
export interface LogRows {
  /** All above a position (all, where it is null), in order and page by page; what cannot be read is passed over, and told. */
  after(position: string | null): AsyncGenerator<RowPage>;
  /** Those above a position, up to another one. @throws where one cannot be read. */
  between(after: string, to: string): AsyncGenerator<RowPage>;
  /** What is wrong beside the events: names, tables, and (where all is looked at) the file's own structure. */
  beside(isAll: boolean): AsyncGenerator<StoredEntry>;
}

export type StatedHash = readonly [position: string, hash: string | null];

/** A log that several can read at once. */
export interface LogParts extends Omit<LogRows, 'between'> {
  /** The first position above another (of all, where that is null) that has a row; null where none has. */
  next(after: string | null): Promise<string | null>;
  /** The hash that each event states, in order and page by page, without reading the rest of it; null where it states none. */
  hashes(): AsyncGenerator<readonly StatedHash[]>;
  /** A module that exports `openRows(options): Promise<LogRows>`, and what to give it: a thread opens rows of its own. */
  readonly opened: { readonly module: string; readonly options: unknown };
}

/** What is wrong with how an event is kept: its text is none, or reads find it by what it does not say. */
export interface StoreFault {
  readonly code: 'unreadable' | 'index';
  readonly detail: string;
}

/** A redaction as it stands in the log. */
export interface Redaction {
  readonly position: string;
  readonly streamId: string;
  /** The event whose values are gone. */
  readonly eventId: string;
  readonly erased: readonly Pointer[];
}

export interface Subscription {
  /** Settles when the subscription has ended: resolved after `close`, rejected with what the handler threw. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
}

/**
 * The port that every store implements; one contract suite (`test/contract`) proves its promises on each:
 * optimistic concurrency; a repeated keyed command is answered with what it appended; all or nothing; no reader
 * ever sees positions out of order, or one that fills in later behind it; what is acknowledged survives `kill -9`.
 */
export interface EventStore {
  readonly erasedRemains: ErasedRemains;
  /**
   * Appends all of a command's events, or none. Where one of them is a redaction (`redactionOf`), no read that begins after
   * the answer gives out what it names, here or in another process; `erase` then rids the store's files of it.
   * @throws VersionConflictError when a stream is not at its expected version.
   * @throws StoreUnavailableError when the store cannot be reached, is closing, or too much waits already.
   */
  append(commit: Commit): Promise<AppendResult>;
  /**
   * Appends events as another store sealed them, all or none (a server that limits a transaction takes very many in several, each of
   * whole commands) and in this order, with every member but `position` kept: ids,
   * instants, hashes, and what is erased stays so. Those of keyed commands (`command.digest` is not null) are found by
   * `findCommand`, and the command is answered as repeated; redactions among them do as they do in `append`.
   * @throws VersionConflictError when an event's version is not the next of its stream.
   * @throws HistoryDiffersError when it is, and the event follows another than the stream's last one.
   * @throws StoreUnavailableError as `append` does.
   */
  appendSealed(events: readonly Omit<Envelope, 'position'>[]): Promise<void>;
  /**
   * Removes sensitive values and their salts (and the salt of the command's digest) from a stored event. Erasing
   * what is gone already changes nothing.
   * @throws EventNotFoundError when there is no such event.
   */
  erase(streamId: string, version: number, pointers: readonly Pointer[]): Promise<void>;
  /**
   * The stream's events with a version above `after` (default 0), oldest first; empty where there is none. A page may
   * be shorter than `limit` where its events are large; only an empty one is the end.
   * @param options.enough a page may end with the event with which its texts have more characters; a store may give more.
   */
  readStream(
    streamId: string,
    options?: { after?: number; limit?: number; enough?: number },
  ): Promise<Envelope[]>;
  /** The log's events with a position above `after` (default the beginning), in order; pages as in `readStream`. */
  readAll(options?: { after?: string; limit?: number; enough?: number }): Promise<Envelope[]>;
  /** The events of a keyed command, in order; empty where the id is unknown. */
  findCommand(commandId: string): Promise<Envelope[]>;
  /**
   * The whole store as it is kept, for who verifies it: every event in the log's order, or those that are found under one stream,
   * with what reads find them by, whether it can be read or not; after them what stands for no event.
   */
  inspect(streamId?: string): AsyncGenerator<StoredEntry>;
  /** The same of the whole store in parts, which threads read for themselves; absent where nobody else can open what the store has open. */
  readonly parts?: LogParts | undefined;
  /**
   * The events of a stream that have one of these ids, oldest first. It looks for them in the store, and brings no other
   * event's text into memory.
   */
  findEvents(streamId: string, eventIds: readonly string[]): Promise<Envelope[]>;
  /** The log's redactions with a position above `after` (default the beginning), in order, found by an index. */
  redactions(options?: { after?: string; limit?: number }): Promise<Redaction[]>;
  /** The position of the log's last event; `'0'` for an empty log. */
  lastPosition(): Promise<string>;
  /** The log's last event; null for an empty log. */
  lastEvent(): Promise<Envelope | null>;
  /**
   * Hands the log's events after a position to the handler, batch by batch and in order, the next batch when the
   * handler's promise has resolved; then follows the log, also what other processes append (within a second).
   */
  subscribe(after: string, handler: (batch: readonly Envelope[]) => Promise<void>): Subscription;
  /** Waits for what is under way, then releases every resource. Later calls reject with StoreUnavailableError. */
  close(): Promise<void>;
}

/** `readStream`'s and `readAll`'s default limit. */
export const READ_LIMIT = 1_000;

let lastTurn: Promise<void> = Promise.resolve();

/**
 * Resolves in a turn of the event loop in which nobody else does: however many long reads go on at once, between two pieces of
 * theirs everything else has its turn.
 */
export function nextTurn(): Promise<void> {
  lastTurn = lastTurn.then(() => new Promise((resolve) => setImmediate(resolve)));
  return lastTurn;
}

/** A page whose events say more than this is long: the next one has fewer events, and others have their turn before it. */
const LONG_PAGE = 256 * 1024;
const FIRST_PAGE_EVENTS = 64;
const PAGE_EVENTS_MIN = 8;
/** Reading so many takes some milliseconds. */
const PAGE_EVENTS_MAX = 256;

/**
 * Every event of a stream, read page by page, from a version on. Pages are as small as their texts are long, and between long
 * ones the event loop is given back: a record of any size is read in little memory, and holds up nobody.
 */
export async function* streamEvents(
  store: Pick<EventStore, 'readStream'>,
  streamId: string,
  after = 0,
): AsyncGenerator<Envelope> {
  let limit = FIRST_PAGE_EVENTS;
  for (let version = after; ;) {
    const page = await store.readStream(streamId, { after: version, limit });
    yield* page;
    const last = page.at(-1);
    if (last === undefined) return;
    version = last.version;
    const isLong = page.reduce((length, { data }) => length + textLength(data), 0) > LONG_PAGE;
    limit = isLong ? Math.max(limit >> 1, PAGE_EVENTS_MIN) : Math.min(limit * 2, PAGE_EVENTS_MAX);
    if (isLong || page.length >= PAGE_EVENTS_MAX) await new Promise((resolve) => setImmediate(resolve));
  }
}

/** How much text there is in an event's data, in characters. */
export function textLength(value: JsonValue): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  let length = 0;
  for (const member of Object.values(value)) length += textLength(member);
  return length;
}

/** Every event of the log, read page by page, up to where it ends when the last page is read. */
export async function* logEvents(store: EventStore, after = '0'): AsyncGenerator<Envelope> {
  for (let position = after; ;) {
    const page = await store.readAll({ after: position, limit: READ_LIMIT });
    yield* page;
    const last = page.at(-1);
    if (last === undefined) return;
    position = last.position;
  }
}
