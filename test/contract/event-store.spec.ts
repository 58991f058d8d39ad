import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import { jsonEvent, KurrentDBClient, NO_STREAM } from '@kurrent/kurrentdb-client';
import Database from 'better-sqlite3';
import { createSealer, SEALER_MODULE } from '../../libs/audit/src/seal.ts';
import { MemoryEventStore } from '../../libs/event-store/src/memory-event-store.ts';
import { lockSql } from '../../libs/event-store/src/postgresql/schema.ts';
import { parseKurrentdbAddress } from '../../libs/event-store/src/kurrentdb/address.ts';
import { openSqliteEventStore } from '../../libs/event-store/src/sqlite/sqlite-event-store.ts';
import {
  connectTo,
  dropStore,
  freshAddress,
  openStoreAt,
  postgresqlUrl,
} from '../support/postgresql-stores.ts';
import { untilTrue } from '../support/event-streams.ts';
import { startKurrentdbServer } from '../support/kurrentdb/start.ts';
import type { KurrentdbServer } from '../support/kurrentdb/start.ts';
import {
  freshKurrentdbAddress,
  isRealKurrentdb,
  kurrentdbUrl,
  openKurrentdbStoreAt,
} from '../support/kurrentdb-stores.ts';
import { eventStoreContract } from './event-store.contract.ts';

let folder: string;
let stores = 0;
const schemas: string[] = [];
let kurrentdb: KurrentdbServer | null | undefined;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'docket-contract-'));
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
  for (const address of schemas) await dropStore(address);
  await kurrentdb?.stop();
});

eventStoreContract({
  name: 'memory',
  shared: false,
  makePlace: () => Promise.resolve({ open: () => Promise.resolve(new MemoryEventStore(createSealer())) }),
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

eventStoreContract({
  name: 'PostgreSQL',
  shared: true,
  makePlace: async () => {
    const address = freshAddress(await postgresqlUrl());
    schemas.push(address);
    return {
      open: () => openStoreAt(address),
      holdAppend: async (event) => {
        const client = await connectTo(address);
        await client.query('BEGIN');
        await client.query(lockSql(new URL(address).searchParams.get('schema') ?? ''));
        await client.query('INSERT INTO streams SELECT max(id) + 1, $1 FROM streams', [
          Buffer.from(event.streamId),
        ]);
        await client.query(
          `INSERT INTO events (position, stream, version, envelope)
           SELECT max(position) + 1, (SELECT max(id) FROM streams), 1, $1 FROM events`,
          [JSON.stringify(event)],
        );
        const end = (sql: string) => async () => {
          await client.query(sql);
          await client.end();
        };
        return { othersWait: true, commit: end('COMMIT'), rollBack: end('ROLLBACK') };
      },
    };
  },
});

eventStoreContract({
  name: isRealKurrentdb() ? 'KurrentDB' : 'the KurrentDB protocol server',
  shared: true,
  holds: !isRealKurrentdb(),
  makePlace: async () => {
    kurrentdb ??= isRealKurrentdb() ? null : await startKurrentdbServer();
    const address = freshKurrentdbAddress(kurrentdb?.url ?? (await kurrentdbUrl()));
    return {
      open: () => openKurrentdbStoreAt(address),
      holdAppend: async (event) => {
        const { connectionString, prefix } = parseKurrentdbAddress(address);
        const client = KurrentDBClient.connectionString(connectionString);
        const control = kurrentdb!.control;
        await control.hold({ calls: 1, on: 'append' });
        const record = jsonEvent({ id: event.eventId, type: event.type, data: { ...event } });
        const answer = client.appendToStream(`${prefix}.${event.streamId}`, record, {
          streamState: NO_STREAM,
        });
        await untilTrue(async () => (await control.status()).held === 1);
        const end = (how: 'commit' | 'rollBack') => async () => {
          await control.release(how);
          await Promise.allSettled([answer]);
          await client.dispose();
        };
        return { othersWait: false, commit: end('commit'), rollBack: end('rollBack') };
      },
    };
  },
});
