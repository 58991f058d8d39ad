import { LRUCache } from 'lru-cache';
import type Database from 'better-sqlite3';
import type { Pointer } from '#event-sourcing/envelope';
import { eraseFromEnvelope, redactionOf, withoutNamed } from '#event-sourcing/erasure';
import {
  EventNotFoundError,
  messageOf,
  StoreFileMovedError,
  StoreUnavailableError,
} from '#event-sourcing/errors';
import type { Commit } from '#event-sourcing/event-store';
import type { SealedEnvelope, Sealer } from '#event-sourcing/sealer';
import { eventIdText, storedEnvelope, unreadableAt } from '../parse-envelope.ts';
import type { LogRow } from '../parse-envelope.ts';
import { keyOf, nextEvents } from '../next-events.ts';
import { sealCommit } from '../seal-commit.ts';
import type { StreamHead } from '../seal-commit.ts';
import { BUSY_TIMEOUT_MS, sqliteCode } from './database.ts';
import { fileInPlace } from './file-in-place.ts';
import { NOWHERE, sqliteTrouble } from './trouble.ts';

export interface Erasure {
  readonly streamId: string;
  readonly version: number;
  readonly pointers: readonly Pointer[];
}

/** A request to the writer. The n-th outcome belongs to the n-th request. */
export type WriteRequest =
  | { readonly append: Commit }
  | { readonly appendSealed: readonly SealedEnvelope[] }
  | { readonly erase: Erasure };

export type WriteOutcome =
  /** The positions of the events are consecutive from `position` on. */
  | { readonly appended: { position: number; recordedAt: string; eventIds: string[] } }
  | { readonly appendedSealed: true }
  | { readonly repeated: LogRow[] }
  | { readonly erased: true }
  | { readonly failed: unknown };

interface CachedHead extends StreamHead {
  readonly stream: number;
}

const STREAMS_CACHED_MAX = 50_000;
/** The longest text of a group in bytes. The remaining requests form the next group. */
const GROUP_BYTES_MAX = 8 * 1024 * 1024;
/** The time for which the writer waits for readers of the WAL before it truncates it, in milliseconds. */
const TRUNCATION_MS_MAX = 200;
/** The number of pages from which on the WAL is copied into the database. */
export const CHECKPOINT_PAGES = 4_000;
/** Checking the size takes as long as a small group, so it is done after this many groups or this much text. */
const GROUPS_BETWEEN_LOOKS = 4;
const BYTES_BETWEEN_LOOKS = 128 * 1024;

/** Writes groups of requests to the log, each group in one transaction and each request independently. */
export class LogWriter {
  readonly #db: Database.Database;
  readonly #sealer: Sealer;
  readonly #statements: ReturnType<typeof prepareStatements>;
  /** The heads of streams after this writer's appends; valid while no other process writes. */
  readonly #heads = new LRUCache<string, CachedHead>({ max: STREAMS_CACHED_MAX });
  readonly #isInPlace: () => boolean;
  #dataVersion: unknown;
  #sinceLook = { groups: 0, bytes: 0 };

  constructor(db: Database.Database, sealer: Sealer) {
    this.#db = db;
    this.#sealer = sealer;
    this.#statements = prepareStatements(db);
    this.#isInPlace = fileInPlace(db);
  }

  /** Commits the requests, or the first ones if all are too many for a group. Returns an outcome for each of these. */
  writeGroup(requests: readonly WriteRequest[]): WriteOutcome[] {
    if (!this.#isInPlace()) return requests.map(() => ({ failed: new StoreFileMovedError(this.#db.name) }));
    try {
      return this.#inTransaction(requests, (request) => this.#write(request));
    } catch (error) {
      if (isUnavailable(error)) return requests.map(() => ({ failed: unavailable(error) }));
    }
    try {
      return this.#inTransaction(requests, (request) => this.#writeUnderSavepoint(request));
    } catch (error) {
      return requests.map(() => ({ failed: isUnavailable(error) ? unavailable(error) : error }));
    }
  }

  /** Limits the size of the WAL. Call it after the callers have received their results. */
  checkpoint(): void {
    this.#sinceLook.groups++;
    const { groups, bytes } = this.#sinceLook;
    if (groups < GROUPS_BETWEEN_LOOKS && bytes < BYTES_BETWEEN_LOOKS) return;
    this.#sinceLook = { groups: 0, bytes: 0 };
    // A passive checkpoint waits for no reader. Once all pages are copied, the next commit restarts the WAL.
    try {
      if (this.#walPages('NOOP') >= CHECKPOINT_PAGES) this.#walPages('PASSIVE');
    } catch (error) {
      // If the disk fails here, the next group fails too, and its callers receive the error.
      if (!isUnavailable(error)) throw error;
    }
  }

  close(): void {
    this.#db.close();
  }

  #inTransaction(
    requests: readonly WriteRequest[],
    write: (request: WriteRequest) => { outcome: WriteOutcome; bytes: number },
  ): WriteOutcome[] {
    const outcomes: WriteOutcome[] = [];
    try {
      // A transaction whose rollback failed would block every later one.
      if (this.#db.inTransaction) this.#statements.rollback.run();
      this.#statements.begin.run();
      this.#forgetHeadsIfOthersWrote();
      let bytes = 0;
      for (const request of requests) {
        const written = write(request);
        outcomes.push(written.outcome);
        bytes += written.bytes;
        if (bytes > GROUP_BYTES_MAX) break;
      }
      this.#statements.commit.run();
      this.#sinceLook.bytes += bytes;
    } catch (error) {
      this.#heads.clear();
      this.#rollBack();
      throw error;
    }
    return this.#withoutTraces(outcomes);
  }

  /** Rolls back. Ignores a failure, because callers receive the error that made the rollback necessary. */
  #rollBack(): void {
    if (!this.#db.inTransaction) return;
    try {
      this.#statements.rollback.run();
    } catch (error) {
      if (sqliteCode(error) === undefined) throw error;
    }
  }

  /**
   * Clears the cache of heads if another connection has committed, which changes `data_version`. It must be read within
   * the transaction.
   */
  #forgetHeadsIfOthersWrote(): void {
    const dataVersion = this.#statements.dataVersion.get();
    if (dataVersion !== this.#dataVersion) this.#heads.clear();
    this.#dataVersion = dataVersion;
  }

  #write(request: WriteRequest): { outcome: WriteOutcome; bytes: number } {
    return 'erase' in request ? { outcome: this.#erase(request.erase), bytes: 0 } : this.#append(request);
  }

  #writeUnderSavepoint(request: WriteRequest): { outcome: WriteOutcome; bytes: number } {
    this.#db.exec('SAVEPOINT request');
    try {
      const written = this.#write(request);
      this.#db.exec('RELEASE request');
      return written;
    } catch (error) {
      // After some errors SQLite itself has rolled back the whole transaction.
      if (isUnavailable(error) || !this.#db.inTransaction) throw error;
      this.#heads.clear();
      this.#db.exec('ROLLBACK TO request; RELEASE request');
      return { outcome: { failed: error }, bytes: 0 };
    }
  }

  #append(request: Exclude<WriteRequest, { erase: Erasure }>): { outcome: WriteOutcome; bytes: number } {
    if ('append' in request && request.append.command.request !== null) {
      const repeated = this.#statements.command.all(request.append.command.id);
      if (repeated.length > 0) return { outcome: { repeated }, bytes: 0 };
    }
    const headOf = (streamId: string) => this.#headOf(streamId);
    let sealed: readonly SealedEnvelope[];
    let own: readonly SealedEnvelope[];
    try {
      if ('append' in request) ({ sealed, own } = sealCommit(request.append, headOf, this.#sealer));
      else sealed = own = nextEvents(request.appendSealed, headOf);
    } catch (error) {
      if (sqliteCode(error) !== undefined) throw error;
      // Nothing of this request is written yet, so the other requests of the group are not affected.
      return { outcome: { failed: error }, bytes: 0 };
    }
    let bytes = 0;
    let position = 0;
    for (const envelope of sealed) {
      const text = JSON.stringify(envelope);
      bytes += text.length;
      position = this.#insert(envelope, text);
    }
    if ('appendSealed' in request) return { outcome: { appendedSealed: true }, bytes };
    const eventIds = own.map(({ eventId }) => eventId);
    const recordedAt = own[0]?.recordedAt ?? request.append.recordedAt;
    return { outcome: { appended: { position: position - own.length + 1, recordedAt, eventIds } }, bytes };
  }

  #insert(envelope: SealedEnvelope, text: string): number {
    const { streamId, version, hash, recordedAt } = envelope;
    const stream =
      this.#heads.get(streamId)?.stream ?? Number(this.#statements.stream.run(streamId).lastInsertRowid);
    const { lastInsertRowid } = this.#statements.event.run(stream, version, keyOf(envelope), text);
    this.#heads.set(streamId, { stream, version, hash, recordedAt });
    this.#redact(envelope, stream, lastInsertRowid);
    return Number(lastInsertRowid);
  }

  /**
   * Removes redacted values in the transaction that appends the redaction, so that no reader sees one without the
   * other.
   */
  #redact(envelope: SealedEnvelope, stream: number, position: number | bigint): void {
    const named = redactionOf(envelope);
    if (named === null) return;
    this.#statements.redaction.run(position);
    for (const [place, text] of this.#statements.byId.all(stream, eventIdText(named.eventId))) {
      const stored = storedEnvelope(text, { ...NOWHERE, position: String(place) });
      if (stored.eventId !== named.eventId) continue;
      const left = withoutNamed(stored, named.erased);
      if (left !== stored) this.#statements.rewrite.run(JSON.stringify(left), place);
    }
  }

  #headOf(streamId: string): CachedHead | undefined {
    const cached = this.#heads.get(streamId);
    if (cached !== undefined) return cached;
    const head = this.#storedHead(streamId);
    if (head !== undefined) this.#heads.set(streamId, head);
    return head;
  }

  /**
   * Returns the stored head of a stream.
   * @throws StoreDamagedError if the last event is unreadable: events sealed after it would hide the damage.
   */
  #storedHead(streamId: string): CachedHead | undefined {
    let head: CachedHead | undefined;
    try {
      head = this.#statements.head.get(streamId);
    } catch (error) {
      if (sqliteCode(error) !== 'SQLITE_ERROR') throw error;
      throw unreadableAt({ ...NOWHERE, streamId }, new SyntaxError(messageOf(error)));
    }
    if (head === undefined || (typeof head.hash === 'string' && typeof head.recordedAt === 'string'))
      return head;
    const { version } = head;
    throw unreadableAt({ ...NOWHERE, streamId, version }, new TypeError('it is not an event'));
  }

  #erase({ streamId, version, pointers }: Erasure): WriteOutcome {
    const row = this.#statements.find.get(streamId, version);
    if (row === undefined) {
      return { failed: new EventNotFoundError(`${streamId} has no version ${version}`) };
    }
    const [position, text] = row;
    try {
      const envelope = storedEnvelope(text, { position: String(position), streamId, version });
      const erased = eraseFromEnvelope(envelope, pointers);
      if (erased !== envelope) this.#statements.rewrite.run(JSON.stringify(erased), position);
      return { erased: true };
    } catch (error) {
      if (sqliteCode(error) !== undefined) throw error;
      return { failed: error };
    }
  }

  /**
   * Truncates the WAL, which still contains erased values. This is done even if the row was erased before: the process
   * may have died in between, and the erasure been requested again.
   */
  #withoutTraces(outcomes: WriteOutcome[]): WriteOutcome[] {
    if (!outcomes.some((outcome) => 'erased' in outcome)) return outcomes;
    if (this.#truncateWal()) return outcomes;
    const failed = new StoreUnavailableError(
      'erased, but another reader keeps the old bytes in the write-ahead log; erase again',
    );
    return outcomes.map((outcome) => ('erased' in outcome ? { failed } : outcome));
  }

  #truncateWal(): boolean {
    try {
      // Writers would wait equally long; a caller of `erase` can retry.
      this.#db.pragma(`busy_timeout = ${TRUNCATION_MS_MAX}`);
      const [result] = this.#db.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[];
      return result?.busy === 0;
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      return false;
    } finally {
      this.#db.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
    }
  }

  /** Returns the number of pages in the WAL after a checkpoint of this mode (NOOP only reads it). */
  #walPages(mode: 'NOOP' | 'PASSIVE'): number {
    const [result] = this.#db.pragma(`wal_checkpoint(${mode})`) as { log: number }[];
    return result?.log ?? 0;
  }
}

function prepareStatements(db: Database.Database) {
  return {
    begin: db.prepare('BEGIN IMMEDIATE'),
    commit: db.prepare('COMMIT'),
    rollback: db.prepare('ROLLBACK'),
    dataVersion: db.prepare<[], number>('PRAGMA data_version').pluck(),
    stream: db.prepare<[string]>('INSERT INTO streams (stream_id) VALUES (?)'),
    event: db.prepare<[number, number, string | null, string]>(
      'INSERT INTO events (stream, version, command_id, envelope) VALUES (?, ?, ?, ?)',
    ),
    command: db
      .prepare<[string], LogRow>(
        'SELECT position, envelope FROM events WHERE command_id = ? ORDER BY position',
      )
      .raw(),
    head: db.prepare<[string], CachedHead>(
      `SELECT e.stream, e.version, e.envelope ->> '$.hash' AS hash, e.envelope ->> '$.recordedAt' AS recordedAt
       FROM events e JOIN streams s ON s.id = e.stream WHERE s.stream_id = ? ORDER BY e.version DESC LIMIT 1`,
    ),
    find: db
      .prepare<[string, number], LogRow<number>>(
        `SELECT e.position, e.envelope FROM events e JOIN streams s ON s.id = e.stream
         WHERE s.stream_id = ? AND e.version = ?`,
      )
      .raw(),
    byId: db
      .prepare<[number, string], LogRow<number>>(
        'SELECT position, envelope FROM events WHERE stream = ? AND instr(envelope, ?) > 0',
      )
      .raw(),
    rewrite: db.prepare<[string, number]>('UPDATE events SET envelope = ? WHERE position = ?'),
    redaction: db.prepare<[number | bigint]>('INSERT INTO redactions (position) VALUES (?)'),
  };
}

const UNAVAILABLE =
  /^SQLITE_(?:BUSY|LOCKED|FULL|IOERR|READONLY|CANTOPEN|NOMEM|CORRUPT|NOTADB|PERM|AUTH|PROTOCOL)/;

/** Returns whether an error affects the whole file and not just one request. */
const isUnavailable = (error: unknown): boolean => UNAVAILABLE.test(sqliteCode(error) ?? '');

const unavailable = (error: unknown): Error => sqliteTrouble('written', error);
