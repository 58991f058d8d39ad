import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { checkingRedactions } from '#test/support/read-models';
import { ReadModelHarness } from '#test/support/read-model-harness';
import { freshAddress, dropStore, postgresqlUrl } from '#test/support/postgresql-stores';
import { untilTrue } from '#test/support/event-streams';
import { TIMEOUTS } from '#postgresql/pool';
import { parsePostgresqlAddress } from '#postgresql/address';
import { registerProjection } from '#read-models/register/register-projection';
import { queryRegister } from '#read-models/register/register-query';
import { registeredRecipient } from '#read-models/register/registered-recipient';
import { temporaryFolder } from '#test/support/temporary-folder';
import { ReadQueue, withReadContext } from './limited-reads.ts';
import { readLive } from './read-live.ts';
import type { ReadModelDatabase } from './read-model-database.ts';
import { truncateLogs } from './read-models-status.ts';
import { openPostgresqlReadModels } from './postgresql/open-read-models.ts';
import { openSqliteReadModels } from './sqlite/open-read-models.ts';
import { recordOf } from '#state-machines/record-streams';

const TODAY = '2026-01-01';
const TOO_SLOW = { name: 'QueryTooSlowError', code: 'query-too-slow' };

const OTHERS = Array.from({ length: 9 }, (_, n) => `r${n}`);
/** Runs a tenfold self-join, which does not end. */
const endless = (database: ReadModelDatabase): Promise<unknown> =>
  readLive(database, ({ db, sql: dialect }) =>
    (db as Kysely<Record<'register', { stream: string }>>)
      .selectFrom(['register', ...OTHERS.map((name) => `register as ${name}` as 'register')])
      .select((eb) => eb.fn.countAll().as('found'))
      .where((eb) => eb.and(OTHERS.map((name) => dialect.inTime(`${name}.stream`))))
      .execute(),
  );
const list = async (database: ReadModelDatabase): Promise<string[]> =>
  (await queryRegister(database, { today: TODAY, sort: 'id' })).items.map(({ id }) => id);

/** Returns whether lists are answered in time. A thread may start slowly on a busy machine. */
const answers = (database: ReadModelDatabase): Promise<boolean> =>
  Promise.all([list(database), list(database)]).then(
    () => true,
    () => false,
  );

const PROJECTIONS = [registerProjection];
const models = new ReadModelHarness(PROJECTIONS);
const { log } = models;

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(async () => {
  await models.end();
});

const inFile = (limitMs: number, graceMs = 10_000) =>
  models.adopt(openSqliteReadModels(join(folder, 'read-models.sqlite'), PROJECTIONS, { limitMs, graceMs }));

async function withRecords(database: ReadModelDatabase, records = 30): Promise<ReadModelDatabase> {
  for (let n = 10; n < 10 + records; n += 1) log.issue(`r${n}`, { recipient: 'avon' });
  await models.foldInto(database);
  return database;
}

describe('a read that would exceed its time', () => {
  test('is ended in a file, while all other reads succeed', async () => {
    const limited = await withRecords(inFile(100));
    await expect(endless(limited)).rejects.toMatchObject(TOO_SLOW);
    expect(limited.readCounts()).toEqual({ busy: 0, waiting: 0, tooSlow: 1, replaced: 0, left: 0 });
    const database = inFile(60_000);
    const until = new AbortController();
    const slow = expect(withReadContext(until.signal, () => endless(database))).rejects.toMatchObject({
      code: 'read-abandoned',
    });
    expect(await list(database)).toHaveLength(30);
    expect(await registeredRecipient(database, recordOf('r10'))).toMatchObject({ recipient: 'avon' });
    log.issue('r99');
    await models.foldInto(database);
    expect(await list(database)).toHaveLength(31);
    expect(database.readCounts()).toMatchObject({ busy: 1 });
    until.abort();
    await slow;
    expect(database.readCounts()).toMatchObject({ busy: 0 });
  });

  test('is ended in memory', async () => {
    const database = await withRecords(
      models.adopt(openSqliteReadModels(':memory:', PROJECTIONS, { limitMs: 300, graceMs: 50 })),
    );
    await expect(endless(database)).rejects.toMatchObject(TOO_SLOW);
    expect(database.readCounts()).toMatchObject({ busy: 0, tooSlow: 1 });
    // Folds and look-ups have no such limit.
    log.issue('r99');
    await models.foldInto(database);
    expect(await list(database)).toHaveLength(31);
  });

  test('is ended on PostgreSQL, at the slow statement or before the next', async () => {
    const address = freshAddress(await postgresqlUrl());
    const database = models.adopt(
      await openPostgresqlReadModels(parsePostgresqlAddress(address), PROJECTIONS, TIMEOUTS, 300),
    );
    try {
      await withRecords(database);
      await expect(endless(database)).rejects.toMatchObject(TOO_SLOW);
      const slept = (seconds: number) => sql`select pg_sleep(${seconds})`;
      const inParts = database.read(async (trx) => {
        for (;;) await slept(0.2).execute(trx);
      });
      await expect(inParts).rejects.toMatchObject(TOO_SLOW);
      expect(database.readCounts()).toMatchObject({ busy: 0, tooSlow: 2 });
      expect(await list(database)).toHaveLength(30);
      // Other statements have their own limits.
      await slept(0.4).execute(database.db);
    } finally {
      await models.end();
      await dropStore(address);
    }
  });

  test('is ended before its next statement if the time runs out between two statements', async () => {
    const database = await withRecords(inFile(100));
    const slow = database.read(async (trx) => {
      for (;;) {
        await trx.selectFrom('bookmark').selectAll().execute();
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
    });
    await expect(slow).rejects.toMatchObject(TOO_SLOW);
    await untilTrue(() => answers(database));
  });
});

describe('a read in a thread', () => {
  test('sees one state of the rows during any folds', async () => {
    const database = await withRecords(inFile(5_000), 3);
    const count = (db: Kysely<unknown>) =>
      (db as Kysely<{ register: { stream: string } }>).selectFrom('register').select('stream').execute();
    const seen = await readLive(database, async ({ db }, position) => {
      const before = await count(db);
      log.issue('r99');
      await models.foldInto(database);
      return { before: before.length, position, after: (await count(db)).length };
    });
    expect(seen).toEqual({ before: 3, position: log.events[2]?.position, after: 3 });
    expect(await list(database)).toHaveLength(4);
    // The snapshot is released, so nothing prevents truncating the write-ahead log.
    expect(await truncateLogs(database)).toBe(true);
  });

  test('writes nothing', async () => {
    const database = await withRecords(inFile(5_000), 1);
    const writing = database.read((trx) => trx.deleteFrom('bookmark').returning('id').execute());
    await expect(writing).rejects.toMatchObject({ code: 'SQLITE_READONLY' });
    expect(await list(database)).toEqual(['r10']);
  });

  test('reports changes that a statement meets, and continues with the next', async () => {
    const database = await withRecords(inFile(5_000), 1);
    const wrong = database.read((trx) => sql`select a from nowhere`.execute(trx));
    await expect(wrong).rejects.toMatchObject({ name: 'SqliteError', code: 'SQLITE_ERROR' });
    await expect(wrong).rejects.toThrow('no such table: nowhere');
    expect(await list(database)).toEqual(['r10']);
  });

  test('is cancelled with its caller, running or waiting', async () => {
    const database = await withRecords(inFile(60_000));
    const [first, second] = [new AbortController(), new AbortController()];
    const reads = [first, first, second].map(({ signal }) =>
      expect(withReadContext(signal, () => endless(database))).rejects.toMatchObject({
        code: 'read-abandoned',
      }),
    );
    await untilTrue(() => Promise.resolve(database.readCounts().waiting === 1));
    second.abort();
    await reads[2];
    expect(database.readCounts()).toMatchObject({ busy: 2, waiting: 0 });
    first.abort();
    await Promise.all(reads);
    expect(database.readCounts()).toEqual({ busy: 0, waiting: 0, tooSlow: 0, replaced: 0, left: 0 });
    await expect(withReadContext(first.signal, () => list(database))).rejects.toMatchObject({
      code: 'read-abandoned',
    });
    expect(await list(database)).toHaveLength(30);
  });

  test('is cancelled when the read models are closed', async () => {
    const database = await withRecords(inFile(60_000));
    const reads = [1, 2, 3].map(() =>
      expect(endless(database)).rejects.toMatchObject({ code: 'read-abandoned' }),
    );
    await untilTrue(() => Promise.resolve(database.readCounts().waiting === 1));
    await database.close();
    await Promise.all(reads);
  });
});

describe('a text that is redacted while a read waits for its turn', () => {
  test.each([
    ['in a file', (): string => join(folder, 'read-models.sqlite'), 2],
    ['in memory', (): string => ':memory:', 1],
  ])('is not shown, %s', async (_, path, atOnce) => {
    const database = checkingRedactions(models.adopt(openSqliteReadModels(path(), PROJECTIONS)), log.events);
    const issued = log.issue('a', { title: 'Brackenbury' });
    await models.foldInto(database);
    const { promise: blocked, resolve: letGo } = Promise.withResolvers<undefined>();
    const before = Array.from({ length: atOnce }, () => database.read(() => blocked));
    const waiting = queryRegister(database, { today: TODAY });
    await untilTrue(() => Promise.resolve(database.readCounts().waiting === 1));
    log.redact('a', issued, '/data/title');
    letGo(undefined);
    await Promise.all(before);
    await models.foldInto(database);
    expect((await waiting).items).toMatchObject([{ id: 'a', title: null }]);
  });
});

describe('the queue of reads', () => {
  test('starts nothing until all running reads and the work between them have ended', async () => {
    const queue = new ReadQueue(2);
    const order: string[] = [];
    const ends: (() => void)[] = [];
    const read = (name: string) =>
      queue.run(() => {
        order.push(name);
        return new Promise<void>((resolve) => ends.push(resolve));
      });
    const first = [read('a'), read('b')];
    const quiet = queue.quiet(async () => {
      order.push('quiet');
      await new Promise((resolve) => setImmediate(resolve));
      order.push('over');
    });
    const later = read('c');
    ends[0]?.();
    await first[0];
    expect([order, queue.counts]).toEqual([['a', 'b'], { busy: 1, waiting: 1, tooSlow: 0 }]);
    ends[1]?.();
    await quiet;
    await new Promise((resolve) => setImmediate(resolve));
    expect(order).toEqual(['a', 'b', 'quiet', 'over', 'c']);
    ends[2]?.();
    await later;
    await expect(queue.quiet(() => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    queue.close();
    await expect(queue.quiet(() => Promise.resolve())).rejects.toMatchObject({ code: 'read-abandoned' });
    expect(queue.counts).toEqual({ busy: 0, waiting: 0, tooSlow: 0 });
  });

  /** Returns reads that run until they are released, and the order in which they begin. */
  function blockedReads(queue: ReadQueue) {
    const begun: string[] = [];
    const ends = new Map<string, () => void>();
    const read = (who: string, name: string): Promise<void> =>
      withReadContext(
        undefined,
        () =>
          queue.run(() => {
            begun.push(name);
            return new Promise<void>((resolve) => ends.set(name, resolve));
          }),
        who,
      );
    const end = async (name: string): Promise<void> => {
      ends.get(name)?.();
      await new Promise((resolve) => setImmediate(resolve));
    };
    return { begun, read, end };
  }

  test('has a slot for each user, however many reads one user starts', async () => {
    const queue = new ReadQueue(2);
    const { begun, read, end } = blockedReads(queue);
    const reads = ['a1', 'a2', 'a3', 'a4'].map((name) => read('ann', name));
    expect(begun).toEqual(['a1']);
    reads.push(read('bob', 'b1'));
    expect(begun).toEqual(['a1', 'b1']);
    await end('b1');
    reads.push(read('cyd', 'c1'));
    expect(begun).toEqual(['a1', 'b1', 'c1']);
    await end('a1');
    expect(begun).toEqual(['a1', 'b1', 'c1', 'a2']);
    for (const name of ['c1', 'a2', 'a3', 'a4']) await end(name);
    await Promise.all(reads);
    expect(queue.counts).toEqual({ busy: 0, waiting: 0, tooSlow: 0 });
  });

  test.each([1, 2, 4])('serves waiting users in turn, with %d slots', async (places) => {
    const queue = new ReadQueue(places);
    const { begun, read, end } = blockedReads(queue);
    const others = Array.from({ length: places }, (_, index) => `other ${index}`);
    const reads = others.map((name) => read(name, name));
    for (const name of ['a1', 'a2', 'a3']) reads.push(read('ann', name));
    for (const name of ['b1', 'b2']) reads.push(read('bob', name));
    reads.push(read('cyd', 'c1'));
    // Only one slot is free at a time.
    for (const name of [others[0], 'a1', 'b1', 'c1', 'a2', 'b2', 'a3']) await end(name as string);
    expect(begun.slice(places)).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
    for (const name of others) await end(name);
    await Promise.all(reads);
  });

  test('is not blocked by reads that others wait for', async () => {
    const queue = new ReadQueue(1);
    const { begun, read, end } = blockedReads(queue);
    const reads = Array.from({ length: 501 }, (_, index) => read('ann', `a${index}`));
    await expect(read('ann', 'one more')).rejects.toMatchObject({
      code: 'readers-busy',
      message: '500 of your reads are already waiting',
    });
    reads.push(read('bob', 'b'));
    await end('a0');
    await end('a1');
    expect(begun).toEqual(['a0', 'a1', 'b']);
    const ended = Promise.allSettled(reads);
    queue.close();
    await end('b');
    expect((await ended).filter(({ status }) => status === 'rejected')).toHaveLength(499);
  });

  test('accepts a limited number', async () => {
    const queue = new ReadQueue(1);
    const { promise: blocked, resolve: letGo } = Promise.withResolvers<undefined>();
    const reads = Array.from({ length: 1_001 }, () => queue.run(() => blocked));
    await expect(queue.run(() => blocked)).rejects.toMatchObject({
      code: 'readers-busy',
      message: '1000 reads are already waiting',
    });
    letGo(undefined);
    await Promise.all(reads);
    expect(queue.counts).toEqual({ busy: 0, waiting: 0, tooSlow: 0 });
  });

  test('serves everyone eventually', async () => {
    const queue = new ReadQueue(1, 100);
    const { promise: blocked, resolve: letGo } = Promise.withResolvers<undefined>();
    const under = queue.run(() => blocked);
    await expect(queue.run(() => blocked)).rejects.toMatchObject({
      code: 'readers-busy',
      message: 'other reads have been running for 0.1 s',
    });
    expect(queue.counts).toMatchObject({ busy: 1, waiting: 0 });
    letGo(undefined);
    await under;
  });
});
