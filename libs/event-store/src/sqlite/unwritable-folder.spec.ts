import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { append, commit, draft } from '#test/support/event-commits';
import { SEALER_MODULE } from '#audit/seal';
import { temporaryFolder } from '#test/support/temporary-folder';
import { openSqliteEventStore } from './sqlite-event-store.ts';

const READER = fileURLToPath(new URL('../../../../test/support/store-reader.ts', import.meta.url));
/** The reader runs as another user, because the superuser can write to every folder. */
const AS_NOBODY = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

let folder: string;
/** A folder that is made read-only, with a copy of the store's files. */
let media: string;

const read = (): { events?: number; faults?: unknown[]; refused?: string } => {
  for (const name of readdirSync(media)) chmodSync(join(media, name), 0o444);
  chmodSync(media, 0o555);
  const words = ['--disable-warning=ExperimentalWarning', READER, join(media, 'log.db')];
  return JSON.parse(execFileSync(process.execPath, words, { ...AS_NOBODY, encoding: 'utf8' })) as object;
};

beforeEach(async () => {
  folder = temporaryFolder();
  chmodSync(folder, 0o755);
  media = join(folder, 'media');
  mkdirSync(media);
  const path = join(folder, 'log.db');
  const store = await openSqliteEventStore({ path, sealerModule: SEALER_MODULE, create: true });
  await store.append(commit([append('s-1', 0, draft('one'), draft('two'))]));
  // The copies are of the files during use, and after all processes have closed them.
  mkdirSync(join(folder, 'in-use'));
  for (const name of ['log.db', 'log.db-wal', 'log.db-shm'])
    copyFileSync(join(folder, name), join(folder, 'in-use', name));
  await store.close();
});

afterEach(() => {
  chmodSync(media, 0o755);
});

const copied = (from: string, ...names: readonly string[]): void => {
  for (const name of names) copyFileSync(join(folder, from, name), join(media, name));
};

describe('a store in a folder that may not be written to', () => {
  test('given it was closed, then it is read, and nothing is made beside it', () => {
    copied('.', 'log.db');
    expect(read()).toEqual({ events: 2, faults: [] });
    expect(readdirSync(media)).toEqual(['log.db']);
  });

  test('given an empty write-ahead log, then it is read', () => {
    copied('.', 'log.db');
    writeFileSync(join(media, 'log.db-wal'), '');
    expect(read()).toEqual({ events: 2, faults: [] });
  });

  test('given it was copied in use with all its files, then it is read', () => {
    copied('in-use', 'log.db', 'log.db-wal', 'log.db-shm');
    expect(read()).toEqual({ events: 2, faults: [] });
  });

  test('given events in a write-ahead log without its index, then it is refused with advice', () => {
    copied('in-use', 'log.db', 'log.db-wal');
    expect(read().refused).toMatch(/media\/log\.db cannot be read in its folder.*write-ahead log.*Copy it/);
  });

  test('given a file that is not a store, then the error is the usual one', () => {
    writeFileSync(join(media, 'log.db'), 'not a database. '.repeat(100));
    expect(read().refused).toMatch(/it is not a SQLite database/);
  });
});
