import { afterAll } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parsePostgresqlAddress } from '#postgresql/address';
import type { PostgresqlAddress } from '#postgresql/address';
import { openReadModels } from '#projections/open-read-models';
import type { DatabaseAddress } from '#projections/database-address';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { dropSchema, freshAddress, postgresqlUrl } from './postgresql-stores.ts';

/** A kind of database that read models can be in: all their specs run on each. */
export interface DatabaseKind {
  readonly name: 'SQLite' | 'PostgreSQL';
  /** The address of read models that are not there yet; what is made there is gone after the spec file. */
  fresh(): Promise<DatabaseAddress>;
  /** Removes what is at an address, while nobody has it open. */
  remove(address: DatabaseAddress): Promise<void>;
  /** Opens read models that nobody else has. */
  open(): Promise<ReadModelDatabase>;
  /** How many cases of a property are tried here: a server takes its time to make a database for each. */
  cases(wanted: number): number;
}

/** The usual run tries a fifth of the cases, and `npm run test:long` all of them. */
const TIMES = Number(process.env['DOCKET_CASES_TIMES'] ?? 1);

const removals: (() => void | Promise<void>)[] = [];

afterAll(async () => {
  for (const remove of removals.splice(0)) await remove();
});

const sqlite: DatabaseKind = {
  name: 'SQLite',
  fresh() {
    const folder = mkdtempSync(join(tmpdir(), 'read-models-'));
    removals.push(() => {
      rmSync(folder, { recursive: true });
    });
    return Promise.resolve({ kind: 'sqlite', path: join(folder, 'read-models.sqlite') });
  },
  remove(address) {
    const { path } = address as { path: string };
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true });
    return Promise.resolve();
  },
  open: () => openReadModels({ kind: 'memory' }),
  cases: (wanted) => Math.ceil((wanted * TIMES) / 5),
};

const postgresql: DatabaseKind = {
  name: 'PostgreSQL',
  async fresh() {
    const address = parsePostgresqlAddress(freshAddress(await postgresqlUrl()));
    removals.push(() => dropSchema(address));
    return { kind: 'postgresql', ...address };
  },
  remove: (address) => dropSchema(address as PostgresqlAddress),
  async open() {
    return openReadModels(await this.fresh());
  },
  cases: (wanted) => Math.ceil((wanted * TIMES) / 50),
};

export const DATABASE_KINDS: readonly DatabaseKind[] = [sqlite, postgresql];
