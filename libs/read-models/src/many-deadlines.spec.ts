import { expect, test } from '@jest/globals';
import { growthOf } from '#test/support/growth';
import { addDays } from '#lifecycle/plain-date';
import { foldInParts } from '#test/support/read-models';
import { RecordLog } from '#test/support/record-log';
import { registerProjection } from './register/register-projection.ts';
import { openSqliteReadModels } from '#projections/sqlite/open-read-models';

/** Eight times the size should take about eight times as long; a quadratic algorithm would take 64 times as long. */
const SIZES = { from: 200, to: 1_600, bound: 24 };

const logs = new Map<number, RecordLog>();

/**
 * Returns a record with many deadlines: each is extended, crossed or withdrawn, and the record is reopened from time to
 * time.
 */
function logOf(deadlines: number): RecordLog {
  const known = logs.get(deadlines);
  if (known !== undefined) return known;
  const log = new RecordLog();
  log.issue('a');
  for (let index = 1; index <= deadlines; index++) {
    const deadlineId = `d${index}`;
    const on = addDays('2026-01-01', index % 300);
    log.add('a', 'DeadlineSet', { deadlineId, kind: 'action', dueOn: addDays(on, 60) }, { effectiveOn: on });
    if (index % 3 === 0) log.add('a', 'DeadlineWithdrawn', { deadlineId }, { effectiveOn: addDays(on, 9) });
    else if (index % 3 === 1) {
      const dueOn = addDays(on, 90);
      log.add('a', 'DeadlineExtended', { deadlineId, dueOn }, { effectiveOn: addDays(on, 9) });
    } else {
      const data = { deadlineId, dateVersion: 1, kind: 'action', dueOn: addDays(on, 60) } as const;
      log.add('a', 'DeadlineEscalated', data, { effectiveOn: addDays(on, 90) });
    }
    if (index % 5 === 0) {
      log.add('a', 'NoFurtherActionDecided', { reason: 'merged' }, { effectiveOn: addDays(on, 200) });
      log.add('a', 'RecommendationReopened', { reason: 'no' }, { effectiveOn: addDays(on, 201) });
    }
  }
  logs.set(deadlines, log);
  return log;
}

test('given eight times as many deadlines of one record, then the register needs about eight times as long to fold a batch of them', async () => {
  const fold = async (deadlines: number): Promise<void> => {
    const database = openSqliteReadModels(':memory:', [registerProjection]);
    await foldInParts(database, [logOf(deadlines).events]);
    await database.close();
  };
  for (const size of [SIZES.from, SIZES.to]) logOf(size);
  expect(await growthOf(fold, SIZES)).toBeLessThan(SIZES.bound);
}, 120_000);

/** The rows of a notice to the owner’s deputies and to the body. */
const NOTICE = ['notices', 'notice_audiences', 'notice_audiences'];

test('given a record with many deadlines, then an event writes only the row of its own deadline', async () => {
  const database = openSqliteReadModels(':memory:', [registerProjection]);
  const log = new RecordLog();
  log.issue('a');
  for (let index = 1; index <= 300; index++) log.deadline('a', `d${index}`, '2026-06-30');
  await foldInParts(database, [log.events]);
  const written: string[] = [];
  const { sql } = database;
  const { upsert, update } = { upsert: sql.upsert.bind(sql), update: sql.update.bind(sql) };
  sql.upsert = (db, table, rows) => {
    written.push(...rows.map(() => table.name));
    return upsert(db, table, rows);
  };
  sql.update = (db, table, changed, rows) => {
    written.push(...rows.map(() => table.name));
    return update(db, table, changed, rows);
  };
  const extension = log.add('a', 'DeadlineExtended', { deadlineId: 'd7', dueOn: '2026-12-31' });
  const withdrawal = log.add('a', 'DeadlineWithdrawn', { deadlineId: 'd8' });
  await foldInParts(database, [[extension]]);
  expect(written).toEqual(['register', 'deadlines', ...NOTICE]);
  await foldInParts(database, [[withdrawal]]);
  expect(written.slice(5)).toEqual(['register', ...NOTICE]);
  Object.assign(sql, { upsert, update });
  await database.close();
});
