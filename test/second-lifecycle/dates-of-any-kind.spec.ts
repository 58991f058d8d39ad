import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { systemRandom } from '#event-sourcing/random';
import { createSealer } from '#audit/seal';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { Lifecycles } from '#lifecycle/lifecycles';
import { recommendations } from '#state-machines/inspection-recommendation/versions';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { openSqliteReadModels } from '#projections/sqlite/open-read-models';
import { collectLog } from '../support/event-streams.ts';
import { loan, loans } from './loans.ts';

const lifecycles = new Lifecycles<unknown>(...recommendations, loans);
jest.unstable_mockModule('#state-machines/lifecycles', () => ({
  lifecycles,
}));
const { ProjectionRunner } = await import('#projections/runner');
const { registerProjection } = await import('#read-models/register/register-projection');
const { sweepDeadlines } = await import('#use-cases/records/sweep-deadlines');
const { issueRecords } = await import('#use-cases/records/issue-records');

let store: MemoryEventStore;
let database: ReadModelDatabase;
const inspector = { subject: 'ann', roles: ['inspector'] };

beforeEach(async () => {
  store = new MemoryEventStore(createSealer());
  database = openSqliteReadModels(':memory:', [registerProjection]);
  const call = {
    ...{ now: Date.parse('2026-01-02T09:00:00Z'), commandId: '0b6c1f0e-6a55-4b0a-9c53-5f1f6f2f0d3e' },
    ...{ request: null, correlationId: 'c', organisations: [], actor: inspector },
  };
  const body = { id: '1', title: 'A key', dueOn: '2026-03-31' };
  await issueRecords(store, lifecycles, loan, { ...call, body });
});
afterEach(() => database.close());

async function sweep(asOf: string) {
  await new ProjectionRunner({ store, database }).catchUp();
  const recorded: unknown[] = [];
  await sweepDeadlines(store, database, lifecycles, {
    asOf,
    actor: { subject: 'a-sweeper', roles: ['scheduler'] },
    correlationId: systemRandom.uuid,
    now: () => Date.parse('2026-12-01T09:00:00Z'),
    onRecorded: ({ position: _, ...each }) => recorded.push(each),
  });
  await new ProjectionRunner({ store, database }).catchUp();
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
