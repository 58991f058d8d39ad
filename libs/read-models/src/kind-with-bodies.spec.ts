import { beforeEach, expect, jest, test } from '@jest/globals';
import type { JsonObject } from '#event-sourcing/envelope';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import { Lifecycles } from '#lifecycle/lifecycles';
import { recommendations } from '#state-machines/inspection-recommendation/versions';
import type { Viewer } from '#state-machines/access';
import { complaints } from '#test/second-lifecycle/complaints';

// Adds a lifecycle before a module that is imported here reads the list.
jest.unstable_mockModule('#state-machines/lifecycles', () => ({
  lifecycles: new Lifecycles<unknown>(...recommendations, complaints),
}));
const { internalSight, sightOf } = await import('#state-machines/access');
const { onEqualDatabases } = await import('#test/support/read-model-harness');
const { queryDeadlines } = await import('./deadlines/deadlines-query.ts');
const { queryInbox } = await import('./inbox/inbox-query.ts');
const { registerProjection } = await import('./register/register-projection.ts');
const { queryRegister } = await import('./register/register-query.ts');

const TODAY = '2026-06-01';

onEqualDatabases('complaints beside recommendations on $name', [registerProjection], (models) => {
  const { log } = models;
  const states = new Map<string, LifecycleState>();

  function add(id: string, type: string, data: JsonObject): void {
    const before = states.get(id) ?? null;
    const state = complaints.evolve(before as Parameters<typeof complaints.evolve>[0], {
      ...{ eventId: '', version: (before?.size.events ?? 0) + 1, type, data, origin: 'command' },
      ...{ effectiveOn: '2026-03-01', recordedAt: '2026-03-01T12:00:00.000Z', decision: null },
      actor: { subject: 'ada', roles: [] },
    });
    states.set(id, state);
    log.append(`complaint-${id}`, type, data, { state: state.value, lifecycle: complaints.reference });
  }

  function complain(id: string, recipient: string): void {
    add(id, 'ComplaintMade', { title: `Title of ${id}`, text: 'It was loud.', recipient });
    add(id, 'ResponseRequired', {});
    add(id, 'DeadlineSet', { deadlineId: 'd1', kind: 'response', dueOn: '2026-06-10' });
  }

  const inspector = { subject: 'bob', roles: ['inspector'], organisations: [] };
  const caseworker = { ...inspector, roles: ['caseworker'] };
  const lead = { ...inspector, roles: ['force-lead'], organisations: ['kent'] };
  const liaison = { ...lead, roles: ['liaison'] };
  const mixed = { ...lead, roles: ['inspector', 'liaison'] };

  const idsIn = async (name: string, ...roles: string[]) => {
    const of = { subject: 'bob', roles, organisations: ['kent'] };
    const { items } = await queryRegister(models.database, { today: TODAY, queue: { name, of } });
    return items.map(({ id }) => id);
  };

  beforeEach(async () => {
    states.clear();
    complain('a', 'kent');
    complain('b', 'kent');
    add('b', 'ResponsePublished', { position: 'no-action', text: 'No.', dueOn: '2026-06-10', late: false });
    log.issue('r', { recipient: 'kent' });
    log.issue('s', { recipient: 'essex' });
    add('a', 'CommentAdded', { text: 'The cellar.', visibility: 'internal' });
    log.comment('r', 'The cellar.', 'internal');
    await models.fold();
  });

  test('given roles of one kind, then lists show no records of the other', async () => {
    const seenBy = async (viewer: Viewer) => {
      const query = { today: TODAY, recipients: sightOf(viewer), sort: 'id' } as const;
      return (await queryRegister(models.database, query)).items.map(({ id }) => id);
    };
    expect(await seenBy(inspector)).toEqual(['r', 's']);
    expect(await seenBy(caseworker)).toEqual(['a', 'b']);
    expect(await seenBy(lead)).toEqual(['r']);
    expect(await seenBy(liaison)).toEqual(['a', 'b']);
    expect(await seenBy(mixed)).toEqual(['a', 'b', 'r', 's']);
    expect(await seenBy({ ...mixed, organisations: [] })).toEqual(['r', 's']);
    expect(await seenBy({ ...inspector, roles: ['auditor'] })).toEqual(['a', 'b', 'r', 's']);
    const dates = { today: TODAY, recipients: sightOf(inspector), limit: 9 };
    expect((await queryDeadlines(models.database, dates)).items).toEqual([]);
  });

  test('given staff of one kind, then a search finds internal comments of that kind only', async () => {
    const foundBy = async (viewer: Viewer) => {
      const internal = internalSight(viewer);
      const { items } = await queryRegister(models.database, {
        today: TODAY,
        q: 'cellar',
        internal,
        sort: 'id',
      });
      return items.map(({ id, highlights = [] }) => [id, highlights.length]);
    };
    expect(await foundBy(inspector)).toEqual([['r', 1]]);
    expect(await foundBy(caseworker)).toEqual([['a', 1]]);
    expect(await foundBy(liaison)).toEqual([]);
    // People of the body do not read internal comments on its records, also as staff.
    expect(await foundBy(mixed)).toEqual([]);
    expect(await foundBy({ ...inspector, roles: ['auditor'] })).toEqual([
      ['a', 1],
      ['r', 1],
    ]);
  });

  test('given a record of another kind moved to another body, then people of its former body learn nothing', async () => {
    add('a', 'RecipientAssigned', { recipient: 'essex', reason: 'Moved.' });
    await models.fold();
    const leftFor = async (viewer: Viewer) => {
      const { items } = await queryInbox(models.database, {
        ...{ viewer, today: TODAY, watched: [], marks: { until: '', ids: [] } },
      });
      return items.filter(({ hasLeft }) => hasLeft).map(({ stream }) => stream);
    };
    expect(await leftFor(liaison)).toContain('complaint-a');
    expect(await leftFor(lead)).toEqual([]);
  });

  test('given a response that settles the only date of an open record, then it is in no queue of dates', async () => {
    expect(await idsIn('due-30', 'liaison')).toEqual(['a']);
  });

  test('given a notice to a role, then the people of that role have it, and no others', async () => {
    const madeFor = async (role: string) => {
      const viewer = { subject: 'bob', roles: [role], organisations: [] };
      const marks = { until: '', ids: [] };
      const { items } = await queryInbox(models.database, { viewer, today: TODAY, watched: [], marks });
      return items.filter(({ kind }) => kind === 'made').map(({ stream }) => stream);
    };
    expect(await madeFor('adjudicator')).toEqual(['complaint-b', 'complaint-a']);
    expect(await madeFor('caseworker')).toEqual([]);
  });
});
