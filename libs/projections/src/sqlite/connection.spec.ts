import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type Database from 'better-sqlite3';
import { Kysely, sql } from 'kysely';
import { chmodSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryFolder } from '#test/support/temporary-folder';
import { READ_MODEL_SCHEMA } from '../read-model-database.ts';
import { FileDialect, openConnection, openFile } from './connection.ts';
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

describe('tables in a folder that may not be written to', () => {
  test('are refused with advice', () => {
    const path = join(folder, 'media', 'rows.sqlite');
    openFile(path, READ_MODEL_SCHEMA).close();
    chmodSync(folder, 0o755);
    chmodSync(dirname(path), 0o555);
    chmodSync(path, 0o444);
    const isSuperuser = process.geteuid?.() === 0;
    // The superuser can write to every folder.
    if (isSuperuser) process.seteuid?.(65_534);
    try {
      expect(() => openFile(path, READ_MODEL_SCHEMA)).toThrow(
        /cannot be used as .*\. Make sure that this user can read and write the file and its folder$/,
      );
    } finally {
      if (isSuperuser) process.seteuid?.(0);
      chmodSync(dirname(path), 0o755);
    }
  });
});

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
