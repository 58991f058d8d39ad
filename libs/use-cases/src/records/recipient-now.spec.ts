import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createSealer } from '#audit/seal';
import type { EventStore } from '#event-sourcing/event-store';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { ReadModelsDamagedError, ReadModelsUnavailableError } from '#projections/read-model-database';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { registerProjection } from '#read-models/register/register-projection';
import { ProjectionRunner } from '#projections/runner';
import { openSqliteReadModels } from '#projections/sqlite/open-read-models';
import { append, commit, draft } from '#test/support/event-commits';
import { recipientNow } from './visible-record.ts';
import { recordOf } from '#state-machines/record-streams';

let store: MemoryEventStore;
let database: ReadModelDatabase;
let runner: ProjectionRunner;
let reads: number;
let counted: Pick<EventStore, 'readStream'>;

const issued = (recipient: string | null) =>
  draft('the text', { type: 'RecommendationIssued', data: { title: 't', text: 'the text', recipient } });

beforeEach(() => {
  store = new MemoryEventStore(createSealer());
  database = openSqliteReadModels(':memory:', [registerProjection]);
  runner = new ProjectionRunner({ store, database });
  reads = 0;
  counted = {
    readStream: (...args) => {
      reads += 1;
      return store.readStream(...args);
    },
  };
});
afterEach(async () => {
  await runner.stop();
  await database.close();
  await store.close();
});

const now = (id: string) => recipientNow(counted, database, recordOf(id));

describe('the body that a record is for', () => {
  test('is looked up in as many reads for a long record as for an unknown one', async () => {
    const comments = Array.from({ length: 400 }, (_, number) => draft(`comment ${number}`));
    await store.append(commit([append('recommendation-r-1', 0, issued('avon'), ...comments)]));
    await runner.catchUp();
    expect(await now('r-1')).toBe('avon');
    const ofAnother = reads;
    reads = 0;
    expect(await now('absent')).toBeUndefined();
    expect(reads).toBe(ofAnother);
    expect(reads).toBe(1);
  });

  test.each([
    ['damaged', new ReadModelsDamagedError('read-models.sqlite', 'malformed')],
    ['unavailable', new ReadModelsUnavailableError('PostgreSQL', 'connection refused')],
  ])('is read from the stream where the read models are %s', async (_, error) => {
    await store.append(commit([append('recommendation-r-1', 0, issued('avon'))]));
    await runner.catchUp();
    const broken: ReadModelDatabase = {
      ...database,
      db: {
        transaction: () => {
          throw error;
        },
      } as unknown as ReadModelDatabase['db'],
      isTrouble: (each) => each === error,
    };
    expect(await recipientNow(counted, broken, recordOf('r-1'))).toBe('avon');
    expect(await recipientNow(counted, broken, recordOf('absent'))).toBeUndefined();
  });

  test('is the one that was named since the register was folded, or before it was made', async () => {
    await store.append(commit([append('recommendation-r-1', 0, issued(null))]));
    expect(await now('r-1')).toBeNull();
    await runner.catchUp();
    const assigned = draft('', { type: 'RecipientAssigned', data: { recipient: 'kent' }, sensitive: [] });
    await store.append(commit([append('recommendation-r-1', 1, assigned)]));
    expect(await now('r-1')).toBe('kent');
    await runner.catchUp();
    expect(await now('r-1')).toBe('kent');
  });
});
