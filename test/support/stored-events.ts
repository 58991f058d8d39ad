import { jsonEvent, KurrentDBClient, streamNameFilter } from '@kurrent/kurrentdb-client';
import Database from 'better-sqlite3';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Envelope } from '#event-sourcing/envelope';
import { parseKurrentdbAddress } from '#event-store/kurrentdb/address';
import { STORE_FORM } from '#event-store/kurrentdb/stored-event';
import { StreamNames } from '#event-store/kurrentdb/stream-names';
import { isRealKurrentdb, JOURNEY_STORE, storeSettings } from './journey-store.ts';
import { controlKurrentdb, openKurrentdbStoreAt } from './kurrentdb-stores.ts';
import { connectTo } from './postgresql-stores.ts';
import { collectLog } from './event-streams.ts';

/** Direct access to the tables of a folder's store, as an operator has it. */
interface StoredRows {
  /** Runs SQL; `$1`, `$2`, … in the text are the values in this order. */
  readonly query: <Row>(sql: string, ...values: readonly unknown[]) => Promise<Row[]>;
}

/** Opens the tables during an action. */
async function inTables<Result>(
  folder: string,
  action: (rows: StoredRows) => Promise<Result>,
): Promise<Result> {
  const { rows, close } = JOURNEY_STORE === 'sqlite' ? openFile(folder) : await openSchema(folder);
  try {
    return await action(rows);
  } finally {
    await close();
  }
}

function openFile(folder: string) {
  const database = new Database(join(folder, 'docket.sqlite'));
  const rows: StoredRows = {
    // eslint-disable-next-line @typescript-eslint/require-await -- the interface for PostgreSQL requires async
    async query<Row>(sql: string, ...values: readonly unknown[]) {
      const statement = database.prepare<unknown[], Row>(sql.replaceAll(/\$\d+/g, '?'));
      if (statement.reader) return statement.all(...values);
      statement.run(...values);
      return [];
    },
  };
  return {
    rows,
    // eslint-disable-next-line @typescript-eslint/require-await
    close: async () => {
      database.close();
    },
  };
}

const addressOf = (folder: string): string => storeSettings(folder)['DOCKET_STORE'] ?? '';

async function openSchema(folder: string) {
  const client = await connectTo(addressOf(folder));
  const rows: StoredRows = {
    async query<Row>(sql: string, ...values: readonly unknown[]) {
      return (await client.query<object>(sql, [...values])).rows as Row[];
    },
  };
  return { rows, close: () => client.end() };
}

/** Runs an action with direct access to the streams of a folder's store, as an operator with a login has it. */
async function onServer<Result>(
  folder: string,
  action: (client: KurrentDBClient, prefix: string) => Promise<Result>,
): Promise<Result> {
  const { connectionString, prefix } = parseKurrentdbAddress(addressOf(folder));
  const client = KurrentDBClient.connectionString(connectionString);
  try {
    return await action(client, prefix);
  } finally {
    await client.dispose();
  }
}

/** Returns the changed form of a stored event; null to remove it. */
export type ChangeEvent = (event: Envelope) => object | null;

/** Copies a closed store, and changes its events directly, as an operator could. */
export async function copyChanged(from: string, to: string, change: ChangeEvent): Promise<void> {
  if (JOURNEY_STORE === 'kurrentdb') {
    await copyStreams(from, to, change);
    return;
  }
  if (JOURNEY_STORE === 'sqlite') copyFileSync(join(from, 'docket.sqlite'), join(to, 'docket.sqlite'));
  else await copySchema(from, to);
  await inTables(to, async ({ query }) => {
    const rows = await query<{ position: number; envelope: string }>('select position, envelope from events');
    for (const { position, envelope } of rows) {
      const changed = change(JSON.parse(envelope) as Envelope);
      if (changed === null) await query('delete from events where position = $1', position);
      else
        await query('update events set envelope = $1 where position = $2', JSON.stringify(changed), position);
    }
  });
}

async function copySchema(from: string, to: string): Promise<void> {
  const schema = new URL(addressOf(to)).searchParams.get('schema') ?? '';
  await inTables(from, async ({ query }) => {
    await query(`CREATE SCHEMA ${schema}`);
    for (const table of ['streams', 'events', 'event_store_versions']) {
      await query(`CREATE TABLE ${schema}.${table} (LIKE ${table} INCLUDING ALL)`);
      await query(`INSERT INTO ${schema}.${table} SELECT * FROM ${table}`);
    }
  });
}

/** Copies streams. Events on the server never change, so the changed ones are written to other streams. */
async function copyStreams(from: string, to: string, change: ChangeEvent): Promise<void> {
  const store = await openKurrentdbStoreAt(addressOf(from));
  const events = await collectLog(store);
  await store.close();
  await onServer(to, async (client, prefix) => {
    const names = new StreamNames(prefix);
    await client.appendToStream(names.store, jsonEvent({ type: 'StoreCreated', data: { form: STORE_FORM } }));
    for (const { position: _, ...event } of events) {
      const changed = change(event as Envelope);
      if (changed === null) continue;
      const { eventId: id, type, correlationId, causationId } = event;
      const metadata = {
        $correlationId: correlationId,
        ...(causationId !== null && { $causationId: causationId }),
      };
      const record = jsonEvent({ id, type, data: { ...changed }, metadata });
      await client.appendToStream(names.eventsOf(event.streamId), record);
    }
  });
}

/** Returns the places where a store contains a text: files, rows, or streams after the server's maintenance. */
export async function placesInStore(folder: string, text: string): Promise<string[]> {
  if (JOURNEY_STORE === 'sqlite') return [];
  if (JOURNEY_STORE === 'postgresql') {
    const rows = await inTables(folder, ({ query }) =>
      query<{ position: string }>('select position from events where strpos(envelope, $1) > 0', text),
    );
    return rows.map(({ position }) => `the event at ${position}`);
  }
  if (!isRealKurrentdb()) await controlKurrentdb('scavenge');
  return onServer(folder, async (client, prefix) => {
    const places = new Set<string>();
    for await (const { event } of client.readAll({ filter: streamNameFilter({ prefixes: [prefix] }) })) {
      if (event && JSON.stringify([event.data, event.metadata]).includes(text)) places.add(event.streamId);
    }
    if (!isRealKurrentdb()) return [...places];
    // A real server does not scavenge a log to which it still writes. Until it does, its streams show what is left.
    for (const name of places) {
      const left: unknown[] = [];
      for await (const { event } of client.readStream(name)) left.push([event?.data, event?.metadata]);
      if (!JSON.stringify(left).includes(text)) places.delete(name);
    }
    return [...places];
  });
}

/** Locks the store for writing during an action, as a process that never releases its lock does. */
export async function whileLocked<Result>(folder: string, action: () => Promise<Result>): Promise<Result> {
  if (JOURNEY_STORE === 'kurrentdb') {
    const { prefix } = parseKurrentdbAddress(addressOf(folder));
    await controlKurrentdb('lock', prefix);
    try {
      return await action();
    } finally {
      await controlKurrentdb('unlock', prefix);
    }
  }
  return inTables(folder, async ({ query }) => {
    await query(JOURNEY_STORE === 'sqlite' ? 'BEGIN IMMEDIATE' : 'BEGIN');
    if (JOURNEY_STORE === 'postgresql') await query('LOCK TABLE events IN SHARE MODE');
    try {
      return await action();
    } finally {
      await query('ROLLBACK');
    }
  });
}
