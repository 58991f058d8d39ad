import { afterAll } from '@jest/globals';
import { readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parsePostgresqlAddress } from '#postgresql/address';
import type { PostgresqlAddress } from '#postgresql/address';
import { openReadModels } from '#projections/open-read-models';
import type { DatabaseAddress } from '#projections/database-address';
import type { Projection } from '#projections/projection';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { dropSchema, freshAddress, postgresqlUrl } from './postgresql-stores.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A kind of database for read models. All their specs run on each. */
export interface DatabaseKind {
  readonly name: 'SQLite' | 'PostgreSQL';
  /** Returns the address of new read models, which are removed after the spec file. */
  fresh(): Promise<DatabaseAddress>;
  /** Removes the read models at an address; no process may have them open. */
  remove(address: DatabaseAddress): Promise<void>;
  /** Opens new read models. */
  open(projections: readonly Projection[]): Promise<ReadModelDatabase>;
  /** Returns the number of property cases, because a server is slow to create a database for each. */
  cases(wanted: number): number;
}

/** The share of cases: the usual run checks a fifth of them, and `npm run test:long` all. */
const TIMES = Number(process.env['DOCKET_CASES_TIMES'] ?? 1);

const schemas: PostgresqlAddress[] = [];

afterAll(() => dropSchema(...schemas.splice(0)));

const sqlite: DatabaseKind = {
  name: 'SQLite',
  fresh() {
    return Promise.resolve({ kind: 'sqlite', path: join(temporaryFolder(), 'read-models.sqlite') });
  },
  remove(address) {
    const { path } = address as { path: string };
    for (const name of readdirSync(dirname(path)).filter((each) => each.startsWith(basename(path))))
      rmSync(join(dirname(path), name));
    return Promise.resolve();
  },
  open: (projections) => openReadModels({ kind: 'memory' }, projections),
  cases: (wanted) => Math.ceil((wanted * TIMES) / 5),
};

const postgresql: DatabaseKind = {
  name: 'PostgreSQL',
  async fresh() {
    const address = parsePostgresqlAddress(freshAddress(await postgresqlUrl()));
    schemas.push(address);
    return { kind: 'postgresql', ...address };
  },
  remove: (address) => dropSchema(address as PostgresqlAddress),
  async open(projections) {
    return openReadModels(await this.fresh(), projections);
  },
  cases: (wanted) => Math.ceil((wanted * TIMES) / 50),
};

export const DATABASE_KINDS: readonly DatabaseKind[] = [sqlite, postgresql];
