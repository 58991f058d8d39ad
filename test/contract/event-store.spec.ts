import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import { createSealer, SEALER_MODULE } from '../../libs/audit/src/seal.ts';
import { MemoryEventStore } from '../../libs/event-store/src/memory-event-store.ts';
import { openSqliteEventStore } from '../../libs/event-store/src/sqlite/sqlite-event-store.ts';
import { dropStore, freshAddress, openStoreAt, postgresqlUrl } from '../support/postgresql-stores.ts';
import { eventStoreContract } from './event-store.contract.ts';

let folder: string;
let stores = 0;
const schemas: string[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'docket-contract-'));
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
  for (const address of schemas) await dropStore(address);
});

eventStoreContract('memory', () => Promise.resolve(new MemoryEventStore(createSealer())));

eventStoreContract('SQLite', () =>
  openSqliteEventStore({
    path: join(folder, `store-${stores++}.db`),
    sealerModule: SEALER_MODULE,
    create: true,
  }),
);

eventStoreContract('PostgreSQL', async () => {
  const address = freshAddress(await postgresqlUrl());
  schemas.push(address);
  return openStoreAt(address);
});
