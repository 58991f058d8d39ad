import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { leafHash } from '#audit/merkle-tree';
import { printAddCheckpoint } from '#audit/tlog/add-checkpoint';
import { printCheckpoint, signNote } from '#audit/tlog/checkpoint';
import { cosignersOf } from '#audit/tlog/cosignature';
import { parseNote, printNote, verifierKey } from '#audit/tlog/signed-note';
import { consistencyProof, rootOf } from '#audit/tlog/tree-proofs';
import type { ReadNodes } from '#audit/tlog/tree-proofs';
import { rootOfHashes } from '#read-models/tree/tree-projection';
import { temporaryFolder } from '#test/support/temporary-folder';
import { createWitness } from './witness.ts';
import { CosignerState } from './cosigner-state.ts';

const LOG = 'docket.example/log';
const NAME = 'ombudsman.example/w1';
const [log, other, witnessed] = [0, 1, 2].map(() => generateKeyPairSync('ed25519').privateKey);
const keys = { log, other, witnessed } as Record<string, NonNullable<typeof log>>;
const keyOf = (name: string) => keys[name] as NonNullable<typeof log>;
const WITNESS = verifierKey(NAME, 'cosignature', createPublicKey(keyOf('witnessed')));

let folder: string;
let state: CosignerState;
let server: Server;
let forks: string[];

beforeEach(async () => {
  folder = temporaryFolder();
  await start({ isNew: true });
});
afterEach(async () => {
  await stop();
});

async function start(how: { readonly isNew: boolean }): Promise<void> {
  forks = [];
  state = await CosignerState.open(join(folder, 'state'), { of: 'witness', ...how });
  // A log whose key was replaced has two keys.
  const logs = ['log', 'other'].map((name) => verifierKey(LOG, 'note', createPublicKey(keyOf(name))));
  server = createWitness({
    name: NAME,
    key: keyOf('witnessed'),
    logs,
    state,
    onForked: (message) => forks.push(message),
    onError: (message) => forks.push(message),
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
}
async function stop(): Promise<void> {
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
  state.close();
}

/** Returns a reader of the tree over some events. Those from an index on can differ. */
const treeOf = (size: number, otherFrom = size): ReadNodes => {
  const leaves = Array.from({ length: size }, (_, index) =>
    leafHash(Buffer.from(`${index >= otherFrom ? 'other ' : ''}${index}`)),
  );
  return (nodes) =>
    Promise.resolve(
      nodes.map(({ level, index }) => {
        const width = 2 ** level;
        return rootOfHashes(leaves.slice(Number(index) * width, (Number(index) + 1) * width));
      }),
    );
};

interface Extension {
  readonly size: number;
  readonly old: number;
  readonly otherFrom?: number;
  readonly by?: string;
  readonly origin?: string;
}
async function requestOf({ size, old, otherFrom, by = 'log', origin = LOG }: Extension): Promise<string> {
  const read = treeOf(size, otherFrom);
  const text = printCheckpoint({ origin, size: BigInt(size), root: await rootOf(BigInt(size), read) });
  const proof = old === 0 || old > size ? [] : await consistencyProof(BigInt(old), BigInt(size), read);
  const note = printNote({ text, signatures: [signNote(text, origin, keyOf(by))] });
  return printAddCheckpoint({ old: BigInt(old), proof, note });
}
async function post(body: string, path = '/add-checkpoint') {
  const { port } = server.address() as AddressInfo;
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body });
  return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() };
}
const extend = async (extension: Extension) => post(await requestOf(extension));

describe('a witness', () => {
  test('signs an extension, also under a key that replaced another', async () => {
    for (const extension of [
      { old: 0, size: 3 },
      { old: 3, size: 3 },
      { old: 3, size: 7, by: 'other' },
    ]) {
      const request = await requestOf(extension);
      const { status, text } = await post(request);
      expect({ extension, status }).toEqual({ extension, status: 200 });
      const note = parseNote(Buffer.from(`${request.slice(request.indexOf('\n\n') + 2)}${text}`));
      const [cosigned] = cosignersOf(note, [WITNESS]);
      expect(Math.abs(Number(cosigned?.seconds) - Date.now() / 1_000)).toBeLessThan(60);
    }
    expect(forks).toEqual([]);
  });

  test.each<[string, Extension, number]>([
    ['of a log that it does not know', { old: 0, size: 3, origin: 'docket.example/none' }, 404],
    ['that no known key signed', { old: 0, size: 3, by: 'witnessed' }, 403],
    ['that leads back', { old: 4, size: 3 }, 400],
    ['that was written anew', { old: 3, size: 7, otherFrom: 1 }, 422],
  ])('does not sign a checkpoint %s', async (_, extension, status) => {
    await extend({ old: 0, size: 3 });
    expect(await extend(extension)).toMatchObject({ status });
    expect(await extend({ old: 3, size: 7 })).toMatchObject({ status: 200 });
  });

  test('does not sign under an invalid signature, nor an unreadable request', async () => {
    const request = await requestOf({ old: 0, size: 3 });
    expect(await post(request.replace('\n3\n', '\n4\n'))).toMatchObject({ status: 403 });
    const hash = leafHash(Buffer.from('x')).toString('base64');
    expect(await post(request.replace('old 0\n', `old 0\n${hash}\n`))).toMatchObject({ status: 422 });
    for (const odd of [
      '',
      request.replace('old 0', 'old 00'),
      request.replace('old 0\n', 'old 0\nno hash\n'),
      request.replace('old 0\n', `old 0\n${`${hash}\n`.repeat(64)}`),
      request.replace('\n3\n', '\nthree\n'),
    ])
      expect(await post(odd)).toMatchObject({ status: 400 });
    expect(await post('x'.repeat(100_000)).catch(() => ({ status: 413 }))).toMatchObject({ status: 413 });
    expect(await post(request, '/elsewhere')).toMatchObject({ status: 404 });
  });

  test('reports how far it has seen the log: a rolled-back log detects that', async () => {
    await extend({ old: 0, size: 7 });
    for (const old of [0, 3])
      expect(await extend({ old, size: 5 })).toEqual({ status: 409, type: 'text/x.tlog.size', text: '7\n' });
  });

  test('names a log that signed two roots of the same size', async () => {
    await extend({ old: 0, size: 3 });
    const { status, text } = await extend({ old: 3, size: 3, otherFrom: 2 });
    expect({ status, text }).toEqual({ status: 409, text: '3\n' });
    expect(forks).toEqual([`${LOG} signed two roots at size 3`]);
  });

  test('signs one of two histories that it receives at once', async () => {
    await extend({ old: 0, size: 3 });
    const both = await Promise.all([extend({ old: 3, size: 7 }), extend({ old: 3, size: 9, otherFrom: 4 })]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
  });

  test('remembers its last signatures after a restart, and refuses to start with a truncated or lost memory', async () => {
    await extend({ old: 0, size: 3 });
    await stop();
    await start({ isNew: false });
    expect(await extend({ old: 0, size: 5 })).toMatchObject({ status: 409, text: '3\n' });
    const path = join(folder, 'state');
    const { length } = readFileSync(path);
    for (const left of [0, 100, length / 2]) {
      truncateSync(path, left);
      await expect(CosignerState.open(path, { of: 'witness', isNew: true })).rejects.toThrow(
        'cannot be used',
      );
    }
    writeFileSync(path, 'no state, but a text of some length');
    await expect(CosignerState.open(path, { of: 'witness', isNew: true })).rejects.toThrow('cannot be used');
    rmSync(path);
    await expect(CosignerState.open(path, { of: 'witness', isNew: false })).rejects.toThrow(
      'although the key exists',
    );
  });
});
