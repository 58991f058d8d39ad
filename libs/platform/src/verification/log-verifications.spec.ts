import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { systemRandom } from '#event-sourcing/random';
import { append, commit, draft } from '#test/support/event-commits';
import { eventually } from '#test/support/service-child';
import { createSealer, SEALER_MODULE } from '#audit/seal';
import type { EventStore } from '#event-sourcing/event-store';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { openSqliteEventStore } from '#event-store/sqlite/sqlite-event-store';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { openSqliteReadModels } from '#projections/sqlite/open-read-models';
import { beginRun, listRuns } from '#projections/verification-runs';
import type { LogVerification } from '#use-cases/audit/verify-now';
import { temporaryFolder } from '#test/support/temporary-folder';
import { LogVerifications } from './log-verifications.ts';

let folder: string;
let path: string;
let store: EventStore;
let database: ReadModelDatabase;
let verifier: LogVerifications;

beforeEach(async () => {
  errors = [];
  folder = temporaryFolder();
  path = join(folder, 'log.db');
  store = await openSqliteEventStore({ path, sealerModule: SEALER_MODULE, create: true });
  const drafts = ['a', 'b', 'c'].map((text) => draft(text, { state: null }));
  await store.append(commit([append('s-1', 0, ...drafts)]));
  database = openSqliteReadModels(':memory:', []);
  verifier = new LogVerifications({
    random: systemRandom,
    ...{ store, database },
    address: { kind: 'sqlite', path },
    onError,
  });
});

afterEach(async () => {
  await verifier.stop();
  await database.close();
  await store.close();
});

let errors: string[];
const onError = (message: string): void => {
  errors.push(message);
};

const ended = (): Promise<LogVerification> =>
  eventually(
    async () => (await verifier.verifications())[0]!,
    ({ state }) => state !== 'running',
  );

describe('a verification of the log', () => {
  test('given another request meanwhile, then it returns the same one, and both return its findings', async () => {
    const { isNew, verification } = await verifier.verify('a');
    expect({ isNew, verification }).toMatchObject({ isNew: true, verification: { state: 'running' } });
    expect(await verifier.verify('b')).toMatchObject({ isNew: false, verification: { askedBy: 'a' } });
    const valid = { state: 'holds', events: 3, total: 3, found: { streams: 1, divergenceCount: 0 } };
    expect(await ended()).toMatchObject({ ...valid, id: verification.id });
    expect(await verifier.verify('b')).toMatchObject({ isNew: true });
    expect(await ended()).toMatchObject({ ...valid, askedBy: 'b' });
  });

  test('given an event that was altered, then it is named', async () => {
    const db = new Database(path);
    db.prepare(
      `UPDATE events SET envelope = json_set(envelope, '$.data.text', 'another') WHERE position = 2`,
    ).run();
    db.close();
    await verifier.verify('a');
    expect(await ended()).toMatchObject({
      state: 'does-not-hold',
      found: { divergenceCount: 1, divergences: [{ streamId: 's-1', version: 2, code: 'commitment' }] },
    });
    expect(errors).toEqual([
      'The log failed verification (divergences: 1), first at s-1 version 2: commitment',
    ]);
  });

  test('given an unavailable store, then the verification reports that it failed, and why', async () => {
    const nowhere = { kind: 'sqlite', path: join(folder, 'nothing.db') } as const;
    verifier = new LogVerifications({ random: systemRandom, store, database, address: nowhere, onError });
    await verifier.verify('a');
    expect(await ended()).toMatchObject({ state: 'failed', failure: expect.stringContaining('nothing.db') });
    expect(errors).toEqual([expect.stringContaining('The log could not be verified')]);
  });

  test('given a log in memory, then it is verified in this process', async () => {
    const here = new MemoryEventStore(createSealer());
    await here.append(commit([append('s-2', 0, draft('a', { state: null }))]));
    verifier = new LogVerifications({
      random: systemRandom,
      store: here,
      database,
      address: { kind: 'memory' },
      onError,
    });
    await verifier.verify('a');
    expect(await ended()).toMatchObject({ state: 'holds', events: 1 });
  });

  test('given a stop, then the verification is reported as stopped', async () => {
    await verifier.verify('a');
    await verifier.stop();
    expect((await verifier.verifications())[0]).toMatchObject({ state: 'stopped', found: null });
  });

  test('given one whose process has been silent, then it counts as stopped, and another begins', async () => {
    await beginRun(database, 'silent', 'a');
    const minuteAgo = new Date(Date.now() - 61_000).toISOString();
    await database.db.updateTable('verifications').set({ heard_at: minuteAgo }).execute();
    expect(await listRuns(database)).toMatchObject([{ id: 'silent', state: 'stopped' }]);
    expect(await verifier.verify('b')).toMatchObject({ isNew: true });
  });
});
