import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Pool } from 'pg';
import { dropStore, freshAddress, postgresqlUrl } from '#test/support/postgresql-stores';
import { parsePostgresqlAddress } from './address.ts';
import type { PostgresqlAddress } from './address.ts';
import { openPool, TIMEOUTS } from './pool.ts';
import { openVersionedSchema, transactionLockSql } from './versioned-schema.ts';

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

/** Opens the schema like a build with this version. */
const open = (version: number, create = true) =>
  openVersionedSchema(
    pool,
    address,
    {
      what: 'book of notes',
      versions: 'note_versions',
      known: 'notes',
      version,
      tables: (schema) => `CREATE TABLE "${schema}".notes (text text NOT NULL)`,
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
    expect((await query('SELECT text FROM notes')).rowCount).toBe(0);
  });

  it('of another version, or of another application, is refused and not changed', async () => {
    await open(2);
    for (const version of [1, 3]) {
      await expect(open(version)).rejects.toMatchObject({
        reason: 'unusable',
        message: `${address.shown} was created by another build of Docket: its schema is 2, and this build reads ${version}; use that build`,
      });
    }
    await pool.query(`DROP TABLE "${address.schema}".note_versions`);
    await expect(open(2)).rejects.toThrow('the schema contains tables of another application');
    expect((await query('SELECT * FROM notes')).rowCount).toBe(0);
  });
});
