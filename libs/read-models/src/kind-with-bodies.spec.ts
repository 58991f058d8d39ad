import { beforeEach, expect, jest, test } from '@jest/globals';
import type { JsonObject } from '#event-sourcing/envelope';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import { Lifecycles } from '#lifecycle/lifecycles';
import type { CommandedLifecycle } from '#lifecycle/lifecycles';
import { recommendations } from '#state-machines/inspection-recommendation/versions';
import { complaints } from '#test/second-lifecycle/complaints';

// Adds a lifecycle before a module that is imported here reads the list.
jest.unstable_mockModule('#state-machines/lifecycles', () => ({
  lifecycles: new Lifecycles<unknown, CommandedLifecycle>(...recommendations, complaints),
}));
const { onEqualDatabases } = await import('#test/support/read-model-harness');
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
    await models.fold();
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
