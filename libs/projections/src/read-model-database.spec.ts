import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { onEachSharedDatabase, ReadModelHarness } from '#test/support/read-model-harness';
import { checkSearch } from '#test/support/read-models';
import { temporaryFolder } from '#test/support/temporary-folder';
import { bookmarkIn, lockedBookmark } from './model-set.ts';
import { makeLiveSet } from './model-sets.ts';
import { truncateLogs } from './read-models-status.ts';
import { lastJobRun, saveJobRun } from './following/job-runs.ts';
import type { DatabaseAddress } from './database-address.ts';
import { openReadModels } from './open-read-models.ts';
import { registerProjection } from '#read-models/register/register-projection';
import { queryRegister } from '#read-models/register/register-query';
import { openPostgresqlReadModels } from './postgresql/open-read-models.ts';
import { openSqliteReadModels } from './sqlite/open-read-models.ts';

const PROJECTIONS = [registerProjection];
const PATIENT_MS = 60_000;
/** Opens read models whose reads are not cancelled on a busy machine. */
const openPatiently = (place: DatabaseAddress) =>
  place.kind === 'postgresql'
    ? openPostgresqlReadModels(place, PROJECTIONS, undefined, PATIENT_MS)
    : openSqliteReadModels(place.kind === 'memory' ? ':memory:' : place.path, PROJECTIONS, {
        limitMs: PATIENT_MS,
      });

onEachSharedDatabase('the read-model database on $name', [registerProjection], (models) => {
  const { log } = models;

  test('is created if it is missing, by several at once', async () => {
    const place = await models.kind.fresh();
    const opened = await Promise.all(Array.from({ length: 4 }, () => openReadModels(place, PROJECTIONS)));
    for (const database of opened) models.adopt(database);
    expect(await opened[0]!.db.selectFrom('model_sets').selectAll().execute()).toEqual([]);
    await Promise.all(opened.map((database) => makeLiveSet(database)));
    expect(await opened[0]!.db.selectFrom('model_sets').selectAll().execute()).toHaveLength(1);
  });

  test('keeps its rows, and can be open several times', async () => {
    const other = await models.open();
    log.issue('a');
    await models.fold();
    expect((await queryRegister(other, { today: '2026-01-01' })).items).toHaveLength(1);
    await models.end();
    const again = await models.open();
    expect((await queryRegister(again, { today: '2026-01-01' })).items).toHaveLength(1);
  });

  test('a transaction that reads first does not fail when another connection has written', async () => {
    const [one, other] = [models.database, await models.open()];
    await makeLiveSet(one);
    const count = (database: typeof one) =>
      database.use(({ db }) =>
        db.transaction().execute(async (trx) => {
          const { events } = await lockedBookmark(trx);
          await trx
            .updateTable('bookmark')
            .set({ events: events + 1 })
            .execute();
        }),
      );
    for (let round = 0; round < 10; round += 1) {
      await count(one);
      await count(other);
    }
    expect(await one.use(({ db }) => bookmarkIn(db))).toMatchObject({ events: 20 });
  });

  test('a process that folds waits for the current one', async () => {
    const [one, other] = [models.database, await models.open()];
    await makeLiveSet(one);
    const order: string[] = [];
    const { promise: isLocked, resolve } = Promise.withResolvers<undefined>();
    const locked = (database: typeof one, action: () => Promise<void>) =>
      database.use(({ db }) =>
        db.transaction().execute(async (trx) => {
          await lockedBookmark(trx);
          await action();
        }),
      );
    const first = locked(one, async () => {
      resolve(undefined);
      await new Promise((done) => setTimeout(done, 50));
      order.push('first');
    });
    await isLocked;
    await locked(other, () => {
      order.push('second');
      return Promise.resolve();
    });
    await first;
    expect(order).toEqual(['first', 'second']);
  });

  test('keeps every character of a text, and the order of texts by their bytes', async () => {
    const titles = [
      'a',
      'a\0',
      'a\0b',
      'a\x01',
      'a\x01\x01',
      'a\x02',
      'aa',
      'ab',
      'B',
      'ä',
      'Z',
      'z',
      '\u{1f600}',
      '\uffee',
    ];
    titles.forEach((title, index) => log.issue(`r${index}`, { title, recipient: title }));
    await models.fold();
    const { items } = await queryRegister(models.database, { today: '2026-01-01', sort: 'title' });
    const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
    expect(items.map(({ title }) => title)).toEqual(titles.toSorted(byBytes));
    for (const [index, recipient] of titles.entries()) {
      const found = await queryRegister(models.database, { today: '2026-01-01', recipient: [recipient] });
      expect(found.items.map(({ id }) => id)).toEqual([`r${index}`]);
    }
  });

  test('accepts titles and words of any length, and finds a long word', async () => {
    const word = Array.from({ length: 3_000 }, (_, index) => String.fromCodePoint(0x4e00 + index)).join('');
    const part = word.slice(0, 400);
    log.issue('a', { title: `${part}x ${'many words '.repeat(20_000)}` });
    log.issue('b', { title: `${part}y` });
    log.issue('c', { title: word });
    await models.fold();
    const patient = models.adopt(await openPatiently(models.place));
    const ids = async (q: string) =>
      (await queryRegister(patient, { today: '2026-01-01', sort: 'id', q })).items.map(({ id }) => id);
    expect(await ids(`${part}y`)).toEqual(['b']);
    expect(await ids(`"${part}x many"`)).toEqual(['a']);
    expect(await ids('"words many words"')).toEqual(['a']);
  });

  test("keeps the coverage of a job's run, whatever a later run reports", async () => {
    const run = { startedAt: 's', finishedAt: 'f', recorded: 1, error: null };
    for (const coveredTo of [null, '2026-01-02', '2026-01-01', null]) {
      await saveJobRun(models.database, 'sweep', { ...run, coveredTo });
    }
    expect(await lastJobRun(models.database, 'sweep')).toMatchObject({ coveredTo: '2026-01-02' });
  });
});

describe('a file of read models', () => {
  const models = new ReadModelHarness([registerProjection]);
  const { log } = models;
  const open = (at = path) => models.adopt(openSqliteReadModels(at, PROJECTIONS));
  let folder: string;
  let path: string;

  beforeEach(() => {
    folder = temporaryFolder();
    path = join(folder, 'read-models.sqlite');
  });

  test('is made with its folders', async () => {
    const database = open(join(folder, 'a', 'b', 'read-models.sqlite'));
    expect(await database.db.selectFrom('model_sets').selectAll().execute()).toEqual([]);
  });

  test('erased texts leave no trace in its files once the log is truncated', async () => {
    const database = open();
    const setPath = `${path}.${database.digest.slice(0, 6)}_1`;
    log.issue('a', { title: 'Xylophonist appointed', text: 'Quetzalcoatl' });
    const comment = log.comment('a', 'Rumpelstiltskin of the Pickwickians');
    for (let index = 0; index < 50; index += 1) log.comment('a', `comment ${index} of many`);
    await models.foldInto(database);
    await truncateLogs(database);
    expect(readFileSync(setPath).includes('umpelstiltskin')).toBe(true);

    log.redact('a', comment, '/data/text');
    log.redact('a', log.events[0]!, '/data/title', '/data/text');
    await models.foldInto(database);
    expect(await truncateLogs(database)).toBe(true);
    await checkSearch(database, 'register_search');
    const bytes = Buffer.concat([readFileSync(setPath), readFileSync(`${setPath}-wal`)])
      .toString('latin1')
      .toLowerCase();
    for (const word of ['umpelstiltskin', 'ickwickians', 'ylophonist', 'uetzalcoatl']) {
      expect([word, bytes.includes(word)]).toEqual([word, false]);
    }
  });

  test('refuses a file of another application, and leaves it as it is', () => {
    const foreign = new Database(path);
    foreign.exec('create table notes (text)');
    foreign.close();
    expect(() => openSqliteReadModels(path, PROJECTIONS)).toThrow(
      expect.objectContaining({ code: 'read-models-unusable' }),
    );
    const still = new Database(path);
    expect(still.prepare('select name from sqlite_schema').pluck().all()).toEqual(['notes']);
    still.close();
  });

  test('refuses a file that is not a database, and one of another schema', () => {
    writeFileSync(path, 'not a database, and long enough to be looked at '.repeat(100));
    expect(() => openSqliteReadModels(path, PROJECTIONS)).toThrow(
      /read models is damaged.*file is not a database/,
    );
    rmSync(path);
    const connection = new Database(path);
    connection.pragma(`application_id = 1146045266`);
    connection.pragma('user_version = 99');
    connection.close();
    expect(() => openSqliteReadModels(path, PROJECTIONS)).toThrow(
      /another build of Docket: its schema is 99, and this build reads 10; delete it/,
    );
  });
});
