import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type Database from 'better-sqlite3';
import { Kysely, sql } from 'kysely';
import { join } from 'node:path';
import { temporaryFolder } from '#test/support/temporary-folder';
import { FileDialect, openConnection } from './connection.ts';
import { FileTrouble } from './file-trouble.ts';

/** The most pages of the file. A page limit has the same effect in SQLite as a full disk. */
const PAGES_MAX = 20;

let folder: string;
let connection: Database.Database;
let db: Kysely<unknown>;
beforeEach(() => {
  folder = temporaryFolder();
  connection = openConnection(join(folder, 'full.sqlite'));
  connection.exec('create table texts (text text)');
  connection.pragma(`max_page_count = ${PAGES_MAX}`);
  db = new Kysely({ dialect: new FileDialect(connection, new FileTrouble(connection)) });
});
afterEach(async () => {
  await db.destroy();
});

const write = (characters: number): Promise<unknown> =>
  db.transaction().execute((trx) => sql`insert into texts values (${'x'.repeat(characters)})`.execute(trx));

describe('a transaction on a full disk', () => {
  test('reports that the disk is full, and not the outcome of the transaction', async () => {
    const error: unknown = await write(1_000_000).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'SQLITE_FULL', message: 'database or disk is full' });
    expect(connection.inTransaction).toBe(false);
  });

  test('does not prevent later transactions', async () => {
    await write(1_000_000).catch(() => undefined);
    await write(100);
    // The transaction is still open after a failed rollback.
    connection.exec('begin immediate');
    await write(100);
    expect(connection.prepare('select count(*) from texts').pluck().get()).toBe(2);
  });
});
