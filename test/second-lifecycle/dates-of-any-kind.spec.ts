import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { systemRandom } from '#event-sourcing/random';
import { createSealer } from '#audit/seal';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { Lifecycles } from '#lifecycle/lifecycles';
import type { CommandedLifecycle } from '#lifecycle/lifecycles';
import { recommendations } from '#state-machines/inspection-recommendation/versions';
import type { Notice, NoticeSubscription } from '#notifications/notices';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { openSqliteReadModels } from '#projections/sqlite/open-read-models';
import { append, commit, draft } from '../support/event-commits.ts';
import { collectLog } from '../support/event-streams.ts';
import { loan, loans } from './loans.ts';

const lifecycles = new Lifecycles<unknown, CommandedLifecycle>(...recommendations, loans);
jest.unstable_mockModule('#state-machines/lifecycles', () => ({
  lifecycles,
}));
const { ProjectionRunner } = await import('#projections/runner');
const { deadlinesProjection } = await import('#read-models/deadlines/deadlines-projection');
const { CLOCK_STREAM, clockConfirmed } = await import('#state-machines/clock-events');
const { sweepDeadlines } = await import('#use-cases/records/sweep-deadlines');
const { falseFutures } = await import('#use-cases/records/sweep-deadlines');
const { issueRecords } = await import('#use-cases/records/issue-records');
const { presentRecord } = await import('#use-cases/records/present-record');
const { thresholdsAfter } = await import('#read-models/deadlines/thresholds-query');
const { thresholdNotice } = await import('#notifications/record-notices');
const { parseNotifications } = await import('#notifications/parse-notifications');
const { presentNotices } = await import('#notifications/present-notices');
const { messageText } = await import('#notifications/message-text');

let store: MemoryEventStore;
let database: ReadModelDatabase;
const inspector = { subject: 'ann', roles: ['inspector'] };

beforeEach(async () => {
  store = new MemoryEventStore(createSealer());
  database = openSqliteReadModels(':memory:');
  const call = {
    ...{ now: Date.parse('2026-01-02T09:00:00Z'), commandId: '0b6c1f0e-6a55-4b0a-9c53-5f1f6f2f0d3e' },
    ...{ request: null, correlationId: 'c', organisations: [], actor: inspector },
  };
  const body = { id: '1', title: 'A key', dueOn: '2026-03-31' };
  await issueRecords(store, lifecycles, loan, { ...call, body });
});
afterEach(() => database.close());

async function sweep(asOf: string) {
  const projections = [deadlinesProjection];
  await new ProjectionRunner({ store, database, projections }).catchUp();
  const recorded: unknown[] = [];
  await sweepDeadlines(store, database, lifecycles, {
    asOf,
    actor: { subject: 'a-sweeper', roles: ['scheduler'] },
    correlationId: systemRandom.uuid,
    now: () => Date.parse('2026-12-01T09:00:00Z'),
    falseFutures: await falseFutures(store),
    onRecorded: ({ position: _, ...each }) => recorded.push(each),
  });
  await new ProjectionRunner({ store, database, projections }).catchUp();
  return recorded;
}

const DATE = { id: '1', kind: 'loan', deadlineId: 'return', dueOn: '2026-03-31' };

test('given a kind with deadlines of its own, then a sweep records the due ones of its lifecycle, once', async () => {
  expect(await sweep('2026-03-23')).toEqual([]);
  expect(await sweep('2026-04-01')).toEqual([
    { ...DATE, type: 'ReturnIsNear', nearness: 'near', effectiveOn: '2026-03-24', version: 2 },
    { ...DATE, type: 'ReturnIsLate', nearness: 'over', effectiveOn: '2026-04-01', version: 3 },
  ]);
  expect(await sweep('2026-12-01')).toEqual([]);
  expect((await collectLog(store)).map(({ origin }) => origin)).toEqual(['command', 'sweep', 'sweep']);
});

test('given thresholds that a wrong clock recorded, then they are recorded again on their days, each once', async () => {
  await sweep('2026-12-01');
  const confirmed = clockConfirmed({ now: '2026-03-25T12:00:00.000Z', latest: null });
  await store.append(commit([append(CLOCK_STREAM, 0, confirmed)]));
  expect(await sweep('2026-03-31')).toEqual([]);
  expect(await sweep('2026-04-01')).toMatchObject([{ type: 'ReturnIsLate', version: 4 }]);
  expect(await sweep('2026-04-02')).toEqual([]);
});

const SUBSCRIPTION: NoticeSubscription = {
  id: 's',
  bodies: null,
  kinds: ['approaching', 'passed'],
  deadlines: null,
  when: 'at-once',
  target: { channel: 'email', address: 'ann@inspectorate.example' },
};

async function messagesFor(notices: readonly Notice[]) {
  const presentNow = (record: Parameters<typeof presentRecord>[2]) =>
    presentRecord(store, lifecycles, record);
  const reading = { presentRecord: presentNow, onError: () => undefined, baseUrl: 'https://docket.example' };
  return presentNotices(reading, SUBSCRIPTION, notices);
}

test('given a kind of date that another lifecycle declares, then subscriptions can filter by it', () => {
  const { id, kinds, when } = SUBSCRIPTION;
  const subscribed = (deadlines: readonly string[]) =>
    parseNotifications(
      JSON.stringify({
        ...{ baseUrl: 'https://docket.example', smtp: { url: 'smtp://localhost', from: 'a@b.example' } },
        subscriptions: [
          { id, kinds, when, roles: ['inspector'], bodies: 'all', deadlines, email: 'a@b.example' },
        ],
      }),
      {},
    ).subscriptions;
  expect(subscribed(['return', 'action'])).toMatchObject([{ deadlines: ['return', 'action'] }]);
  expect(() => subscribed(['loan'])).toThrow('must be one of action, response, return');
});

test('given a threshold of such a record, then people are notified in its words until its date is met', async () => {
  await sweep('2026-04-01');
  const notices = (await thresholdsAfter(database, '0', 9)).map(thresholdNotice);
  const now = await messagesFor(notices);
  expect(now).toMatchObject([
    { kind: 'approaching', recordId: 'loan/1', deadlineKind: 'return', status: 'out' },
    { kind: 'passed', title: 'A key', url: 'https://docket.example/loans/1' },
  ]);
  const { subject } = messageText(now.slice(1), { subscription: 's', digestOn: null, bodies: new Map() });
  expect(subject).toBe('Return deadline passed: loan 1, due 31 March 2026');

  const { reference } = loans;
  const returned = draft('t', { type: 'ItemReturned', data: {}, sensitive: [], state: { place: 'back' } });
  await store.append({ ...commit([append('loan-1', 3, returned)]), lifecycle: reference });
  expect(await messagesFor(notices)).toEqual([]);
  // A notice of a removed kind is omitted, and does not delay others.
  expect(await messagesFor(notices.map((each) => ({ ...each, recordId: 'gone/1' })))).toEqual([]);
});
