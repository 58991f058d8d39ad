import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { systemRandom } from '#event-sourcing/random';
import { assertTimeStamp } from '#audit/time-stamp';
import type { LogSigning } from '#platform/checkpoints/log-signing';
import { postToAuthority } from '#platform/post-limited';
import { lifecycles } from '#state-machines/lifecycles';
import { CHECKPOINTS_STREAM } from '#state-machines/checkpoint-events';
import { readTree } from '#read-models/tree/tree-query';
import { NOON, ServiceParts, viewer } from '#test/support/use-cases';
import { Authority } from '#test/audit/time-stamps';
import { temporaryFolder } from '#test/support/temporary-folder';
import { requestPack } from './request-pack.ts';
import { Timestamps } from './timestamps.ts';
import { recordOf } from '#state-machines/record-streams';

const parts = new ServiceParts();
let folder: string;
let server: Server;
let signing: LogSigning;
let reports: string[];
/** The authority, which a test creates. */
let stamps: Authority | undefined;
/** The authority's response; null for a valid one. */
let answered: { readonly status: number; readonly body: Uint8Array } | null;
const openssl = (...words: readonly string[]) =>
  execFileSync('openssl', words, { cwd: folder, encoding: 'utf8', stdio: 'pipe' });

const authority = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

beforeEach(async () => {
  folder = temporaryFolder();
  [reports, answered] = [[], null];
  server = createServer((request, response) => {
    void buffer(request).then((requestBytes) => {
      const { status, body } = answered ?? { status: 200, body: stamps!.answer(requestBytes) };
      response.writeHead(status, { 'content-type': 'application/timestamp-reply' }).end(body);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  signing = parts.signing(folder, reports, { timestampUrl: authority() });
  await parts.follow();
  await parts.issue('r-1', 'avon');
});
afterEach(() => {
  signing.close();
  server.closeAllConnections();
  server.close();
});

const call = { actor: { subject: 'ann', roles: ['administrator'] }, now: NOON, correlationId: 'spec' };
const isStamped = async (size: bigint) =>
  (await readTree(parts.readModels, (tree) => tree.checkpoint(size)))?.timestamp instanceof Uint8Array;
const types = async () => (await parts.store.readStream(CHECKPOINTS_STREAM)).map(({ type }) => type);

// Without OpenSSL, no authority can issue or verify timestamps.
const testWithOpenssl = spawnSync('openssl', ['version']).status === 0 ? test : test.skip;

testWithOpenssl(
  'given an authority, then a checkpoint and the pack under it are stamped, as OpenSSL says',
  async () => {
    stamps = new Authority(folder);
    await signing.sign(call);
    expect(await types()).toEqual(['CheckpointSigned', 'CheckpointTimestamped']);
    // No checkpoint is made and no timestamp requested again.
    await signing.sign(call);
    expect([await types(), reports, signing.timestamps?.isTimestamped]).toEqual([
      ['CheckpointSigned', 'CheckpointTimestamped'],
      [],
      true,
    ]);
    const { store, readModels } = parts;
    const verifiers = () => Promise.resolve({ html: Buffer.from('<p>'), python: Buffer.from('pass') });
    const caller = { viewer: viewer('auditor'), now: NOON, correlationId: 'spec' };
    const context = { store, random: systemRandom, readModels, lifecycles, signing, verifiers };
    const { files } = await requestPack(context, caller, { record: recordOf('r-1'), withhold: [] });
    const checkpoint = Buffer.from(files.get('data/checkpoint') ?? []).toString();
    writeFileSync(join(folder, 'checkpoint'), `${checkpoint}— a.witness.example AAAAAA==\n`);
    writeFileSync(join(folder, 'checkpoint.tsr'), files.get('data/checkpoint.tsr') ?? '');
    // As docs/trust.md describes it, with a witness's line below.
    const script = '{ head -n 4 checkpoint; grep -F "— $(head -n 1 checkpoint) " checkpoint; } > stamped';
    execFileSync('sh', ['-c', script], { cwd: folder });
    const verify = ['ts', '-verify', '-in', 'checkpoint.tsr', '-CAfile', 'tsa.pem', '-data'];
    expect(openssl(...verify, 'stamped')).toContain('OK');
    expect(() => openssl(...verify, 'checkpoint')).toThrow('message imprint mismatch');
    // A checkpoint is stamped even if another one followed before its timestamp.
    answered = { status: 500, body: Buffer.of() };
    const sizes: bigint[] = [];
    for (const id of ['r-2', 'r-3']) {
      await parts.issue(id, 'avon');
      const outcome = await signing.sign(call);
      if (outcome.result === 'signed') sizes.push(outcome.size);
    }
    answered = null;
    const again = new Timestamps({
      ...{ store, random: systemRandom, database: readModels, post: postToAuthority(authority()) },
      whenFolded: () => Promise.resolve(true),
      onFailure: (message) => reports.push(message),
    });
    await again.stamp(call, sizes[0]!);
    await parts.fold();
    expect([await isStamped(sizes[0]!), await isStamped(sizes[1]!)]).toEqual([true, false]);
  },
);

testWithOpenssl('given an answer to something else, then it is none', async () => {
  stamps = new Authority(folder);
  await signing.sign(call);
  const newest = await readTree(parts.readModels, (tree) => tree.checkpoint());
  const timestamp = newest?.timestamp ?? new Uint8Array();
  const digest = hash('sha256', newest?.signed ?? '', 'buffer');
  const nonce = Buffer.alloc(8);
  const see = (of: Uint8Array, digest: Uint8Array) => () => {
    assertTimeStamp(of, { digest, nonce });
  };
  expect(see(timestamp, Buffer.alloc(32))).toThrow('other content');
  expect(see(timestamp, digest)).toThrow('its nonce differs');
  expect(see(timestamp.subarray(1), digest)).toThrow('did not return a time-stamp');
  // An older response does not match a new request.
  answered = { status: 200, body: timestamp };
  await parts.issue('r-2', 'avon');
  await signing.sign(call);
  expect(reports).toEqual([expect.stringContaining('other content')]);
});

test.each([
  ['nothing of the kind', 200, Buffer.from('hello'), 'did not return a time-stamp'],
  ['a refusal', 200, Buffer.from('30053003020102', 'hex'), 'refused the time-stamp (status 2)'],
  ['an error', 500, Buffer.alloc(0), 'responded with 500'],
])(
  'given %s, then the log is signed all the same, and the authority gets no requests for a while',
  async (_, status, body, said) => {
    answered = { status, body };
    for (let attempt = 0; attempt < 2; attempt += 1)
      expect(await signing.sign(call)).toMatchObject({ size: 1n });
    expect(reports).toEqual([`The log is not time-stamped: the time-stamping authority ${said}`]);
    expect(signing.timestamps?.isTimestamped).toBe(false);
    expect([await types(), signing.refusal]).toEqual([['CheckpointSigned'], null]);
  },
);
