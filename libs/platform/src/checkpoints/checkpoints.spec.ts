import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { chmodSync, copyFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '#event-sourcing/clock';
import { systemRandom } from '#event-sourcing/random';
import { createSealer } from '#audit/seal';
import { readCheckpoint } from '#audit/tlog/checkpoint';
import { printVerifierKey, verifierKey } from '#audit/tlog/signed-note';
import { MemoryEventStore } from '#event-store/memory-event-store';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { ProjectionRunner } from '#projections/runner';
import { openSqliteReadModels } from '#projections/sqlite/open-read-models';
import { treeProjection } from '#read-models/tree/tree-projection';
import { CHECKPOINTS_STREAM } from '#state-machines/checkpoint-events';
import { adoptStore, makeCheckpoint } from '#use-cases/audit/make-checkpoint';
import { changeKey, signLog } from '#use-cases/audit/sign-log';
import { disturbedStore } from '#test/support/disturbed-store';
import { collectLog } from '#test/support/event-streams';
import { issuedEvent, recordMany } from '#test/support/records';
import { temporaryFolder } from '#test/support/temporary-folder';
import { keysBefore, loadOrCreateCheckpointKey, loadOrCreateNextKey, replaceKey } from './checkpoint-key.ts';
import { CheckpointMemory } from './checkpoint-memory.ts';
import { openSigner } from './open-signer.ts';
import { storeName } from '../stores.ts';

const ORIGIN = 'docket.example/log';
const call = {
  actor: { subject: 'ann', roles: ['administrator'] },
  now: Date.parse('2026-11-26T12:00:00Z'),
  correlationId: 'spec',
};

let folder: string;
let store: MemoryEventStore;
let database: ReadModelDatabase;
let memory: CheckpointMemory;
let key: KeyObject;
/** What a test opened more. */
let closing: { close(): unknown }[];

beforeEach(async () => {
  folder = temporaryFolder();
  closing = [];
  store = new MemoryEventStore(createSealer());
  database = openSqliteReadModels(':memory:', [treeProjection]);
  memory = new CheckpointMemory(join(folder, 'memory.sqlite'));
  key = await loadOrCreateCheckpointKey(join(folder, 'key.pem'));
  await recordMany(store, ['a', 'b'], '2016-01-10', issuedEvent());
});
afterEach(async () => {
  memory.close();
  for (const each of [...closing, database, store]) await each.close();
});

const adopt = async (context: ReturnType<typeof contextOf>) => {
  await fold(context.store, context.database);
  await adoptStore(
    context,
    { reason: 'The disk was lost.', remembered: (origin) => memory.read(origin) },
    call,
  );
  await fold(context.store, context.database);
  return (await context.store.readStream(CHECKPOINTS_STREAM)).at(-1);
};
const logKey = (origin = ORIGIN, own = key) => verifierKey(origin, 'note', createPublicKey(own));
const contextOf = (
  log: MemoryEventStore,
  readModels: ReadModelDatabase,
  { origin = ORIGIN, storeName = 'here' } = {},
) => ({
  store: log,
  random: systemRandom,
  database: readModels,
  signer: { origin, key, others: [] as KeyObject[] },
  memory: memory.of(origin),
  storeName,
});
const fold = (log = store, readModels = database) =>
  new ProjectionRunner({ store: log, database: readModels }).catchUp();
const sign = async (options: Parameters<typeof contextOf>[2] = {}, more = {}) => {
  await fold();
  return makeCheckpoint(contextOf(store, database, options), { ...call, ...more });
};
const checkpoints = () => store.readStream(CHECKPOINTS_STREAM);

/** Returns another log with its own read models, like an older backup or a copy. */
async function another(ids: readonly string[], day = '2016-01-10') {
  const log = new MemoryEventStore(createSealer());
  const readModels = openSqliteReadModels(':memory:', [treeProjection]);
  await recordMany(log, ids, day, issuedEvent());
  await fold(log, readModels);
  closing.push(log, readModels);
  return { log, readModels };
}

describe('a checkpoint', () => {
  test('says how many events the log has, and is recorded in it', async () => {
    const outcome = await sign();
    expect(outcome).toMatchObject({ result: 'signed', size: 2n });
    const { note } = outcome as { note: string };
    const { checkpoint, signers } = readCheckpoint(Buffer.from(note), [logKey()]);
    expect(checkpoint).toMatchObject({ origin: ORIGIN, size: 2n });
    expect(signers).toEqual([logKey()]);
    expect(await checkpoints()).toMatchObject([
      { type: 'CheckpointSigned', actor: call.actor, data: { origin: ORIGIN, size: 2, note } },
    ]);
  });

  test('is made again only when something but checkpoints was appended', async () => {
    await sign();
    expect(await sign()).toMatchObject({ result: 'unchanged', size: 2n });
    await recordMany(store, ['c'], '2016-01-11', issuedEvent());
    expect(await sign()).toMatchObject({ result: 'signed', size: 4n });
    expect(await sign()).toMatchObject({ result: 'unchanged', size: 4n });
    expect(await checkpoints()).toHaveLength(2);
  });

  test('is not made for an empty log', async () => {
    const { log, readModels } = await another([]);
    expect(await makeCheckpoint(contextOf(log, readModels), call)).toEqual({ result: 'empty' });
  });

  test('of another node that was faster is the valid one', async () => {
    await fold();
    const outcomes = await Promise.all(
      Array.from({ length: 3 }, async () => {
        const own = new CheckpointMemory(join(folder, 'memory.sqlite'));
        try {
          return await makeCheckpoint({ ...contextOf(store, database), memory: own.of(ORIGIN) }, call);
        } finally {
          own.close();
        }
      }),
    );
    expect(outcomes.map(({ result }) => result).sort()).toEqual(['late', 'late', 'signed']);
    expect(await checkpoints()).toHaveLength(1);
  });

  test('is not refused if another node signed more than the tree here has', async () => {
    await fold();
    const others = openSqliteReadModels(':memory:', [treeProjection]);
    await recordMany(store, ['c'], '2016-01-11', issuedEvent());
    await fold(store, others);
    await makeCheckpoint(contextOf(store, others), call);
    await others.close();
    let looks = 0;
    const whenFolded = async () => {
      looks += 1;
      if (looks > 1) await fold();
      return true;
    };
    const outcome = await signLog({ ...contextOf(store, database), whenFolded }, call);
    expect(outcome).toMatchObject({ result: 'unchanged', size: 3n });
    expect(looks).toBe(2);
  });
});

describe('a checkpoint where another node is first each time', () => {
  test('is that of the other node, once it covers what existed at the request', async () => {
    await fold();
    let times = 0;
    const busy = disturbedStore(store, {
      async before() {
        times += 1;
        await recordMany(store, [`c${times}`], '2016-01-11', issuedEvent());
        await sign();
        await recordMany(store, [`d${times}`], '2016-01-11', issuedEvent());
      },
    });
    const context = { ...contextOf(store, database), store: busy, whenFolded: () => fold().then(() => true) };
    expect(await signLog(context, call)).toMatchObject({ result: 'unchanged', size: 3n });
    expect(times).toBe(1);
  });
});

describe('nothing is signed, and nothing appended', () => {
  const refuses = async (context: ReturnType<typeof contextOf>, words: string) => {
    const before = (await collectLog(context.store)).length;
    await expect(makeCheckpoint(context, call)).rejects.toMatchObject({
      code: 'checkpoint-refused',
      message: expect.stringContaining(words) as unknown,
    });
    expect(await collectLog(context.store)).toHaveLength(before);
  };

  test('if the end of the signed part is cut off', async () => {
    await sign();
    const { log, readModels } = await another(['a']);
    await refuses(contextOf(log, readModels), 'its end is missing');
  });

  test('if the signed part was rewritten and continued', async () => {
    await sign();
    const { log, readModels } = await another(['a', 'x', 'y']);
    await refuses(contextOf(log, readModels), 'are not the signed ones');
  });

  test('if the tree has a branch that the log has lost', async () => {
    await sign();
    await recordMany(store, ['c'], '2016-01-11', issuedEvent());
    await fold();
    const { log } = await another(['a', 'b']);
    await refuses({ ...contextOf(log, database) }, 'the log was altered');
  });

  test('for a store with a different name, until it is adopted', async () => {
    await sign();
    await recordMany(store, ['c'], '2016-01-11', issuedEvent());
    await fold();
    await refuses(contextOf(store, database, { storeName: 'a copy' }), '--adopt');
    expect(await adopt(contextOf(store, database, { storeName: 'a copy' }))).toMatchObject({
      type: 'StoreAdopted',
      data: { origin: ORIGIN, reason: 'The disk was lost.', lost: null },
    });
    expect(await sign({ storeName: 'a copy' })).toMatchObject({ result: 'signed' });
    await recordMany(store, ['d'], '2016-01-11', issuedEvent());
    await fold();
    await refuses(contextOf(store, database), '--adopt');
  });

  test('without a memory of the recorded signatures, until it is adopted', async () => {
    await sign();
    await recordMany(store, ['c'], '2016-01-11', issuedEvent());
    await fold();
    memory.close();
    memory = new CheckpointMemory(join(folder, 'fresh.sqlite'));
    await refuses(contextOf(store, database), 'remembers none');
    await adopt(contextOf(store, database));
    expect(await sign()).toMatchObject({ result: 'signed', size: 5n });
  });

  test('with a key that the log was not signed with, until it is adopted', async () => {
    await sign();
    rmSync(join(folder, 'key.pem'));
    key = await loadOrCreateCheckpointKey(join(folder, 'key.pem'));
    await fold();
    await refuses(contextOf(store, database), 'a different key');
    await adopt(contextOf(store, database));
    expect(await sign()).toMatchObject({ result: 'signed', size: 4n });
  });

  test('under another origin, until the store is adopted', async () => {
    await sign();
    await fold();
    const second = { origin: 'docket.example/second' };
    await refuses(contextOf(store, database, second), '--adopt');
    expect(await adopt(contextOf(store, database, second))).toMatchObject({
      data: { ...second, lost: null },
    });
    expect(await sign(second)).toMatchObject({ result: 'signed', size: 4n });
  });

  test('after a restore that lost signed events, until it is adopted, which records what was lost', async () => {
    await sign();
    const { log, readModels } = await another(['a', 'x']);
    await refuses(contextOf(log, readModels), 'are not the signed ones');
    const { size, root } = memory.read(ORIGIN)!;
    expect(await adopt(contextOf(log, readModels))).toMatchObject({
      data: { origin: ORIGIN, lost: { size: Number(size), root: Buffer.from(root).toString('base64') } },
    });
    expect(await makeCheckpoint(contextOf(log, readModels), call)).toMatchObject({
      result: 'signed',
      size: 3n,
    });
  });
});

describe('the memory of a signer', () => {
  const last = { streamId: 'recommendation-a', version: 1, hash: '' };
  test('keeps its value if nothing was signed', async () => {
    await sign();
    const own = memory.of(ORIGIN);
    await expect(own.update(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await own.update((remembered) => {
      expect(remembered).toMatchObject({ size: 2n, store: 'here' });
      return Promise.resolve(remembered as NonNullable<typeof remembered>);
    });
  });

  test('creates an origin once, and reads it while another process signs', async () => {
    const made = memory.origin();
    expect(made).toMatch(/^docket\.invalid\/[0-9a-f]{16}$/);
    expect(memory.origin()).toBe(made);
    const other = new CheckpointMemory(join(folder, 'memory.sqlite'));
    await memory.of(ORIGIN).update((remembered) => {
      expect(other.origin()).toBe(made);
      const compared = { tile: 0, at: 0 };
      return Promise.resolve(remembered ?? { size: 0n, root: new Uint8Array(), store: '', last, compared });
    });
    other.close();
  });

  test('is refused if it is newer, or missing', () => {
    writeFileSync(join(folder, 'odd'), 'no database at all, but a text of some length');
    expect(() => new CheckpointMemory(join(folder, 'odd'))).toThrow(
      `the signer's memory ${join(folder, 'odd')} cannot be used: file is not a database. Restore a copy`,
    );
  });
});

describe('given a key that another replaces', () => {
  const path = () => join(folder, 'key.pem');
  const settings = () => ({ key: path(), memory: join(folder, 'memory.sqlite'), origin: ORIGIN });
  const replaceSignerKey = async () => {
    const next = await loadOrCreateNextKey(path(), key);
    return replaceKey(path(), { before: key, next }, '9999-12-31');
  };
  const signersOf = (note: string, keys: readonly KeyObject[]) =>
    readCheckpoint(
      Buffer.from(note),
      keys.map((each) => logKey(ORIGIN, each)),
    ).signers.length;

  /**
   * Asserts that a key is refused if the new key was lost and a third one created although the old one still
   * signs, or if the old one is restored too late.
   */
  async function refusesLostKey(before: KeyObject, others: readonly KeyObject[]) {
    const made = await loadOrCreateCheckpointKey(join(folder, 'made.pem'));
    const late = { ...call, now: Date.parse('2027-02-25T12:00:00Z') };
    for (const [own, when, words] of [
      [made, call, 'a different key'],
      [before, late, 'a different key'],
    ] as const) {
      const context = { ...contextOf(store, database), signer: { origin: ORIGIN, key: own, others } };
      await expect(makeCheckpoint(context, when)).rejects.toThrow(words);
    }
    const back = { ...contextOf(store, database), signer: { origin: ORIGIN, key: before, others: [] } };
    expect(await makeCheckpoint(back, call)).toMatchObject({ result: 'unchanged' });
  }

  test('then both sign, wherever the change was interrupted and resumed, and then only the new one', async () => {
    await sign();
    await fold();
    const before = key;
    const next = await loadOrCreateNextKey(path(), before);
    const until = await changeKey(contextOf(store, database), next, call);
    expect(until).toBe('2027-02-24');
    await fold();
    // Runs the same command again, with the same key.
    expect((await loadOrCreateNextKey(path(), before)).equals(next)).toBe(true);
    expect(await changeKey(contextOf(store, database), next, call)).toBe(until);
    expect((await checkpoints()).map(({ type }) => type)).toEqual(['CheckpointSigned', 'KeyChanged']);
    expect((await checkpoints())[1]?.data).toMatchObject({
      before: printVerifierKey(logKey()),
      after: printVerifierKey(logKey(ORIGIN, next)),
    });
    // Runs the command twice at once and once more afterwards, and then as if interrupted before the end.
    copyFileSync(path(), join(folder, 'kept.pem'));
    const replace = () => replaceKey(path(), { before, next }, until);
    const [aside] = await Promise.all([replace(), replace()]);
    expect(await replace()).toBe(aside);
    renameSync(path(), join(folder, 'key.pem.next'));
    copyFileSync(join(folder, 'kept.pem'), path());
    expect(await replace()).toBe(aside);
    await expect(loadOrCreateNextKey(path(), before)).rejects.toThrow('was replaced meanwhile');
    rmSync(join(folder, 'key.pem.next'));
    expect(statSync(path()).mode & 0o777).toBe(0o600);

    key = await loadOrCreateCheckpointKey(path());
    const others = await keysBefore(path(), until);
    expect([key.equals(next), others.map((each) => each.equals(before))]).toEqual([true, [true]]);
    const both = { ...contextOf(store, database), signer: { origin: ORIGIN, key, others } };
    const outcome = (await makeCheckpoint(both, call)) as { note: string; result: string };
    expect(outcome).toMatchObject({ result: 'signed', size: 4n });
    expect(signersOf(outcome.note, [before])).toBe(1);
    expect(signersOf(outcome.note, [next])).toBe(1);
    await fold();
    expect(await makeCheckpoint(both, call)).toMatchObject({ result: 'unchanged' });
    await refusesLostKey(before, others);

    expect(await keysBefore(path(), '2027-02-25')).toEqual([]);
    expect(await sign()).toMatchObject({ result: 'unchanged' });
  });

  test('then the keys to verify with include both', async () => {
    const [old] = (await openSigner(settings(), systemClock.now(), memory)).verifierKeys;
    await replaceSignerKey();
    const { verifierKeys } = await openSigner(settings(), systemClock.now(), memory);
    expect(verifierKeys).toHaveLength(2);
    expect(verifierKeys[1]).toBe(old);
  });

  test('then a return to it accounts for everything that the newer key signed', async () => {
    const before = key;
    await replaceSignerKey();
    key = await loadOrCreateCheckpointKey(path());
    await recordMany(store, ['c'], '2016-01-11', issuedEvent());
    await sign();
    key = before;
    const { log, readModels } = await another(['a', 'b']);
    await expect(makeCheckpoint(contextOf(log, readModels), call)).rejects.toThrow('its end is missing');
  });
});

describe('the name of a store', () => {
  test.each([
    ['postgresql://ada:secret@h:5433/d?sslmode=require', 'postgresql://h:5433/d?schema=docket'],
    ['postgresql:///d?host=/run/one&port=5433', 'postgresql:///d?schema=docket&host=/run/one&port=5433'],
  ])('identifies servers, and contains nothing secret: %s', (connectionString, name) => {
    expect(storeName({ kind: 'postgresql', connectionString, schema: 'docket', shown: '' })).toBe(name);
  });
});

describe('the key of checkpoints', () => {
  test('is created once, readable only by its owner', async () => {
    expect(statSync(join(folder, 'key.pem')).mode & 0o777).toBe(0o600);
    const again = await loadOrCreateCheckpointKey(join(folder, 'key.pem'));
    expect(again.equals(key)).toBe(true);
    const path = join(folder, 'new', 'key.pem');
    const [one, two] = await Promise.all([loadOrCreateCheckpointKey(path), loadOrCreateCheckpointKey(path)]);
    expect(one.equals(two)).toBe(true);
  });

  test('is refused if others may use it, and if it is invalid', async () => {
    const path = join(folder, 'odd.pem');
    copyFileSync(join(folder, 'key.pem'), path);
    chmodSync(path, 0o644);
    await expect(loadOrCreateCheckpointKey(path)).rejects.toThrow('chmod 600');
    writeFileSync(path, 'no key');
    chmodSync(path, 0o600);
    await expect(loadOrCreateCheckpointKey(path)).rejects.toThrow('does not contain an Ed25519 private key');
  });
});
