import type Database from 'better-sqlite3';
import type { Envelope } from '../../../event-sourcing/src/envelope.ts';
import { messageOf, StoreUnavailableError } from '../../../event-sourcing/src/errors.ts';
import { parseEnvelope } from '../parse-envelope.ts';
import type { LogRow } from '../parse-envelope.ts';
import { sqliteCode } from './database.ts';

/** Where a page of events ends, in characters of their text, however many were asked for. */
const PAGE_LENGTH_MAX = 8 * 1024 * 1024;

/** Reads the log through a connection of its own, which never waits for the writer. */
export class LogReader {
  readonly #db: Database.Database;
  readonly #statements: ReturnType<typeof prepareStatements>;

  constructor(db: Database.Database) {
    this.#db = db;
    this.#statements = prepareStatements(db);
  }

  stream(streamId: string, after: number, limit: number): Envelope[] {
    return this.#page(() => this.#statements.stream.iterate(streamId, after, limit));
  }

  log(after: number, limit: number): Envelope[] {
    return this.#page(() => this.#statements.log.iterate(after, limit));
  }

  /** A page ends where its text is enough, too: at least one event where there is one. */
  #page(select: () => Iterable<LogRow>): Envelope[] {
    return this.#rows(() => {
      const envelopes: Envelope[] = [];
      let length = 0;
      for (const row of select()) {
        envelopes.push(parseEnvelope(row));
        length += row[1].length;
        if (length >= PAGE_LENGTH_MAX) break;
      }
      return envelopes;
    });
  }

  command(commandId: string): Envelope[] {
    return this.#rows(() => this.#statements.command.all(commandId)).map(parseEnvelope);
  }

  lastPosition(): number {
    return this.#rows(() => this.#statements.last.get()) ?? 0;
  }

  lastEvent(): Envelope | null {
    const row = this.#rows(() => this.#statements.lastEvent.get());
    return row === undefined ? null : parseEnvelope(row);
  }

  close(): void {
    this.#db.close();
  }

  #rows<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      if (sqliteCode(error) === undefined) throw error;
      const message = messageOf(error);
      throw new StoreUnavailableError(`the event store cannot be read: ${message}`, { cause: error });
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
    last: db.prepare<[], number | null>('SELECT max(position) FROM events').pluck(),
  };
}
