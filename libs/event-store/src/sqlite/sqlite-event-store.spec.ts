import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import Database from 'better-sqlite3';
import { append, commit, draft } from '#test/support/event-commits';
import { collectLog, untilTrue } from '#test/support/event-streams';
import { streamEvents } from '#event-sourcing/event-store';
import type { EventStore } from '#event-sourcing/event-store';
import { temporaryFolder } from '#test/support/temporary-folder';
import { openWriter } from './database.ts';
import { openSqliteEventStore } from './sqlite-event-store.ts';
import type { SqliteEventStoreOptions } from './sqlite-event-store.ts';
import { REQUESTS_WAITING_MAX } from './writer-thread.ts';

const support = (name: string) => new URL(`../../../../test/support/${name}`, import.meta.url);
const SEALER_MODULE = new URL('../../../audit/src/seal.ts', import.meta.url);
const UNAVAILABLE = { name: 'StoreUnavailableError', code: 'store-unavailable' };

let folder: string;
let path: string;
const opened: EventStore[] = [];

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'log.db');
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()));
});

const open = async (options: Partial<SqliteEventStoreOptions> = {}) => {
  const store = await openSqliteEventStore({ path, sealerModule: SEALER_MODULE, create: true, ...options });
  opened.push(store);
  return store;
};

describe('opening a SQLite store', () => {
  it('leaves no write-ahead log behind when it is closed', async () => {
    const store = await open();
    await store.append(commit([append('s-1', 0, draft())]));
    await store.close();
    expect(readdirSync(folder)).toEqual(['log.db']);
  });

  it('creates no file unless create is true', async () => {
    await expect(open({ create: false })).rejects.toMatchObject({
      name: 'StoreMissingError',
      code: 'store-missing',
      message: `there is no event store at ${path}`,
    });
    await expect(open({ readOnly: true })).rejects.toMatchObject({ code: 'store-missing' });
    expect(existsSync(path)).toBe(false);
  });

  it.each<[string, (path: string) => void, string]>([
    [
      'text',
      (file) => {
        writeFileSync(file, 'not a database. '.repeat(100));
      },
      'it is not a SQLite database',
    ],
    [
      'a database of another application',
      (file) => {
        foreign(file, 'CREATE TABLE t (a)');
      },
      'of another application',
    ],
    [
      'an empty file that it may not fill',
      (file) => {
        writeFileSync(file, '');
      },
      'is empty (0 bytes), so it contains no event store',
    ],
    ...[2, 4].map((version): [string, (path: string) => void, string] => [
      `a store of another build, with schema ${version}`,
      (file) => {
        foreign(file, `PRAGMA application_id = 0x444f434b; PRAGMA user_version = ${version}`);
      },
      `was created by another build of Docket: its schema is ${version}, and this build reads 3; use that build`,
    ]),
    [
      'a store without its tables',
      (file) => {
        foreign(file, 'PRAGMA application_id = 0x444f434b; PRAGMA user_version = 3');
      },
      'has lost its tables',
    ],
  ])('refuses %s, and leaves it as it was', async (_, make, reason) => {
    make(path);
    const before = readFileSync(path);
    const create = before.length > 0;
    await expect(open({ create })).rejects.toMatchObject({
      ...UNAVAILABLE,
      message: expect.stringContaining(reason),
    });
    await expect(open({ create })).rejects.toThrow(path);
    expect(readFileSync(path)).toEqual(before);
  });

  it('refuses a folder, and a path in a folder that is missing', async () => {
    path = folder;
    await expect(open()).rejects.toMatchObject(UNAVAILABLE);
    path = join(folder, 'missing', 'log.db');
    await expect(open()).rejects.toMatchObject(UNAVAILABLE);
  });

  it('reports that its sealer cannot be loaded', async () => {
    await expect(open({ sealerModule: support('no-such-sealer.ts') })).rejects.toThrow('no-such-sealer');
  });
});

const foreign = (file: string, sql: string) => {
  const db = new Database(file);
  db.exec(`${sql}; CREATE TABLE other (a)`);
  db.close();
};

describe('durability', () => {
  it('writes with WAL and synchronous=FULL, as the writing connection reports', async () => {
    await (await open()).close();
    const db = openWriter(path);
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(db.pragma('synchronous', { simple: true })).toBe(2);
    expect(db.pragma('secure_delete', { simple: true })).toBe(1);
    db.close();
  });

  it('refuses a file without WAL', async () => {
    await (await open()).close();
    const db = new Database(path);
    db.pragma('journal_mode = DELETE');
    db.close();
    expect(() => openWriter(path)).toThrow('journal_mode is delete, and must be wal');
  });

  it('keeps the write-ahead log small under constant load, while others read', async () => {
    const store = await open();
    let written = 0;
    let walBytesMax = 0;
    let reading = true;
    const readers = [0, 1].map(async () => {
      while (reading) await store.readAll({ limit: 10 }).then(() => new Promise(setImmediate));
    });
    const text = 'x'.repeat(36_000);
    const writers = Array.from({ length: 16 }, async (_, index) => {
      for (let version = 0; version < 66; version += 3, written += 3) {
        await store.append(commit([append(`s-${index}`, version, draft(text), draft(text), draft(text))]));
        walBytesMax = Math.max(walBytesMax, statSync(`${path}-wal`).size);
      }
    });
    await Promise.all(writers);
    reading = false;
    await Promise.all(readers);
    const megabytes = 2 ** 20;
    expect(written * text.length).toBeGreaterThan(36 * megabytes);
    expect(walBytesMax).toBeLessThan(32 * megabytes);
  });
});

describe('erasure', () => {
  /** Returns whether any file of the store contains a text. */
  const onDisk = (text: string) =>
    readdirSync(folder).some((file) => readFileSync(join(folder, file)).includes(text));

  it.each([
    ['a short text', 1],
    ['a text of many pages', 2_000],
  ])('leaves no bytes of %s in the database or its write-ahead log', async (_, times) => {
    const secret = `secret ${randomUUID()} `;
    const store = await open();
    for (let version = 0; version < 40; version += 2) {
      const text = version === 20 ? secret.repeat(times) : 'not a secret '.repeat(version * 20);
      await store.append(commit([append('s-1', version, draft(text), draft('another'))]));
    }
    const [event] = await store.readStream('s-1', { after: 20, limit: 1 });
    const salt = event!.salts['/data/text']!;
    expect(onDisk(secret) && onDisk(salt)).toBe(true);
    await store.erase('s-1', 21, ['/data/text']);
    expect({ secret: onDisk(secret), salt: onDisk(salt) }).toEqual({ secret: false, salt: false });
    await store.append(commit([append('s-1', 40, draft('on'))]));
    expect((await collectLog(store)).length).toBe(41);
    await store.close();
    expect(onDisk(secret)).toBe(false);
  });

  it('reports that an open reader preserves the old bytes, and finishes on a retry', async () => {
    const secret = `secret ${randomUUID()}`;
    const store = await open();
    await store.append(commit([append('s-1', 0, draft(secret))]));
    const other = new Database(path, { readonly: true });
    const rows = other.prepare('SELECT * FROM events').iterate();
    rows.next();
    await expect(store.erase('s-1', 1, ['/data/text'])).rejects.toMatchObject({
      ...UNAVAILABLE,
      message: expect.stringContaining('erase again'),
    });
    expect((await store.readStream('s-1'))[0]!.data).not.toHaveProperty('text');
    rows.return?.();
    other.close();
    await store.erase('s-1', 1, ['/data/text']);
    expect(onDisk(secret)).toBe(false);
  }, 30_000);
});

describe('a store with an error', () => {
  it('reports damaged pages of the file, and inspects the pages before and after them', async () => {
    const store = await open();
    const long = 'x'.repeat(2_000);
    for (let version = 0; version < 60; version++)
      await store.append(commit([append('s-1', version, draft(long))]));
    await store.close();
    const file = readFileSync(path);
    const text = file.indexOf('"version":30,');
    file.fill(0, text - (text % 4_096), text - (text % 4_096) + 4_096);
    writeFileSync(path, file);
    const again = await open({ readOnly: true });
    await expect(Array.fromAsync(streamEvents(again, 's-1'))).rejects.toMatchObject({
      code: 'store-damaged',
    });
    const entries = await Array.fromAsync(again.inspect());
    const read = entries.flatMap(({ event }) => event?.version ?? []);
    expect(read[0]).toBe(1);
    expect(read.at(-1)).toBe(60);
    expect(read).not.toContain(30);
    expect(entries.flatMap(({ faults }) => faults)).toContainEqual({
      code: 'unreadable',
      detail: expect.stringContaining('no row can be read from position') as unknown,
    });
  });

  it('rejects waiting and later appends when the thread of its writer dies; reading goes on', async () => {
    const store = await open({ sealerModule: support('event-sealer-that-dies.ts') });
    await store.append(commit([append('s-1', 0, draft())]));
    const results = await Promise.allSettled([
      store.append(commit([append('s-1', 1, draft('die'))])),
      store.append(commit([append('s-2', 0, draft())])),
    ]);
    for (const result of results) expect(result).toMatchObject({ status: 'rejected', reason: UNAVAILABLE });
    await expect(store.append(commit([append('s-3', 0, draft())]))).rejects.toMatchObject(UNAVAILABLE);
    expect(await collectLog(store)).toHaveLength(1);
    await store.close();
  });

  it('refuses more requests than its queue can contain', async () => {
    const store = await open();
    const results = await Promise.allSettled(
      Array.from({ length: REQUESTS_WAITING_MAX + 5 }, (_, index) =>
        store.append(commit([append(`s-${index}`, 0)])),
      ),
    );
    const refused = results.filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(5);
    for (const result of refused) expect(result).toMatchObject({ reason: UNAVAILABLE });
    await store.append(commit([append('s-1', 0, draft())]));
  });

  it('fails completely, with a clear error, while another process owns the lock', async () => {
    const store = await open();
    const other = new Database(path);
    other.exec('BEGIN IMMEDIATE');
    const results = await Promise.allSettled(
      [0, 1, 2].map((index) => store.append(commit([append(`s-${index}`, 0, draft())]))),
    );
    for (const result of results) {
      expect(result).toMatchObject({ status: 'rejected', reason: { ...UNAVAILABLE } });
    }
    other.exec('ROLLBACK');
    other.close();
    expect(await collectLog(store)).toEqual([]);
    await store.append(commit([append('s-0', 0, draft())]));
  }, 30_000);
});

const WRITER = fileURLToPath(new URL('../../../../test/faults/store-writer.ts', import.meta.url));

/** Runs a writer of `test/faults/store-writer.ts` with this many commits of three events in two streams. */
async function inAnotherProcess(file: string, name: string, commits: number): Promise<string[]> {
  const child = spawn(process.execPath, [WRITER, `sqlite:${file}`, name, String(commits)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  let output = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) output += String(chunk);
  expect(await exit).toEqual([0, null]);
  return output.trimEnd().split('\n');
}

describe('several processes that create one file at once, and write to it', () => {
  const streamed: string[] = [];
  let store: EventStore;
  let acknowledged: string[][];

  /** Appends to the stream of the writers, and repeats what conflicts. */
  async function appendOwn(count: number): Promise<void> {
    for (let done = 0; done < count;) {
      const version = (await store.readStream('shared', { limit: 1_000_000 })).length;
      await store.append(commit([append('shared', version, draft())])).then(
        () => done++,
        (error: unknown) => {
          expect(error).toMatchObject({ code: 'version-conflict' });
        },
      );
    }
  }

  beforeAll(async () => {
    const file = join(temporaryFolder(), 'log.db');
    const written = Promise.all(['a', 'b'].map((name) => inAnotherProcess(file, name, 2)));
    await untilTrue(() => existsSync(file));
    store = await openSqliteEventStore({ path: file, sealerModule: SEALER_MODULE, create: true });
    const subscription = store.subscribe('0', async (batch) => {
      streamed.push(...batch.map(({ position }) => position));
      await Promise.resolve();
    });
    await appendOwn(40);
    acknowledged = await written;
    await untilTrue(async () => streamed.at(-1) === (await store.lastPosition()));
    await subscription.close();
  }, 60_000);
  afterAll(() => store.close());

  it('have created one store, with all that was acknowledged', async () => {
    expect(acknowledged.map(({ length }) => length)).toEqual([32, 32]);
    const log = await collectLog(store);
    expect(log).toHaveLength(64 * 6 + 40);
    const ids = new Set(log.map(({ eventId }) => eventId));
    const appended = acknowledged.flat().flatMap((line) => JSON.parse(line) as [string, number, string][]);
    expect(appended.filter(([, , eventId]) => !ids.has(eventId))).toEqual([]);
  });

  it("see the others' appends, in order, by subscription", async () => {
    expect(streamed).toEqual((await collectLog(store)).map(({ position }) => position));
  });

  it('conflict like a single process: at each version exactly one wins', async () => {
    const shared = await store.readStream('shared', { limit: 1_000_000 });
    expect(shared.map(({ version }) => version)).toEqual(
      Array.from({ length: 64 * 3 + 40 }, (_, index) => index + 1),
    );
    expect(
      shared.every(({ previousHash }, index) => previousHash === (shared[index - 1]?.hash ?? null)),
    ).toBe(true);
  });
});
