import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { append, commit } from '#test/support/event-commits';
import { collectLog } from '#test/support/event-streams';
import { issuedEvent, recordMany } from '#test/support/records';
import { createSealer, SEALER_MODULE } from '#audit/seal';
import { MerkleTree } from '#audit/merkle-tree';
import { printCheckpoint, signNote } from '#audit/tlog/checkpoint';
import { cosignersOf } from '#audit/tlog/cosignature';
import {
  parseNote,
  parseSignatureLine,
  printNote,
  printSignatureLine,
  verifierKey,
} from '#audit/tlog/signed-note';
import type { EventStore } from '#event-sourcing/event-store';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { openSqliteEventStore } from '#event-store/sqlite/sqlite-event-store';
import { checkpointDraft, CHECKPOINTS_STREAM } from '#state-machines/checkpoint-events';
import type { CheckpointEventData } from '#state-machines/checkpoint-events';
import { lifecycles } from '#state-machines/lifecycles';
import { examineLog } from '#use-cases/audit/examine-log';
import { temporaryFolder } from '#test/support/temporary-folder';
import { examineOnThreads } from '../verification/examine-on-threads.ts';
import { CosignerState } from './cosigner-state.ts';

const ORIGIN = 'docket.example/log';
const NAME = 'examiner.example/e1';
const makeKey = () => generateKeyPairSync('ed25519').privateKey;
const [logKey, otherKey, key] = [makeKey(), makeKey(), makeKey()];
const EXAMINER = verifierKey(NAME, 'cosignature', createPublicKey(key));
const DIGEST = lifecycles.current('inspection-recommendation').reference.digest;

let folder: string;
let memory: CosignerState;
let store: EventStore;

beforeEach(async () => {
  folder = temporaryFolder();
  memory = await openMemory('memory');
  store = new MemoryEventStore(createSealer());
  await recordMany(store, ['729', '730'], '2016-01-10', issuedEvent());
});
afterEach(() => {
  memory.close();
});

const openMemory = (name: string) => CosignerState.open(join(folder, name), { of: 'examiner', isNew: true });

async function recordCheckpointEvent<Type extends keyof CheckpointEventData>(
  into: EventStore,
  type: Type,
  data: CheckpointEventData[Type],
): Promise<void> {
  const { length } = await into.readStream(CHECKPOINTS_STREAM);
  await into.append(commit([append(CHECKPOINTS_STREAM, length, checkpointDraft(type, data, '2016-01-10'))]));
}

/** Signs a log without verifying it, as an operator can. */
async function sign(into: EventStore, origin = ORIGIN): Promise<void> {
  const tree = new MerkleTree();
  for (const { hash } of await collectLog(into)) tree.appendHash(hash);
  const [size, root] = [tree.size, Buffer.from(tree.rootHex(), 'hex')];
  const text = printCheckpoint({ origin, size: BigInt(size), root });
  const note = printNote({ text, signatures: [signNote(text, origin, logKey)] });
  await recordCheckpointEvent(into, 'CheckpointSigned', {
    origin,
    size,
    root: root.toString('base64'),
    note,
  });
}

const examine = (of: EventStore, more: Partial<Parameters<typeof examineLog>[2]> = {}) =>
  examineLog(of, lifecycles, {
    name: NAME,
    key,
    memory,
    now: Date.now(),
    logKeys: [],
    accepted: [],
    ...more,
  });

/** Returns another log with the same origin and other events. */
async function otherLog(...ids: readonly string[]): Promise<EventStore> {
  const other = new MemoryEventStore(createSealer());
  await recordMany(other, ids, '2016-01-10', issuedEvent());
  await sign(other);
  return other;
}

describe('an examiner', () => {
  test('given a valid store, then it cosigns the latest checkpoint, and remembers it and the lifecycle', async () => {
    await sign(store);
    const { verified, cosigned } = await examine(store);
    expect(verified).toMatchObject({ ok: true, events: 3 });
    expect(cosigned).toMatchObject({
      before: null,
      lifecycles: [DIGEST],
      checkpoint: { origin: ORIGIN, size: 2n },
    });
    const note = parseNote(Buffer.from(cosigned?.note ?? ''));
    expect(cosignersOf(note, [EXAMINER])).toHaveLength(1);
    expect(memory.last(ORIGIN)).toMatchObject({ size: 2n });
    expect([memory.pinned('lifecycle'), memory.pinned('name')]).toEqual([[DIGEST], [NAME]]);

    await recordMany(store, ['731'], '2016-01-11', issuedEvent());
    await sign(store);
    expect((await examine(store)).cosigned).toMatchObject({ before: { size: 2n }, checkpoint: { size: 4n } });
  });

  test('given a second history of a record in the log, stored under any name, then it signs nothing', async () => {
    const path = join(folder, 'log.sqlite');
    const forged = await openSqliteEventStore({ path, sealerModule: SEALER_MODULE, create: true });
    try {
      await recordMany(forged, ['730'], '2016-01-10', issuedEvent());
      const backdated = new MemoryEventStore(createSealer());
      await recordMany(backdated, ['730'], '2015-06-01', issuedEvent());
      const db = new Database(path);
      db.prepare('INSERT INTO streams (stream_id) VALUES (?)').run('recommendation-730-b');
      for (const { position: _, ...event } of await backdated.readAll())
        db.prepare(
          `INSERT INTO events (position, stream, version, command_id, envelope)
           VALUES (2, (SELECT id FROM streams WHERE stream_id = 'recommendation-730-b'), 1, ?, ?)`,
        ).run(event.command.id, JSON.stringify(event));
      db.close();
      await sign(forged);
      const examiner = { name: NAME, key, memory, now: Date.now(), logKeys: [], accepted: [] };
      const examined = examineOnThreads(forged, { threads: 1, here: 0 });
      const { verified, cosigned } = await examineLog(forged, lifecycles, examiner, { examined });
      expect(cosigned).toBeNull();
      expect(verified.divergences).toContainEqual(
        expect.objectContaining({ streamId: 'recommendation-730', version: 1, code: 'version' }),
      );
    } finally {
      await forged.close();
    }
    expect(memory.last(ORIGIN)).toBeNull();
  });

  test('given another log under a name that it examined, then it signs nothing, at any size', async () => {
    await sign(store);
    await examine(store);
    for (const ids of [['x'], ['729', 'x'], ['729', 'x', 'y', 'z']]) {
      const { verified, cosigned } = await examine(await otherLog(...ids));
      expect({ ids, cosigned }).toEqual({ ids, cosigned: null });
      expect(verified.divergences).toMatchObject([{ code: 'head' }]);
    }
    expect(memory.last(ORIGIN)).toMatchObject({ size: 2n });
  });

  test('given a log that continues under another name, then it must extend what was examined under the first', async () => {
    await sign(store);
    await examine(store);
    const cut = await otherLog('729');
    await sign(cut, 'docket.example/new');
    expect((await examine(cut)).cosigned).toBeNull();
    await sign(store, 'docket.example/new');
    expect((await examine(store)).cosigned).toMatchObject({ checkpoint: { origin: 'docket.example/new' } });
  });

  test('given a checkpoint that the log does not match, or an older one than was examined, then it signs nothing', async () => {
    const wrong = { origin: ORIGIN, size: 2, root: Buffer.alloc(32).toString('base64') };
    const text = printCheckpoint({ ...wrong, size: 2n, root: Buffer.alloc(32) });
    const note = printNote({ text, signatures: [signNote(text, ORIGIN, logKey)] });
    await recordCheckpointEvent(store, 'CheckpointSigned', { ...wrong, note });
    expect((await examine(store)).verified.divergences).toMatchObject([{ code: 'head' }]);

    await sign(store);
    await examine(store);
    const root = new MerkleTree();
    root.appendHash((await store.readAll())[0]?.hash ?? '');
    const smaller = printCheckpoint({ origin: ORIGIN, size: 1n, root: Buffer.from(root.rootHex(), 'hex') });
    const signed = printNote({ text: smaller, signatures: [signNote(smaller, ORIGIN, logKey)] });
    await recordCheckpointEvent(store, 'CheckpointSigned', { ...wrong, size: 1, note: signed });
    await expect(examine(store)).rejects.toThrow('covers 1 events, but 3 were examined before');
    expect(memory.last(ORIGIN)).toMatchObject({ size: 3n });
  });

  test('given a lifecycle that is not pinned, then it signs only if that is allowed', async () => {
    await sign(store);
    const { verified, cosigned } = await examine(store, { accepted: ['0'.repeat(64)] });
    expect(cosigned).toBeNull();
    expect(verified.divergences[0]).toMatchObject({
      code: 'unknown-lifecycle',
      detail: expect.stringContaining(`--lifecycle ${DIGEST}`),
    });
    expect(memory.pinned('lifecycle')).toEqual([]);
    expect((await examine(store, { accepted: [DIGEST] })).cosigned).toMatchObject({ lifecycles: [DIGEST] });
  });

  test('given keys of the log, then one of them must have signed the checkpoint', async () => {
    await sign(store);
    const known = (signer: typeof logKey) => [verifierKey(ORIGIN, 'note', createPublicKey(signer))];
    await expect(examine(store, { logKeys: known(otherKey) })).rejects.toThrow(
      'no key from the command line',
    );
    expect(memory.last(ORIGIN)).toBeNull();
    expect((await examine(store, { logKeys: known(logKey) })).cosigned).not.toBeNull();
  });

  test('given a log that was never signed, then it has nothing to cosign', async () => {
    await expect(examine(store)).rejects.toThrow('The log was never signed');
  });

  test('given a log with its recorded signature and a memory that does not know it, then it signs nothing', async () => {
    await sign(store);
    const { cosigned } = await examine(store);
    const { origin, size, root } = cosigned!.checkpoint;
    const line = printSignatureLine(parseSignatureLine(cosigned!.signature));
    await recordCheckpointEvent(store, 'CheckpointCosigned', {
      origin,
      size: Number(size),
      root: Buffer.from(root).toString('base64'),
      signatures: [line],
    });
    const fresh = await openMemory('fresh');
    await expect(examine(store, { memory: fresh })).rejects.toThrow('This key has cosigned');
    fresh.close();
    expect((await examine(store)).cosigned).not.toBeNull();
  });

  test('given two examinations at once, then it signs only after the later one has been compared', async () => {
    await sign(store);
    const slow: CosignerState['update'] = (origin, decide) => {
      memory.update(origin, () => ({
        seen: printNote({
          text: printCheckpoint({ origin, size: 1n, root: Buffer.alloc(32) }),
          signatures: [signNote('', origin, logKey)],
        }),
      }));
      return memory.update(origin, decide);
    };
    const overtaken = { last: memory.last.bind(memory), pinned: memory.pinned.bind(memory), update: slow };
    await expect(examine(store, { memory: overtaken })).rejects.toThrow('Another examination');
  });

  test('given a witness’s state as its memory, or a damaged memory, then it does not start', async () => {
    (await CosignerState.open(join(folder, 'state'), { of: 'witness', isNew: true })).close();
    await expect(openMemory('state')).rejects.toThrow('The examiner’s memory');
  });
});
