import { expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { readLive } from '#projections/read-live';
import { onEachDatabase } from '#test/support/read-model-harness';
import { foundAt } from './found-rows.ts';
import { historyProjection } from './history-projection.ts';
import { ALL_KNOWN } from './valid-at.ts';

const INDEXES = /history_by_\w+/g;

onEachDatabase('on $name', [historyProjection], (models) => {
  test.each([
    ['by all that is known', ALL_KNOWN, ['held']],
    ['as known at an instant', Date.parse('2026-03-01T12:00:00.000Z'), ['held', 'open']],
  ])(
    'rows that are effective on a day are found by the length of their validity, %s',
    async (_, known, lengths) => {
      const { log, database } = models;
      log.issue('a');
      await models.fold();
      const plan = await readLive(database, historyProjection, async ({ db, sql: dialect }) => {
        const rows = sql`select stream from ${foundAt({ on: '2026-02-01', known }, dialect)} as found`;
        const explained =
          models.kind.name === 'SQLite' ? sql`explain query plan ${rows}` : sql`explain ${rows}`;
        // PostgreSQL would scan a one-row table instead of using the index.
        if (models.kind.name !== 'SQLite') await sql`set local enable_seqscan = off`.execute(db);
        return JSON.stringify((await explained.execute(db)).rows);
      });
      const found = plan.match(INDEXES)?.map((name) => /_by_([a-z]+)_/.exec(name)?.[1]);
      expect([...new Set(found)].sort()).toEqual(lengths);
    },
  );
});
