import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { checkSearch, foldInParts } from '../spec-support/read-models.ts';
import { RecommendationLog } from '../spec-support/recommendation-log.ts';
import { openReadModelDatabase } from './read-model-database.ts';
import { registerProjection } from './register/register-projection.ts';
import { queryRegister } from './register/register-query.ts';

describe('the read-model database', () => {
  let folder: string;
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'read-models-'));
    path = join(folder, 'read-models.sqlite');
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  test('is made where it is missing, with its folders', async () => {
    const database = openReadModelDatabase(join(folder, 'a', 'b', 'read-models.sqlite'));
    expect(await database.db.selectFrom('projections').selectAll().execute()).toEqual([]);
    await database.close();
  });

  test('keeps its rows, and can be open several times', async () => {
    const [one, other] = [openReadModelDatabase(path), openReadModelDatabase(path)];
    const log = new RecommendationLog();
    log.issue('a');
    await foldInParts(one, registerProjection, [log.events]);
    expect((await queryRegister(other, { today: '2026-01-01' })).items).toHaveLength(1);
    await Promise.all([one.close(), other.close()]);
    const again = openReadModelDatabase(path);
    expect((await queryRegister(again, { today: '2026-01-01' })).items).toHaveLength(1);
    await again.close();
  });

  test('a transaction that reads first does not fail when another connection has written', async () => {
    const [one, other] = [openReadModelDatabase(path), openReadModelDatabase(path)];
    const count = (database: typeof one) =>
      database.db.transaction().execute(async (trx) => {
        const before = await trx.selectFrom('projections').select('live').executeTakeFirst();
        await trx
          .insertInto('projections')
          .values({ name: 'p', live: 1, last_generation: 1, state: 'running', rebuild_requested: 0 })
          .onConflict((conflict) => conflict.column('name').doUpdateSet({ live: (before?.live ?? 0) + 1 }))
          .execute();
      });
    for (let round = 0; round < 10; round += 1) {
      await count(one);
      await count(other);
    }
    expect(await one.db.selectFrom('projections').select('live').execute()).toEqual([{ live: 20 }]);
    await Promise.all([one.close(), other.close()]);
  });

  test('what is erased leaves no trace in its files once the log is cut off', async () => {
    const database = openReadModelDatabase(path);
    const log = new RecommendationLog();
    log.issue('a', { title: 'Xylophonist appointed', text: 'Quetzalcoatl' });
    const comment = log.comment('a', 'Rumpelstiltskin of the Pickwickians');
    for (let index = 0; index < 50; index += 1) log.comment('a', `comment ${index} of many`);
    await foldInParts(database, registerProjection, [log.events]);
    database.truncateLog();
    expect(readFileSync(path).includes('umpelstiltskin')).toBe(true);

    log.redact('a', comment, '/data/text');
    log.redact('a', log.events[0]!, '/data/title', '/data/text');
    await foldInParts(database, registerProjection, [log.events]);
    expect(database.truncateLog()).toBe(true);
    await checkSearch(database, 'register_search_g1');
    const bytes = Buffer.concat([readFileSync(path), readFileSync(`${path}-wal`)])
      .toString('latin1')
      .toLowerCase();
    for (const word of ['umpelstiltskin', 'ickwickians', 'ylophonist', 'uetzalcoatl']) {
      expect([word, bytes.includes(word)]).toEqual([word, false]);
    }
    await database.close();
  });

  test('of the first schema gets what was added since, and keeps its rows', async () => {
    const first = openReadModelDatabase(path);
    const log = new RecommendationLog();
    log.issue('a');
    await foldInParts(first, registerProjection, [log.events]);
    await first.close();
    const connection = new Database(path);
    connection.exec('drop table followers; drop table jobs; pragma user_version = 1');
    connection.close();
    const database = openReadModelDatabase(path);
    expect(await database.db.selectFrom('jobs').selectAll().execute()).toEqual([]);
    expect((await queryRegister(database, { today: '2026-01-01' })).items).toHaveLength(1);
    await database.close();
  });

  test('refuses a file of another application, and leaves it as it is', () => {
    const foreign = new Database(path);
    foreign.exec('create table notes (text)');
    foreign.close();
    expect(() => openReadModelDatabase(path)).toThrow(
      expect.objectContaining({ code: 'read-models-unusable' }),
    );
    const still = new Database(path);
    expect(still.prepare('select name from sqlite_schema').pluck().all()).toEqual(['notes']);
    still.close();
  });

  test('refuses a file that is no database, and one of another schema', () => {
    writeFileSync(path, 'not a database, and long enough to be looked at '.repeat(100));
    expect(() => openReadModelDatabase(path)).toThrow(/cannot be used as read-model database/);
    rmSync(path);
    const connection = new Database(path);
    connection.pragma(`application_id = 1146045266`);
    connection.pragma('user_version = 99');
    connection.close();
    expect(() => openReadModelDatabase(path)).toThrow(/has schema 99/);
  });
});
