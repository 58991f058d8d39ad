import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { foldInParts, liveRows } from '#test/support/read-models';
import { RecordLog } from '#test/support/record-log';
import { applyBatch, createBuildingGeneration, dropBuilding, liveBookmark } from './generations.ts';
import type { ReadModelDatabase } from './read-model-database.ts';
import { registerProjection } from '#projections/register/register-projection';
import { DATABASE_KINDS } from '#test/support/read-model-databases';

describe.each(DATABASE_KINDS)('on $name', (databases) => {
  describe('a batch', () => {
    let database: ReadModelDatabase;
    let log: RecordLog;

    beforeEach(async () => {
      database = await databases.open();
      log = new RecordLog();
      for (const id of 'abc') log.issue(id);
      await foldInParts(database, registerProjection, [log.events.slice(0, 1)]);
    });
    afterEach(() => database.close());

    const apply = (
      from: number,
      to: number,
      target: number | 'live' = 'live',
      projection = registerProjection,
    ) =>
      applyBatch(
        database,
        projection,
        target,
        log.events[from - 1]?.position ?? '0',
        log.events.slice(from, to),
      );
    const records = async () => (await liveRows(database, registerProjection))['register']!.length;

    test('that follows the bookmark is folded, and the bookmark moves with the rows', async () => {
      expect(await apply(1, 3)).toBe('applied');
      expect(await records()).toBe(3);
      const { position, events } = (await liveBookmark(database.db, 'register'))!;
      expect({ position, events }).toEqual({ position: await log.lastPosition(), events: 3 });
    });

    test('that was folded before, in part or as a whole, counts once', async () => {
      expect(await apply(0, 2)).toBe('applied');
      expect(await apply(0, 2)).toBe('applied');
      expect(await records()).toBe(2);
      expect(await liveBookmark(database.db, 'register')).toMatchObject({ events: 2 });
    });

    test('after a gap is not folded: what is between would be skipped', async () => {
      expect(await apply(2, 3)).toBe('gap');
      expect(await records()).toBe(1);
    });

    test('is not folded by another version of the code', async () => {
      const other = { ...registerProjection, version: registerProjection.version + 1 };
      expect(await apply(1, 3, 'live', other)).toBe('other-version');
      expect(await records()).toBe(1);
    });

    test('for a generation that was dropped is folded nowhere', async () => {
      const generation = await createBuildingGeneration(database, registerProjection);
      expect(await apply(0, 3, generation)).toBe('applied');
      await dropBuilding(database, registerProjection, () => true);
      expect(await apply(0, 3, generation)).toBe('gone');
      expect(await records()).toBe(1);
    });
  });
});
