import { beforeEach, describe, expect, test } from '@jest/globals';
import { paddedPosition } from '#projections/position';
import { deadlinesProjection } from './deadlines-projection.ts';
import { escalatedRecords, thresholdsAfter } from './thresholds-query.ts';
import { recordOf } from '../record-row.ts';
import { onEqualDatabases } from '#test/support/read-model-harness';
import type { Deadline } from '#state-machines/capabilities/deadlines';

onEqualDatabases('on $name', [deadlinesProjection], (models) => {
  const { log } = models;
  const escalated = async (upTo = '2026-12-31') => {
    const records = await escalatedRecords(models.database, { upTo, after: null, limit: 100 });
    return records.map(({ stream, escalatedOn }) => `${recordOf(stream).id} ${escalatedOn}`);
  };

  const escalate = (
    id: string,
    deadlineId: string,
    dueOn: string,
    effectiveOn: string,
    kind: Deadline['kind'] = 'action',
  ) => log.add(id, 'DeadlineEscalated', { deadlineId, dateVersion: 1, kind, dueOn }, { effectiveOn });

  describe('the thresholds', () => {
    test('are those that the log records, in its order, with the day on which the record came in', async () => {
      log.issue('a', {}, { recordedAt: '2026-03-28T23:30:00.000Z' });
      log.deadline('a', 'd1', '2026-03-31');
      const data = { deadlineId: 'd1', dateVersion: 1, kind: 'action', dueOn: '2026-03-31' } as const;
      const first = log.add('a', 'DeadlineApproaching', data, { effectiveOn: '2026-03-17' });
      log.comment('a', 'A comment');
      const second = log.add('a', 'DeadlinePassed', data, { effectiveOn: '2026-04-01' });
      await models.fold();
      const rows = await thresholdsAfter(models.database, '0', 10);
      expect(rows).toMatchObject([
        { id: first.eventId, type: 'DeadlineApproaching', effective_on: '2026-03-17' },
        {
          id: second.eventId,
          stream: 'recommendation-a',
          recipient: 'avon',
          // This is 23:30 in winter time; the clocks change an hour and a half later.
          came_in_on: '2026-03-28',
          deadline_id: 'd1',
          date_version: 1,
          due_on: '2026-03-31',
        },
      ]);
      expect(await thresholdsAfter(models.database, rows[0]!.position, 10)).toMatchObject([
        { id: second.eventId },
      ]);
      expect(await thresholdsAfter(models.database, '0', 1)).toMatchObject([{ id: first.eventId }]);
      expect(await thresholdsAfter(models.database, paddedPosition(second.position), 10)).toEqual([]);
    });

    test('are in the log’s order where its positions gain a digit', async () => {
      // Positions of 26 and 27 digits, as in KurrentDB.
      log.clear(10n ** 26n - 7n);
      log.issue('a');
      const crossed = ['d1', 'd2', 'd3', 'd4'].map((id) => escalate('a', id, '2026-03-31', '2026-04-30'));
      expect(crossed.map(({ position }) => position.length)).toEqual([26, 26, 27, 27]);
      await models.fold();
      const ids = crossed.map(({ eventId }) => eventId);
      for (const [index, { position }] of crossed.entries()) {
        const rows = await thresholdsAfter(models.database, paddedPosition(position), 10);
        expect(rows.map(({ id }) => id)).toEqual(ids.slice(index + 1));
      }
      expect(await thresholdsAfter(models.database, '0', 10)).toHaveLength(4);
    });

    test('of a record that came in after midnight in London are of the new day', async () => {
      log.issue('a', {}, { recordedAt: '2026-06-30T23:30:00.000Z' });
      escalate('a', 'd1', '2026-05-31', '2026-07-01');
      await models.fold();
      expect(await thresholdsAfter(models.database, '0', 10)).toMatchObject([{ came_in_on: '2026-07-01' }]);
    });
  });

  describe('an escalated deadline', () => {
    beforeEach(() => {
      log.issue('a');
      log.deadline('a', 'd1', '2026-03-31');
      escalate('a', 'd1', '2026-03-31', '2026-04-30');
    });

    test('is in force while the record is open', async () => {
      await models.fold();
      expect(await escalated()).toEqual(['a 2026-04-30']);
      expect(await escalated('2026-04-29')).toEqual([]);
    });

    test('is not in force while the record is closed, and again when it is reopened', async () => {
      log.add('a', 'RecommendationCompleted', {});
      await models.fold();
      expect(await escalated()).toEqual([]);
      log.add('a', 'RecommendationReopened', {});
      await models.fold();
      expect(await escalated()).toEqual(['a 2026-04-30']);
    });

    test('is not in force after the date is extended', async () => {
      log.add('a', 'DeadlineExtended', { deadlineId: 'd1', dueOn: '2026-06-30' });
      await models.fold();
      expect(await escalated()).toEqual([]);
    });

    test('of a response is in force until it is published, whether the record is closed or not', async () => {
      log.issue('b');
      log.add('b', 'ResponseRequired', {});
      log.deadline('b', 'd1', '2026-03-31', 'response');
      escalate('b', 'd1', '2026-03-31', '2026-05-01', 'response');
      log.add('b', 'RecommendationCompleted', {});
      await models.fold();
      expect(await escalated()).toEqual(['a 2026-04-30', 'b 2026-05-01']);
      log.add('b', 'ResponsePublished', {});
      await models.fold();
      expect(await escalated()).toEqual(['a 2026-04-30']);
    });

    test('is read in pages, the earliest first', async () => {
      for (const id of ['b', 'c']) {
        log.issue(id);
        log.deadline(id, 'd1', '2026-03-31');
        escalate(id, 'd1', '2026-03-31', id === 'b' ? '2026-04-30' : '2026-04-29');
      }
      await models.fold();
      const first = await escalatedRecords(models.database, { upTo: '2026-12-31', after: null, limit: 2 });
      const rest = await escalatedRecords(models.database, {
        upTo: '2026-12-31',
        after: first.at(-1)!,
        limit: 2,
      });
      expect([...first, ...rest].map(({ stream }) => recordOf(stream).id)).toEqual(['c', 'a', 'b']);
    });
  });
});
