import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { createSealer } from '#audit/seal';
import type { EventStore } from '#event-sourcing/event-store';
import { besideAddress, parsePostgresqlAddress } from '#postgresql/address';
import type { PostgresqlAddress } from '#postgresql/address';
import { openPostgresqlEventStore } from '#event-store/postgresql/postgresql-event-store';
import type { PostgresqlEventStoreOptions } from '#event-store/postgresql/postgresql-event-store';

/** Returns the URL of the server that all specs of a run share: `DOCKET_TEST_POSTGRESQL`, or the run's own. */
export async function postgresqlUrl(): Promise<string> {
  runUrl ??= process.env['DOCKET_TEST_POSTGRESQL'] ?? (await fetchUrl());
  return runUrl;
}

/** Cached, because an idle connection may be closed when it is used again. */
let runUrl: string | undefined;

async function fetchUrl(): Promise<string> {
  const answer = await fetch(`${process.env['DOCKET_TEST_RUN'] ?? ''}/postgresql`);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`the run has no PostgreSQL server: ${text}`);
  return text;
}

/** Returns the address of a store that does not exist yet, in a new schema. */
export const freshAddress = (url: string): string => {
  const address = new URL(url);
  address.searchParams.set('schema', `test_${randomUUID().replaceAll('-', '')}`);
  return address.href;
};

export const openStoreAt = (
  address: string,
  options: Partial<PostgresqlEventStoreOptions> = {},
): Promise<EventStore> =>
  openPostgresqlEventStore({
    address: parsePostgresqlAddress(address),
    sealer: createSealer(),
    create: true,
    ...options,
  });

/** Opens a connection to read the tables of a store or lock them, in the schema of the address. */
export const connectTo = (address: string): Promise<Client> => connectIn(parsePostgresqlAddress(address));

/** Opens a connection in any schema. */
async function connectIn({ connectionString, schema }: PostgresqlAddress): Promise<Client> {
  const client = new Client({ connectionString });
  client.on('error', () => undefined);
  await client.connect();
  await client.query(`SET search_path TO "${schema}"`);
  return client;
}

/** Drops the schemas of addresses with their stores, and the schemas beside them. */
export async function dropStore(...addresses: readonly string[]): Promise<void> {
  const stores = addresses.map((address) => parsePostgresqlAddress(address));
  const beside = (what: string) => stores.map((store) => besideAddress(store, what));
  await dropSchema(...stores, ...beside('read_models'), ...beside('outbox'));
}

/** Drops schemas of one server over one connection, with the schemas of their sets of read models. */
export async function dropSchema(...addresses: readonly PostgresqlAddress[]): Promise<void> {
  const [first] = addresses;
  if (first === undefined) return;
  const client = await connectIn(first);
  for (const { schema } of addresses) {
    const { rows } = await client.query<{ name: string }>(
      'SELECT nspname AS name FROM pg_namespace WHERE nspname = $1 OR nspname ~ $2',
      [schema, `^${schema}_[0-9a-f]+_[0-9]+$`],
    );
    for (const { name } of rows) await client.query(`DROP SCHEMA IF EXISTS "${name}" CASCADE`);
  }
  await client.end();
}
