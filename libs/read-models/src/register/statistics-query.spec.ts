import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addDays, daysBetween } from '#lifecycle/plain-date';
import { historyFrom } from '#test/support/record-log';
import { registerProjection } from './register-projection.ts';
import { queryRegister } from './register-query.ts';
import { queryStatistics } from './statistics-query.ts';
import { onEachDatabase } from '#test/support/read-model-harness';

onEachDatabase('on $name', [registerProjection], (models) => {
  const { log } = models;
  const TODAY = '2026-11-24';

  describe('the statistics', () => {
    const count = (recipients: readonly string[] | null = null) =>
      queryStatistics(models.database, { today: TODAY, recipients });

    test('given no record, then every count is present and zero', async () => {
      await models.fold();
      expect(await count()).toMatchObject({
        total: 0,
        byStatus: { 'awaiting-review': 0, 'being-progressed': 0, complete: 0, 'no-further-action-needed': 0 },
        byRecipient: [],
        byDeadline: { none: 0, 'on-track': 0, approaching: 0, overdue: 0, escalated: 0, settled: 0 },
        byAge: { '0-30': 0, '31-90': 0, '91-180': 0, '181-365': 0, '366+': 0 },
        position: '0',
      });
    });

    test('given records of several bodies, then each is counted under its own, and only for permitted users', async () => {
      log.issue('a', { recipient: 'kent' });
      log.issue('b', { recipient: 'avon' });
      log.issue('c', { recipient: 'avon' });
      log.issue('d', { recipient: null });
      log.add('c', 'RecommendationCompleted', {});
      await models.fold();
      const { total, byRecipient, position } = await count();
      expect(total).toBe(4);
      expect(position).toBe(await log.lastPosition());
      expect(byRecipient.map(({ recipient, total: records }) => [recipient, records])).toEqual([
        ['avon', 2],
        ['kent', 1],
        [null, 1],
      ]);
      expect(byRecipient[0]?.byStatus).toMatchObject({ 'awaiting-review': 1, complete: 1 });
      expect(await count(['avon'])).toMatchObject({ total: 2, byStatus: { complete: 1 } });
      expect(await count([])).toMatchObject({ total: 0, byRecipient: [] });
    });

    test('given open records of every age, then a day decides between two buckets', async () => {
      const ages = [0, 30, 31, 90, 91, 180, 181, 365, 366, 4_000];
      ages.forEach((days, index) => log.issue(`r${index}`, {}, { effectiveOn: addDays(TODAY, -days) }));
      log.issue('closed');
      log.add('closed', 'RecommendationCompleted', {});
      await models.fold();
      const byAge = { '0-30': 2, '31-90': 2, '91-180': 2, '181-365': 2, '366+': 2 };
      expect(await count()).toMatchObject({ total: 11, byAge });
    });

    test('refuses an invalid day', async () => {
      await models.fold();
      await expect(queryStatistics(models.database, { today: '24/11/2026' })).rejects.toThrow(RangeError);
    });
  });

  test('for any history, the statistics count the records of the register', async () => {
    const days = fc.integer({ min: 0, max: 800 }).map((offset) => addDays('2026-01-01', offset));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { maxLength: 60 }), days, async (choices, today) => {
        await models.anew();
        historyFrom(choices, log);
        await models.fold();
        for (const recipients of [null, ['avon'], ['kent', 'avon']]) {
          const { items } = await queryRegister(models.database, { today, recipients, limit: 200 });
          const counted = await queryStatistics(models.database, { today, recipients });
          expect(counted.total).toBe(items.length);
          expect(onlyCounted(counted.byStatus)).toEqual(countBy(items, ({ status }) => status));
          expect(onlyCounted(counted.byDeadline)).toEqual(
            countBy(items, ({ state }) => state['deadline'] ?? ''),
          );
          expect(
            counted.byRecipient.map(({ recipient, total }) => [String(recipient), total]).sort(),
          ).toEqual(Object.entries(countBy(items, ({ recipient }) => String(recipient))).sort());
          const open = items.filter(({ status }) => ['awaiting-review', 'being-progressed'].includes(status));
          expect(onlyCounted(counted.byAge)).toEqual(countBy(open, ({ issuedOn }) => ageOf(issuedOn, today)));
        }
      }),
      { numRuns: models.kind.cases(30) },
    );
  });

  function ageOf(issuedOn: string, today: string): string {
    const days = daysBetween(issuedOn, today);
    if (days <= 30) return '0-30';
    if (days <= 90) return '31-90';
    if (days <= 180) return '91-180';
    return days <= 365 ? '181-365' : '366+';
  }

  const onlyCounted = (counts: Readonly<Record<string, number>>) =>
    Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));

  function countBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const item of items) counts[keyOf(item)] = (counts[keyOf(item)] ?? 0) + 1;
    return counts;
  }
});
