import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createPublicKey } from 'node:crypto';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createSealer } from '#audit/seal';
import { cosignersOf } from '#audit/tlog/cosignature';
import { parseNote, printVerifierKey, verifierKey } from '#audit/tlog/signed-note';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { ProjectionRunner } from '#projections/runner';
import { openSqliteReadModels } from '#projections/sqlite/open-read-models';
import { readTree } from '#read-models/tree/tree-query';
import { treeProjection } from '#read-models/tree/tree-projection';
import { CHECKPOINTS_STREAM } from '#state-machines/checkpoint-events';
import { collectLog } from '#test/support/event-streams';
import { issuedEvent, recordMany } from '#test/support/records';
import { ORIGIN, signingIn } from '#test/support/log-signing';
import { temporaryFolder } from '#test/support/temporary-folder';
import { startWitness } from '#test/support/witness';
import type { Witness } from '#test/support/witness';
import { loadOrCreateCheckpointKey } from './checkpoint-key.ts';
import { readCheckpointSettings } from './checkpoint-settings.ts';
import type { LogSigning } from './log-signing.ts';
import { seeLogStatus } from '#use-cases/audit/see-log-status';

const call = { actor: { subject: 'ann', roles: ['administrator'] }, now: Date.now(), correlationId: 'spec' };

let folder: string;
let witnesses: Witness[];
let reports: string[];
let closing: (() => unknown)[];

beforeEach(() => {
  folder = temporaryFolder();
  [witnesses, reports, closing] = [[], [], []];
});
afterEach(async () => {
  for (const close of closing.reverse()) await close();
});

const ownKey = () => loadOrCreateCheckpointKey(join(folder, 'key.pem'));

/** Starts witnesses of the log, which later logs have. */
async function begin(...names: readonly string[]): Promise<void> {
  const logKey = verifierKey(ORIGIN, 'note', createPublicKey(await ownKey()));
  for (const name of names) witnesses.push(await startWitness({ name, logKey }));
  closing.push(() => Promise.all(witnesses.map((witness) => witness.close())));
}

/** Returns a log with its own memory and read models, signed by the same key, like a copy elsewhere. */
async function logOf(ids: readonly string[], name: string) {
  await ownKey();
  const store = new MemoryEventStore(createSealer());
  const database = openSqliteReadModels(':memory:', [treeProjection]);
  const runner = new ProjectionRunner({ store, database });
  await recordMany(store, ids, '2016-01-10', issuedEvent());
  await runner.start();
  // The signer's memory is beside its key.
  const ownFolder = join(folder, name);
  mkdirSync(ownFolder);
  copyFileSync(join(folder, 'key.pem'), join(ownFolder, 'key.pem'));
  const address = { kind: 'sqlite', path: join(folder, `${name}.sqlite`) } as const;
  const signing = signingIn(ownFolder, { store, database, reports, address, witnesses });
  closing.push(
    () => store.close(),
    () => database.close(),
    () => runner.stop(),
    () => {
      signing.close();
    },
  );
  const types = async () => (await store.readStream(CHECKPOINTS_STREAM)).map(({ type }) => type);
  return { store, database, signing, types, fold: () => runner.catchUp() };
}

const sign = async ({ signing }: { readonly signing: LogSigning }) => {
  const outcome = await signing.sign(call);
  return outcome.result === 'empty' ? '' : outcome.note;
};
const witnessesOf = (note: string): string[] =>
  cosignersOf(
    parseNote(Buffer.from(note)),
    witnesses.map(({ key }) => key),
  ).map(({ witness }) => witness.name);

test('given two witnesses, then both sign each checkpoint, in one event, which causes no further checkpoint', async () => {
  await begin('w1', 'w2');
  const log = await logOf(['a', 'b'], 'log');
  expect(log.signing.witnesses?.isWitnessed).toBeNull();
  const note = await sign(log);
  expect(witnessesOf(note)).toEqual(['w1', 'w2']);
  expect(await log.types()).toEqual(['CheckpointSigned', 'CheckpointCosigned']);
  // The published note is the same everywhere.
  expect(await sign(log)).toBe(note);
  expect((await readTree(log.database, (tree) => tree.checkpoint()))?.note).toBe(note);
  await recordMany(log.store, ['c'], '2016-01-11', issuedEvent());
  expect(witnessesOf(await sign(log))).toEqual(['w1', 'w2']);
  expect(await log.types()).toHaveLength(4);
  expect(log.signing.witnesses?.statuses.map(({ size }) => size)).toEqual([5n, 5n]);
  expect([log.signing.witnesses?.isWitnessed, log.signing.refusal, reports]).toEqual([true, null, []]);
});

test('given two witnesses of which one is away, then the other signs, and that is not more than half', async () => {
  await begin('w1', 'w2');
  await witnesses[1]?.close();
  const log = await logOf(['a'], 'log');
  expect(witnessesOf(await sign(log))).toEqual(['w1']);
  expect(log.signing.witnesses?.isWitnessed).toBe(false);
  expect(reports).toEqual([expect.stringContaining('the witness w2 cannot be reached')]);
  // The witness is not contacted during its delay.
  await sign(log);
  expect(reports).toHaveLength(1);
  expect(log.signing.refusal).toBeNull();
  const auditor = { subject: 'ann', roles: ['auditor'], organisations: [] };
  const standing = await seeLogStatus({ ...log, readModels: log.database }, auditor);
  expect(standing).toMatchObject({
    ...{ events: 3, unprotected: 0, refusal: null },
    checkpoint: { origin: ORIGIN, size: 1, isTimestamped: false },
    witnesses: [
      { name: 'w1', seen: { size: 1, at: expect.stringMatching(/^20/) }, failure: null },
      { name: 'w2', seen: null, failure: expect.stringContaining('cannot be reached') },
    ],
    verifierKeys: [expect.stringMatching(/^docket\.example/)],
  });
  await recordMany(log.store, ['b', 'c'], '2016-01-11', issuedEvent());
  await log.fold();
  expect(await seeLogStatus({ ...log, readModels: log.database }, auditor)).toMatchObject({
    ...{ events: 5, unprotected: 2 },
  });
});

test('given an older backup that continues, and remembers nothing, then a witness detects it', async () => {
  await begin('w1');
  await sign(await logOf(['a', 'b', 'c'], 'log'));
  const restored = await logOf(['a', 'x'], 'restored');
  expect(witnessesOf(await sign(restored))).toEqual([]);
  expect(restored.signing.refusal).toContain(
    'has seen 3 events of the log, which was never signed at that size',
  );
  expect(restored.signing.witnesses?.isWitnessed).toBe(false);
});

test('given an older copy that contains what a witness signed, then the witness detects it only when it is queried again', async () => {
  await begin('w1');
  const log = await logOf(['a', 'b'], 'log');
  const note = await sign(log);
  const older = await logOf([], 'older');
  await older.store.appendSealed(await collectLog(log.store));
  await older.fold();
  await recordMany(log.store, ['c'], '2016-01-11', issuedEvent());
  await sign(log);
  const { witnesses: asked } = older.signing;
  expect(await asked?.gather(call, [])).toBe(note);
  expect(asked?.fork).toBeNull();
  expect(await asked?.gather(call, [], { includesSigned: true })).toBe(note);
  expect(asked?.fork).toContain('has seen 5 events of the log, which was never signed at that size');
  expect(await older.types()).toEqual(['CheckpointSigned', 'CheckpointCosigned']);
});

test('given a split view, then a witness signs one of the two', async () => {
  await begin('w1');
  expect(witnessesOf(await sign(await logOf(['a', 'b'], 'one')))).toEqual(['w1']);
  const other = await logOf(['a', 'x'], 'other');
  expect(witnessesOf(await sign(other))).toEqual([]);
  expect(other.signing.refusal).toContain('has seen a different root of the log at size 2');
  expect(witnesses[0]?.forks[0]).toMatchObject({ origin: ORIGIN, size: 2n });
});

test("given a fork after the witness's last checkpoint, then the witness signs nothing of the fork", async () => {
  await begin('w1');
  await sign(await logOf(['a', 'b'], 'one'));
  const fork = await logOf(['a', 'x', 'y', 'z'], 'fork');
  expect(witnessesOf(await sign(fork))).toEqual([]);
  expect(fork.signing.refusal).toContain('the first 2 events of the log are not those that it saw');
});

test('given a quorum, then keys are counted, and the own key of the log counts for nothing', async () => {
  const key = await ownKey();
  const logKey = verifierKey(ORIGIN, 'note', createPublicKey(key));
  witnesses.push(await startWitness({ name: 'operator', logKey, privateKey: key }));
  closing.push(() => witnesses[0]?.close());
  const log = await logOf(['a'], 'log');
  expect(witnessesOf(await sign(log))).toEqual(['operator']);
  expect(log.signing.witnesses?.isWitnessed).toBe(false);
  await begin('w1', 'w2');
  const two = await logOf(['b'], 'two');
  expect(witnessesOf(await sign(two))).toEqual(['w1', 'w2']);
  expect(two.signing.witnesses?.isWitnessed).toBe(true);
});

test('given the setting, then its witnesses are read, and a key under two names is refused', async () => {
  await begin('w1', 'w2');
  const read = (text: string) =>
    readCheckpointSettings({ DOCKET_WITNESSES: text }, { key: 'key.pem', memory: 'memory.sqlite' }).witnesses;
  const [one = '', two = ''] = witnesses.map(({ setting }) => setting);
  expect(read(`${one}, ${two}`)).toMatchObject(
    witnesses.map(({ key: { name }, url }) => ({ key: { name }, url })),
  );
  expect(read('')).toEqual([]);
  const again = printVerifierKey(verifierKey('w3', 'cosignature', witnesses[0]!.key.key));
  const logKey = printVerifierKey(verifierKey(ORIGIN, 'note', createPublicKey(await ownKey())));
  for (const [text, words] of [
    [`${one},${again}@http://127.0.0.1:1`, 'a key twice'],
    [`${logKey}@http://127.0.0.1:1`, 'the key of a log'],
    [one.replace('http:', 'ftp:'), 'begins with http'],
    ['w1+nonsense@http://127.0.0.1:1', 'is not a verifier key'],
  ] as const)
    expect(() => read(text)).toThrow(words);
});
