import Database from 'better-sqlite3';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { JOURNEY_STORE, storeSettings } from './journey-store.ts';
import { connectTo } from './postgresql-stores.ts';

/** The tables of a folder's store, as an operator with a shell on its database has them. */
export interface StoredRows {
  /** Values are `$1`, `$2`, … in the text, in this order. */
  readonly query: <Row>(sql: string, ...values: readonly unknown[]) => Promise<Row[]>;
}

/** Works on the tables for as long as an action takes. */
export async function inStore<Result>(
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
    // eslint-disable-next-line @typescript-eslint/require-await -- as the other is
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

async function openSchema(folder: string) {
  const client = await connectTo(storeSettings(folder)['DOCKET_STORE'] ?? '');
  const rows: StoredRows = {
    async query<Row>(sql: string, ...values: readonly unknown[]) {
      return (await client.query<object>(sql, [...values])).rows as Row[];
    },
  };
  return { rows, close: () => client.end() };
}

/** Makes a copy of a store that nobody has open. */
export async function copyStore(from: string, to: string): Promise<void> {
  if (JOURNEY_STORE === 'sqlite') {
    copyFileSync(join(from, 'docket.sqlite'), join(to, 'docket.sqlite'));
    return;
  }
  const schema = new URL(storeSettings(to)['DOCKET_STORE'] ?? '').searchParams.get('schema') ?? '';
  await inStore(from, async ({ query }) => {
    await query(`CREATE SCHEMA ${schema}`);
    for (const table of ['streams', 'events', 'event_store_versions']) {
      await query(`CREATE TABLE ${schema}.${table} (LIKE ${table} INCLUDING ALL)`);
      await query(`INSERT INTO ${schema}.${table} SELECT * FROM ${table}`);
    }
  });
}

/** Keeps the store from being written while an action takes, as a process does that never lets go of its lock. */
export const whileLocked = <Result>(folder: string, action: () => Promise<Result>): Promise<Result> =>
  inStore(folder, async ({ query }) => {
    await query(JOURNEY_STORE === 'sqlite' ? 'BEGIN IMMEDIATE' : 'BEGIN');
    if (JOURNEY_STORE === 'postgresql') await query('LOCK TABLE events IN SHARE MODE');
    try {
      return await action();
    } finally {
      await query('ROLLBACK');
    }
  });
