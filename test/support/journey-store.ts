import { it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { besideAddress, parsePostgresqlAddress } from '#postgresql/address';
import { dropSchema } from './postgresql-stores.ts';

/** The store of the journeys: `DOCKET_TEST_STORE`. */
export const JOURNEY_STORE = process.env['DOCKET_TEST_STORE'] ?? 'sqlite';

if (!['sqlite', 'postgresql', 'kurrentdb'].includes(JOURNEY_STORE)) {
  throw new Error(`DOCKET_TEST_STORE is "${JOURNEY_STORE}"; it takes sqlite, postgresql or kurrentdb`);
}

/** Returns whether the KurrentDB server of the run is a real one, which cannot simulate faults. */
export const isRealKurrentdb = (): boolean => process.env['KURRENTDB_URL'] !== undefined;

/** Returns whether the server has the calls of a version. The run's set-up determines that for a real one. */
export const hasKurrentdb = (version: '25.1' | '26.1'): boolean =>
  !isRealKurrentdb() || (process.env['DOCKET_TEST_KURRENTDB_CALLS'] ?? '').includes(version);

/** Skips the calling test, with a reason, on a real server without the calls of a version. */
export function needKurrentdb(version: '25.1' | '26.1'): void {
  if (!hasKurrentdb(version)) throw new Error(`skipped, since a KurrentDB before ${version} refuses it`);
}

/** Skips the calling test, with a reason, on a real server, which has no test controls. */
export function needDouble(): void {
  if (isRealKurrentdb()) throw new Error('skipped, since a real KurrentDB obeys no test');
}

/** Returns the bodies of one issue: only the first on a KurrentDB before 25.1, which refuses several. */
export const bodiesAtOnce = (...bodies: string[]): string[] =>
  hasKurrentdb('25.1') ? bodies : bodies.slice(0, 1);

const schemaOf = (folder: string): string =>
  `journey_${createHash('sha256').update(folder).digest('hex').slice(0, 32)}`;

/** Returns the settings of a folder's store: a file in it, or a schema or prefix named after it. */
export function storeSettings(folder: string): Record<string, string> {
  if (JOURNEY_STORE === 'sqlite') return sqliteSettings(folder);
  // The run's set-up has started a server and set its address.
  if (JOURNEY_STORE === 'postgresql') {
    return postgresqlSettings(folder, process.env['DOCKET_TEST_POSTGRESQL'] ?? '');
  }
  return kurrentdbSettings(folder, process.env['DOCKET_TEST_KURRENTDB'] ?? '');
}

/** Returns the settings of a folder's store on a KurrentDB server, or its test double. */
export const kurrentdbSettings = (folder: string, server: string): Record<string, string> => ({
  DOCKET_STORE: `${server}&acceptOlder=true&prefix=${schemaOf(folder)}`,
  DOCKET_READ_MODELS: `sqlite:${join(folder, 'docket.read-models.sqlite')}`,
});

/** Returns the settings of a folder's store in a file, regardless of the other journeys. */
export const sqliteSettings = (folder: string): Record<string, string> => ({
  DOCKET_STORE: `sqlite:${join(folder, 'docket.sqlite')}`,
});

/** Returns the settings of a folder's store on a PostgreSQL server, regardless of the other journeys. */
export function postgresqlSettings(folder: string, server: string): Record<string, string> {
  const address = new URL(server);
  address.searchParams.set('schema', schemaOf(folder));
  return {
    DOCKET_STORE: address.href,
  };
}

/** Removes the read models of a folder's store; no process may have them open. */
export async function removeReadModels(folder: string): Promise<void> {
  if (JOURNEY_STORE === 'postgresql') {
    const store = parsePostgresqlAddress(storeSettings(folder)['DOCKET_STORE'] ?? '');
    await dropSchema(besideAddress(store, 'read_models'));
    return;
  }
  const files = readdirSync(folder).filter((name) => name.includes('read-models'));
  if (files.length === 0) throw new Error(`${folder} holds no read models`);
  for (const file of files) rmSync(join(folder, file));
}

/** Returns the name of a folder's store in messages. */
export const storeName = (folder: string): string =>
  JOURNEY_STORE === 'sqlite' ? 'docket.sqlite' : schemaOf(folder);

/** A test that runs only on a store in a file. */
export const itOnSqlite = JOURNEY_STORE === 'sqlite' ? it : it.skip;
