import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { leafHash } from '#audit/merkle-tree';
import { readCheckpoint } from '#audit/tlog/checkpoint';
import { parseVerifierKey } from '#audit/tlog/signed-note';
import { parseTlogProof } from '#audit/tlog/tlog-proof';
import { isConsistent, rootFromInclusion } from '#audit/tlog/tree-proofs';
import type { LogSigning } from '#platform/checkpoints/log-signing';
import { ROLES } from '#state-machines/access';
import { CHECKPOINTS_STREAM } from '#state-machines/checkpoint-events';
import { collectLog } from '#test/support/event-streams';
import { NOON, ServiceParts, viewer } from '#test/support/use-cases';
import { temporaryFolder } from '#test/support/temporary-folder';
import { requestCheckpoint } from './sign-log.ts';
import { seeCheckpoint, seeConsistency, seeEventInclusion, seeInclusion, seeTile } from './see-tree.ts';

const parts = new ServiceParts();
const NOT_FOUND = { code: 'not-found' };

let folder: string;
let signing: LogSigning;
let reports: string[];
beforeEach(async () => {
  folder = temporaryFolder();
  reports = [];
  signing = parts.signing(folder, reports);
  await parts.follow();
});
afterEach(() => {
  signing.close();
});

const requestNow = (role: string = 'auditor') =>
  requestCheckpoint(signing, { viewer: viewer(role), now: NOON, correlationId: 'spec' });
const checkpoints = () => parts.store.readStream(CHECKPOINTS_STREAM);
const headIn = async (note: string) =>
  readCheckpoint(Buffer.from(note), (await signing.open()).verifierKeys.map(parseVerifierKey));

describe('a checkpoint', () => {
  test.each<string>(['auditor', 'administrator'])(
    'is made when %s requests it, and is the same until another event is appended',
    async (role) => {
      await parts.issue('r-1', 'avon');
      const { isNew, note } = await requestNow(role);
      const { checkpoint, signers } = await headIn(note);
      expect({ isNew, size: checkpoint.size, signers: signers.length }).toEqual({
        isNew: true,
        size: 1n,
        signers: 1,
      });
      expect(await requestNow(role)).toEqual({ isNew: false, note });
      expect(await seeCheckpoint(parts.readModels)).toBe(note);
      expect(signing.last).toEqual({ size: 1n, at: NOON });
      expect(await checkpoints()).toMatchObject([{ actor: { subject: `a-${role}`, roles: [role] } }]);
    },
  );

  test.each(ROLES.filter((role) => role !== 'auditor' && role !== 'administrator'))(
    'is not made for %s, and nothing is appended',
    async (role) => {
      await parts.issue('r-1', 'avon');
      await expect(requestNow(role)).rejects.toMatchObject({ code: 'role-not-permitted' });
      expect(await collectLog(parts.store)).toHaveLength(1);
    },
  );

  test('is not made for an empty log, and none is returned', async () => {
    await expect(requestNow()).rejects.toMatchObject({ code: 'checkpoint-refused' });
    for (const see of [
      seeCheckpoint(parts.readModels),
      seeInclusion(parts.readModels, { index: 0n }),
      seeConsistency(parts.readModels, { from: 1n, to: 1n }),
      seeTile(parts.readModels, { level: 0, number: 0n, width: 1 }),
    ])
      await expect(see).rejects.toMatchObject(NOT_FOUND);
  });

  test('is not made with a key that other users may read, which is reported once, and is made when they may not', async () => {
    await parts.issue('r-1', 'avon');
    await signing.open();
    signing.close();
    chmodSync(join(folder, 'key.pem'), 0o644);
    signing = parts.signing(folder, reports);
    for (let attempt = 0; attempt < 2; attempt += 1)
      await expect(requestNow()).rejects.toMatchObject({ code: 'checkpoint-refused' });
    expect(reports).toEqual([expect.stringContaining('can be read by other users')]);
    expect(signing.refusal).toBe(reports[0]);
    expect(await checkpoints()).toEqual([]);
    chmodSync(join(folder, 'key.pem'), 0o600);
    expect(await requestNow()).toMatchObject({ isNew: true });
    expect(signing.refusal).toBeNull();
  });
});

describe('given two checkpoints', () => {
  let first: string;
  let second: string;
  beforeEach(async () => {
    await parts.issue('r-1', 'avon');
    await parts.issue('r-2', 'kent');
    first = (await requestNow()).note;
    await parts.issue('r-3', 'avon');
    second = (await requestNow()).note;
    await parts.issue('r-4', 'avon');
  });

  test('then each event of a checkpoint is proved to be in it, and no other event is', async () => {
    const log = await collectLog(parts.store);
    for (const [index, { hash }] of log.slice(0, 4).entries()) {
      const proof = parseTlogProof(await seeInclusion(parts.readModels, { index: BigInt(index) }));
      expect(proof.note).toBe(second);
      const { size, root } = (await headIn(proof.note)).checkpoint;
      const leaf = leafHash(Buffer.from(hash, 'hex'));
      expect(rootFromInclusion(leaf, BigInt(index), size, proof.path)).toEqual(root);
    }
    expect(await seeInclusion(parts.readModels, { index: 0n, size: 2n })).toContain(first);
    for (const none of [{ index: 4n }, { index: 2n, size: 2n }, { index: 0n, size: 3n }])
      await expect(seeInclusion(parts.readModels, none)).rejects.toMatchObject(NOT_FOUND);
  });

  test('then an event is found by its id, alone or in its record, up to the signed size', async () => {
    const [one, , , three, , last] = await collectLog(parts.store);
    const see = (eventId = '', record?: string, size?: bigint) =>
      seeEventInclusion(parts, { eventId, ...(record && { record }), ...(size && { size }) });
    for (const record of ['r-3', undefined])
      expect(await see(three?.eventId, record)).toBe(await seeInclusion(parts.readModels, { index: 3n }));
    const early = await seeInclusion(parts.readModels, { index: 0n, size: 2n });
    expect(await see(one?.eventId, 'r-1', 2n)).toBe(early);
    for (const none of [
      see(one?.eventId, 'r-2'),
      see(three?.eventId, 'r-3', 2n),
      see(last?.eventId, 'r-4'),
      see(one?.eventId, 'r-1', 3n),
      see(three?.eventId, undefined, 2n),
      see(last?.eventId),
      see('00000000-0000-5000-8000-000000000000'),
    ])
      await expect(none).rejects.toMatchObject(NOT_FOUND);
  });

  test('then the second extends the first, and nothing extends what was not signed', async () => {
    const proof = await seeConsistency(parts.readModels, { from: 2n, to: 4n });
    const [old, now] = [(await headIn(first)).checkpoint, (await headIn(second)).checkpoint];
    expect(isConsistent(old, now, proof)).toBe(true);
    expect(isConsistent({ ...old, size: 3n }, now, proof)).toBe(false);
    expect(await seeConsistency(parts.readModels, { from: 4n, to: 4n })).toEqual([]);
    const beyond = seeConsistency(parts.readModels, { from: 2n, to: 5n });
    await expect(beyond).rejects.toMatchObject(NOT_FOUND);
  });

  test('then tiles contain exactly the signed leaves', async () => {
    const leaves = (await collectLog(parts.store)).map(({ hash }) => leafHash(Buffer.from(hash, 'hex')));
    for (const width of [1, 4])
      expect(await seeTile(parts.readModels, { level: 0, number: 0n, width })).toEqual(
        Buffer.concat(leaves.slice(0, width)),
      );
    for (const tile of [
      { level: 0, number: 0n, width: 5 },
      { level: 0, number: 1n, width: 1 },
      { level: 1, number: 0n, width: 1 },
    ])
      await expect(seeTile(parts.readModels, tile)).rejects.toMatchObject(NOT_FOUND);
  });
});
