import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { createSealer } from '#audit/seal';
import type { EventStore } from '#event-sourcing/event-store';
import { besideAddress, parsePostgresqlAddress } from '#postgresql/address';
import type { PostgresqlAddress } from '#postgresql/address';
import { openPostgresqlEventStore } from '#event-store/postgresql/postgresql-event-store';
import type { PostgresqlEventStoreOptions } from '#event-store/postgresql/postgresql-event-store';

/** The server that all specs of a run share: the one that `DOCKET_TEST_POSTGRESQL` names, else one of the run's own. */
export async function postgresqlUrl(): Promise<string> {
  told ??= process.env['DOCKET_TEST_POSTGRESQL'] ?? (await askRun());
  return told;
}

/** Asked once: a connection that was left open may be closed just when it is used again. */
let told: string | undefined;

async function askRun(): Promise<string> {
  const answer = await fetch(`${process.env['DOCKET_TEST_RUN'] ?? ''}/postgresql`);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`the run has no PostgreSQL server: ${text}`);
  return text;
}

/** The address of a store that is not there yet, in a schema of its own. */
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

/** A connection beside the store's, to look at its tables or hold its locks; in the schema of the address. */
export const connectTo = (address: string): Promise<Client> => connectIn(parsePostgresqlAddress(address));

/** The same in any schema. */
export async function connectIn({ connectionString, schema }: PostgresqlAddress): Promise<Client> {
  const client = new Client({ connectionString });
  client.on('error', () => undefined);
  await client.connect();
  await client.query(`SET search_path TO "${schema}"`);
  return client;
}

/** Removes the schema of an address, with the store in it, and what lies beside it. */
export async function dropStore(address: string): Promise<void> {
  const store = parsePostgresqlAddress(address);
  await dropSchema(store);
  for (const what of ['read_models', 'outbox']) await dropSchema(besideAddress(store, what));
}

/** Removes a schema, with all that is in it. */
export async function dropSchema(address: PostgresqlAddress): Promise<void> {
  const client = await connectIn(address);
  await client.query(`DROP SCHEMA IF EXISTS "${address.schema}" CASCADE`);
  await client.end();
}
