import { isInSight } from '#state-machines/access';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { atOnce } from '#event-sourcing/folding';
import type { Envelope } from '#event-sourcing/envelope';
import { effectiveView } from '#lifecycle/effective-view';
import type { ViewStep } from '#lifecycle/effective-view';
import { addDays, daysBetween } from '#lifecycle/plain-date';
import { InvalidCursorError } from '#projections/list-cursor';
import type { AnyData, RecordEvent } from '#state-machines/inspection-recommendation/v1/record-event';
import { lifecycles } from '#state-machines/lifecycles';
import {
  erasedLog,
  HISTORY_BEGINS,
  HISTORY_DAYS,
  historiesInAnyDateOrder,
} from '#test/support/effective-histories';
import { onEachDatabase } from '#test/support/read-model-harness';
import type { ReadModelsOf } from '#test/support/read-model-harness';
import { pastHere } from '#lives/past';
import { PastReader } from '#lives/past-reader';
import type { ListedDeadline, DeadlinesQuery } from '#read-models/deadlines/deadlines-query';
import type { PastView } from '#read-models/past-rows';
import { registerProjection } from '#read-models/register/register-projection';
import { queryRegister, REGISTER_SORTS } from '#read-models/register/register-query';
import type { RegisterItem, RegisterQuery, RegisterSort } from '#read-models/register/register-query';
import { readRecord } from '../records/read-record.ts';
import { pastDeadlines, pastList, pastStatistics, wholePastList } from './past-lists.ts';
import type { PastAccess } from './past-lists.ts';
import { PRESENT_SORTS } from './lists.ts';
import type { pendingOn } from '#state-machines/inspection-recommendation/v1/record';

const RUNS = Number(process.env['HISTORY_RUNS'] ?? 15);
/** A record that a claim closed, and one whose claim repeats its status. The claim does not settle a deadline. */
const CLOSED_BY_CLAIM: Case = [
  [1491918649, 1527580917, 1188571617, 0],
  [
    [39, 0, 1],
    [0, 0, -1],
  ],
];
const CLAIMED_AGAIN: Case = [
  [178174197, 1487423898, 922067005, 877118224, 0],
  [
    [40, 216870268, 0],
    [0, 0, -1],
  ],
];
type Case = [choices: number[], points: [day: number, event: number, after: number | null][]];
const anyHistory = fc.array(fc.nat(), { minLength: 1, maxLength: 60, size: 'max' });
const anyPoint = fc.tuple(
  fc.integer({ min: -2, max: HISTORY_DAYS }),
  fc.nat(),
  fc.constantFrom<(number | null)[]>(-1, 0, 1, null),
);

onEachDatabase('on $name', [registerProjection], (models) => {
  const { log } = models;

  test('for any history, date and instant, each list, count and deadline matches the records’ replays', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyHistory,
        fc.array(anyPoint, { minLength: 2, maxLength: 2 }),
        async (choices, points) => {
          await models.anew();
          const { events } = historiesInAnyDateOrder(choices, log);
          await models.fold();
          for (const point of points) await expectView(models, events, viewAt(events, point));
        },
      ),
      { numRuns: models.kind.cases(RUNS), examples: [CLOSED_BY_CLAIM, CLAIMED_AGAIN] },
    );
  });

  describe('a view', () => {
    const view: PastView = { effectiveOn: '2026-02-01', knownAt: null, named: ['2026-02-01', null] };
    const list = (query: Partial<RegisterQuery>, at = view) =>
      pastList(accessOf(models), { today: at.effectiveOn, ...query }, at);

    test('shows a body its current records, and is narrowed by their recipient of that day', async () => {
      log.issue('a', { recipient: 'avon' }, { effectiveOn: '2026-01-01' });
      log.add('a', 'RecipientAssigned', { recipient: 'kent' }, { effectiveOn: '2026-03-01' });
      await models.fold();
      const ids = async (query: Partial<RegisterQuery>) => (await list(query)).items.map(({ id }) => id);
      expect(await ids({ recipients: ['kent'] })).toEqual(['a']);
      expect(await ids({ recipients: ['avon'] })).toEqual([]);
      expect(await ids({ recipients: ['kent'], recipient: ['avon'] })).toEqual(['a']);
      expect(await ids({ recipient: ['kent'] })).toEqual([]);
      const due = { today: view.effectiveOn, limit: 9 };
      log.add('a', 'DeadlineSet', { deadlineId: 'd1', kind: 'action', dueOn: '2026-09-30' });
      await models.fold();
      const deadlines = async (recipients: string[]) =>
        (await pastDeadlines(accessOf(models), { ...due, recipients }, view)).items;
      expect(await deadlines(['avon'])).toEqual([]);
      expect(await deadlines(['kent'])).toMatchObject([{ recipient: 'avon', deadlineId: 'd1' }]);
    });

    test('follows the log: later records, backdated entries, and the body that may see a record', async () => {
      const access = accessOf(models);
      const items = async (recipients: string[]) =>
        (await pastList(access, { today: view.effectiveOn, sort: 'id', recipients }, view)).items.map(
          ({ id, status, recipient }) => [id, status, recipient],
        );
      log.issue('a', { recipient: 'avon' });
      await models.fold();
      expect(await items(['avon'])).toEqual([['a', 'awaiting-review', 'avon']]);
      log.issue('b', { recipient: 'avon' });
      log.add('a', 'ProgressStarted', {}, { effectiveOn: '2026-01-15' });
      await models.fold();
      expect(await items(['avon'])).toEqual([
        ['a', 'being-progressed', 'avon'],
        ['b', 'awaiting-review', 'avon'],
      ]);
      log.add('a', 'RecipientAssigned', { recipient: 'kent' }, { effectiveOn: '2026-03-01' });
      await models.fold();
      expect(await items(['avon'])).toEqual([['b', 'awaiting-review', 'avon']]);
      expect(await items(['kent'])).toEqual([['a', 'being-progressed', 'avon']]);
    });

    test('has the titles of today, and no name or title after it was redacted', async () => {
      const access = accessOf(models);
      const query = { today: view.effectiveOn } as const;
      const shown = async () =>
        (await pastList(access, query, view)).items.map(({ title, owner }) => [title, owner]);
      const owned = async (name: string) =>
        (await pastList(access, { ...query, owner: [name] }, view)).items.length;
      const issued = log.issue('a');
      const assigned = log.add('a', 'OwnerAssigned', { owner: 'ann' });
      const amended = { title: 'A better title', reason: 'It was wrong.' };
      const named = log.add('a', 'TextAmended', amended, { effectiveOn: '2026-03-01' });
      await models.fold();
      expect([await shown(), await owned('ann')]).toEqual([[['A better title', 'ann']], 1]);
      log.redact('a', assigned, '/data/owner');
      log.redact('a', named, '/data/title');
      log.redact('a', issued, '/data/title');
      await models.fold();
      expect([await shown(), await owned('ann')]).toEqual([[[null, null]], 0]);
      expect((await pastList(access, { ...query, without: 'owner' }, view)).items).toHaveLength(1);
    });

    test('has cursors of its own', async () => {
      for (const id of ['a', 'b', 'c']) log.issue(id);
      await models.fold();
      const { nextCursor } = await list({ limit: 1 });
      const cursor = nextCursor as string;
      const other = { ...view, effectiveOn: '2026-02-02', named: ['2026-02-02', null] };
      expect((await list({ limit: 1, cursor })).items).toMatchObject([{ id: 'b' }]);
      await expect(list({ limit: 1, cursor }, other)).rejects.toThrow(InvalidCursorError);
      const today = queryRegister(models.database, { today: view.effectiveOn, limit: 1, cursor });
      await expect(today).rejects.toThrow(InvalidCursorError);
    });
  });
});

const accessOf = ({ database, log }: ReadModelsOf): PastAccess => ({
  readModels: database,
  past: pastHere(new PastReader(log, 60_000)),
});

function viewAt(events: readonly Envelope[], [day, event, after]: [number, number, number | null]): PastView {
  const { recordedAt } = events[event % events.length] as Envelope;
  const knownAt = after === null ? null : new Date(Date.parse(recordedAt) + after).toISOString();
  const effectiveOn = addDays(HISTORY_BEGINS, day);
  return { effectiveOn, knownAt, named: [effectiveOn, knownAt] };
}

/** A record's state on a past day, with data that lists do not show. */
interface Replayed {
  readonly on: string;
  readonly item: RegisterItem;
  readonly recipientToday: string | null;
  /** The person who requested the closure; undefined if none is pending. */
  readonly closureBy: string | null | undefined;
  readonly deadlines: readonly ListedDeadline[];
}

async function expectView(
  models: ReadModelsOf,
  events: readonly RecordEvent<Envelope>[],
  view: PastView,
): Promise<void> {
  const today = view.effectiveOn;
  const records = replayed(erasedLog(events), view);
  const viewPair = { effectiveOn: view.effectiveOn, knownAt: view.knownAt };
  const access = accessOf(models);
  const walk = async (query: Partial<RegisterQuery>): Promise<RegisterItem[]> => {
    const items: RegisterItem[] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page = await pastList(
        access,
        { today, limit: 2, ...query, ...(cursor !== undefined && { cursor }) },
        view,
      );
      expect(page).toMatchObject({ view: viewPair, total: matching(records, query).length });
      items.push(...page.items);
      cursor = page.nextCursor;
    }
    return items;
  };
  for (const sort of REGISTER_SORTS.filter((each) => each !== 'relevance' && !PRESENT_SORTS.includes(each)))
    expect(await walk({ sort })).toEqual(
      sorted(
        records.map(({ item }) => item),
        sort,
      ),
    );
  for (const filter of FILTERS) {
    const expected = sorted(
      matching(records, filter).map(({ item }) => item),
      '-updatedOn',
    );
    expect([filter, await walk(filter)]).toEqual([filter, expected]);
  }
  const whole = (await Array.fromAsync(await wholePastList(access, { today, sort: 'id' }, view))).flat();
  expect(whole).toEqual(await walk({ sort: 'id' }));
  const counts = await pastStatistics(access, { today }, view);
  expect(counts).toMatchObject({ view: viewPair, total: records.length });
  for (const status of ['awaiting-review', 'being-progressed', 'complete', 'no-further-action-needed'])
    expect(counts.byStatus[status]).toBe(matching(records, { status: [status] }).length);
  for (const state of ['none', 'on-track', 'approaching', 'overdue', 'escalated', 'settled'] as const)
    expect(counts.byDeadline[state]).toBe(
      records.filter(({ item }) => item.state['deadline'] === state).length,
    );
  const ages = records
    .filter(({ item }) => item.closedOn === null)
    .map(({ item }) => daysBetween(item.issuedOn, today));
  expect(counts.byAge['31-90']).toBe(ages.filter((age) => age > 30 && age <= 90).length);
  const deadlines = records.flatMap((record) => record.deadlines);
  expect(await walkDeadlines(access, { today }, view)).toEqual(deadlines.toSorted(byDueDate));
  for (const state of ['settled', 'overdue', 'on-track'] as const) {
    const isMeant = (each: string): boolean =>
      each === state || (state === 'overdue' && each === 'escalated');
    const expected = deadlines.filter((each) => isMeant(each.state)).toSorted(byDueDate);
    expect(await walkDeadlines(access, { today, state }, view)).toEqual(expected);
  }
}

async function walkDeadlines(
  access: PastAccess,
  query: Pick<DeadlinesQuery, 'today' | 'state'>,
  view: PastView,
) {
  const items: Replayed['deadlines'][number][] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const listQuery = { recipients: null, limit: 3, ...query, ...(cursor !== undefined && { cursor }) };
    const page = await pastDeadlines(access, listQuery, view);
    items.push(...page.items.map(({ outcome: _, established: __, ...item }) => item));
    cursor = page.nextCursor;
  }
  return items;
}

const FILTERS: readonly Partial<RegisterQuery>[] = [
  { status: ['being-progressed'] },
  { status: ['complete', 'no-further-action-needed'] },
  { recipient: ['avon'] },
  { recipients: ['kent', 'avon'] },
  { owner: ['ann'] },
  { statusOrigin: ['import'] },
  { deadline: ['overdue'] },
  { deadline: ['settled', 'none'] },
  { regions: { closure: ['requested'] } },
  { regions: { evidence: ['submitted'] } },
  { regions: { response: ['due'] } },
  { extension: ['pending'] },
  { proposal: ['waiting'] },
  { without: 'owner' },
  { dueFrom: '2026-02-01', dueTo: '2026-04-30' },
  { issuedFrom: '2026-01-05', issuedTo: '2026-01-20' },
  { issue: ['i-1'] },
  { queue: { name: 'closures-to-decide', of: { subject: 'bob', roles: ['approver'], organisations: [] } } },
  {
    queue: { name: 'without-owner', of: { subject: 'eve', roles: ['force-lead'], organisations: ['avon'] } },
  },
  { queue: { name: 'closed-30', of: { subject: 'eve', roles: ['auditor'], organisations: [] } } },
];

/** Returns whether each queue contained a record. */
const QUEUED: Readonly<Record<string, (record: Replayed) => boolean>> = {
  'closures-to-decide': ({ closureBy }) => closureBy !== undefined && closureBy !== 'bob',
  'without-owner': ({ item, recipientToday }) =>
    item.closedOn === null && item.owner === null && recipientToday === 'avon',
  'closed-30': ({ item, on }) => item.closedOn !== null && item.closedOn >= addDays(on, -30),
};

function matching(records: readonly Replayed[], query: Partial<RegisterQuery>): Replayed[] {
  const has = (values: readonly string[] | undefined, value: string | null | undefined): boolean =>
    values === undefined || (value != null && values.includes(value));
  return records.filter((record) => {
    const { item, recipientToday } = record;
    const { recipients, dueFrom, dueTo, issuedFrom = '', issuedTo = '9', without, deadline, queue } = query;
    const states = deadline?.includes('overdue') === true ? [...deadline, 'escalated'] : deadline;
    return (
      isInSight(recipients ?? null, 'inspection-recommendation', recipientToday ?? null) &&
      (['status', 'recipient', 'owner', 'statusOrigin', 'issue'] as const).every((name) =>
        has(query[name], item[name]),
      ) &&
      Object.entries(query.regions ?? {}).every(([region, states]) => has(states, item.state[region])) &&
      has(states, item.state['deadline']) &&
      (query.extension === undefined || item.waiting.includes('extension')) &&
      (query.proposal === undefined || item.waiting.includes('proposal')) &&
      (without === undefined || item[without] === null) &&
      (queue === undefined || QUEUED[queue.name]?.(record) === true) &&
      (dueFrom === undefined || (item.dueOn !== null && item.dueOn >= dueFrom)) &&
      (dueTo === undefined || (item.dueOn !== null && item.dueOn <= dueTo)) &&
      item.issuedOn >= issuedFrom &&
      item.issuedOn <= issuedTo
    );
  });
}

/** Returns items sorted: nulls come last in both directions, and equal values are ordered by id. */
function sorted(items: readonly RegisterItem[], sort: RegisterSort): RegisterItem[] {
  const turn = sort.startsWith('-') ? -1 : 1;
  const name = sort.replace('-', '') as 'title';
  return items.toSorted((a, b) => {
    const [one, other] = [a[name], b[name]];
    if (one === null || other === null)
      return one === other ? turn * compare(a.id, b.id) : one === null ? 1 : -1;
    return turn * (compare(one, other) || compare(a.id, b.id));
  });
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const byDueDate = (a: Replayed['deadlines'][number], b: Replayed['deadlines'][number]): number =>
  compare(a.dueOn, b.dueOn) || compare(`${a.id}/${a.deadlineId}`, `${b.id}/${b.deadlineId}`);

/** Returns every record's past state, computed from its events as the view of a single record does. */
function replayed(
  events: readonly RecordEvent<Envelope>[],
  { effectiveOn: on, knownAt }: PastView,
): Replayed[] {
  const streams = [...Map.groupBy(events, ({ streamId }) => streamId).values()];
  return streams.flatMap((own) => {
    const record = atOnce(readRecord(lifecycles, own, { effectiveOn: on, knownAt }, on));
    const now = atOnce(readRecord(lifecycles, own, { effectiveOn: null, knownAt: null }, on));
    if (record === null || now === null) return [];
    const steps = atOnce(effectiveView(lifecycles, own, { effectiveOn: on, knownAt }));
    const { id, recipient, status, statusOrigin, state, version, owner, issue, issuedOn } = record;
    const { lifecycle } = record;
    // Titles and names are those of today.
    const { title } = now;
    const report = record.report && { ...record.report, name: now.report?.name ?? null };
    const pending = record.pending as ReturnType<typeof pendingOn>;
    const due = record.deadlines.filter(({ kind }) => kind === 'action').map(({ dueOn }) => dueOn);
    const waiting = {
      closure: pending.closure !== undefined,
      evidence: pending.evidence !== undefined,
      extension: pending.extensions.length > 0,
      proposal: pending.proposals.length > 0,
      claim: pending.claims !== undefined,
    };
    const item: RegisterItem = {
      ...{
        kind: 'inspection-recommendation',
        id,
        title,
        recipient,
        status,
        statusOrigin,
        state,
        version,
        owner,
        issue,
        report,
        issuedOn,
        lifecycle,
      },
      updatedOn: latest(steps.map(({ event }) => event.effectiveOn).filter((day) => day <= on)),
      dueOn: due.sort()[0] ?? null,
      responseDueOn:
        record.deadlines
          .flatMap((date) => (date.kind === 'response' && date.state !== 'settled' ? [date.dueOn] : []))
          .sort()[0] ?? null,
      closedOn: closedOn(steps),
      waiting: Object.entries(waiting).flatMap(([what, isPending]) => (isPending ? [what] : [])),
    };
    const ledger = ledgerOf(own, ({ version: each, effectiveOn, recordedAt }) => {
      return (each === 1 || effectiveOn <= on) && (knownAt === null || recordedAt <= knownAt);
    });
    const deadlines = record.deadlines.map(({ id: deadlineId, kind, dueOn, firstDueOn, state: each }) => ({
      ...{
        id,
        recordKind: 'inspection-recommendation',
        title,
        status,
        recipient,
        deadlineId,
        kind,
        dueOn,
        firstDueOn,
        ...ledger,
      },
      state: each as ListedDeadline['state'],
      daysLeft: each === 'settled' ? null : daysBetween(on, dueOn),
    }));
    const closureBy = pending.closure?.requester;
    return [{ on, item, recipientToday: now.recipient, closureBy, deadlines }];
  });
}

const ON_DEADLINES = [
  ...['RecommendationIssued', 'DeadlineSet', 'DeadlineExtended', 'DeadlineWithdrawn', 'ResponsePublished'],
  ...['DeadlineApproaching', 'DeadlinePassed', 'DeadlineEscalated', 'CorrectionApproved'],
];
const ON_THEIR_LIST = ['OwnerAssigned', 'ExtensionRefused', 'ExtensionWithdrawn'];

/**
 * Returns the number of events that affect a record's deadlines, and the time at which the last one that changed their
 * list was stored.
 */
function ledgerOf(
  events: readonly RecordEvent<Envelope>[],
  isSeen: (event: RecordEvent<Envelope>) => boolean,
): Pick<ListedDeadline, 'revision' | 'changedAt'> {
  const deciding = events.filter((event) => {
    // A claim does not settle anything until it is confirmed.
    if ((event.data as AnyData).claim === true) return false;
    const isMove = lifecycles.of(event).move(event.type)?.targets['progress'] !== undefined;
    return isMove || ON_DEADLINES.includes(event.type);
  });
  const others = events.filter(({ type }) => ON_THEIR_LIST.includes(type));
  const changing = [...deciding, ...others, ...showingOther(events)];
  const stored = changing.filter(isSeen).map(({ recordedAt }) => recordedAt);
  return { revision: deciding.filter(isSeen).length, changedAt: latest(stored) };
}

/** Returns the events that change the record's body or status, in stored order. */
function showingOther(events: readonly RecordEvent<Envelope>[]): RecordEvent<Envelope>[] {
  let [recipient, status]: (string | null)[] = [null, null];
  return events.filter((event) => {
    const before = [recipient, status];
    status = event.state === null ? status : lifecycles.of(event).statusOf(event.state);
    if (event.type === 'RecommendationIssued' || event.type === 'RecipientAssigned')
      recipient = event.data.recipient;
    return before[0] !== recipient || before[1] !== status;
  });
}

const latest = (days: readonly string[]): string => days.toSorted().at(-1) as string;

const CLOSED = ['complete', 'no-further-action-needed'];

function closedOn(steps: readonly ViewStep[]): string | null {
  const open = steps.findLastIndex(({ state }) => !CLOSED.includes(state.value['progress'] as string));
  return steps[open + 1]?.event.effectiveOn ?? null;
}
