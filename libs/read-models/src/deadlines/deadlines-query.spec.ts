import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addDays, daysBetween } from '#lifecycle/plain-date';
import { deadlinesOn } from '#state-machines/inspection-recommendation/v1/deadlines';
import { evolveFacts, noFacts } from '#state-machines/inspection-recommendation/v1/evolve-facts';
import { historyFrom } from '#test/support/record-log';
import { InvalidCursorError } from '#projections/list-cursor';
import { registerProjection } from '../register/register-projection.ts';
import { LISTED_STATES, queryDeadlines } from './deadlines-query.ts';
import type { DeadlineItem, DeadlinesQuery } from './deadlines-query.ts';
import { onEachDatabase } from '#test/support/read-model-harness';

onEachDatabase('on $name', [registerProjection], (models) => {
  const { log } = models;
  const TODAY = '2026-11-24';

  const page = (query: Partial<DeadlinesQuery> = {}) =>
    queryDeadlines(models.database, { today: TODAY, recipients: null, limit: 200, ...query });
  const keys = async (query: Partial<DeadlinesQuery> = {}) =>
    (await page(query)).items.map(({ id, deadlineId }) => `${id}/${deadlineId}`);

  test('before the read models were built, reports that', async () => {
    await expect(page()).rejects.toMatchObject({ code: 'read-model-missing' });
  });

  test("an item has its deadline's record and state, and the page the log's position", async () => {
    log.issue('a');
    const set = log.deadline('a', 'd1', '2026-11-23');
    await models.fold();
    expect(await page()).toEqual({
      items: [
        {
          recordKind: 'inspection-recommendation',
          id: 'a',
          title: 'Title of a',
          status: 'awaiting-review',
          recipient: 'avon',
          deadlineId: 'd1',
          kind: 'action',
          dueOn: '2026-11-23',
          firstDueOn: '2026-11-23',
          state: 'overdue',
          daysLeft: -1,
          revision: 2,
          changedAt: set.recordedAt,
        },
      ],
      nextCursor: null,
      position: await log.lastPosition(),
    });
  });

  test('a title that was erased is null', async () => {
    const issued = log.issue('a');
    log.deadline('a', 'd1', '2026-12-31');
    log.redact('a', issued, '/data/title');
    await models.fold();
    expect(await page()).toMatchObject({ items: [{ id: 'a', title: null }] });
  });

  describe('narrowed', () => {
    beforeEach(async () => {
      log.issue('a', { recipient: 'avon' });
      log.deadline('a', 'd1', '2026-10-25'); // 30 days over
      log.deadline('a', 'd2', '2026-10-26'); // 29
      log.issue('b', { recipient: 'kent' });
      log.deadline('b', 'd1', '2026-11-24'); // today
      log.deadline('b', 'd2', '2026-12-08', 'response'); // 14 days left
      log.issue('c', { recipient: null });
      log.deadline('c', 'd1', '2026-12-09'); // 15
      log.issue('d', { recipient: 'avon' });
      log.deadline('d', 'd1', '2026-11-01');
      log.deadline('d', 'd2', '2026-11-02', 'response');
      log.add('d', 'RecommendationCompleted', { statement: 'done' });
      await models.fold();
    });

    test.each<[Partial<DeadlinesQuery>, string[]]>([
      [{}, ['a/d1', 'a/d2', 'd/d1', 'd/d2', 'b/d1', 'b/d2', 'c/d1']],
      [{ state: 'escalated' }, ['a/d1']],
      [{ state: 'overdue' }, ['a/d1', 'a/d2', 'd/d2']],
      [{ state: 'approaching' }, ['b/d1', 'b/d2']],
      [{ state: 'on-track' }, ['c/d1']],
      [{ state: 'settled' }, ['d/d1']],
      [{ unsettled: true }, ['a/d1', 'a/d2', 'd/d2', 'b/d1', 'b/d2', 'c/d1']],
      [{ unsettled: true, state: 'overdue' }, ['a/d1', 'a/d2', 'd/d2']],
      [{ recipient: 'avon' }, ['a/d1', 'a/d2', 'd/d1', 'd/d2']],
      [{ recipient: 'nobody' }, []],
      [{ kind: 'response' }, ['d/d2', 'b/d2']],
      [{ from: '2026-11-01', to: '2026-11-24' }, ['d/d1', 'd/d2', 'b/d1']],
      [{ from: '2026-12-09' }, ['c/d1']],
      [{ to: '2026-10-25' }, ['a/d1']],
      [{ recipients: ['kent'] }, ['b/d1', 'b/d2']],
      [{ recipients: ['kent'], recipient: 'avon' }, []],
      [{ recipients: [] }, []],
      [{ recipients: ['avon', 'kent'], state: 'approaching', kind: 'action' }, ['b/d1']],
    ])('to %j', async (query, expected) => {
      expect(await keys(query)).toEqual(expected);
    });

    test('counts days until the date or after it, and none if the deadline is settled', async () => {
      const days = (await page()).items.map(({ id, deadlineId, daysLeft }) => [
        `${id}/${deadlineId}`,
        daysLeft,
      ]);
      expect(Object.fromEntries(days)).toEqual({
        'a/d1': -30,
        'a/d2': -29,
        'd/d1': null,
        'd/d2': -22,
        'b/d1': 0,
        'b/d2': 14,
        'c/d1': 15,
      });
    });
  });

  test('a cursor belongs to the filters of its list, and to the visible bodies, in any order', async () => {
    for (const id of ['a', 'b']) log.issue(id);
    for (const id of ['a', 'b']) log.deadline(id, 'd1', '2026-06-01');
    await models.fold();
    const { nextCursor } = await page({ recipients: ['avon', 'kent'], limit: 1 });
    const cursor = nextCursor as string;
    expect(await keys({ recipients: ['kent', 'avon'], limit: 9, cursor })).toEqual(['b/d1']);
    for (const others of [{ recipients: ['avon'] }, {}, { recipients: ['avon', 'kent'], kind: 'action' }])
      await expect(page({ ...others, cursor })).rejects.toThrow(InvalidCursorError);
  });

  test('for any history and day, each deadline has the state of its record', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { maxLength: 40 }), fc.nat(400), async (choices, offset) => {
        const today = addDays('2026-01-01', offset);
        await models.anew();
        historyFrom(choices, log);
        await models.fold();
        const expected = expectedItems(today);
        const { items } = await page({ today });
        const found = items.map(({ id, deadlineId, dueOn, state, daysLeft }) => ({
          id,
          deadlineId,
          dueOn,
          state,
          daysLeft,
        }));
        expect(found.toSorted(byKey)).toEqual(expected.toSorted(byKey));
        for (const state of LISTED_STATES) {
          const wanted = expected.filter(
            (item) => item.state === state || (state === 'overdue' && item.state === 'escalated'),
          );
          expect((await keys({ today, state })).toSorted()).toEqual(wanted.map(keyOf).toSorted());
        }
      }),
      { numRuns: models.kind.cases(30) },
    );
  });

  type Expected = Pick<DeadlineItem, 'id' | 'deadlineId' | 'dueOn' | 'state' | 'daysLeft'>;

  const keyOf = ({ id, deadlineId }: Pick<DeadlineItem, 'id' | 'deadlineId'>): string =>
    `${id}/${deadlineId}`;
  const byKey = (a: Expected, b: Expected): number => (keyOf(a) < keyOf(b) ? -1 : 1);

  /** Computed from the events: the facts of each record, and the state after its last event. */
  function expectedItems(today: string): Expected[] {
    const streams = Map.groupBy(log.events, ({ streamId }) => streamId);
    return [...streams].flatMap(([streamId, own]) => {
      const value = own.at(-1)?.state;
      if (!value) return [];
      return deadlinesOn({ value, facts: own.reduce(evolveFacts, noFacts) }, today).map((deadline) => {
        const { dueOn } = deadline;
        const state = deadline.state as DeadlineItem['state'];
        return {
          id: streamId.replace('recommendation-', ''),
          deadlineId: deadline.id,
          dueOn,
          state,
          daysLeft: state === 'settled' ? null : daysBetween(today, dueOn),
        };
      });
    });
  }
});
