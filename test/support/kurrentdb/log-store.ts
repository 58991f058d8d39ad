import { randomUUID } from 'node:crypto';

export interface NewEvent {
  readonly id: string;
  readonly type: string;
  readonly isJson: boolean;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

/** A position in `$all`, ordered by commit and then by prepare. */
export interface Position {
  readonly commit: bigint;
  readonly prepare: bigint;
}

export interface AppendedEvent extends NewEvent {
  readonly stream: string;
}

export interface StoredEvent extends AppendedEvent, Position {
  readonly revision: bigint;
  /** The time of creation, in milliseconds since 1970. */
  readonly created: number;
}

/** The numbers of the protocol for expectations other than a revision. */
export const NO_STREAM = -1n;
export const ANY = -2n;
export const STREAM_EXISTS = -4n;
/** The revision of a tombstone, and the `$tb` of a deleted stream. */
export const DELETED = 2n ** 63n - 1n;

/** The expected revision of each stream of an append. A stream without events is only checked. */
export type Expectations = ReadonlyMap<string, bigint>;

export interface FailedCheck {
  readonly stream: string;
  readonly expected: bigint;
  /** The revision of the last event; -1 for none, `DELETED` for a tombstone. */
  readonly actual: bigint;
}

export type AppendOutcome =
  | {
      readonly kind: 'stored';
      /** The position of the last event; null if it was stored before, and cannot be read any more. */
      readonly position: Position | null;
      /** The last revision of a stream after the append. */
      readonly revisionOf: (stream: string) => bigint;
    }
  | { readonly kind: 'refused'; readonly failures: readonly FailedCheck[] };

/** The first position, after the records at the beginning of a real log. */
const FIRST_POSITION = 1_037n;
/** The size of a record without its texts. */
const RECORD_OVERHEAD = 97;

const comparePositions = (one: Position, other: Position): number =>
  Number(one.commit - other.commit) || Number(one.prepare - other.prepare);

/** Returns the first index at which `isAfter` is true, in a list where it stays true from some index on. */
function firstIndex<T>(list: readonly T[], isAfter: (item: T) => boolean): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isAfter(list[middle] as T)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The log of a server. Appends are atomic, and reads are in the order of positions. */
export class LogStore {
  #log: StoredEvent[] = [];
  readonly #streams = new Map<string, StoredEvent[]>();
  /** The revisions by stream and event id, which outlive a scavenge. */
  readonly #revisions = new Map<string, bigint>();
  /** The positions from which the log can be read. */
  readonly #starts = new Set([0n]);
  #end = FIRST_POSITION;
  /** The number of records that readers of the log have scanned. */
  walked = 0;

  /** Appends to several streams atomically, with positions that were reserved, or new ones. */
  append(
    expectations: Expectations,
    events: readonly AppendedEvent[],
    reserved?: readonly bigint[],
  ): AppendOutcome {
    const checks = [...expectations].map(([stream, expected]) => {
      const ids = events.filter((event) => event.stream === stream).map(({ id }) => id);
      return { stream, expected, ids, decision: this.#check(stream, expected, ids) };
    });
    const written = checks.filter(({ ids }) => ids.length > 0);
    if (checks.every(({ decision }) => decision === 'ok')) return this.#store(events, reserved);
    const repeated = new Map(
      written.flatMap(({ stream, decision }) => (typeof decision === 'bigint' ? [[stream, decision]] : [])),
    );
    if (written.length > 0 && repeated.size === written.length) return this.#storedBefore(repeated);
    const failures = checks
      .filter(({ decision }) => decision !== 'ok')
      .map(({ stream, expected }) => {
        const isDeleted = expected === STREAM_EXISTS && this.isSoftDeleted(stream);
        return { stream, expected, actual: isDeleted ? DELETED : this.lastRevision(stream) };
      });
    return { kind: 'refused', failures };
  }

  /** Reserves the prepare positions of an append that is committed later. */
  reserve = (events: readonly NewEvent[]): bigint[] => events.map((event) => this.#advance(sizeOf(event)));

  /** Hides a stream's events. */
  softDelete = (stream: string): Position => this.#showFrom(stream, DELETED);

  #showFrom = (stream: string, revision: bigint): Position =>
    this.#put({ ...systemEvent('$metadata', `{"$tb":${revision}}`), stream: `$$${stream}` });

  /** Writes the tombstone of a stream, after which nothing can be appended to it. */
  tombstone(stream: string): Position {
    return this.#put({ ...systemEvent('$streamDeleted', ''), stream }, DELETED);
  }

  /** Returns the revision of a stream's last event; -1 if there is no stream, `DELETED` for a tombstone. */
  lastRevision(stream: string): bigint {
    return this.#streams.get(stream)?.at(-1)?.revision ?? NO_STREAM;
  }

  isSoftDeleted(stream: string): boolean {
    return this.#metadata(stream).truncateBefore >= DELETED;
  }

  /** Returns the visible events of a stream. */
  eventsOf(stream: string): StoredEvent[] {
    const { truncateBefore, maxCount } = this.#metadata(stream);
    const last = this.lastRevision(stream);
    const first = last === DELETED ? DELETED : last - maxCount + 1n;
    const events = this.#streams.get(stream) ?? [];
    return events.slice(
      firstIndex(events, ({ revision }) => revision >= first && revision >= truncateBefore),
    );
  }

  /** Yields the events of the log from a position on, or those before it, last first. */
  *walk(from: Position, isBackwards: boolean): Generator<StoredEvent> {
    const log = this.#log;
    let index = firstIndex(log, (event) => comparePositions(event, from) >= 0) - (isBackwards ? 1 : 0);
    for (; ; index += isBackwards ? -1 : 1) {
      const event = log[index];
      if (event === undefined) return;
      this.walked += 1;
      yield event;
    }
  }

  /** Returns a position behind the whole log. */
  get end(): Position {
    return { commit: this.#end, prepare: this.#end };
  }

  /** Returns whether a record or the end of the log is at a position. The server cannot read from inside a record. */
  isReadable({ commit }: Position): boolean {
    return this.#starts.has(commit) || commit === this.#end;
  }

  /** Removes the events that no reader of their stream sees any more, except the last one of each stream. */
  scavenge(): void {
    for (const [stream, events] of this.#streams) {
      const visible = this.eventsOf(stream);
      this.#streams.set(stream, visible.length > 0 ? visible : events.slice(-1));
    }
    const kept = new Set([...this.#streams.values()].flat());
    this.#log = this.#log.filter((event) => kept.has(event));
  }

  /** Returns from which revision on events are visible, and at most how many of the last ones. */
  #metadata(stream: string): { truncateBefore: bigint; maxCount: bigint } {
    if (stream.startsWith('$$')) return { truncateBefore: 0n, maxCount: 1n };
    const text = Buffer.from(this.#streams.get(`$$${stream}`)?.at(-1)?.data ?? '{}').toString();
    const { $tb = 0, $maxCount } = JSON.parse(text) as { $tb?: number; $maxCount?: number };
    return {
      truncateBefore: BigInt($tb),
      maxCount: $maxCount === undefined ? 2n * DELETED : BigInt($maxCount),
    };
  }

  /**
   * Returns whether events may be appended to a stream or, if they are all stored already, the last one's revision.
   * Decides as the server's IndexWriter.CheckCommit.
   */
  #check(stream: string, expected: bigint, ids: readonly string[]): 'ok' | 'failed' | bigint {
    const last = this.lastRevision(stream);
    if (last === DELETED) return 'failed';
    if (expected === STREAM_EXISTS && (last === NO_STREAM || this.isSoftDeleted(stream))) return 'failed';
    const found = ids.map((id) => this.#revisions.get(`${stream} ${id}`));
    if (expected === ANY || expected === STREAM_EXISTS) {
      // If they are partly stored, the request is neither new nor repeated.
      if (found[0] === undefined) return 'ok';
      return found.includes(undefined) ? 'failed' : (found.at(-1) ?? 'failed');
    }
    if (expected >= last) return expected === last ? 'ok' : 'failed';
    const isRepeated = found.every((revision, index) => revision === expected + 1n + BigInt(index));
    const isFirstNew = found.length > 0 && found[0] !== expected + 1n;
    // A deleted stream can be created again.
    if (expected === NO_STREAM && isFirstNew && this.isSoftDeleted(stream)) return 'ok';
    return isRepeated ? (found.at(-1) ?? 'failed') : 'failed';
  }

  #storedBefore(repeated: ReadonlyMap<string, bigint>): AppendOutcome {
    const last = [...repeated]
      .flatMap(([stream, at]) => this.eventsOf(stream).filter(({ revision }) => revision === at))
      .sort(comparePositions)
      .at(-1);
    const revisionOf = (stream: string) => repeated.get(stream) ?? this.lastRevision(stream);
    return { kind: 'stored', position: last ?? null, revisionOf };
  }

  #store(events: readonly AppendedEvent[], reserved?: readonly bigint[]): AppendOutcome {
    for (const stream of new Set(events.map((event) => event.stream)))
      if (this.isSoftDeleted(stream)) this.#showFrom(stream, this.lastRevision(stream) + 1n);
    // Without events, the server writes an empty record.
    const commit = (reserved || events.length === 0) && this.#advance(RECORD_OVERHEAD);
    let position: Position = positionAt(commit || 0n);
    this.#starts.add(position.commit);
    for (const [index, event] of events.entries()) {
      const prepare = reserved?.[index] ?? this.#advance(sizeOf(event));
      position = this.#put(event, this.lastRevision(event.stream) + 1n, {
        prepare,
        commit: commit || prepare,
      });
    }
    return { kind: 'stored', position, revisionOf: (stream) => this.lastRevision(stream) };
  }

  #put(
    event: AppendedEvent,
    revision = this.lastRevision(event.stream) + 1n,
    position: Position = positionAt(this.#advance(sizeOf(event))),
  ): Position {
    const stored = { ...event, ...position, revision, created: Date.now() };
    const events = this.#streams.get(event.stream);
    if (events === undefined) this.#streams.set(event.stream, [stored]);
    else events.push(stored);
    this.#revisions.set(`${event.stream} ${event.id}`, revision);
    this.#starts.add(position.commit);
    this.#log.push(stored);
    return position;
  }

  /** Returns the position of the next record, which has this size. */
  #advance(size: number): bigint {
    const start = this.#end;
    this.#end += BigInt(size);
    return start;
  }
}

const sizeOf = ({ type, data, metadata }: NewEvent): number =>
  RECORD_OVERHEAD + type.length + data.length + metadata.length;

const positionAt = (at: bigint): Position => ({ commit: at, prepare: at });

const systemEvent = (type: string, json: string): NewEvent => ({
  id: randomUUID(),
  type,
  isJson: true,
  data: Buffer.from(json),
  metadata: Buffer.alloc(0),
});
