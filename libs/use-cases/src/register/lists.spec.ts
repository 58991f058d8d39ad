import 'reflect-metadata';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { queuesOf } from '#read-models/queue-conditions';
import { recommendation } from '#state-machines/inspection-recommendation/kind';
import { recordOf, SERVICE_ROLES } from '#state-machines/record-streams';
import type { Viewer } from '#state-machines/access';
import { importCall, statusBlock } from '#test/support/register-imports';
import { INSPECTOR, NOON, ServiceParts, viewer } from '#test/support/use-cases';
import { importRecord } from '../register-files/import-record.ts';
import { listDeadlines, listRecords, seeFirstWork, seeQueue, seeStatistics, seeWork } from './lists.ts';
import { seeSeries } from './see-figures.ts';

/** The roles that see the recommendations of every body. */
const SEES_ALL = [...recommendation.roles.staff, ...SERVICE_ROLES];

const parts = new ServiceParts();

beforeEach(async () => {
  for (const [id, body] of Object.entries({ 'r-1': 'avon', 'r-2': 'kent', 'r-3': 'avon' })) {
    await parts.issue(id, body, { deadlines: [{ dueOn: '2027-06-30' }] });
  }
  await parts.fold();
});

const records = async (who: Viewer, recipient?: readonly string[]): Promise<string[]> => {
  const query = recipient === undefined ? {} : { recipient };
  return (await listRecords(parts, who, query, NOON)).items.map(({ id }) => id).sort();
};
const deadlines = async (who: Viewer, recipient?: string): Promise<string[]> => {
  const query = { limit: 10, ...(recipient !== undefined && { recipient }) };
  return (await listDeadlines(parts, who, query, NOON)).items.map(({ id }) => id).sort();
};
const counted = async (who: Viewer): Promise<number> => (await seeStatistics(parts, who, {}, NOON)).total;

describe('lists and counts', () => {
  test.each(SEES_ALL)('contain the records of every body: %s', async (role) => {
    const who = viewer(role);
    expect(await records(who)).toEqual(['r-1', 'r-2', 'r-3']);
    expect(await deadlines(who)).toEqual(['r-1', 'r-2', 'r-3']);
    expect(await counted(who)).toBe(3);
  });

  test.each([
    ['one body', ['avon'], ['r-1', 'r-3']],
    ['two', ['avon', 'kent'], ['r-1', 'r-2', 'r-3']],
    ['a body without records', ['essex'], []],
    ['none', [], []],
  ])("contain the records of the viewer's own bodies: %s", async (_, bodies, seen) => {
    const who = viewer('force-lead', ...bodies);
    expect(await records(who)).toEqual(seen);
    expect(await deadlines(who)).toEqual(seen);
    expect(await counted(who)).toBe(seen.length);
  });

  test('contain nothing for a user without a role, whatever their bodies', async () => {
    const roleless = { ...viewer('force-lead', 'avon'), roles: [] };
    expect([await records(roleless), await deadlines(roleless), await counted(roleless)]).toEqual([
      [],
      [],
      0,
    ]);
  });
});

describe('the first records of a queue', () => {
  const { kind } = recordOf('r-1');
  const LATER = Date.parse('2027-03-01T12:00:00Z');
  const of = async (name: string): Promise<readonly string[]> => {
    const queues = await seeFirstWork(parts, INSPECTOR, LATER);
    return queues.find((queue) => queue.name === name)?.items.map(({ id }) => id) ?? [];
  };

  test("are the viewer's late records, then the next due ones, and five at most", async () => {
    for (const [id, dueOn] of Object.entries({
      b: '2027-01-05',
      c: '2027-02-01',
      d: '2027-01-09',
      e: '2027-05-01',
    }))
      await parts.issue(id, 'kent', { deadlines: [{ dueOn }] });
    for (const id of ['c', 'e'])
      await parts.sendCommand(INSPECTOR, id, 'assign-owner', { owner: INSPECTOR.subject });
    await parts.fold();
    expect(await of('overdue')).toEqual(['c', 'b', 'd']);
    expect(await of('mine')).toEqual(['c', 'e']);
    expect(await of('without-owner')).toEqual(['b', 'd', 'r-1', 'r-2', 'r-3']);
    const queue = queuesOf(INSPECTOR, [kind.name]).find(({ name }) => name === 'overdue');
    const first = await seeQueue(parts, INSPECTOR, queue!, { now: LATER, first: 2 });
    expect(first.map(({ id }) => id)).toEqual(['c', 'b']);
  });

  test('are counted, and belong to no body that the viewer may not see', async () => {
    const forceLead = viewer('force-lead', 'avon');
    const queues = await seeFirstWork(parts, forceLead, NOON);
    const unowned = queues.find(({ name }) => name === 'without-owner');
    expect(unowned).toMatchObject({ count: 2, items: [{ id: 'r-1' }, { id: 'r-3' }] });
  });
});

describe('a queue of decisions', () => {
  const STAFF = ['inspector', 'approver'];
  const decider = (subject: string): Viewer => ({ ...INSPECTOR, subject, roles: STAFF });
  const text = 'The force should publish an action plan by the end of 2027.';
  const listedFor = async (who: Viewer, queue: string) => {
    await parts.fold();
    return (await listRecords(parts, who, { queue }, NOON)).items.map(({ id }) => id);
  };

  test.each(['evidence', 'extensions', 'corrections', 'closures', 'proposals'])(
    'shows nothing to a person who acted for the body, if only by a comment: %s',
    async (what) => {
      const forceLead = viewer('force-lead', 'avon');
      const comment = { text: 'We act.', visibility: 'public' };
      await parts.issue('a', 'avon', { text, deadlines: [{ dueOn: '2027-01-31' }] });
      const [issued] = await parts.stream('a');
      const reason = { reason: 'r' };
      await parts.sendCommand(INSPECTOR, 'a', 'request-closure', { statement: 'Done.' });
      await parts.sendCommand(forceLead, 'a', 'submit-evidence', {
        items: [{ name: 'Our plan', sha256: 'a'.repeat(64) }],
      });
      await parts.sendCommand(forceLead, 'a', 'request-extension', {
        ...{ deadlineId: 'd1', dueOn: '2027-02-28', ...reason },
      });
      const correction = { eventId: issued!.eventId, publishedOn: '2026-01-06', ...reason };
      await parts.sendCommand(INSPECTOR, 'a', 'request-correction', correction);
      const queue = what === 'proposals' ? 'proposals-to-confirm' : `${what}-to-decide`;
      expect(await listedFor(decider('sam'), queue)).toEqual(['a']);
      await parts.sendCommand({ ...forceLead, subject: 'sam' }, 'a', 'add-comment', comment);
      expect(await listedFor(decider('sam'), queue)).toEqual([]);
      expect(await listedFor(decider('cli:sam'), queue)).toEqual([]);
      expect(await listedFor(decider('eve'), queue)).toEqual(['a']);
    },
  );

  test('still shows the closure to its requester, who acted for the body later', async () => {
    await parts.sendCommand(decider('sam'), 'r-1', 'request-closure', { statement: 'Done.' });
    const [sam, ann] = ['sam', 'ann'].map((subject) => ({ ...viewer('force-lead', 'avon'), subject }));
    for (const who of [ann!, sam!])
      await parts.sendCommand(who, 'r-1', 'add-comment', { text: 'We act.', visibility: 'public' });
    expect(await listedFor(decider('sam'), 'my-closures')).toEqual(['r-1']);
    expect(await listedFor(decider('ann'), 'my-closures')).toEqual([]);
  });

  test('shows dates of the successor to all but the approver of the supersession', async () => {
    await parts.issue('a', 'avon', { text });
    const closing = { outcome: 'superseded', supersededBy: 'a', statement: 'Said anew.' };
    await parts.sendCommand(decider('ann'), 'r-1', 'request-closure', closing);
    await parts.sendCommand(decider('sam'), 'r-1', 'supersede', { by: 'a', statement: 'Said anew.' });
    expect(await listedFor(decider('sam'), 'proposals-to-confirm')).toEqual([]);
    expect(await listedFor(decider('ann'), 'proposals-to-confirm')).toEqual(['a']);
  });

  test('shows two extensions to each of their requesters, but one only to others', async () => {
    const { subject: ann } = INSPECTOR;
    await parts.issue('a', 'avon', { deadlines: [{ dueOn: '2027-01-31' }, { dueOn: '2027-03-31' }] });
    const extension = { dueOn: '2027-04-30', reason: 'r' };
    await parts.sendCommand(decider(ann), 'a', 'request-extension', { deadlineId: 'd1', ...extension });
    expect(await listedFor(decider(ann), 'extensions-to-decide')).toEqual([]);
    await parts.sendCommand(decider('eve'), 'a', 'request-extension', { deadlineId: 'd2', ...extension });
    for (const who of [ann, 'eve', 'sam'])
      expect(await listedFor(decider(who), 'extensions-to-decide')).toEqual(['a']);
  });
});

describe('a body as the filter of a list', () => {
  test.each([
    ['own', viewer('commissioner', 'avon'), 'avon', ['r-1', 'r-3']],
    ['any, to who sees all', INSPECTOR, 'kent', ['r-2']],
    ['one that there is not, to who sees all', INSPECTOR, 'nowhere', []],
  ])('narrows it: %s', async (_, who, body, seen) => {
    expect(await records(who, [body])).toEqual(seen);
    expect(await deadlines(who, body)).toEqual(seen);
  });

  test.each([
    ["another one's", viewer('commissioner', 'avon'), 'yours: avon'],
    ["another one's, to who has none", viewer('commissioner'), 'you have none'],
  ])('is refused: %s', async (_, who, mine) => {
    const refusal = {
      code: 'other-organisation',
      message: `kent is not one of your organisations; ${mine}`,
    };
    await expect(records(who, ['kent'])).rejects.toMatchObject(refusal);
    await expect(deadlines(who, 'kent')).rejects.toMatchObject(refusal);
  });

  test("is refused even together with the viewer's own bodies", async () => {
    await expect(records(viewer('commissioner', 'avon'), ['avon', 'kent'])).rejects.toMatchObject({
      code: 'other-organisation',
    });
  });
});

describe('a queue', () => {
  test('continues at its place with a newer token of the same person, and with no other person', async () => {
    const page = (who: Viewer, cursor?: string) =>
      listRecords(
        parts,
        who,
        { queue: 'without-owner', sort: 'id', limit: 1, ...(cursor !== undefined && { cursor }) },
        NOON,
      );
    const signedIn = (expiresAt: number): Viewer => Object.assign({ expiresAt }, INSPECTOR);
    const { items, nextCursor } = await page(signedIn(1));
    const next = await page(signedIn(2), nextCursor ?? '');
    expect([...items, ...next.items].map(({ id }) => id)).toEqual(['r-1', 'r-2']);
    const other = { ...INSPECTOR, subject: 'somebody-else' };
    await expect(page(other, nextCursor ?? '')).rejects.toMatchObject({ code: 'invalid-cursor' });
  });

  test("of which the viewer has none is refused, and names the viewer's queues", async () => {
    const listMine = (who: Viewer) => listRecords(parts, who, { queue: 'mine' }, NOON);
    await expect(listMine(viewer('auditor'))).rejects.toMatchObject({
      code: 'invalid-parameter',
      message: 'queue is not one of your queues; yours are escalated, closed-30',
      details: { errors: [{ pointer: '/queue' }] },
    });
    await expect(listMine(viewer('administrator'))).rejects.toThrow(
      'queue is not one of your queues; your roles have no queues',
    );
  });
});

test('given a closing that a file claims, then the record is late in lists and figures until it is confirmed', async () => {
  const [register, closed] = [
    `Units (7)\n\nBy 30 June 2016 forces should act.\n\n${statusBlock('30th November 2015', 'awaiting-review')}`,
    statusBlock('1st June 2016', 'complete'),
  ];
  const bring = (file: string) => importRecord(parts.store, parts.lifecycles, importCall(file));
  await bring(register);
  const { id } = await bring(register + closed);
  const on = { view: { effectiveOn: '2016-07-15', knownAt: null } };
  const countsOf = async (query: object) => {
    await parts.fold();
    const all = { ...query, status: ['complete'] };
    const states = ['settled', 'overdue', 'escalated'] as const;
    const listed = await Promise.all(
      states.map(async (deadline) => {
        const { items } = await listRecords(parts, INSPECTOR, { ...all, deadline: [deadline] }, NOON);
        return items.map(({ state }) => [deadline, state['deadline']]);
      }),
    );
    const { byDeadline } = await seeStatistics(parts, INSPECTOR, all, NOON);
    const counted = Object.entries(byDeadline).filter(([, count]) => count > 0);
    return [listed.flat(), counted];
  };
  const waiting = async () => {
    await parts.fold();
    const escalatedFor = [
      [INSPECTOR, 'overdue'],
      [viewer('auditor'), 'escalated'],
    ] as const;
    return Promise.all(
      escalatedFor.map(async ([who, queue]) => {
        const { queues } = await seeWork(parts, who, NOON);
        const { items } = await listRecords(parts, who, { queue }, NOON);
        return [queues.find(({ name }) => name === queue)?.count, items.map((item) => item.id)];
      }),
    );
  };
  const series = async () => {
    await parts.fold();
    const query = { from: '2016-01-01', to: '2016-12-31', interval: 'quarter' as const, knownAt: null };
    const { items } = await seeSeries(parts, INSPECTOR, query, NOON);
    return items.map(({ byDeadline }) => [byDeadline.settled, byDeadline.escalated]);
  };
  const late = [
    [
      ['overdue', 'escalated'],
      ['escalated', 'escalated'],
    ],
    [['escalated', 1]],
  ];
  expect(await countsOf({})).toEqual(late);
  expect(await waiting()).toEqual([
    [1, [id]],
    [1, [id]],
  ]);
  expect(await countsOf(on)).toEqual([[['overdue', 'overdue']], [['overdue', 1]]]);
  expect(await series()).toEqual([
    [0, 0],
    [0, 0],
    [0, 1],
    [0, 1],
  ]);

  const eventId = (await parts.stream(id)).find(({ type }) => type === 'RecommendationCompleted')?.eventId;
  await parts.sendCommand(INSPECTOR, id, 'request-correction', {
    eventId: eventId ?? '',
    confirms: true,
    reason: 'x',
  });
  expect(await countsOf({})).toEqual(late);
  await parts.sendCommand(viewer('approver'), id, 'approve-correction');
  expect(await waiting()).toEqual([
    [0, []],
    [0, []],
  ]);

  const settled = [[['settled', 'settled']], [['settled', 1]]];
  expect(await countsOf({})).toEqual(settled);
  expect(await countsOf(on)).toEqual(settled);
  expect((await series()).at(-1)).toEqual([1, 0]);
});
