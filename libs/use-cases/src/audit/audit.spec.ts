import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { readCheckpoint } from '#audit/tlog/checkpoint';
import { parseVerifierKey } from '#audit/tlog/signed-note';
import type { LogSigning } from '#platform/checkpoints/log-signing';
import { ROLES } from '#state-machines/access';
import { CHECKPOINTS_STREAM } from '#state-machines/checkpoint-events';
import { collectLog } from '#test/support/event-streams';
import { NOON, ServiceParts, viewer } from '#test/support/use-cases';
import { temporaryFolder } from '#test/support/temporary-folder';
import { requestCheckpoint } from './sign-log.ts';
import { seeCheckpoint } from './see-log-status.ts';

const parts = new ServiceParts();

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
    await expect(seeCheckpoint(parts.readModels)).rejects.toMatchObject({ code: 'not-found' });
  });

  test('is not made with a key that other users may read, which is reported once, and is made when they may not', async () => {
    await parts.issue('r-1', 'avon');
    await signing.open();
    signing.close();
    chmodSync(join(folder, 'key.pem'), 0o644);
    signing = parts.signing(folder, reports);
    for (let attempt = 0; attempt < 2; attempt += 1)
      await expect(requestNow()).rejects.toMatchObject({ code: 'checkpoint-refused' });
    expect(reports).toEqual([expect.stringContaining('can be used by other users')]);
    expect(`The log is not signed: ${signing.refusal}`).toBe(reports[0]);
    expect(await checkpoints()).toEqual([]);
    chmodSync(join(folder, 'key.pem'), 0o600);
    expect(await requestNow()).toMatchObject({ isNew: true });
    expect(signing.refusal).toBeNull();
  });
});
