import { describe, expect, test } from '@jest/globals';
import { recordStream } from '#state-machines/inspection-recommendation/kind';
import { registerProjection } from '../register/register-projection.ts';
import type { RegisterRow } from '../register/register-projection.ts';
import type { DeadlineRow } from './deadline-rows.ts';
import { onEqualDatabases } from '#test/support/read-model-harness';

onEqualDatabases('on $name', [registerProjection], (models) => {
  const { log } = models;
  describe('the deadlines', () => {
    const rows = async () => {
      await models.fold();
      return (await models.rows('deadlines')) as unknown as DeadlineRow[];
    };
    const ledger = async (id = 'a') => {
      await models.fold();
      const ledgers = (await models.rows('register')) as unknown as RegisterRow[];
      return ledgers.find(({ stream }) => stream === recordStream(id))!;
    };

    test('given a deadline, then a row contains its body and due date, and a sweep begins two weeks before', async () => {
      log.issue('a');
      const set = log.deadline('a', 'd1', '2026-06-30');
      expect(await rows()).toEqual([
        {
          id: 'recommendation-a/d1',
          stream: 'recommendation-a',
          recipient: 'avon',
          status: 'awaiting-review',
          deadline_id: 'd1',
          kind: 'action',
          due_on: '2026-06-30',
          first_due_on: '2026-06-30',
          settled: 0,
        },
      ]);
      expect(await ledger()).toMatchObject({
        sweep_on: '2026-06-16',
        revision: 2,
        changed_at: set.recordedAt,
      });
    });

    test('given a record without a deadline, then it has no row, and is not swept', async () => {
      log.issue('a');
      expect(await rows()).toEqual([]);
      expect((await ledger()).sweep_on).toBeNull();
    });

    test('given an extension, then the first date is kept, and the next sweep moves', async () => {
      log.issue('a');
      log.deadline('a', 'd1', '2026-06-30');
      log.add(
        'a',
        'DeadlineExtended',
        { deadlineId: 'd1', dueOn: '2026-12-31' },
        { effectiveOn: '2026-02-01' },
      );
      expect(await rows()).toMatchObject([{ due_on: '2026-12-31', first_due_on: '2026-06-30' }]);
      expect(await ledger()).toMatchObject({ revision: 3, sweep_on: '2026-12-17' });
    });

    test('given a withdrawal, then the row is removed, even if the deadline was set in the same batch; nothing is left to sweep', async () => {
      log.issue('a');
      log.deadline('a', 'd1', '2026-06-30');
      log.deadline('a', 'd2', '2026-09-30');
      await models.fold();
      log.deadline('a', 'd3', '2026-03-31');
      log.add('a', 'DeadlineWithdrawn', { deadlineId: 'd1', reason: 'a slip' });
      log.add('a', 'DeadlineWithdrawn', { deadlineId: 'd3', reason: 'a slip' });
      expect(await rows()).toMatchObject([{ id: 'recommendation-a/d2' }]);
      expect(await ledger()).toMatchObject({ sweep_on: '2026-09-16', revision: 6 });
      log.add('a', 'DeadlineWithdrawn', { deadlineId: 'd2', reason: 'a slip' });
      expect(await rows()).toEqual([]);
      expect(await ledger()).toMatchObject({ sweep_on: null, revision: 7 });
    });

    test('given a recorded sweep, then the next one begins at the threshold after it, or never', async () => {
      log.issue('a');
      log.deadline('a', 'd1', '2026-06-30');
      const deadline = { deadlineId: 'd1', dateVersion: 1, kind: 'action', dueOn: '2026-06-30' } as const;
      log.add('a', 'DeadlineApproaching', deadline, { effectiveOn: '2026-06-16' });
      expect((await ledger()).sweep_on).toBe('2026-07-01');
      log.add('a', 'DeadlinePassed', deadline, { effectiveOn: '2026-07-01' });
      log.add('a', 'DeadlineEscalated', deadline, { effectiveOn: '2026-07-30' });
      expect((await ledger()).sweep_on).toBeNull();
      expect(await ledger()).toMatchObject({ revision: 5 });
    });

    test('given a closure, then action deadlines are settled and no longer swept, until the record is reopened', async () => {
      log.issue('a');
      log.deadline('a', 'd1', '2026-06-30');
      log.deadline('a', 'd2', '2026-02-25', 'response');
      log.add('a', 'RecommendationCompleted', { statement: 'done' }, { effectiveOn: '2026-02-01' });
      expect(await rows()).toMatchObject([
        { kind: 'action', settled: 1, status: 'complete' },
        { kind: 'response', settled: 0, status: 'complete' },
      ]);
      expect((await ledger()).sweep_on).toBe('2026-02-11');
      log.add('a', 'RecommendationReopened', { reason: 'no' }, { effectiveOn: '2026-07-05' });
      expect(await rows()).toMatchObject([{ settled: 0 }, { settled: 0 }]);
    });
  });
});
