import 'reflect-metadata';
import { describe, expect, test } from '@jest/globals';
import { ROLES } from '#state-machines/access';
import { INSPECTOR, ServiceParts, viewer } from '#test/support/use-cases';
import { admitToLog } from './filter-log.ts';

const parts = new ServiceParts();
const START = { name: 'after', position: '0' };

describe('the whole log', () => {
  test.each(ROLES)('is read by auditors alone: %s', async (role) => {
    const admitted = admitToLog(parts, viewer(role, 'avon'), START);
    if (role === 'auditor') await expect(admitted).resolves.toBeUndefined();
    else await expect(admitted).rejects.toMatchObject({ code: 'role-not-permitted' });
  });

  test('is not read beyond its end, which a position in a different log may request', async () => {
    await parts.issue('r-1', 'avon');
    const auditor = viewer('auditor');
    const end = await parts.store.lastPosition();
    await expect(admitToLog(parts, auditor, { name: 'after', position: end })).resolves.toBeUndefined();
    // The first read was itself recorded in the log.
    const beyond = { name: 'Last-Event-ID', position: String(BigInt(await parts.store.lastPosition()) + 1n) };
    const detail = 'is beyond the end of the log';
    await expect(admitToLog(parts, auditor, beyond)).rejects.toMatchObject({
      code: 'invalid-parameter',
      message: `Last-Event-ID ${detail}`,
      details: { errors: [{ pointer: '/Last-Event-ID', detail }] },
    });
    await expect(admitToLog(parts, INSPECTOR, beyond)).rejects.toMatchObject({ code: 'role-not-permitted' });
  });
});
