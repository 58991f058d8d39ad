import { expect, jest, test } from '@jest/globals';
import { addDays } from '#lifecycle/plain-date';
import { lifecycles } from '#state-machines/lifecycles';
import { onEqualDatabases } from '#test/support/read-model-harness';
import { foldInParts, liveRows } from '#test/support/read-models';
import type { RecordLog } from '#test/support/record-log';
import { historyProjection } from './history-projection.ts';

const EVENTS = 200;
const DAYS = 8;
const ISSUED_ON = '2016-01-04';

/** Creates a record with events on many days, and then changes its owner repeatedly with effect from the first day. */
function attack(log: RecordLog, events = EVENTS): void {
  let minute = 0;
  const next = (effectiveOn: string) => ({
    effectiveOn,
    recordedAt: new Date(Date.UTC(2026, 0, 1, 0, minute++)).toISOString(),
  });
  log.issue('a', {}, next(ISSUED_ON));
  for (let day = 1; day <= DAYS; day++)
    log.add('a', 'CommentAdded', { text: 'heard', visibility: 'public' }, next(addDays(ISSUED_ON, day)));
  for (let owner = 0; owner < events; owner++)
    log.add('a', 'OwnerAssigned', { owner: `person ${owner}` }, next(ISSUED_ON));
}

onEqualDatabases('on $name', [historyProjection], (models) => {
  test('given many backdated events of one record in a batch, then each refolds a bounded part of the record', async () => {
    attack(models.log);
    const folds = jest.spyOn(lifecycles, 'of');
    await models.fold();
    const count = folds.mock.calls.length;
    folds.mockRestore();
    // Two lookups for each folded event. Folding all earlier events again for each of 200 would need 40,000.
    expect(count).toBeLessThan(10_000);
    expect(await models.rows('history')).toHaveLength((1 + DAYS) * (EVENTS + 1));
  });

  test('given comments on a day with other events, even from a clock that is behind, then only their rows are written, and the rows are those of one batch', async () => {
    const { log } = models;
    const at = (time: string) => ({ effectiveOn: ISSUED_ON, recordedAt: `2026-01-01T${time}:00.000Z` });
    const comment = { text: 'heard', visibility: 'public' } as const;
    log.issue('a', {}, at('09:00'));
    for (const time of ['12:00', '11:00', '11:30', '13:00']) log.add('a', 'CommentAdded', comment, at(time));
    log.add('a', 'OwnerAssigned', { owner: 'ann' }, at('12:30'));
    const database = await models.open();
    const heads: unknown[] = [];
    for (const event of log.events) {
      await foldInParts(database, [[event]]);
      heads.push((await liveRows(database, historyProjection))['history_heads']);
    }
    expect(heads[1]).toEqual(heads[0]);
    expect(heads[4]).toEqual(heads[1]);
    const [apart] = [await liveRows(database, historyProjection)];
    await models.fold();
    for (const table of ['history', 'history_heads', 'history_events'])
      expect(apart[table]).toEqual(await models.rows(table));
  });
});
