import { expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { addDays } from '#lifecycle/plain-date';
import { readLive } from '#projections/read-live';
import { registerProjection } from '../register/register-projection.ts';
import { dueRecords, selectDue } from './due-records.ts';
import type { DueRecord } from './due-records.ts';
import { recordOf } from '../record-row.ts';
import { onEachDatabase } from '#test/support/read-model-harness';

onEachDatabase('on $name', [registerProjection], (models) => {
  const { log } = models;
  /** Adds a record that is due for a sweep from a day on. */
  const recordDue = (id: string, sweepOn: string): void => {
    log.issue(id);
    log.deadline(id, 'd1', addDays(sweepOn, 14));
  };
  const due = (asOf: string, after: DueRecord | null = null, limit = 10) =>
    dueRecords(models.database, { asOf, after, limit });

  test('before the read model was built, reports that it is missing', async () => {
    await expect(due('2026-06-30')).rejects.toMatchObject({ code: 'read-model-missing' });
  });

  test('returns deadlines due on the day and before it, by day and then by id, and nothing else', async () => {
    recordDue('c', '2026-03-01');
    recordDue('b', '2026-04-01');
    recordDue('a', '2026-04-01');
    recordDue('later', '2026-04-02');
    log.issue('without');
    await models.fold();
    expect(await due('2026-04-01')).toEqual([
      { stream: 'recommendation-c', sweepOn: '2026-03-01' },
      { stream: 'recommendation-a', sweepOn: '2026-04-01' },
      { stream: 'recommendation-b', sweepOn: '2026-04-01' },
    ]);
    expect(await due('2026-02-28')).toEqual([]);
  });

  test('page by page returns each once, even if many are due on one day', async () => {
    const ids = Array.from({ length: 25 }, (_, index) => `r-${index}`).sort();
    for (const id of ids) recordDue(id, '2026-04-01');
    recordDue('first', '2026-03-01');
    await models.fold();
    const found: string[] = [];
    for (let after: DueRecord | null = null; ;) {
      const page: readonly DueRecord[] = await due('2026-04-01', after, 4);
      if (page.length === 0) break;
      found.push(...page.map(({ stream }) => recordOf(stream).id));
      after = page.at(-1) ?? null;
    }
    expect(found).toEqual(['first', ...ids]);
  });

  test.each([null, { stream: 'recommendation-r-3', sweepOn: '2026-03-01' }])(
    'an index returns deadlines in their order, after %j',
    async (after) => {
      for (let index = 0; index < 50; index += 1) recordDue(`r-${index}`, addDays('2026-01-20', index));
      await models.fold();
      const plan = await readLive(models.database, async ({ db }) => {
        const query = selectDue(db, { asOf: '2026-04-01', after, limit: 10 });
        if (models.kind.name === 'SQLite') return query.explain(undefined, sql`query plan`);
        // PostgreSQL would scan so small a table instead of using the index.
        await sql`set local enable_seqscan = off`.execute(db);
        await sql`set local enable_bitmapscan = off`.execute(db);
        return query.explain();
      });
      const steps = plan.map((step) => String(step['detail'] ?? step['QUERY PLAN']));
      if (models.kind.name === 'SQLite') {
        expect(steps).toEqual([
          expect.stringMatching(/^SEARCH register USING COVERING INDEX register_by_sweep_on_stream \(/),
        ]);
      } else {
        expect(steps.slice(0, 2)).toEqual([
          expect.stringMatching(/^Limit/),
          expect.stringMatching(/-> {2}Index (Only )?Scan using register_by_sweep_on_stream on/),
        ]);
      }
    },
  );
});
