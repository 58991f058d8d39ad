import { randomUUID } from 'node:crypto';
import { checkCommit } from './commit-check.ts';
import type { CheckedStream, CommitCheck } from './commit-check.ts';
import {
  DELETED,
  isMetastream,
  metastreamOf,
  OF_METASTREAMS,
  originalOf,
  readMetadata,
} from './stream-metadata.ts';
import type { StreamMetadata } from './stream-metadata.ts';
import { comparePositions, firstIndex } from './stored-event.ts';
import type { NewEvent, Position, StoredEvent } from './stored-event.ts';

/** The part of an append for one stream; without events the stream is only checked. */
export interface StreamAppend {
  readonly stream: string;
  /** A revision, or one of the constants of commit-check.ts. */
  readonly expected: bigint;
}

/** An event, and the index of its stream in the append. */
export interface AppendedEvent extends NewEvent {
  readonly of: number;
}

export interface FailedCheck {
  readonly of: number;
  readonly actual: bigint;
}

/** Returns whether the check failed because the stream is tombstoned, and not because of its revision. */
export const isOfDeleted = ({ actual }: FailedCheck): boolean => actual === DELETED;

export type AppendOutcome =
  | {
      readonly kind: 'stored';
      /** The position of the last event; null if it was stored before, and cannot be read any more. */
      readonly position: Position | null;
      /** The last revision of each stream after the append; the present one if a stream was only checked. */
      readonly revisions: readonly bigint[];
    }
  | { readonly kind: 'refused'; readonly failures: readonly FailedCheck[] };

/** The first position, after the records at the beginning of a real log. */
const FIRST_POSITION = 1_037n;
/** The size of a record without its texts. */
const RECORD_OVERHEAD = 97;

/** The log of a server. Appends are atomic, and reads are in the order of positions. */
export class LogStore {
  #log: StoredEvent[] = [];
  readonly #streams = new Map<string, StoredEvent[]>();
  readonly #byId = new Map<string, { readonly stream: string; readonly revision: bigint }>();
  readonly #watchers = new Set<() => void>();
  #end = FIRST_POSITION;

  /** The number of records that readers have scanned. */
  walked = 0;

  /** The position of the next record. */
  get end(): bigint {
    return this.#end;
  }

  /** Calls a function after each commit, until the returned function is called. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  /** Appends to several streams atomically. */
  append(streams: readonly StreamAppend[], events: readonly AppendedEvent[]): AppendOutcome {
    const refusal = this.#check(streams, events);
    if (refusal !== null) return refusal;
    return this.#store(
      streams,
      events,
      events.map((event) => this.#placeRecord(event)),
    );
  }

  /** Assigns an append its prepare positions. It becomes visible, and is checked, when it is committed. */
  prepare(streams: readonly StreamAppend[], events: readonly AppendedEvent[]): () => AppendOutcome {
    const places = events.map((event) => this.#placeRecord(event));
    return () => {
      const refusal = this.#check(streams, events);
      if (refusal !== null) return refusal;
      const commit = this.#end;
      this.#end += BigInt(RECORD_OVERHEAD);
      return this.#store(
        streams,
        events,
        places.map((place) => ({ ...place, commit, end: this.#end })),
      );
    };
  }

  /** Writes the tombstone of a stream. */
  tombstone(stream: string): Position {
    const event = systemEvent('$streamDeleted', Buffer.alloc(0), false);
    const place = this.#placeRecord(event);
    this.#put({ ...event, ...place, stream, revision: DELETED });
    this.#tell();
    return place;
  }

  /** Hides a stream's events. */
  softDelete(stream: string): Position {
    const event = systemEvent('$metadata', Buffer.from(`{"$tb":${String(DELETED)}}`));
    const place = this.#placeRecord(event);
    const metastream = metastreamOf(stream);
    const revision = this.lastRevision(metastream) + 1n;
    this.#put({ ...event, ...place, stream: metastream, revision });
    this.#tell();
    return place;
  }

  /** Returns the revision of a stream's last event; -1 if there is no stream, `DELETED` for a tombstone. */
  lastRevision(stream: string): bigint {
    if (isMetastream(stream) && this.lastRevision(originalOf(stream)) === DELETED) return DELETED;
    return this.#streams.get(stream)?.at(-1)?.revision ?? -1n;
  }

  isSoftDeleted(stream: string): boolean {
    return this.#metadata(stream).truncateBefore === DELETED;
  }

  /** Returns at most `count` visible events of a stream, from a revision on. */
  streamPage(stream: string, from: bigint, count: number): StoredEvent[] {
    const start = this.#firstVisible(stream, from);
    return (this.#streams.get(stream) ?? []).slice(start, start + count);
  }

  /** Returns at most `count` visible events of a stream backwards from a revision; from the end if `from` is null. */
  streamPageBackwards(stream: string, from: bigint | null, count: number): StoredEvent[] {
    const events = this.#streams.get(stream) ?? [];
    const end = from === null ? events.length : firstIndex(events, ({ revision }) => revision > from);
    const start = Math.max(this.#firstVisible(stream, 0n), end - count);
    return events.slice(start, end).reverse();
  }

  /** Returns at most `count` events from a position on. */
  page(from: Position, count: number): StoredEvent[] {
    const start = firstIndex(this.#log, (event) => comparePositions(event, from) >= 0);
    return this.#walk(this.#log.slice(start, start + count));
  }

  /** Returns at most `count` events before a position, last first. */
  pageBackwards(before: Position, count: number): StoredEvent[] {
    const end = firstIndex(this.#log, (event) => comparePositions(event, before) >= 0);
    return this.#walk(this.#log.slice(Math.max(0, end - count), end).reverse());
  }

  #walk(events: StoredEvent[]): StoredEvent[] {
    this.walked += events.length;
    return events;
  }

  lastPosition(): Position | null {
    return this.#log.at(-1) ?? null;
  }

  /** Returns whether a record or the end of the log is at a position. The server cannot read from inside a record. */
  isReadable({ commit }: Position): boolean {
    const event = this.#log[firstIndex(this.#log, (each) => each.commit > commit) - 1];
    return event === undefined || event.commit === commit || commit >= event.end;
  }

  /** Removes the events that no reader of their stream sees any more, except the last one of each stream. */
  scavenge(): number {
    const before = this.#log.length;
    for (const [stream, events] of this.#streams) {
      const start = this.#firstVisible(stream, 0n);
      this.#streams.set(stream, [...events.slice(0, -1).slice(start), ...events.slice(-1)]);
    }
    const kept = new Set([...this.#streams.values()].flat());
    this.#log = this.#log.filter((event) => kept.has(event));
    return before - this.#log.length;
  }

  #metadata(stream: string): StreamMetadata {
    if (isMetastream(stream)) return OF_METASTREAMS;
    return readMetadata(this.#streams.get(metastreamOf(stream))?.at(-1));
  }

  /** Returns the index of the first event that is neither truncated nor beyond the maximum count. */
  #firstVisible(stream: string, from: bigint): number {
    const last = this.lastRevision(stream);
    const { truncateBefore, maxCount } = this.#metadata(stream);
    const bounds = [from, truncateBefore ?? 0n, maxCount === null ? 0n : last - maxCount + 1n];
    const first = last === DELETED ? DELETED : bounds.reduce((one, other) => (one > other ? one : other));
    return firstIndex(this.#streams.get(stream) ?? [], ({ revision }) => revision >= first);
  }

  #checked(stream: string): CheckedStream {
    const events = this.#streams.get(stream) ?? [];
    return {
      last: this.lastRevision(stream),
      revisionOf: (id) => {
        const found = this.#byId.get(id);
        return found?.stream === stream ? found.revision : undefined;
      },
      idAt: (wanted) => {
        const event = events[firstIndex(events, ({ revision }) => revision >= wanted)];
        return event?.revision === wanted ? event.id : undefined;
      },
    };
  }

  /**
   * Returns the outcome of an append that stores nothing; null if the events must be stored. Decides as the server's
   * StorageWriterService does, for all streams together.
   */
  #check(streams: readonly StreamAppend[], events: readonly AppendedEvent[]): AppendOutcome | null {
    const checks = streams.map(({ stream, expected }, index): CommitCheck => {
      const ids = events.filter(({ of }) => of === index).map(({ id }) => id);
      return checkCommit(this.#checked(stream), expected, ids);
    });
    if (checks.every(({ decision }) => decision === 'ok')) return null;
    const written = new Set(events.map(({ of }) => of));
    if (written.size > 0 && [...written].every((index) => checks[index]?.decision === 'idempotent')) {
      return this.#storedBefore(streams, checks);
    }
    return {
      kind: 'refused',
      failures: checks.flatMap(({ decision }, of) =>
        decision === 'ok' ? [] : [{ of, actual: this.lastRevision(streams[of]?.stream ?? '') }],
      ),
    };
  }

  #storedBefore(streams: readonly StreamAppend[], checks: readonly CommitCheck[]): AppendOutcome {
    let position: Position | null = null;
    const revisions = checks.map((check, index) => {
      const stream = streams[index]?.stream ?? '';
      if (check.decision !== 'idempotent') return this.lastRevision(stream);
      const event = this.streamPage(stream, check.last, 1)[0];
      if (event?.revision === check.last && (position === null || comparePositions(event, position) > 0)) {
        position = { commit: event.prepare, prepare: event.prepare };
      }
      return check.last;
    });
    return { kind: 'stored', position, revisions };
  }

  #placeRecord({ type, data, metadata }: NewEvent): Position & { readonly end: bigint } {
    const start = this.#end;
    this.#end += BigInt(RECORD_OVERHEAD + type.length + data.length + metadata.length);
    return { commit: start, prepare: start, end: this.#end };
  }

  #store(
    streams: readonly StreamAppend[],
    events: readonly AppendedEvent[],
    places: readonly (Position & { readonly end: bigint })[],
  ): AppendOutcome {
    for (const [index, { of, ...event }] of events.entries()) {
      const stream = streams[of]?.stream;
      const place = places[index];
      if (stream === undefined || place === undefined) throw new Error('an event is for no stream');
      this.#put({ ...event, ...place, stream, revision: this.lastRevision(stream) + 1n });
    }
    const revisions = streams.map(({ stream }) => this.lastRevision(stream));
    this.#tell();
    const last = places.at(-1);
    return {
      kind: 'stored',
      position: { commit: last?.commit ?? this.#end, prepare: last?.prepare ?? this.#end },
      revisions,
    };
  }

  #put(added: Omit<StoredEvent, 'created'>): void {
    const event = { ...added, created: Date.now() };
    const events = this.#streams.get(event.stream);
    if (events === undefined) this.#streams.set(event.stream, [event]);
    else events.push(event);
    this.#byId.set(event.id, { stream: event.stream, revision: event.revision });
    this.#log.push(event);
  }

  #tell(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }
}

const systemEvent = (type: string, data: Buffer, isJson = true): NewEvent => ({
  id: randomUUID(),
  type,
  isJson,
  data,
  metadata: Buffer.alloc(0),
});
