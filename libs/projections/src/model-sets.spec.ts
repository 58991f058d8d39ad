import { readdirSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { registerProjection } from '#read-models/register/register-projection';
import { queryRegister } from '#read-models/register/register-query';
import { untilTrue } from '#test/support/event-streams';
import { onEachSharedDatabase } from '#test/support/read-model-harness';
import { liveRows } from '#test/support/read-models';
import { bookmarkIn } from './model-set.ts';
import { allSets, dropUnusedSets, makeBuildingSet, makeLiveSet } from './model-sets.ts';
import { openReadModels } from './open-read-models.ts';
import type { ReadModelDatabase } from './read-model-database.ts';
import { readModelsStatus, truncateLogs, waitForAllSets, waitForPosition } from './read-models-status.ts';
import { assertSameLog, eventsSeen } from './same-log.ts';

const PROJECTIONS = [registerProjection];
/** The projections of another build. */
const OTHERS = [{ ...registerProjection, version: registerProjection.version + 1 }];
const SOON_MS = 20_000;
const LONG_AGO = '2020-01-01T00:00:00.000Z';

onEachSharedDatabase('sets of models on $name', PROJECTIONS, (models) => {
  const { log } = models;
  const ids = async (database: ReadModelDatabase = models.database) =>
    (await queryRegister(database, { today: '2026-11-24', sort: 'id' })).items.map(({ id }) => id);
  const names = async () => (await allSets(models.database)).map(({ name }) => name);
  const stored = async () => (await models.database.sets.list()).toSorted();
  const states = async () => (await allSets(models.database)).map(({ state }) => state);
  const openOthers = async () => models.adopt(await openReadModels(models.place, OTHERS));
  /** Makes it seem that no process has used the sets of these states for long. */
  const silence = (state: 'live' | 'building') =>
    models.database.db
      .updateTable('model_sets')
      .set({ heard_at: LONG_AGO })
      .where('state', '=', state)
      .execute();

  test('are made once, by several processes at once', async () => {
    const all = await Promise.all([models.open(), models.open(), models.open()]);
    await Promise.all(all.map((database) => makeLiveSet(database)));
    expect(await names()).toHaveLength(1);
    expect(await stored()).toEqual(await names());
  });

  test('refuse queries, and report their progress, until they reach the end of the log', async () => {
    log.issue('a');
    await makeLiveSet(models.database);
    await expect(ids()).rejects.toMatchObject({
      code: 'read-model-missing',
      message: expect.stringContaining('being built for this build of Docket, and have reached position 0'),
    });
    expect(await readModelsStatus(models.database)).toMatchObject({ state: 'building', events: 0 });
    expect(await waitForPosition(models.database, '0', 0)).toBe(false);
    await models.runner().catchUp();
    expect(await ids()).toEqual(['a']);
  });

  describe('rebuilt', () => {
    beforeEach(async () => {
      for (const id of 'abc') log.issue(id);
      await models.fold();
    });

    test('are those that queries read, on other connections too, and nothing of the others is left', async () => {
      const other = await models.open();
      expect(await ids(other)).toEqual(['a', 'b', 'c']);
      const rows = await liveRows(models.database, registerProjection);
      const [before] = await names();
      await models.rebuild(models.database);
      expect(await liveRows(other, registerProjection)).toEqual(rows);
      expect(await names()).toHaveLength(1);
      expect(await names()).not.toContain(before);
      expect(await stored()).toEqual(await names());
    });

    test('while events are folded, lack none of them', async () => {
      const runner = models.runner();
      await runner.start();
      const done = new AbortController();
      const writing = (async () => {
        for (let index = 0; !done.signal.aborted; index += 1) {
          log.comment('abc'[index % 3] ?? 'a', 'meanwhile');
          // This loop is slower than the fold.
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      })();
      const reading = await models.open();
      for (let round = 0; round < 3; round += 1) {
        await models.rebuild(await models.open());
        expect(await ids(reading)).toEqual(['a', 'b', 'c']);
      }
      done.abort();
      await writing;
      const position = await log.lastPosition();
      expect(await waitForPosition(models.database, position, SOON_MS)).toBe(true);
      await runner.stop();
      expect(await models.check(models.database)).toEqual({ events: log.events.length, differences: [] });
      expect(models.errors).toEqual([]);
    });

    test('one at a time: a second rebuild is refused while the first one is at work', async () => {
      await makeBuildingSet(models.database);
      await expect(models.rebuild(await models.open())).rejects.toMatchObject({ code: 'rebuild-running' });
      expect(await readModelsStatus(models.database)).toMatchObject({
        state: 'running',
        rebuild: { position: '0', events: 0 },
      });
    });

    test('in place of a rebuild whose process was killed', async () => {
      await makeBuildingSet(models.database);
      await silence('building');
      await models.rebuild(models.database);
      expect(await states()).toEqual(['live']);
      expect(await stored()).toEqual(await names());
    });

    test('with a projection that throws, they are dropped, and the live ones stay', async () => {
      const failing = { ...registerProjection, apply: () => Promise.reject(new Error('cannot fold')) };
      const [before] = await names();
      await expect(models.rebuild({ ...models.database, projections: [failing] })).rejects.toThrow(
        'register: cannot fold',
      );
      expect(await names()).toEqual([before]);
      expect(await ids()).toEqual(['a', 'b', 'c']);
    });

    test('after the live ones were lost', async () => {
      const [before = ''] = await names();
      const other = await models.open();
      await models.database.sets.drop(before);
      await models.rebuild(other);
      expect(await ids(models.database)).toEqual(['a', 'b', 'c']);
    });

    test('are switched to by the next process if the rebuild was killed before it dropped the others', async () => {
      const [before = ''] = await names();
      await models
        .rebuild({
          ...models.database,
          sets: { ...setsOf(models.database), drop: () => Promise.reject(new Error('killed')) },
        })
        .catch(() => undefined);
      expect(await states()).toEqual(['replaced', 'live']);
      log.issue('d');
      await models.runner().catchUp();
      expect(await ids(await models.open())).toEqual(['a', 'b', 'c', 'd']);
      await dropUnusedSets(models.database);
      expect(await stored()).not.toContain(before);
    });
  });

  describe('of another build', () => {
    beforeEach(async () => {
      log.issue('a');
      await models.fold();
    });

    test('serve beside these, each from its own rows, while its processes run', async () => {
      const others = await openOthers();
      const [one, other] = [models.runner(), models.runner({ database: others, projections: OTHERS })];
      await expect(ids(others)).rejects.toMatchObject({ code: 'read-model-missing' });
      await Promise.all([one.start(), other.start()]);
      log.issue('b');
      for (const database of [models.database, others]) {
        expect(await waitForPosition(database, await log.lastPosition(), SOON_MS)).toBe(true);
        expect(await ids(database)).toEqual(['a', 'b']);
      }
      expect(await names()).toHaveLength(2);
      await other.stop();
      await others.close();
      await models.database.db
        .updateTable('model_sets')
        .set({ heard_at: LONG_AGO })
        .where('digest', '=', others.digest)
        .execute();
      await untilTrue(async () => (await stored()).length === 1);
      expect(await ids()).toEqual(['a', 'b']);
    });

    test('are not dropped by their own processes, however long these were silent', async () => {
      await silence('live');
      await dropUnusedSets(models.database);
      expect(await ids()).toEqual(['a']);
    });

    test('are made again by their own process if others dropped them while it was silent', async () => {
      const runner = models.runner();
      await runner.start();
      await silence('live');
      await dropUnusedSets(await openOthers());
      log.issue('b');
      expect(await waitForPosition(models.database, await log.lastPosition(), SOON_MS)).toBe(true);
      expect(await ids()).toEqual(['a', 'b']);
    });

    test('are not dropped while they cannot be marked as replaced', async () => {
      const others = await openOthers();
      await silence('live');
      const open = () => Promise.reject(Object.assign(new Error('busy'), { code: 'SQLITE_BUSY' }));
      const busy = { ...others, isTrouble: () => true, sets: { ...setsOf(others), open } };
      await expect(dropUnusedSets(busy)).rejects.toThrow('busy');
      expect(await stored()).toHaveLength(1);
      await dropUnusedSets(others);
      expect(await stored()).toEqual([]);
    });

    test('tell a build without rows that the log lost events', async () => {
      const others = await openOthers();
      expect(await eventsSeen(others)).toBe(1);
      log.events.splice(0);
      await expect(assertSameLog(log, others)).rejects.toMatchObject({ code: 'read-models-ahead' });
    });

    test('hold up the erasure of a text until they have folded its redaction, or are dropped', async () => {
      const others = await openOthers();
      await models.runner({ database: others, projections: OTHERS }).catchUp();
      log.redact('a', log.events[0]!, '/data/title');
      const position = await log.lastPosition();
      await models.fold();
      expect(await waitForAllSets(models.database, position, 100)).toBe(false);
      await models.runner({ database: others, projections: OTHERS }).catchUp();
      expect(await waitForAllSets(models.database, position, SOON_MS)).toBe(true);
      expect(await truncateLogs(models.database)).toBe(true);
      log.redact('a', log.events[0]!, '/data/text');
      await models.fold();
      await models.database.db
        .updateTable('model_sets')
        .set({ heard_at: LONG_AGO })
        .where('digest', '=', others.digest)
        .execute();
      expect(await waitForAllSets(models.database, await log.lastPosition(), SOON_MS)).toBe(true);
      expect(await names()).toHaveLength(1);
    });
  });

  test('without an entry are dropped', async () => {
    await models.fold();
    await models.database.sets.make('abcdef_77');
    if (models.place.kind === 'sqlite') writeFileSync(`${models.place.path}.abcdef_78-wal`, '');
    await dropUnusedSets(models.database);
    expect(await stored()).toEqual(await names());
    if (models.place.kind !== 'sqlite') return;
    const { path } = models.place;
    const files = readdirSync(dirname(path)).filter((name) => name.startsWith(basename(path)));
    expect(files.filter((name) => name.includes('abcdef'))).toEqual([]);
  });

  test('are made again if they were deleted', async () => {
    log.issue('a');
    await models.fold();
    const [before = ''] = await names();
    await models.database.close();
    const again = await models.open();
    await again.sets.drop(before);
    await models.runner({ database: again }).catchUp();
    expect(await ids(again)).toEqual(['a']);
    expect(await again.use(({ db }) => bookmarkIn(db))).toMatchObject({ events: 1, serves: 1 });
  });
});

/** Returns the place of sets as a plain object, to replace a member. */
const setsOf = ({ sets }: ReadModelDatabase): ReadModelDatabase['sets'] => ({
  make: (name) => sets.make(name),
  open: (name) => sets.open(name),
  exists: (name) => sets.exists(name),
  drop: (name) => sets.drop(name),
  list: () => sets.list(),
});
