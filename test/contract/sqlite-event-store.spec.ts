import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import Database from 'better-sqlite3';
import { SEALER_MODULE } from '../../libs/audit/src/seal.ts';
import { openSqliteEventStore } from '../../libs/event-store/src/sqlite/sqlite-event-store.ts';
import { eventStoreContract } from './event-store.contract.ts';

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
  makePlace: () => {
    const path = join(folder, `store-${stores++}.db`);
    return Promise.resolve({
      open: () => openSqliteEventStore({ path, sealerModule: SEALER_MODULE, create: true }),
      holdAppend: (event) => {
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
