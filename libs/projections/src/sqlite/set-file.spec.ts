import { execFile } from 'node:child_process';
import { copyFileSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { untilTrue } from '#test/support/event-streams';
import { temporaryFolder } from '#test/support/temporary-folder';
import { makeBuildingSet, makeLiveSet, switchSets } from '../model-sets.ts';
import { digestOf } from '../read-models-on.ts';
import type { Projection } from '../projection.ts';
import type { ReadModelDatabase } from '../read-model-database.ts';
import { truncateLogs } from '../read-models-status.ts';
import { openSqliteReadModels } from './open-read-models.ts';
import { ReaderThread } from './reader-thread.ts';

/** Returns a long query without any time check. */
const counting = (rows: number): string =>
  `with recursive counted (n) as (select 1 union all select n + 1 from counted where n < ${rows}) select count(*) from counted`;
const UNENDING = counting(6_000_000);

const PROJECTIONS: readonly Projection[] = [
  {
    name: 'jobs',
    version: 1,
    tables: [{ name: 'jobs', columns: { id: 'integer', text: 'long text' }, key: 'id', indexes: [] }],
    apply: () => Promise.resolve(),
  },
];

let folder: string;
/** The paths of the operational tables, and of the set. */
let path: string;
let setPath: string;
const opened: ReadModelDatabase[] = [];
beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'read-models.sqlite');
  setPath = `${path}.${digestOf(PROJECTIONS).slice(0, 6)}_1`;
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((database) => database.close()));
});

/** Opens read models with a table `jobs`, made if it is missing. */
async function open(
  limits: Parameters<typeof openSqliteReadModels>[2] = {},
  onWarning?: (message: string) => void,
): Promise<ReadModelDatabase> {
  const database = openSqliteReadModels(path, PROJECTIONS, limits, onWarning);
  opened.push(database);
  await makeLiveSet(database);
  return database;
}

/** Adds a row of many bytes. */
const add = (database: ReadModelDatabase, id: number, text: string): Promise<unknown> =>
  database.use(({ db }) =>
    db.transaction().execute((trx) => sql`insert into jobs values (${id}, ${text})`.execute(trx)),
  );

/** Runs a module in its own process, in which nothing else keeps the event loop running. */
async function inProcess(text: string): Promise<string> {
  const module = `import { openSqliteReadModels } from '#projections/sqlite/open-read-models';
    import { sql } from 'kysely';
    import { makeLiveSet } from '#projections/model-sets';
    const database = openSqliteReadModels(${JSON.stringify(path)}, [], { limitMs: 60_000 });
    await makeLiveSet(database);
    ${text}`;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', module]);
  return stdout.trim();
}

describe('closing read models', () => {
  test('waits for no statement that does not end', async () => {
    const database = await open({ limitMs: 60_000, closeMs: 200 });
    const order: string[] = [];
    const read = database.read(async (trx) => {
      await sql`select 1`.execute(trx);
      order.push('begun');
      await sql.raw(UNENDING).execute(trx);
      order.push('read');
    });
    const expectation = expect(read).rejects.toMatchObject({ code: 'read-abandoned' });
    await untilTrue(() => Promise.resolve(order.length === 1));
    await database.close();
    await expectation;
    expect(order).toEqual(['begun']);
  }, 60_000);
});

describe('the file of read models', () => {
  test.each(['deleted', 'replaced'])('is read by no thread that starts once it was %s', async (how) => {
    const database = await open();
    const read = () => database.read((trx) => sql`select * from jobs`.execute(trx));
    await database.use(() => Promise.resolve());
    renameSync(setPath, `${setPath}.away`);
    if (how === 'replaced') copyFileSync(`${setPath}.away`, setPath);
    await expect(read()).rejects.toMatchObject({
      code: 'read-models-unavailable',
      message: expect.stringContaining(`${setPath} was moved, deleted or replaced while it was open`),
    });
    expect(database.readCounts()).toMatchObject({ busy: 0, replaced: 0, left: 0 });
    renameSync(`${setPath}.away`, setPath);
    expect((await read()).rows).toEqual([]);
  });

  test('is checked by a thread even if it starts later', async () => {
    await (await open()).close();
    const limits = { limitMs: 1_000, graceMs: 1_000, startMs: 10_000, closeMs: 100 };
    const thread = new ReaderThread({ path: setPath, opened: '1/1' }, limits, (error) => error);
    await expect(thread.read((trx) => sql`select 1`.execute(trx))).rejects.toMatchObject({
      code: 'read-models-unavailable',
      message: expect.stringContaining('moved, deleted or replaced'),
    });
    await thread.exited;
  });
});

describe('the rows of a statement', () => {
  test.each([0, 1, 1_000, 2_500])('are complete and in order if they are %s', async (rows) => {
    const counted = `with recursive counted (n) as (select 1 union all select n + 1 from counted) select n from counted limit ${rows}`;
    const read = await (await open()).read((trx) => sql<{ n: number }>`${sql.raw(counted)}`.execute(trx));
    expect(read.rows.map(({ n }) => n)).toEqual(Array.from({ length: rows }, (_, index) => index + 1));
  });
});

describe('threads that cannot be ended', () => {
  test('are reported, without any user text, and reads are reported as refused until they end', async () => {
    const warnings: string[] = [];
    const database = await open({ limitMs: 100, graceMs: 50 }, (message) => warnings.push(message));
    const read = (text: string) =>
      database.read((trx) => sql`${sql.raw(text)} where ${'private'} <> 'inline'`.execute(trx));
    // Both threads must have started, which can exceed the time limit of a read on a busy machine.
    await untilTrue(() =>
      Promise.all([read('select 1'), read('select 1')]).then(
        () => database.readsRefused() === null,
        () => false,
      ),
    );
    const { replaced } = database.readCounts();
    warnings.length = 0;
    const unending = [1, 2].map(() =>
      expect(read(counting(3_000_000))).rejects.toMatchObject({ code: 'query-too-slow' }),
    );
    await Promise.all(unending);
    expect(database.readsRefused()).toBe('2 earlier reads cannot be ended, and occupy every reader thread');
    await expect(read('select 1')).rejects.toMatchObject({ code: 'readers-busy' });
    const report = expect.stringMatching(
      /^A reader thread was replaced: The query was cancelled after .* Its statement: with recursive counted/,
    );
    expect(warnings).toEqual([report, report]);
    expect(warnings.join()).not.toMatch(/private|inline/);
    expect(database.readCounts()).toMatchObject({ replaced: replaced + 2 });
    await untilTrue(() =>
      read('select 1').then(
        () => true,
        () => false,
      ),
    );
  }, 60_000);
});

test('readers wait longest, also in a process that waits for others', async () => {
  const output = await inProcess(`
    const { setPriority } = await import('node:os');
    const { readdirSync, readFileSync } = await import('node:fs');
    setPriority(15);
    const { rows } = await database.read((trx) => sql\`select 1 as one\`.execute(trx));
    // The 19th of what is told of a thread, its name being the second.
    const niceOf = (id) => readFileSync('/proc/self/task/' + id + '/stat', 'utf8').split(') ')[1].split(' ')[16];
    const nice = readdirSync('/proc/self/task').map(niceOf).map(Number);
    await database.close();
    console.log(rows[0].one, Math.max(...nice), nice.filter((one) => one > 0 && one < 15).length);
  `);
  expect(output).toBe('1 19 0');
}, 60_000);

test('damage that a thread found stays known until another set replaces the damaged one', async () => {
  const first = await open();
  for (let number = 0; number < 500; number += 1) await add(first, number, 'e'.repeat(500));
  await first.close();
  writeFileSync(setPath, readFileSync(setPath).fill(0xff, 20 * 4_096, 40 * 4_096));
  const database = await open();
  const scan = () =>
    database.read(async (trx) => {
      const { rows } = await sql<{ bytes: number }>`select sum(length(text)) as bytes from jobs`.execute(trx);
      return rows[0]?.bytes;
    });
  expect(await database.trouble()).toBeNull();
  await expect(scan()).rejects.toMatchObject({ code: 'read-models-damaged' });
  expect(await database.trouble()).toContain('is damaged');
  await switchSets(database, await makeBuildingSet(database));
  expect(await scan()).toBeNull();
  expect(await database.trouble()).toBeNull();
});

describe('the write-ahead log', () => {
  const LOG_BYTES_MAX = 2 ** 20;
  const bytes = () => statSync(`${setPath}-wal`).size;

  /** Runs overlapping reads without a pause during an action, and returns their number. */
  async function whileOthersRead(database: ReadModelDatabase, action: () => Promise<void>): Promise<number> {
    let reads = 0;
    const done = new AbortController();
    const loops = [0, 1, 2, 3].map(async () => {
      while (!done.signal.aborted)
        await database.read(async (trx) => {
          await sql`select id from jobs limit 1`.execute(trx);
          await sleep(5);
          await sql`select id from jobs limit 1`.execute(trx);
          reads += 1;
        });
    });
    await action().finally(() => {
      done.abort();
    });
    await Promise.all(loops);
    return reads;
  }

  const write = async (database: ReadModelDatabase, number: number) => {
    await add(database, number, String(number).repeat(50_000));
    await sleep(5);
  };

  test('is truncated repeatedly as it grows, while reads never pause', async () => {
    const database = await open({ logBytesMax: LOG_BYTES_MAX });
    let cuts = 0;
    const reads = await whileOthersRead(database, async () => {
      for (let number = 100, before = 0; cuts < 5; number += 1) {
        await write(database, number);
        const after = bytes();
        if (after < before) cuts += 1;
        before = after;
      }
    });
    expect(reads).toBeGreaterThan(cuts);
    expect(statSync(setPath).size).toBeGreaterThan(cuts * LOG_BYTES_MAX);
    expect(database.readCounts()).toMatchObject({ busy: 0, waiting: 0 });
  }, 60_000);

  test('is truncated between continuous reads, on each request', async () => {
    const database = await open();
    await whileOthersRead(database, async () => {
      for (let number = 100; number < 110; number += 1) {
        await write(database, number);
        expect(await truncateLogs(database)).toBe(true);
      }
    });
    expect(bytes()).toBe(0);
  });
});
