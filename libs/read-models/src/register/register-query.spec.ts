import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addDays } from '#lifecycle/plain-date';
import { DEADLINE_STATES } from '#state-machines/capabilities/deadlines';
import { stateOn } from '#state-machines/inspection-recommendation/v1/deadlines';
import { InvalidCursorError } from '#projections/list-cursor';
import { registerProjection } from './register-projection.ts';
import { queryRegister } from './register-query.ts';
import type { RegisterItem, RegisterQuery } from './register-query.ts';
import { onEachDatabase } from '#test/support/read-model-harness';

onEachDatabase('on $name', [registerProjection], (models) => {
  const { log } = models;
  const TODAY = '2026-11-24';

  describe('the register', () => {
    const page = (query: Partial<RegisterQuery> = {}) =>
      queryRegister(models.database, { today: TODAY, ...query });
    const ids = async (query: Partial<RegisterQuery> = {}) =>
      (await page({ sort: 'id', ...query })).items.map(({ id }) => id);

    test('before the runner has built it, reports that it is missing', async () => {
      await expect(page()).rejects.toMatchObject({ code: 'read-model-missing' });
    });

    test('is empty before the first record', async () => {
      await models.fold();
      expect(await page()).toEqual({
        ...{ items: [], nextCursor: null, previousCursor: null, total: 0 },
        position: '0',
      });
    });

    test("an item has the state of a record, and the page the log's position", async () => {
      log.issue('a', { issue: 'i-1' }, { effectiveOn: '2026-02-01' });
      log.deadline('a', 'd1', '2026-11-23');
      log.add('a', 'OwnerAssigned', { owner: 'bob' }, { effectiveOn: '2026-03-01' });
      await models.fold();
      expect(await page()).toEqual({
        items: [
          {
            kind: 'inspection-recommendation',
            responseDueOn: null,
            id: 'a',
            title: 'Title of a',
            recipient: 'avon',
            status: 'awaiting-review',
            statusOrigin: 'command',
            state: {
              progress: 'awaiting-review',
              closure: 'none',
              evidence: 'none',
              response: 'not-required',
              deadline: 'overdue',
            },
            version: 3,
            owner: 'bob',
            issue: 'i-1',
            report: { name: 'PEEL 2025', publishedOn: '2026-01-01' },
            issuedOn: '2026-02-01',
            updatedOn: '2026-03-01',
            dueOn: '2026-11-23',
            closedOn: null,
            waiting: [],
            lifecycle: { name: 'inspection-recommendation', version: 1 },
          },
        ],
        nextCursor: null,
        previousCursor: null,
        total: 1,
        position: await log.lastPosition(),
      });
    });

    test('by deadline state, agrees with the lifecycle on every day and for every date', async () => {
      const due = [-400, -31, -30, -29, -2, -1, 0, 1, 13, 14, 15, 16, 90].map((days) => addDays(TODAY, days));
      due.forEach((dueOn, index) => {
        log.issue(`open-${index}`);
        log.deadline(`open-${index}`, 'd1', dueOn);
        log.issue(`closed-${index}`);
        log.deadline(`closed-${index}`, 'd1', dueOn);
        log.add(`closed-${index}`, 'RecommendationCompleted', {});
      });
      log.issue('without');
      log.issue('to-answer');
      log.deadline('to-answer', 'd1', '2026-01-01', 'response');
      await models.fold();
      const all = (await page({ limit: 200 })).items;
      const stateOf = ({ id, state, dueOn }: RegisterItem) => {
        const deadline = {
          id: 'd1',
          kind: 'action',
          dueOn: dueOn ?? '',
          firstDueOn: '',
          dueSince: '',
          setBy: null,
        } as const;
        const facts = { deadlines: dueOn === null ? [] : [deadline] };
        return [id, stateOn({ value: state, facts }, TODAY)['deadline'] ?? ''] as const;
      };
      const expected = new Map(all.map(stateOf));
      expect(new Map(all.map(({ id, state }) => [id, state['deadline']]))).toEqual(expected);
      for (const deadline of DEADLINE_STATES) {
        const wanted = deadline === 'overdue' ? ['overdue', 'escalated'] : [deadline];
        const ofState = [...expected].filter(([, state]) => wanted.includes(state)).map(([id]) => id);
        expect([deadline, await ids({ deadline: [deadline], limit: 200 })]).toEqual([
          deadline,
          ofState.sort(),
        ]);
        expect(ofState.length).toBeGreaterThan(0);
      }
    });

    test('given origins of the status, then only records of any of them, and each row names its own', async () => {
      log.issue('a', {}, { origin: 'import' });
      log.issue('b');
      log.issue('c', {}, { origin: 'import' });
      log.add('c', 'ProgressStarted', {});
      await models.fold();

      expect(await ids({ statusOrigin: ['import'] })).toEqual(['a']);
      expect(await ids({ statusOrigin: ['command'] })).toEqual(['b', 'c']);
      expect(await ids({ statusOrigin: ['import', 'command'] })).toEqual(['a', 'b', 'c']);
      expect((await page({ statusOrigin: ['import'] })).items).toMatchObject([{ statusOrigin: 'import' }]);
    });

    describe('searched', () => {
      beforeEach(async () => {
        log.issue('a', { title: 'Custody records', text: 'Keep them for six years.' });
        log.issue('b', { title: 'Firearms licensing', text: 'Clear the backlog; see 730-2.' });
        log.comment('a', 'The backlog is cleared in Zürich');
        log.comment('b', 'secretly custodial', 'internal');
        await models.fold();
      });

      test.each<[string, string[]]>([
        ['custody', ['a']],
        ['CUSTODY', ['a']],
        ['backlog', ['a', 'b']],
        ['custody backlog', ['a']],
        ['backlog custody years', ['a']],
        ['firearms custody', []],
        ['fire', []],
        ['730-2', ['b']],
        ['"six years"', ['a']],
        ['"years six"', []],
        ['"six ye"', []],
        ['"six years', ['a']],
        ['secretly', []],
        ['backlog AND NEAR firearms', []],
        ['title:custody', []],
        ['  ', ['a', 'b']],
        ['?!', []],
        ['custody ?!', ['a']],
        ['c', []],
      ])('for %j, finds %j', async (q, expected) => {
        expect(await ids({ q })).toEqual(expected);
      });

      test('for any text, returns an answer', async () => {
        const input = fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.string({
            unit: fc.constantFrom('"', '*', '^', '(', ')', ':', '{', '}', '+', '-', ' ', 'A', 'Z'),
          }),
          fc.string({ unit: fc.constantFrom('"', 'a', ' ', '\0', '\ud800', 'NEAR', 'AND', '*') }),
        );
        await fc.assert(
          fc.asyncProperty(input, async (q) => {
            await page({ q });
          }),
          { numRuns: models.kind.cases(500) },
        );
      });

      test('for very many words, returns an answer', async () => {
        expect(await ids({ q: 'custody '.repeat(5_000) })).toEqual(['a']);
        expect(await ids({ q: Array.from({ length: 5_000 }, (_, index) => `w${index}`).join(' ') })).toEqual(
          [],
        );
      });

      test("is limited to the caller's records", async () => {
        expect(await ids({ q: 'backlog', recipients: ['kent'] })).toEqual([]);
      });
    });

    describe('in an order', () => {
      test('the last change comes first by default', async () => {
        log.issue('old', {}, { effectiveOn: '2026-02-01' });
        log.issue('new', {}, { effectiveOn: '2026-03-01' });
        await models.fold();
        expect((await page()).items.map(({ id }) => id)).toEqual(['new', 'old']);
      });

      test('records without a date come last, in both directions', async () => {
        for (const id of 'abc') log.issue(id);
        log.deadline('a', 'd1', '2026-05-01');
        log.deadline('c', 'd1', '2026-04-01');
        await models.fold();
        expect(await ids({ sort: 'dueOn' })).toEqual(['c', 'a', 'b']);
        expect(await ids({ sort: '-dueOn' })).toEqual(['a', 'c', 'b']);
      });

      test('a cursor belongs to its order and filters', async () => {
        for (const id of 'abc') log.issue(id);
        await models.fold();
        const { nextCursor } = await page({ sort: 'id', limit: 1, recipients: ['avon', 'kent'] });
        const cursor = nextCursor!;
        expect(await ids({ cursor, recipients: ['kent', 'avon'] })).toEqual(['b', 'c']);
        const others = [{ sort: '-id' as const }, { status: ['complete'] }, { recipients: null }, { q: 'x' }];
        for (const other of others) {
          const query = { cursor, recipients: ['avon', 'kent'], ...other };
          await expect(ids(query)).rejects.toThrow(InvalidCursorError);
        }
      });
    });

    test.each<[string, object]>([
      ['an invalid date', { today: '2026-02-30' }],
      ['no limit', { limit: 0 }],
      ['half a limit', { limit: 1.5 }],
      ['an unknown order', { sort: 'version' }],
      ['an order from elsewhere', { sort: 'constructor' }],
    ])('refuses %s', async (_, query) => {
      await models.fold();
      await expect(page(query)).rejects.toThrow(RangeError);
    });
  });
});
