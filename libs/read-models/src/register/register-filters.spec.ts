import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import { addDays } from '#lifecycle/plain-date';
import type { Viewer } from '#state-machines/access';
import { rolesOn } from '#state-machines/access';
import { recommendation } from '#state-machines/inspection-recommendation/kind';
import { isSamePerson } from '#state-machines/capabilities/persons';
import { DEADLINE_STATES } from '#state-machines/capabilities/deadlines';
import { isOpen, stateOn } from '#state-machines/inspection-recommendation/v1/deadlines';
import { STATUS_ORIGINS } from '#lifecycle/answers';
import type { Facts } from '#state-machines/inspection-recommendation/v1/facts';
import { inspectionRecommendation } from '#state-machines/inspection-recommendation/v1/lifecycle';
import { machine, STATUSES } from '#state-machines/inspection-recommendation/v1/machine';
import { pendingOn } from '#state-machines/inspection-recommendation/v1/record';
import { onEachDatabase } from '#test/support/read-model-harness';
import { historyFrom } from '#test/support/record-log';
import type { RecordLog } from '#test/support/record-log';
import { queues as declared } from '#state-machines/inspection-recommendation/queues';
import { queuesOf } from '../queue-conditions.ts';
import { eventsOfRecords, recordOf } from '../record-row.ts';
import type { RecordFilters } from '../record-conditions.ts';
import { registerProjection } from './register-projection.ts';
import { queryRegister } from './register-query.ts';
import { queryStatistics } from './statistics-query.ts';
import { queryWork } from './work-query.ts';

/** A record folded by its lifecycle from its events. */
interface Replayed {
  readonly id: string;
  readonly issue: string | null;
  readonly state: LifecycleState<Facts>;
  readonly closedOn: string | null;
}

function replayed({ events }: RecordLog): Replayed[] {
  const records = new Map<string, Replayed>();
  for (const event of eventsOfRecords({ events, ordinal: 0 })) {
    const before = records.get(event.streamId);
    const state = inspectionRecommendation.evolve(before?.state ?? null, event);
    const isFirst = before === undefined || isOpen(before.state.value);
    records.set(event.streamId, {
      id: recordOf(event.streamId).id,
      issue: before === undefined ? state.facts.issue : before.issue,
      state,
      closedOn: isOpen(state.value) ? null : isFirst ? event.effectiveOn : before.closedOn,
    });
  }
  return [...records.values()];
}

type Is = (record: Replayed) => boolean;

const dueOf = ({ state }: Replayed): string | null =>
  state.facts.deadlines
    .flatMap(({ kind, dueOn }) => (kind === 'action' ? [dueOn] : []))
    .toSorted()
    .at(0) ?? null;
const deadlineOf = ({ state }: Replayed, today: string): string => stateOn(state, today)['deadline'] ?? '';

/** Returns filters, each with a predicate for the records that it selects. */
function filtersAt(today: string): [RecordFilters, Is][] {
  const regions = (['closure', 'evidence', 'response'] as const).flatMap((region) => {
    const states = Object.keys(machine.states[region].states);
    const isIn =
      (wanted: readonly string[]): Is =>
      ({ state }) =>
        wanted.includes(state.value[region] ?? '');
    return [...states.map((each) => [each]), states.slice(0, 2)].map((wanted): [RecordFilters, Is] => [
      { regions: { [region]: wanted } },
      isIn(wanted),
    ]);
  });
  const [from, to] = [addDays(today, -40), addDays(today, 30)];
  return [
    [{}, () => true],
    ...regions,
    ...STATUSES.map((status): [RecordFilters, Is] => [
      { status: [status] },
      ({ state }) => state.value['progress'] === status,
    ]),
    ...STATUS_ORIGINS.map((origin): [RecordFilters, Is] => [
      { statusOrigin: [origin] },
      ({ state }) => state.facts.statusOrigin === origin,
    ]),
    ...DEADLINE_STATES.map((deadline): [RecordFilters, Is] => [
      { deadline: [deadline] },
      (record) =>
        deadlineOf(record, today) === deadline ||
        (deadline === 'overdue' && deadlineOf(record, today) === 'escalated'),
    ]),
    [{ owner: ['ada'] }, ({ state }) => state.facts.owner === 'ada'],
    [{ recipient: ['avon', 'kent'] }, ({ state }) => state.facts.recipient !== null],
    [{ issue: ['i-1'] }, ({ issue }) => issue === 'i-1'],
    [{ extension: ['pending'] }, ({ state }) => pendingOn(state).extensions.length > 0],
    [{ proposal: ['waiting'] }, ({ state }) => pendingOn(state).proposals.length > 0],
    [{ without: 'owner' }, ({ state }) => state.facts.owner === null],
    [{ without: 'recipient' }, ({ state }) => state.facts.recipient === null],
    [{ dueFrom: from }, (record) => (dueOf(record) ?? '') >= from],
    [{ dueTo: to }, (record) => (dueOf(record) ?? '9') <= to],
    [
      { dueFrom: from, dueTo: to, regions: { evidence: ['none', 'submitted'] }, without: 'owner' },
      (record) => {
        const { value, facts } = record.state;
        const due = dueOf(record);
        const isDue = due !== null && due >= from && due <= to;
        return isDue && ['none', 'submitted'].includes(value['evidence'] ?? '') && facts.owner === null;
      },
    ],
  ];
}

/** The viewers of queues: members of several bodies, people with several roles, and people with none. */
const VIEWERS: readonly Viewer[] = [
  { subject: 'ada', roles: ['inspector'], organisations: [] },
  { subject: 'cli:bob', roles: ['inspector', 'approver'], organisations: ['kent'] },
  { subject: 'bob', roles: ['approver'], organisations: [] },
  { subject: 'bob', roles: ['force-lead', 'commissioner'], organisations: ['avon'] },
  { subject: 'ada', roles: ['inspector', 'force-lead'], organisations: ['avon', 'essex'] },
  { subject: 'eve', roles: ['auditor', 'administrator'], organisations: ['kent'] },
  { subject: 'eve', roles: ['force-lead'], organisations: [] },
];

type QueueName = keyof typeof declared;
const QUEUE_NAMES = Object.keys(declared) as QueueName[];

/** The queues of requests to approve or decide. */
const DECIDED: readonly QueueName[] = [
  'evidence-to-decide',
  'extensions-to-decide',
  'proposals-to-confirm',
  'without-recipient',
  'closures-to-decide',
  'corrections-to-decide',
  'claims-to-confirm',
];

/** Returns the roles of each queue, and a predicate for the open records in it, as documented. */
function queueAt(today: string, { subject }: Viewer): Record<QueueName, readonly [readonly string[], Is]> {
  const isMine = (other: string | null): boolean => isSamePerson(other, subject);
  const open =
    (is: Is): Is =>
    (record) =>
      isOpen(record.state.value) && is(record);
  const dueWithin =
    (days: number): Is =>
    (record) => {
      const due = dueOf(record);
      return due !== null && due >= today && due <= addDays(today, days);
    };
  const bodies = ['force-lead', 'commissioner'];
  const all = ['inspector', 'approver', ...bodies];
  const region =
    (name: string, state: string): Is =>
    (record) =>
      record.state.value[name] === state;
  const facts = (is: (facts: Facts) => boolean): Is => open(({ state }) => is(state.facts));
  return {
    'evidence-to-decide': [
      ['inspector'],
      open(
        (record) =>
          region('evidence', 'submitted')(record) &&
          !record.state.facts.submissions.some(({ requester }) => isMine(requester)),
      ),
    ],
    'extensions-to-decide': [
      ['inspector'],
      facts(({ extensions }) => extensions.some(({ requester }) => !isMine(requester))),
    ],
    'corrections-to-decide': [
      ['inspector', 'approver'],
      ({ state }) =>
        state.facts.corrections.some(({ requester, claimant }) => !isMine(requester) && !isMine(claimant)),
    ],
    'claims-to-confirm': [
      ['inspector'],
      ({ state }) => {
        const { claims = [], corrections } = pendingOn(state);
        return claims.some(({ eventId }) => !corrections.some(({ corrects }) => corrects === eventId));
      },
    ],
    'proposals-to-confirm': [['inspector'], facts(({ proposals }) => proposals.length > 0)],
    'without-recipient': [['inspector'], facts(({ recipient }) => recipient === null)],
    'without-owner': [['inspector', 'force-lead'], facts(({ owner }) => owner === null)],
    mine: [['inspector'], facts(({ owner }) => isMine(owner))],
    'my-closures': [['inspector'], facts(({ closure }) => closure !== null && isMine(closure.requester))],
    'closures-to-decide': [
      ['approver'],
      facts(({ closure }) => closure !== null && !isMine(closure.requester)),
    ],
    'evidence-rejected': [['force-lead'], open(region('evidence', 'rejected'))],
    'extensions-waiting': [['force-lead'], facts(({ extensions }) => extensions.length > 0)],
    'responses-due': [
      ['commissioner'],
      ({ state: { value, facts } }) =>
        value['response'] === 'due' ||
        facts.deadlines.some(({ kind, claimedBy }) => kind === 'response' && claimedBy !== undefined),
    ],
    overdue: [all, (record) => ['overdue', 'escalated'].includes(deadlineOf(record, today))],
    'due-30': [all, open(dueWithin(30))],
    'due-90': [all, open(dueWithin(90))],
    escalated: [['auditor'], (record) => deadlineOf(record, today) === 'escalated'],
    'closed-30': [['auditor'], ({ closedOn }) => closedOn !== null && closedOn >= addDays(today, -30)],
  };
}

onEachDatabase('on $name', [registerProjection], (models) => {
  const { log } = models;
  const histories = fc.array(fc.nat(), { minLength: 30, maxLength: 90 });
  const days = fc.constantFrom(...[0, 60, 120, 200, 450].map((offset) => addDays('2026-01-01', offset)));

  const listed = async (today: string, filters: object): Promise<string[]> => {
    const { items, total } = await queryRegister(models.database, {
      today,
      sort: 'id',
      limit: 200,
      ...filters,
    });
    expect(total).toBe(items.length);
    return items.map(({ id }) => id);
  };

  /** Checks that the queues of all viewers list and count what the lifecycle requires, and returns their records. */
  async function queuesAgree(today: string): Promise<Map<QueueName, Set<string>>> {
    const listedIn = new Map<QueueName, Set<string>>(QUEUE_NAMES.map((name) => [name, new Set()]));
    const records = replayed(log);
    for (const viewer of VIEWERS) {
      const work = await queryWork(models.database, { today, recipients: null, viewer });
      const expected = queueAt(today, viewer);
      const names = QUEUE_NAMES.filter((name) =>
        expected[name][0].some((role) => viewer.roles.includes(role)),
      );
      expect(work.queues.map(({ name }) => name)).toEqual(names);
      for (const [index, name] of names.entries()) {
        const [roles, is] = expected[name];
        // A record without a recipient may be assigned to the viewer's body, whose members cannot decide on it yet.
        const mayBeTheirs = ({ recipient }: Facts) =>
          recipient === null && viewer.organisations.length > 0 && DECIDED.some((each) => each === name);
        const acts: Is = ({ state }) =>
          // Readers are not restricted.
          roles.includes('auditor') ||
          (!mayBeTheirs(state.facts) &&
            rolesOn(viewer, state.facts.recipient, recommendation).some((role) => roles.includes(role)));
        const ids = records.filter((record) => acts(record) && is(record)).map(({ id }) => id);
        expect([name, viewer, await listed(today, { queue: { name, of: viewer } })]).toEqual([
          name,
          viewer,
          ids.sort(),
        ]);
        expect([name, work.queues[index]?.count]).toEqual([name, ids.length]);
        for (const id of ids) listedIn.get(name)?.add(id);
      }
    }
    return listedIn;
  }

  test('given claims and corrections, each queue lists those that another person, or the body, must settle', async () => {
    const [today, by] = ['2026-03-01', { subject: 'eve' }];
    const closing = { claim: true } as const;
    for (const [id, recipient] of [
      ['answered', 'avon'],
      ['own', 'kent'],
      ['for-nobody', null],
    ] as const)
      log.issue(id, { recipient });
    log.deadline('answered', 'd1', '2026-02-01', 'response');
    log.add('answered', 'ResponseRequired', {});
    log.add('answered', 'ResponsePublished', closing, by);
    log.deadline('own', 'd1', '2026-02-01');
    const { eventId } = log.add('own', 'RecommendationCompleted', closing, { subject: 'cli:bob' });
    const reason = 'It was met.';
    log.add('own', 'CorrectionRequested', { eventId, confirms: true, reason }, { subject: 'ada' });
    const issue = log.events.find(({ streamId }) => streamId.endsWith('for-nobody'))?.eventId ?? '';
    log.add('for-nobody', 'CorrectionRequested', { eventId: issue, recipient: 'essex', reason }, by);
    await models.fold();
    const queues = await queuesAgree(today);
    expect(queues.get('responses-due')).toEqual(new Set(['answered']));
    expect(queues.get('corrections-to-decide')).toEqual(new Set(['for-nobody']));
    expect(queues.get('claims-to-confirm')).toEqual(new Set(['answered']));
    expect(await listed(today, { deadline: ['overdue'] })).toEqual(['own']);
  });

  test('whatever the history, each filter lists the records that it names, and counts the same records', async () => {
    await fc.assert(
      fc.asyncProperty(histories, days, async (choices, today) => {
        await models.anew();
        historyFrom(choices, log);
        await models.fold();
        const records = replayed(log);
        for (const [filters, is] of filtersAt(today)) {
          const wanted = records.filter(is);
          const ids = wanted.map(({ id }) => id).sort();
          expect([filters, await listed(today, filters)]).toEqual([filters, ids]);
          const counted = await queryStatistics(models.database, { today, ...filters });
          const statuses = STATUSES.map((status): [string, number] => [
            status,
            wanted.filter(({ state }) => state.value['progress'] === status).length,
          ]);
          const deadlines = DEADLINE_STATES.map((each): [string, number] => [
            each,
            wanted.filter((record) => deadlineOf(record, today) === each).length,
          ]);
          expect([filters, counted]).toMatchObject([
            filters,
            {
              total: wanted.length,
              byStatus: Object.fromEntries<number>(statuses),
              byDeadline: Object.fromEntries<number>(deadlines),
            },
          ]);
        }
      }),
      { numRuns: models.kind.cases(15) },
    );
  });

  test('whatever the history, each queue lists and counts exactly the records that wait for its viewer', async () => {
    await fc.assert(
      fc.asyncProperty(histories, days, async (choices, today) => {
        await models.anew();
        historyFrom(choices, log);
        await models.fold();
        await queuesAgree(today);
      }),
      { numRuns: models.kind.cases(12) },
    );
  });

  test("a user's queues are those of all their roles, each once, in the order of the roles", () => {
    const names = (...roles: string[]) => queuesOf({ roles }).map(({ name }) => name);
    expect(names('approver')).toEqual([
      ...['corrections-to-decide', 'closures-to-decide', 'overdue', 'due-30', 'due-90'],
    ]);
    expect(names('force-lead', 'inspector')).toEqual([
      ...['evidence-to-decide', 'extensions-to-decide', 'corrections-to-decide'],
      ...['claims-to-confirm', 'proposals-to-confirm', 'without-recipient'],
      ...['without-owner', 'mine', 'my-closures', 'evidence-rejected', 'extensions-waiting'],
      ...['overdue', 'due-30', 'due-90'],
    ]);
    expect(names('auditor', 'commissioner')).toEqual([
      ...['responses-due', 'overdue', 'due-30', 'due-90', 'escalated', 'closed-30'],
    ]);
    expect(names('administrator', 'scheduler')).toEqual([]);
  });
});
