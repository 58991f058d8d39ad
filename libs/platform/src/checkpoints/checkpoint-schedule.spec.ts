import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSealer } from '#audit/seal';
import { systemRandom } from '#event-sourcing/random';
import { StoreUnavailableError } from '#event-sourcing/errors';
import type { EventStore } from '#event-sourcing/event-store';
import { MemoryEventStore } from '#event-store/memory-event-store';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { ProjectionRunner } from '#projections/runner';
import { openSqliteReadModels } from '#projections/sqlite/open-read-models';
import { treeProjection } from '#read-models/tree/tree-projection';
import { CHECKPOINTS_STREAM } from '#state-machines/checkpoint-events';
import { disturbedStore } from '#test/support/disturbed-store';
import { collectLog, untilTrue } from '#test/support/event-streams';
import { issuedEvent, recordMany } from '#test/support/records';
import { ORIGIN, signingIn } from '#test/support/log-signing';
import { temporaryFolder } from '#test/support/temporary-folder';
import { VirtualClock } from '#test/support/virtual-clock';
import { CHECKPOINTER, CheckpointSchedule } from './checkpoint-schedule.ts';
import type { LogSigning } from './log-signing.ts';

const EACH_SECOND = '* * * * * *';

let folder: string;
let machine: { readonly clock: VirtualClock; readonly random: typeof systemRandom };
let store: MemoryEventStore;
let database: ReadModelDatabase;
let runner: ProjectionRunner;
let refusals: string[];
let errors: unknown[];
let opened: { readonly signing: LogSigning; readonly schedule: CheckpointSchedule }[];

beforeEach(async () => {
  folder = temporaryFolder();
  machine = { clock: new VirtualClock(Date.now()), random: systemRandom };
  store = new MemoryEventStore(createSealer());
  database = openSqliteReadModels(':memory:', [treeProjection]);
  runner = new ProjectionRunner({ store, database });
  [refusals, errors, opened] = [[], [], []];
  await recordMany(store, ['a', 'b'], '2016-01-10', issuedEvent());
  await runner.start();
});
afterEach(async () => {
  for (const { schedule, signing } of opened) {
    await schedule.stop();
    signing.close();
  }
  await runner.stop();
  await database.close();
  await store.close();
});

function begin(log: EventStore = store, origin = ORIGIN): LogSigning {
  const address = { kind: 'sqlite', path: join(folder, 'log.sqlite') } as const;
  const signing = signingIn(folder, { store: log, database, reports: refusals, address, origin, machine });
  const onError = (error: unknown) => errors.push(error);
  const schedule = new CheckpointSchedule({ signing, machine, schedule: EACH_SECOND, onError });
  opened.push({ signing, schedule });
  schedule.start();
  return signing;
}
/** Lets seconds pass until it is so. */
const secondsUntil = (isSo: () => boolean) =>
  untilTrue(async () => {
    await machine.clock.moveTo(machine.clock.now() + 1_000);
    return isSo();
  });
const checkpoints = () => store.readStream(CHECKPOINTS_STREAM);

test('given new events, then the log is signed once, and again after further events', async () => {
  const signing = begin();
  await secondsUntil(() => signing.last?.size === 2n);
  const [first] = await checkpoints();
  expect(first).toMatchObject({ type: 'CheckpointSigned', actor: CHECKPOINTER, data: { size: 2 } });
  // Waits for at least one run that signs nothing.
  const { at } = signing.last ?? { at: 0 };
  await secondsUntil(() => (signing.last?.at ?? 0) > at);
  expect(await checkpoints()).toHaveLength(1);
  await recordMany(store, ['c'], '2016-01-11', issuedEvent());
  await secondsUntil(() => signing.last?.size === 4n);
  expect([refusals, errors, signing.refusal]).toEqual([[], [], null]);
});

test("given that the signer's memory is lost, then that is reported, and the log is signed when the memory is restored", async () => {
  const signing = begin();
  await secondsUntil(() => signing.last?.size === 2n);
  await opened[0]?.schedule.stop();
  await recordMany(store, ['c'], '2016-01-11', issuedEvent());
  const sign = () => signing.sign({ actor: CHECKPOINTER, now: Date.now(), correlationId: 'x' });
  const [path, kept] = [join(folder, 'memory.sqlite'), join(folder, 'kept')];
  renameSync(path, kept);
  await expect(sign()).rejects.toMatchObject({ code: 'checkpoint-refused' });
  expect(signing.refusal).toContain('this signer remembers none');
  writeFileSync(path, 'neither an old one nor a new one');
  await expect(sign()).rejects.toMatchObject({ code: 'checkpoint-refused' });
  expect(signing.refusal).toContain(`the signer's memory ${path} cannot be used: file is not a database`);
  renameSync(kept, path);
  expect(await sign()).toMatchObject({ result: 'signed', size: 4n });
  expect(signing.refusal).toBeNull();
});

test('given a log that another signer signs, then nothing is signed, which is reported once', async () => {
  const first = begin();
  await secondsUntil(() => first.last !== null);
  await opened[0]?.schedule.stop();
  await recordMany(store, ['c'], '2016-01-11', issuedEvent());
  const before = await collectLog(store);
  const second = begin(store, 'docket.example/other');
  await secondsUntil(() => second.refusal !== null);
  await expect(second.sign({ actor: CHECKPOINTER, now: 0, correlationId: 'x' })).rejects.toMatchObject({
    code: 'checkpoint-refused',
  });
  expect(refusals).toEqual([expect.stringContaining('was signed as docket.example/log')]);
  expect(await collectLog(store)).toEqual(before);
});

test('given an unreachable store, then that is reported, and the log is signed when the store is back', async () => {
  let isAway = true;
  const log = disturbedStore(store, {
    before() {
      if (isAway) throw new StoreUnavailableError('the store is away');
    },
  });
  const signing = begin(log);
  await secondsUntil(() => errors.length > 0);
  expect(await checkpoints()).toEqual([]);
  isAway = false;
  await secondsUntil(() => signing.last?.size === 2n);
  expect(signing.refusal).toBeNull();
});
