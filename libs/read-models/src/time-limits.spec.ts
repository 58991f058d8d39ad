import { describe, expect, test } from '@jest/globals';
import { ReadModelHarness } from '#test/support/read-model-harness';
import { openSqliteReadModels } from '#projections/sqlite/open-read-models';
import { queryDeadlines } from './deadlines/deadlines-query.ts';
import { registerProjection } from './register/register-projection.ts';
import { queryRegister } from './register/register-query.ts';
import { queryStatistics } from './register/statistics-query.ts';

const PROJECTIONS = [registerProjection];
const today = '2026-01-01';
const TOO_SLOW = { code: 'query-too-slow' };

describe('a scan of records without a match', () => {
  const models = new ReadModelHarness(PROJECTIONS);
  const { log } = models;

  /**
   * Opens a database without any time. Each record has two events and an odd number, so that no number is a multiple of
   * a power of two.
   */
  const withoutTime = async () => {
    const database = models.adopt(openSqliteReadModels(':memory:', PROJECTIONS, { limitMs: 0 }));
    log.issue('other');
    for (let n = 0; n < 1_500; n += 1) {
      log.issue(`r${n}`, { recipient: 'avon' });
      log.deadline(`r${n}`, 'd1', '2026-06-30');
    }
    await models.foldInto(database);
    return database;
  };

  test('is ended when its time is up, for any numbers of the records', async () => {
    const database = await withoutTime();
    const list = { today, proposal: ['waiting'] } as const;
    const due = { today, recipients: null, limit: 10, kind: 'response' } as const;
    const reads = {
      list: () => queryRegister(database, list),
      statistics: () => queryStatistics(database, list),
      deadlines: () => queryDeadlines(database, due),
    };
    const outcomes: Record<string, unknown> = {};
    for (const [name, read] of Object.entries(reads))
      outcomes[name] = await read().then(
        () => 'answered',
        (error: unknown) => (error as { code: string }).code,
      );
    expect(outcomes).toEqual(Object.fromEntries(Object.keys(reads).map((name) => [name, TOO_SLOW.code])));
  });
});
