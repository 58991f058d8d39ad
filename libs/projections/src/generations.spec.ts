import { beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { applyBatch, applyToAll } from './apply-batch.ts';
import {
  createBuildingGeneration,
  createFirstGeneration,
  dropBuilding,
  indexGeneration,
  liveBookmark,
} from './generations.ts';
import { checkReadModel } from './check-read-models.ts';
import { projectionStatus } from './projection-status.ts';
import { registerProjection } from '#read-models/register/register-projection';
import { onEachDatabase } from '#test/support/read-model-harness';
import { textsProjection } from '#test/support/texts-projection';

const texts = textsProjection('texts');

onEachDatabase('on $name', [registerProjection], (models) => {
  const { log } = models;

  describe('the indexes of a generation', () => {
    const indexes = async (generation: number): Promise<string[]> => {
      const { db, sql: dialect } = models.database;
      const found = await sql<{ name: string }>`select name from ${dialect.indexes} order by name`.execute(
        db,
      );
      return found.rows
        .map(({ name }) => name)
        .filter((name) => name.startsWith(`register_g${generation}_by_`));
    };

    test('are created on request, and once', async () => {
      log.issue('a');
      await models.fold();
      const live = (await liveBookmark(models.database.db, 'register'))!;
      const generation = await createBuildingGeneration(models.database, registerProjection);
      expect(await indexes(generation)).toEqual([]);
      for (let times = 0; times < 2; times += 1)
        await indexGeneration(models.database, registerProjection, generation);
      const ofLive = await indexes(live.generation);
      expect(ofLive.length).toBeGreaterThan(10);
      expect(await indexes(generation)).toEqual(
        ofLive.map((name) => name.replace(`_g${live.generation}_`, `_g${generation}_`)),
      );
    });

    test('are not created for a generation that was dropped in the meantime', async () => {
      await models.fold();
      const generation = await createBuildingGeneration(models.database, registerProjection);
      await dropBuilding(models.database, registerProjection, () => true);
      await indexGeneration(models.database, registerProjection, generation);
      expect(await indexes(generation)).toEqual([]);
    });
  });

  describe('a generation that nobody builds any more', () => {
    const seen = async () => (await projectionStatus(models.database)).map(({ state }) => state);

    test('is not a rebuild that runs, and does not prevent a check of the live rows', async () => {
      log.issue('a');
      await models.fold();
      const generation = await createBuildingGeneration(models.database, registerProjection);
      expect(await seen()).toEqual(['rebuilding']);
      const check = () => checkReadModel(log, models.database, registerProjection);
      expect(await check()).toMatchObject({ comparison: { reason: 'a rebuild is running' } });

      await models.database.db
        .updateTable('generations')
        .set({ updated_at: '2020-01-01T00:00:00.000Z' })
        .where('generation', '=', generation)
        .execute();
      expect(await seen()).toEqual(['running']);
      expect(await check()).toMatchObject({ comparison: { result: 'equal' } });
    });
  });

  describe('a batch', () => {
    beforeEach(async () => {
      log.issue('a');
      await models.fold();
      for (const id of 'bc') log.issue(id);
    });

    const apply = (
      from: number,
      to: number,
      target: number | 'live' = 'live',
      projection = registerProjection,
    ) =>
      applyBatch(
        models.database,
        projection,
        target,
        log.events[from - 1]?.position ?? '0',
        log.events.slice(from, to),
      );
    const records = async () => (await models.rows('register')).length;

    test('that follows the bookmark is folded, and the bookmark moves with the rows', async () => {
      expect(await apply(1, 3)).toBe('applied');
      expect(await records()).toBe(3);
      const { position, events } = (await liveBookmark(models.database.db, 'register'))!;
      expect({ position, events }).toEqual({ position: await log.lastPosition(), events: 3 });
    });

    test('that was folded before, in part or as a whole, counts once', async () => {
      expect(await apply(0, 2)).toBe('applied');
      expect(await apply(0, 2)).toBe('applied');
      expect(await records()).toBe(2);
      expect(await liveBookmark(models.database.db, 'register')).toMatchObject({ events: 2 });
    });

    test('after a gap is not folded: events in between would be skipped', async () => {
      expect(await apply(2, 3)).toBe('gap');
      expect(await records()).toBe(1);
    });

    test('is not folded by a different version of the code', async () => {
      const other = { ...registerProjection, version: registerProjection.version + 1 };
      expect(await apply(1, 3, 'live', other)).toBe('other-version');
      expect(await records()).toBe(1);
    });

    test('for a generation that was dropped is folded nowhere', async () => {
      const generation = await createBuildingGeneration(models.database, registerProjection);
      expect(await apply(0, 3, generation)).toBe('applied');
      await dropBuilding(models.database, registerProjection, () => true);
      expect(await apply(0, 3, generation)).toBe('gone');
      expect(await records()).toBe(1);
    });

    test('for several is folded for all of them at once, or for none', async () => {
      await createFirstGeneration(models.database, texts);
      const throwing = { ...texts, apply: () => Promise.reject(new Error('cannot fold')) };
      const applyAll = (last: typeof texts) => {
        const [first, ...batch] = log.events;
        return applyToAll(models.database, [registerProjection, last], first!.position, batch, Infinity);
      };
      // Deadlines have not folded the first event yet.
      expect(await applyAll(texts)).toBe(false);
      await apply(0, 1, 'live', texts);
      expect(await applyAll(throwing)).toBe(false);
      expect(await records()).toBe(1);
      expect(await liveBookmark(models.database.db, 'register')).toMatchObject({ events: 1 });
      expect(await applyAll(texts)).toBe(true);
      expect(await records()).toBe(3);
      for (const name of ['register', 'texts']) {
        const position = await log.lastPosition();
        expect(await liveBookmark(models.database.db, name)).toMatchObject({ position, events: 3 });
      }
      // The batch is already folded, so it is not folded again.
      expect(await applyAll(texts)).toBe(false);
    });
  });
});
