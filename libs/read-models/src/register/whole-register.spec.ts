import { describe, expect, test } from '@jest/globals';
import { onEachDatabase } from '#test/support/read-model-harness';
import { ReadersBusyError } from '#projections/limited-reads';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { registerProjection } from './register-projection.ts';
import type { RegisterQuery } from './register-query.ts';
import { wholeRegister } from './whole-register.ts';

onEachDatabase('on $name', [registerProjection], (models) => {
  const { log } = models;
  const today = '2026-11-24';
  const COUNT = 1_100;
  const idOf = (index: number): string => `r-${String(index).padStart(4, '0')}`;

  async function issueAll(): Promise<string[]> {
    const ids = Array.from({ length: COUNT }, (_, index) => idOf(index));
    for (const id of ids) log.issue(id, {}, { effectiveOn: '2026-02-01' });
    await models.fold();
    return ids;
  }

  describe('the whole register, part by part', () => {
    test('during writes, lists every record once, and no record that has left the list', async () => {
      const ids = await issueAll();
      const query: RegisterQuery = { today, sort: '-updatedOn', status: ['awaiting-review'] };
      const allIds: string[] = [];
      let part = 0;
      for await (const items of await wholeRegister(models.database, query)) {
        allIds.push(...items.map(({ id }) => id));
        part += 1;
        if (part !== 1) continue;
        // In this order, the first five records move to a part already listed, and the last ones leave the list.
        for (const id of ids.slice(0, 5))
          log.add(id, 'OwnerAssigned', { owner: 'bob' }, { effectiveOn: '2026-03-01' });
        for (const id of ids.slice(5, 8)) log.add(id, 'ProgressStarted', {});
        log.issue('late');
        await models.fold();
      }
      expect(allIds).toEqual(ids.toReversed().filter((id) => !ids.slice(5, 8).includes(id)));
      expect(part).toBe(3);
    });

    test('waits for its turn before the next part, and searches only once', async () => {
      const ids = await issueAll();
      let reads = 0;
      // Reading the second part yields twice.
      const database: ReadModelDatabase = {
        ...models.database,
        read(action) {
          reads += 1;
          if (reads === 3 || reads === 4) return Promise.reject(new ReadersBusyError('other reads go on'));
          return models.database.read(action);
        },
      };
      const allIds: string[] = [];
      for await (const items of await wholeRegister(database, {
        today,
        sort: 'id',
        q: 'text',
        internal: 'all',
      })) {
        allIds.push(...items.map(({ id }) => id));
        if (allIds.length > 500) continue;
        log.add(ids[600] ?? '', 'TextAmended', { text: 'Another.', reason: 'It was wrong.' });
        await models.fold();
      }
      expect(allIds).toEqual(ids);
      expect(reads).toBe(6);
    });

    test('is listed in any order, with records without a value last', async () => {
      await issueAll();
      for (const index of [7, 3]) log.deadline(idOf(index), 'd1', `2026-05-0${index}`);
      await models.fold();
      const ids: string[] = [];
      for await (const items of await wholeRegister(models.database, { today, sort: 'dueOn' }))
        ids.push(...items.map(({ id }) => id));
      expect(ids.slice(0, 4)).toEqual([idOf(3), idOf(7), idOf(0), idOf(1)]);
      expect(new Set(ids).size).toBe(COUNT);
    });
  });
});
