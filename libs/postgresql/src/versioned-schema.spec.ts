import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Pool } from 'pg';
import { dropStore, freshAddress, postgresqlUrl } from '#test/support/postgresql-stores';
import { parsePostgresqlAddress } from './address.ts';
import type { PostgresqlAddress } from './address.ts';
import { openPool, TIMEOUTS } from './pool.ts';
import { openVersionedSchema, transactionLockSql } from './versioned-schema.ts';

const MIGRATIONS = [
  (schema: string) => `CREATE TABLE "${schema}".notes (text text NOT NULL)`,
  (schema: string) => `ALTER TABLE "${schema}".notes ADD COLUMN day text`,
];

let url: string;
let address: PostgresqlAddress;
let pool: Pool;

beforeEach(async () => {
  url = freshAddress(await postgresqlUrl());
  address = parsePostgresqlAddress(url);
  pool = openPool(address, { max: 8, pipeline: false }, TIMEOUTS);
});
afterEach(async () => {
  await pool.end();
  await dropStore(url);
});

/** Opens the schema like a build with this many migrations. */
const open = (versions: number, create = true) =>
  openVersionedSchema(
    pool,
    address,
    {
      what: 'book of notes',
      versions: 'note_versions',
      known: 'notes',
      migrations: MIGRATIONS.slice(0, versions),
      lock: (schema) => transactionLockSql('TEST', schema),
    },
    create,
  );
const query = (text: string) => pool.query(text.replaceAll('notes', `"${address.schema}".notes`));

describe('a schema of ours', () => {
  it('is created on request, once by several at once', async () => {
    await expect(open(1, false)).rejects.toMatchObject({
      reason: 'missing',
      message: `there is no book of notes at ${address.shown}`,
    });
    await Promise.all([open(2), open(2), open(2), open(2)]);
    await open(2, false);
    expect((await query('SELECT day FROM notes')).rowCount).toBe(0);
  });

  it('of an older version gets the newer parts, once by several at once, and keeps its rows', async () => {
    await open(1);
    await query(`INSERT INTO notes VALUES ('kept')`);
    await expect(open(2, false)).rejects.toMatchObject({
      reason: 'unusable',
      message: expect.stringContaining('has schema 1, and this version reads 2'),
    });
    await Promise.all([open(2), open(2), open(2)]);
    expect((await query('SELECT * FROM notes')).rows).toEqual([{ text: 'kept', day: null }]);
  });

  it('of a newer version, or of another application, is refused and not changed', async () => {
    await open(2);
    await expect(open(1)).rejects.toMatchObject({
      reason: 'unusable',
      message: expect.stringContaining('was created by a newer version: its schema is 2'),
    });
    await pool.query(`DROP TABLE "${address.schema}".note_versions`);
    await expect(open(2)).rejects.toThrow('the schema contains tables of another application');
    expect((await query('SELECT * FROM notes')).rowCount).toBe(0);
  });
});
