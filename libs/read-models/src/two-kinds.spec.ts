import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Envelope, JsonObject } from '#event-sourcing/envelope';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import { Lifecycles } from '#lifecycle/lifecycles';
import { recommendations } from '#state-machines/inspection-recommendation/versions';
import { letters } from '#test/second-lifecycle/letters';
import type { PastView } from './past-rows.ts';
import type { RegisterQuery } from './register/register-query.ts';

// Adds a lifecycle before a module that is imported here reads the list.
jest.unstable_mockModule('#state-machines/lifecycles', () => ({
  lifecycles: new Lifecycles<unknown>(...recommendations, letters),
}));
const { onEqualDatabases } = await import('#test/support/read-model-harness');
const { queryDeadlines } = await import('./deadlines/deadlines-query.ts');
const { pastHere } = await import('#lives/past');
const { PastReader } = await import('#lives/past-reader');
const { pastDeadlines, pastList } = await import('#use-cases/register/past-lists');
const { registerProjection } = await import('./register/register-projection.ts');
const { queryRegister } = await import('./register/register-query.ts');
const { queryStatistics } = await import('./register/statistics-query.ts');
const { queryWork } = await import('./register/work-query.ts');

const PROJECTIONS = [registerProjection];
const TODAY = '2026-06-01';

onEqualDatabases('letters beside recommendations on $name', PROJECTIONS, (models) => {
  const { log } = models;
  const states = new Map<string, LifecycleState>();

  function add(id: string, type: string, data: JsonObject, effectiveOn: string): Envelope {
    const actor = { subject: 'ada', roles: ['inspector'] };
    const version = (states.get(id)?.size.events ?? 0) + 1;
    const said = {
      eventId: '',
      version,
      type,
      data,
      effectiveOn,
      recordedAt: `${effectiveOn}T12:00:00.000Z`,
    };
    const before = states.get(id) ?? null;
    const state = letters.evolve(before as Parameters<typeof letters.evolve>[0], {
      ...{ ...said, origin: 'command', actor, decision: null },
    });
    states.set(id, state);
    const { recordedAt } = said;
    const more = { state: state.value, lifecycle: letters.reference, effectiveOn, recordedAt };
    return log.append(`letter-${id}`, type, data, more);
  }

  const accessOf = () => ({ readModels: models.database, past: pastHere(new PastReader(log, 60_000)) });
  const list = async (query: Partial<RegisterQuery> = {}, view?: PastView) => {
    const listQuery = { today: TODAY, sort: 'id', ...query } as const;
    const page =
      view === undefined ? queryRegister(models.database, listQuery) : pastList(accessOf(), listQuery, view);
    return (await page).items;
  };
  const named = async (...args: Parameters<typeof list>) =>
    (await list(...args)).map(({ kind, id, status }) => [kind, id, status]);

  const LETTERS = [
    ['letter', 'a', 'answered'],
    ['letter', 'b', 'draft'],
  ];
  const RECOMMENDATION = ['inspection-recommendation', 'a', 'awaiting-review'];

  beforeEach(async () => {
    states.clear();
    log.issue('a', {}, { effectiveOn: '2026-02-01' });
    const deadline = { deadlineId: 'd1', kind: 'action', dueOn: '2026-05-01' } as const;
    log.add('a', 'DeadlineSet', deadline, { effectiveOn: '2026-02-01' });
    add('a', 'LetterWritten', { text: 'On custody suites' }, '2026-03-01');
    add('a', 'LetterSent', {}, '2026-03-02');
    add('a', 'LetterAnswered', { answer: 'We thank you for your zeal' }, '2026-03-03');
    add('b', 'LetterWritten', { text: 'On firearms' }, '2026-04-01');
    await models.fold();
  });

  test('a list has both, also of one id, and each page continues the one before', async () => {
    expect(await named()).toEqual([...LETTERS, RECOMMENDATION]);
    const pages: string[][] = [];
    for (let cursor: string | undefined; ;) {
      const listQuery = { today: TODAY, sort: '-updatedOn', limit: 1, ...(cursor && { cursor }) } as const;
      const { items, nextCursor } = await queryRegister(models.database, listQuery);
      pages.push(...items.map(({ kind, id }) => [kind, id]));
      if (nextCursor === null) break;
      cursor = nextCursor;
    }
    expect(pages).toEqual([
      ['letter', 'b'],
      ['letter', 'a'],
      ['inspection-recommendation', 'a'],
    ]);
  });

  test('a list is narrowed to a kind, and an item has the members of its lifecycle', async () => {
    expect(await named({ kind: ['letter'] })).toEqual(LETTERS);
    expect(await named({ kind: ['inspection-recommendation'] })).toEqual([RECOMMENDATION]);
    const [answered, draft] = await list({ kind: ['letter'] });
    expect(answered).toMatchObject({ closedOn: '2026-03-03', waiting: [], owner: null, recipient: null });
    expect(draft).toMatchObject({ state: { post: 'draft' }, title: null, dueOn: null, closedOn: null });
    add('b', 'LetterSent', {}, '2026-04-02');
    await models.fold();
    expect((await list({ status: ['sent'] })).map(({ waiting }) => waiting)).toEqual([['answer']]);
  });

  test('a search finds the texts of both, internal ones for users who read these, and no redacted ones', async () => {
    const filed = add('b', 'LetterFiled', { place: 'the cellar' }, '2026-04-02');
    await models.fold();
    expect(await named({ q: 'custody' })).toEqual([LETTERS[0]]);
    expect(await named({ q: 'zeal' })).toEqual([LETTERS[0]]);
    expect(await named({ q: 'title' })).toEqual([RECOMMENDATION]);
    expect(await named({ q: 'cellar' })).toEqual([]);
    expect(await named({ q: 'cellar', internal: 'all' })).toEqual([LETTERS[1]]);
    const data = { eventId: filed.eventId, erased: ['/data/place'], reason: 'asked for' };
    log.append('letter-b', 'CommentRedacted', data, { state: filed.state, lifecycle: letters.reference });
    await models.fold();
    expect(await named({ q: 'cellar', internal: 'all' })).toEqual([]);
  });

  test('a view of the past contains both kinds as they were', async () => {
    const on = (effectiveOn: string) => ({ effectiveOn, knownAt: null, named: [effectiveOn] });
    expect(await named({}, on('2026-03-02'))).toEqual([['letter', 'a', 'sent'], RECOMMENDATION]);
    expect(await named({ kind: ['letter'] }, on('2026-03-01'))).toEqual([['letter', 'a', 'draft']]);
  });

  test('statistics count both kinds, by the names of each lifecycle', async () => {
    const { total, byStatus } = await queryStatistics(models.database, { today: TODAY });
    expect(total).toBe(3);
    expect(byStatus).toMatchObject({ 'awaiting-review': 1, answered: 1, draft: 1, sent: 0 });
    const own = await queryStatistics(models.database, { today: TODAY, kind: ['letter'] });
    expect(own).toMatchObject({ total: 2, byStatus: { 'awaiting-review': 0, answered: 1, draft: 1 } });
    const { past } = accessOf();
    const span = { from: '2026-02-01', to: '2026-04-30', interval: 'month' } as const;
    const series = async (kind?: string[]) => {
      const { items } = await past.ask('series', {
        query: { recipients: null, ...span, kind },
        knownAt: null,
      });
      return items.map(({ open, issued, closed }) => [open, issued, closed]);
    };
    const flows = [
      [1, 1, 0],
      [1, 1, 1],
      [2, 1, 0],
    ];
    expect(await series()).toEqual(flows);
    expect((await series(['letter'])).at(-1)).toEqual([1, 1, 0]);
    expect(await series(['letter', 'inspection-recommendation'])).toEqual(flows);
    const ofKind = (kind: string) => ({
      query: { recipients: null, on: TODAY, kind: [kind] },
      knownAt: null,
    });
    const { overall } = await past.ask('closureTimes', ofKind('letter'));
    expect(overall).toMatchObject({ closed: 1, open: 1 });
    const due = async (kind: string) => (await past.ask('deadlineFigures', ofKind(kind))).overall.stillOpen;
    expect([await due('letter'), await due('inspection-recommendation')]).toEqual([0, 1]);
  });

  test('a member that a lifecycle lacks is in no list of its records: no deadline, and no queue of unowned records', async () => {
    const { items } = await queryDeadlines(models.database, { today: TODAY, recipients: null, limit: 10 });
    expect(items.map(({ recordKind, id }) => [recordKind, id])).toEqual([['inspection-recommendation', 'a']]);
    const view = { effectiveOn: TODAY, knownAt: null, named: [] };
    for (const [recordKind, count] of [
      ['letter', 0],
      ['inspection-recommendation', 1],
    ] as const) {
      const listQuery = { today: TODAY, recipients: null, limit: 10, recordKind };
      const pages = [
        await queryDeadlines(models.database, listQuery),
        await pastDeadlines(accessOf(), listQuery, view),
      ];
      expect(pages.map((page) => page.items.length)).toEqual([count, count]);
    }
    const viewer = { subject: 'ada', roles: ['inspector'], organisations: [] } as const;
    const { queues } = await queryWork(models.database, { today: TODAY, recipients: null, viewer });
    expect(queues.map(({ kind, name, count }) => [kind.name, name, count])).toEqual(
      expect.arrayContaining([
        ['inspection-recommendation', 'without-owner', 1],
        ['inspection-recommendation', 'without-recipient', 0],
      ]),
    );
  });

  test('open items of a lifecycle are a queue of its staff beside those of the other', async () => {
    add('b', 'LetterSent', {}, '2026-04-02');
    await models.fold();
    const viewer = { subject: 'ada', roles: ['approver'], organisations: ['kent'] } as const;
    const waiting = async (kind?: string[]) => {
      const workQuery = { today: TODAY, recipients: null, viewer, ...(kind && { kind }) };
      const { queues } = await queryWork(models.database, workQuery);
      return queues.map(({ kind: { name: of }, name, count }) => [of, name, count]);
    };
    expect(await waiting(['letter'])).toEqual([['letter', 'answer', 1]]);
    expect((await waiting()).at(-1)).toEqual(['letter', 'answer', 1]);
    expect((await waiting()).length).toBeGreaterThan(1);
    expect(await named({ queue: { name: 'answer', of: viewer } })).toEqual([['letter', 'b', 'sent']]);
    const others = { kind: ['inspection-recommendation'], queue: { name: 'answer', of: viewer } };
    expect(await named(others)).toEqual([]);
  });

  test('with one more lifecycle, the rows have a later version, because their columns differ', () => {
    const before = (12 * 100 + recommendations.length) * 100 + 5;
    expect(registerProjection.version).toBeGreaterThan(before);
  });

  describe('wherever the log is cut into batches', () => {
    test('the rows are the same as if folded event by event', async () => {
      await models.expectSameRows(log, [1, 1, 2, 1, 3]);
    });
  });
});
