import { setImmediate } from 'node:timers/promises';
import type Database from 'better-sqlite3';
import type { Envelope } from '#event-sourcing/envelope';
import { hasCode, StoreFileMovedError } from '#event-sourcing/errors';
import type { DamagedPlace, StoreDamagedError } from '#event-sourcing/errors';
import { parseEnvelope, eventIdText, unreadableAt } from '../parse-envelope.ts';
import type { LogRow } from '../parse-envelope.ts';
import { sqliteCode } from './database.ts';
import { fileInPlace } from './file-in-place.ts';
import { SqliteRows } from './inspect-log.ts';
import { NOWHERE, sqliteTrouble } from './trouble.ts';

/** The length of a page of events in characters. */
const PAGE_LENGTH_MAX = 8 * 1024 * 1024;

/** The number of events that are searched for ids before other readers can run. */
const LOOKED_THROUGH_MAX = 200;

/** Reads the log through its own connection, which never waits for the writer. */
export class LogReader {
  readonly #db: Database.Database;
  readonly #statements: ReturnType<typeof prepareStatements>;
  readonly #isInPlace: () => boolean;
  /** Whether the store is a copy in memory, which threads cannot open. */
  readonly isInMemory: boolean;
  /** The stored rows, for inspections. */
  readonly rows: SqliteRows;

  constructor(db: Database.Database) {
    this.#db = db;
    this.isInMemory = db.memory;
    this.rows = new SqliteRows(db);
    this.#isInPlace = fileInPlace(db);
    this.#statements = prepareStatements(db);
  }

  stream(streamId: string, after: number, limit: number, enough = PAGE_LENGTH_MAX): Envelope[] {
    const from = { ...NOWHERE, streamId, version: after + 1 };
    return this.#page(() => this.#statements.stream.iterate(streamId, after, limit), from, enough);
  }

  log(after: number, limit: number, enough = PAGE_LENGTH_MAX): Envelope[] {
    const from = { ...NOWHERE, position: String(after + 1) };
    return this.#page(() => this.#statements.log.iterate(after, limit), from, enough);
  }

  /**
   * Returns a page. It ends when its text is long enough or before an unreadable event, but has at least one event.
   * @throws StoreDamagedError if the first event cannot be read.
   */
  #page(select: () => Iterable<LogRow>, from: DamagedPlace, enough: number): Envelope[] {
    const envelopes: Envelope[] = [];
    let length = 0;
    try {
      for (const row of select()) {
        envelopes.push(parseEnvelope(row));
        length += row[1].length;
        if (length >= Math.min(enough, PAGE_LENGTH_MAX)) break;
      }
    } catch (error) {
      const converted = this.#portError(error, from);
      if (envelopes.length === 0 || !hasCode(converted, 'store-damaged')) throw converted;
    }
    return envelopes;
  }

  command(commandId: string): Envelope[] {
    return this.#reading(() => this.#statements.command.all(commandId).map(parseEnvelope));
  }

  async withIds(streamId: string, eventIds: readonly string[]): Promise<Envelope[]> {
    const texts = JSON.stringify(eventIds.map(eventIdText));
    const found: Envelope[] = [];
    try {
      const last = this.#statements.lastVersion.get(streamId) ?? 0;
      for (let after = 0; after < last; after += LOOKED_THROUGH_MAX) {
        if (after > 0) await setImmediate();
        const rows = this.#statements.byId.all(streamId, after, after + LOOKED_THROUGH_MAX, texts);
        found.push(...rows.map(parseEnvelope).filter(({ eventId }) => eventIds.includes(eventId)));
      }
      return found;
    } catch (error) {
      throw this.#portError(error, { ...NOWHERE, streamId });
    }
  }

  redactions(after: number, limit: number): Envelope[] {
    return this.#reading(() => this.#statements.redactions.all(after, limit).map(parseEnvelope));
  }

  /**
   * Returns the last position.
   * @throws StoreFileMovedError if another file has replaced this one, and with it the end of the log.
   */
  lastPosition(): number {
    if (!this.#isInPlace()) throw new StoreFileMovedError(this.#db.name);
    return this.#reading(() => this.#statements.last.get() ?? 0);
  }

  lastEvent(): Envelope | null {
    return this.#reading(() => this.#statements.lastEvent.all().map(parseEnvelope)[0] ?? null);
  }

  #reading<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      throw this.#portError(error, NOWHERE);
    }
  }

  close(): void {
    this.#db.close();
  }

  /** Returns the port's error for an error of the file. It names an unreadable event by stream and version. */
  #portError(error: unknown, from: DamagedPlace): unknown {
    if (!hasCode(error, 'store-damaged')) {
      return sqliteCode(error) === undefined ? error : sqliteTrouble('read', error, from);
    }
    const { place, cause } = error as StoreDamagedError;
    try {
      const at = this.#statements.at.get(place.position);
      return unreadableAt({ ...place, streamId: at?.[0] ?? null, version: at?.[1] ?? null }, cause);
    } catch {
      return error;
    }
  }
}

function prepareStatements(db: Database.Database) {
  return {
    stream: db
      .prepare<[string, number, number], LogRow>(
        `SELECT position, envelope FROM events WHERE stream = (SELECT id FROM streams WHERE stream_id = ?)
         AND version > ? ORDER BY version LIMIT ?`,
      )
      .raw(),
    log: db
      .prepare<[number, number], LogRow>(
        'SELECT position, envelope FROM events WHERE position > ? ORDER BY position LIMIT ?',
      )
      .raw(),
    command: db
      .prepare<[string], LogRow>(
        'SELECT position, envelope FROM events WHERE command_id = ? ORDER BY position',
      )
      .raw(),
    lastEvent: db
      .prepare<[], LogRow>('SELECT position, envelope FROM events ORDER BY position DESC LIMIT 1')
      .raw(),
    at: db
      .prepare<[string | null], [string | null, number]>(
        'SELECT s.stream_id, e.version FROM events e LEFT JOIN streams s ON s.id = e.stream WHERE e.position = ?',
      )
      .raw(),
    byId: db
      .prepare<[string, number, number, string], LogRow>(
        `SELECT position, envelope FROM events WHERE stream = (SELECT id FROM streams WHERE stream_id = ?)
         AND version > ? AND version <= ? AND EXISTS (SELECT 1 FROM json_each(?) AS text WHERE instr(envelope, text.value) > 0)
         ORDER BY version`,
      )
      .raw(),
    lastVersion: db
      .prepare<[string], number | null>(
        'SELECT max(version) FROM events WHERE stream = (SELECT id FROM streams WHERE stream_id = ?)',
      )
      .pluck(),
    redactions: db
      .prepare<[number, number], LogRow>(
        `SELECT e.position, e.envelope FROM redactions r JOIN events e ON e.position = r.position
         WHERE r.position > ? ORDER BY r.position LIMIT ?`,
      )
      .raw(),
    last: db.prepare<[], number | null>('SELECT max(position) FROM events').pluck(),
  };
}
