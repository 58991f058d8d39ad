import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import Database from 'better-sqlite3';
import { SEALER_MODULE } from '#audit/seal';
import { openSqliteEventStore } from '#event-store/sqlite/sqlite-event-store';
import { eventStoreContract } from './event-store.contract.ts';
import { ROW_TAMPERINGS } from './row-tamperings.ts';

/** The kinds of tampering with the file by a person with a shell, as SQL. */
const TAMPERINGS: Readonly<Record<string, readonly [sql: string, report: RegExp]>> = {
  ...ROW_TAMPERINGS,
  'swapped stream names': [
    `UPDATE streams SET stream_id = 'x' WHERE id = 1; UPDATE streams SET stream_id = 's-1' WHERE id = 2;
     UPDATE streams SET stream_id = 's-2' WHERE id = 1`,
    /^1 s-2 v1 index: .*"s-1"/,
  ],
  'a stream without its name': [
    'PRAGMA foreign_keys = OFF; DELETE FROM streams WHERE id = 2',
    /^3 null v1 index: .*has no name/,
  ],
  'a name without events': [
    "INSERT INTO streams (stream_id) VALUES ('s-9')",
    /^null s-9 vnull index: .*no event/,
  ],
  'a redaction listed at an unused position': [
    'PRAGMA foreign_keys = OFF; INSERT INTO redactions (position) VALUES (99)',
    /^null null vnull index: the index of redactions lists position 99, at which there is no event/,
  ],
  'a position before the first': [
    'UPDATE events SET position = -5 WHERE position = 3',
    /^-5 s-2 v1 index: log reads skip it/,
  ],
  'a text that is not JSON': [
    'UPDATE events SET envelope = \'{"envelope":1,\' WHERE position = 4',
    /^4 s-1 v3 unreadable: its text is not JSON/,
  ],
  'a text of zeroes': [
    'UPDATE events SET envelope = CAST(zeroblob(900) AS TEXT) WHERE position = 4',
    /^4 s-1 v3 unreadable/,
  ],
  'a text that is not an event': [
    "UPDATE events SET envelope = '{}' WHERE position = 4",
    /^4 s-1 v3 unreadable: it is not an event/,
  ],
  'a trigger': [
    'CREATE TRIGGER lost AFTER INSERT ON events BEGIN DELETE FROM events WHERE position = 1; END',
    /an unknown object: trigger lost/,
  ],
  'no index of keys': [
    'DROP INDEX events_by_command',
    /lacks an object of the store: index events_by_command/,
  ],
  'a changed index': [
    `PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'IS NOT NULL', 'IS NULL')
     WHERE name = 'events_by_command'`,
    /differs from the store's definition: index events_by_command/,
  ],
};

let folder: string;
let stores = 0;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'docket-contract-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

eventStoreContract({
  name: 'SQLite',
  shared: true,
  hasRows: true,
  tamperings: Object.fromEntries(Object.entries(TAMPERINGS).map(([kind, [, report]]) => [kind, report])),
  makePlace: () => {
    const path = join(folder, `store-${stores++}.db`);
    return Promise.resolve({
      open: (options) =>
        openSqliteEventStore({ path, sealerModule: SEALER_MODULE, create: true, ...options }),
      damage: (to) => {
        const db = new Database(path);
        const text = to === 'a beginning' ? 'substr(envelope, 1, 100)' : "'{}'";
        db.exec(`UPDATE events SET envelope = ${text} WHERE position = 2`);
        db.close();
        return Promise.resolve();
      },
      tamper: (kind) => {
        const db = new Database(path);
        db.unsafeMode();
        db.exec(TAMPERINGS[kind]?.[0] ?? '');
        db.close();
        return Promise.resolve();
      },
      pauseAppend: (event) => {
        const db = new Database(path);
        db.exec('BEGIN IMMEDIATE');
        const { lastInsertRowid } = db
          .prepare('INSERT INTO streams (stream_id) VALUES (?)')
          .run(event.streamId);
        db.prepare('INSERT INTO events (stream, version, envelope) VALUES (?, 1, ?)').run(
          lastInsertRowid,
          JSON.stringify(event),
        );
        const end = (sql: string) => () => {
          db.exec(sql);
          db.close();
          return Promise.resolve();
        };
        return Promise.resolve({ othersWait: true, commit: end('COMMIT'), rollBack: end('ROLLBACK') });
      },
    });
  },
});
