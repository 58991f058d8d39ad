import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { thisMachine } from '../steady-clock.ts';
import { createSealer } from '#audit/seal';
import { cosignersOf } from '#audit/tlog/cosignature';
import { parseNote, parseVerifierKey, printVerifierKey, verifierKey } from '#audit/tlog/signed-note';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { ProjectionRunner } from '#projections/runner';
import { openSqliteReadModels } from '#projections/sqlite/open-read-models';
import { readTree } from '#read-models/tree/tree-query';
import { treeProjection } from '#read-models/tree/tree-projection';
import { CHECKPOINTS_STREAM } from '#state-machines/checkpoint-events';
import { collectLog } from '#test/support/event-streams';
import { issuedEvent, recordMany } from '#test/support/records';
import { temporaryFolder } from '#test/support/temporary-folder';
import { loadOrCreateCheckpointKey } from '../checkpoints/checkpoint-key.ts';
import { LogSigning } from '../checkpoints/log-signing.ts';
import { seeLogStatus } from '#use-cases/audit/see-log-status';
import { readWitnessPolicy } from './open-witnesses.ts';
import { createWitness } from './witness.ts';
import { CosignerState } from './cosigner-state.ts';

const ORIGIN = 'docket.example/log';
const call = { actor: { subject: 'ann', roles: ['administrator'] }, now: Date.now(), correlationId: 'spec' };

let folder: string;
let path: string;
let forks: string[];
let reports: string[];
let closing: (() => unknown)[];

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'policy');
  [forks, reports, closing] = [[], [], []];
});
afterEach(async () => {
  for (const close of closing.reverse()) await close();
});

/** Starts a witness of the log and returns it with its line of the policy. */
async function begin(name: string): Promise<{ readonly server: Server; readonly line: string }> {
  const own = await loadOrCreateCheckpointKey(join(folder, 'key.pem'));
  const key = generateKeyPairSync('ed25519').privateKey;
  const state = await CosignerState.open(join(folder, name), { of: 'witness', isNew: true });
  const server = createWitness({
    name,
    key,
    logs: [verifierKey(ORIGIN, 'note', createPublicKey(own))],
    state,
    onForked: (message) => forks.push(message),
    onError: (message) => forks.push(message),
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  closing.push(() => {
    state.close();
  });
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const vkey = printVerifierKey(verifierKey(name, 'cosignature', createPublicKey(key)));
  return {
    server,
    line: `witness ${name} ${vkey} http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
  };
}

/** Returns a log with its own memory and read models, signed by the same key, like a copy elsewhere. */
async function logOf(ids: readonly string[], name: string) {
  const store = new MemoryEventStore(createSealer());
  const database = openSqliteReadModels(':memory:');
  const runner = new ProjectionRunner({ store, database, projections: [treeProjection] });
  await recordMany(store, ids, '2016-01-10', issuedEvent());
  await runner.start();
  const signing = new LogSigning({
    ...thisMachine,
    settings: {
      store: { kind: 'sqlite', path: join(folder, `${name}.sqlite`) },
      checkpoints: { key: join(folder, 'key.pem'), memory: join(folder, `${name}-memory`), origin: ORIGIN },
    },
    store,
    database,
    policy: await readWitnessPolicy(path),
    timestamps: null,
    onRefused: (message) => reports.push(message),
    onUnwitnessed: (message) => reports.push(message),
  });
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
const witnessesOf = (note: string): string[] => {
  const signed = parseNote(Buffer.from(note));
  const keys = [...policyText.matchAll(/^witness \S+ (\S+)/gm)].map(([, vkey = '']) =>
    parseVerifierKey(vkey),
  );
  return cosignersOf(signed, keys).map(({ witness }) => witness.name);
};
let policyText = '';
function trust(...lines: readonly string[]): void {
  policyText = [...lines, ''].join('\n');
  writeFileSync(path, policyText);
}

test('given two witnesses, then both sign each checkpoint, in one event, which causes no further checkpoint', async () => {
  const [one, two] = [await begin('w1'), await begin('w2')];
  trust(one.line, two.line, 'group both all w1 w2', 'quorum both');
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

test('given a witness that is away, then the other signs, and that the quorum lacks is known', async () => {
  const [one, two] = [await begin('w1'), await begin('w2')];
  trust(one.line, two.line, 'group both all w1 w2', 'quorum both');
  two.server.close();
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
  const one = await begin('w1');
  trust(one.line, 'quorum w1');
  await sign(await logOf(['a', 'b', 'c'], 'log'));
  const restored = await logOf(['a', 'x'], 'restored');
  expect(witnessesOf(await sign(restored))).toEqual([]);
  expect(restored.signing.refusal).toContain(
    'has seen 3 events of the log, which was never signed at that size',
  );
  expect(restored.signing.witnesses?.isWitnessed).toBe(false);
});

test('given an older copy that contains what a witness signed, then the witness detects it only when it is queried again', async () => {
  const one = await begin('w1');
  trust(one.line, 'quorum w1');
  const log = await logOf(['a', 'b'], 'log');
  const note = await sign(log);
  const older = await logOf([], 'older');
  await older.store.appendSealed(await collectLog(log.store));
  await older.fold();
  await recordMany(log.store, ['c'], '2016-01-11', issuedEvent());
  await sign(log);
  const { witnesses } = older.signing;
  expect(await witnesses?.gather(call)).toBe(note);
  expect(witnesses?.fork).toBeNull();
  expect(await witnesses?.gather(call, { includesSigned: true })).toBe(note);
  expect(witnesses?.fork).toContain('has seen 5 events of the log, which was never signed at that size');
  expect(await older.types()).toEqual(['CheckpointSigned', 'CheckpointCosigned']);
});

test('given a split view, then a witness signs one of the two, and names the signer of both', async () => {
  const one = await begin('w1');
  trust(one.line, 'quorum w1');
  expect(witnessesOf(await sign(await logOf(['a', 'b'], 'one')))).toEqual(['w1']);
  const other = await logOf(['a', 'x'], 'other');
  expect(witnessesOf(await sign(other))).toEqual([]);
  expect(other.signing.refusal).toContain('has seen a different root of the log at size 2');
  expect(new Set(forks)).toEqual(new Set([`${ORIGIN} signed two roots at size 2`]));
});

test("given a fork after the witness's last checkpoint, then the witness signs nothing of the fork", async () => {
  const one = await begin('w1');
  trust(one.line, 'quorum w1');
  await sign(await logOf(['a', 'b'], 'one'));
  const fork = await logOf(['a', 'x', 'y', 'z'], 'fork');
  expect(witnessesOf(await sign(fork))).toEqual([]);
  expect(fork.signing.refusal).toContain('the first 2 events of the log are not those that it saw');
});

test.each([
  ['witness w1 nonsense\nquorum none\n', 'which is not a policy: line 1'],
  ['quorum none\n\nlog x\n', 'which is not a policy: line 3'],
])('given a policy that cannot be used, then its line is named', async (text, words) => {
  writeFileSync(path, text);
  await expect(readWitnessPolicy(path)).rejects.toThrow(words);
});

test('given an invalid address, or a missing file, then that is reported', async () => {
  const { line } = await begin('w1');
  writeFileSync(path, `${line.replace('http:', 'ftp:')}\nquorum w1\n`);
  await expect(readWitnessPolicy(path)).rejects.toThrow('the address of the witness w1');
  await expect(readWitnessPolicy(join(folder, 'none'))).rejects.toThrow('cannot be read');
});
