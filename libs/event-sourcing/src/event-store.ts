import type {
  Actor,
  Decision,
  Envelope,
  JsonObject,
  JsonValue,
  LifecycleReference,
  Origin,
  Pointer,
} from './envelope.ts';

/** An event that was decided and is not sealed yet. */
export interface EventDraft extends Pick<
  Envelope,
  'type' | 'schemaVersion' | 'effectiveOn' | 'data' | 'state'
> {
  /** Pointers from the envelope to the sensitive members. `*` matches every item of an array. */
  readonly sensitive: readonly Pointer[];
}

/** The events that one command appends to one stream. An append without events only checks the version. */
export interface StreamAppend {
  readonly streamId: string;
  /** The stream's required version: 0 if it must not exist. */
  readonly expectedVersion: number;
  /** The stream's lifecycle, if it differs from the commit's. */
  readonly lifecycle?: LifecycleReference;
  readonly events: readonly EventDraft[];
}

/** The request as the caller sent it, to detect a key that is reused for another request. */
export interface CommandRequest {
  readonly method: string;
  readonly path: string;
  readonly payload: JsonObject;
}

/** The appends of one command: to all its streams, or to none. */
export interface Commit {
  readonly command: {
    readonly id: string;
    readonly name: string;
    /** Set if the caller sent an Idempotency-Key: the transaction then looks up the command's id. */
    readonly request: CommandRequest | null;
  };
  readonly actor: Actor;
  readonly decision: Decision | null;
  readonly correlationId: string;
  readonly causationId: string | null;
  readonly origin: Origin;
  readonly lifecycle: LifecycleReference | null;
  /** A UTC instant, ISO 8601 with milliseconds. The store raises it to the previous event's if that is later. */
  readonly recordedAt: string;
  readonly appends: readonly StreamAppend[];
  /**
   * Commits of other commands, without keys, that are appended before this one in the same transaction. Each
   * expects the versions after the previous ones. The result contains none of their events.
   */
  readonly preceding?: readonly Commit[];
}

export type AppendedEvent = Pick<
  Envelope,
  'eventId' | 'streamId' | 'type' | 'version' | 'position' | 'recordedAt'
>;

export type AppendResult =
  | { readonly repeated: false; readonly events: readonly AppendedEvent[] }
  /** The command was already appended under the same id. These are its stored events. */
  | { readonly repeated: true; readonly events: readonly Envelope[] };

/**
 * How long the store's files can still contain erased values, which the store never returns: not at all,
 * until PostgreSQL has vacuumed its table, or until KurrentDB's next scavenge.
 */
export type ErasedRemains = 'nowhere' | 'until-vacuum' | 'until-scavenge';

export interface StoredEntry {
  /** Null for an entry that is not an event, such as a name without events. */
  readonly position: string | null;
  /** The stream in which reads find it; null if they do not find it. */
  readonly streamId: string | null;
  readonly version: number | null;
  /** Null if unreadable. */
  readonly event: Envelope | null;
  /** Whether its text has no backslash, so that no string in it needs JSON unescaping. */
  readonly isUnescaped?: boolean;
  readonly faults: readonly StoreFault[];
}

/** A fault in the storage of an event: its text is invalid, or its index columns contradict it. */
export interface StoreFault {
  readonly code: 'unreadable' | 'index';
  readonly detail: string;
}

/** A redaction in the log. */
export interface Redaction {
  readonly position: string;
  readonly streamId: string;
  /** The event with the erased values. */
  readonly eventId: string;
  readonly erased: readonly Pointer[];
}

export interface Subscription {
  /** Settles when the subscription has ended: resolves after `close`, rejects with the handler's error. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
}

/**
 * The port that every store implements. One contract suite (`test/contract`) checks the guarantees for each:
 * optimistic concurrency; a repeated keyed command returns its stored events; appends are all or nothing;
 * readers see positions in order, without gaps that are filled later; acknowledged events survive `kill -9`.
 */
export interface EventStore {
  readonly erasedRemains: ErasedRemains;
  /**
   * Appends all of a command's events, or none. If one of them is a redaction (`redactionOf`), reads that begin after this resolves do not
   * return the named values, in any process. `erase` then removes them from the store's files.
   * @throws VersionConflictError if a stream is not at its expected version.
   * @throws StoreUnavailableError if the store cannot be reached, is closing or is overloaded.
   */
  append(commit: Commit): Promise<AppendResult>;
  /**
   * Appends events sealed by another store in this order, all or none. (A server that limits transactions may split very many, at command
   * boundaries.) Keeps every member except `position`; erased values stay erased. `findCommand` finds the events of keyed commands
   * (`command.digest` is not null), so that a repetition of the command is detected. Redactions work as in `append`.
   * @throws VersionConflictError if an event's version is not the next of its stream.
   * @throws HistoryDiffersError if it is, but the event does not follow the stream's last one.
   * @throws StoreUnavailableError as in `append`.
   */
  appendSealed(events: readonly Omit<Envelope, 'position'>[]): Promise<void>;
  /**
   * Removes sensitive values and their salts (and the salt of the command's digest) from a stored event. Idempotent.
   * @throws EventNotFoundError if there is no such event.
   */
  erase(streamId: string, version: number, pointers: readonly Pointer[]): Promise<void>;
  /**
   * Returns the stream's events with a version above `after` (default 0), oldest first; empty if there are
   * none. A page may be shorter than `limit` if its events are large; only an empty page means the end.
   * @param options.enough the number of characters after which a page may end. A store may return more.
   */
  readStream(
    streamId: string,
    options?: { after?: number; limit?: number; enough?: number },
  ): Promise<Envelope[]>;
  /** Returns the log's events with a position above `after` (default: the beginning), in order. Pages end as in `readStream`. */
  readAll(options?: { after?: string; limit?: number; enough?: number }): Promise<Envelope[]>;
  /** Returns the events of a keyed command, in order; empty if the id is unknown. */
  findCommand(commandId: string): Promise<Envelope[]>;
  /**
   * Yields the raw store for verification. First come all events in log order, or those indexed under one
   * stream, with their index values, readable or not; then the entries that are not events.
   */
  inspect(streamId?: string): AsyncGenerator<StoredEntry>;
  /** Returns the stream's events with these ids, oldest first. Searches within the store, without loading other events. */
  findEvents(streamId: string, eventIds: readonly string[]): Promise<Envelope[]>;
  /** Returns the log's redactions with a position above `after` (default: the beginning), in order, by an index. */
  redactions(options?: { after?: string; limit?: number }): Promise<Redaction[]>;
  /** Returns the position of the log's last event; `'0'` for an empty log. */
  lastPosition(): Promise<string>;
  /** Returns the log's last event; null for an empty log. */
  lastEvent(): Promise<Envelope | null>;
  /**
   * Calls the handler with the log's events after a position, in order and in batches, each after the
   * handler's previous promise; then follows the log. Appends of other processes arrive within a second.
   */
  subscribe(after: string, handler: (batch: readonly Envelope[]) => Promise<void>): Subscription;
  /** Waits for running operations, then releases every resource. Later calls reject with StoreUnavailableError. */
  close(): Promise<void>;
}

/** The default limit of `readStream` and `readAll`. */
export const READ_LIMIT = 1_000;

let lastTurn: Promise<void> = Promise.resolve();

/**
 * Resolves in a turn of the event loop that no other caller gets, so that other work can run between two
 * steps of long reads, however many reads there are.
 */
export function nextTurn(): Promise<void> {
  lastTurn = lastTurn.then(() => new Promise((resolve) => setImmediate(resolve)));
  return lastTurn;
}

/** The number of characters from which a page is long: other work then gets a turn, and the next page has fewer events. */
const LONG_PAGE = 256 * 1024;
const FIRST_PAGE_EVENTS = 64;
const PAGE_EVENTS_MIN = 8;
/** This many events are read in some milliseconds. */
const PAGE_EVENTS_MAX = 256;

/**
 * Yields every event of a stream from a version on. Adapts the page size to the length of the texts, and
 * yields to other work between long pages, so that records of any size need little memory and block nothing.
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

/** Returns the number of characters in an event's data. */
export function textLength(value: JsonValue): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  let length = 0;
  for (const member of Object.values(value)) length += textLength(member);
  return length;
}

/** Yields every event of the log, up to its end as of the last page. */
export async function* logEvents(store: EventStore): AsyncGenerator<Envelope> {
  for (let position = '0'; ;) {
    const page = await store.readAll({ after: position, limit: READ_LIMIT });
    yield* page;
    const last = page.at(-1);
    if (last === undefined) return;
    position = last.position;
  }
}
