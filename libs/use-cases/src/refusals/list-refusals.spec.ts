import 'reflect-metadata';
import { describe, expect, test } from '@jest/globals';
import { ROLES } from '#state-machines/access';
import { ServiceParts, viewer } from '#test/support/use-cases';
import { listRefusals } from './list-refusals.ts';

const parts = new ServiceParts();

describe('the attempts that were refused', () => {
  test.each(ROLES)('are listed to auditors alone: %s', async (role) => {
    const listed = listRefusals(parts, viewer(role, 'avon'), { limit: 10 });
    if (role === 'auditor') await expect(listed).resolves.toMatchObject({ items: [] });
    else await expect(listed).rejects.toMatchObject({ code: 'role-not-permitted' });
  });

  test('are listed as soon as they are on record', async () => {
    await parts.issue('r-1', 'avon');
    const refused = parts.give(viewer('auditor'), 'r-1', 'add-comment', { text: 'x', visibility: 'public' });
    await expect(refused).rejects.toMatchObject({ code: 'role-not-permitted' });
    const { items } = await listRefusals(parts, viewer('auditor'), { limit: 10 });
    expect(items).toMatchObject([
      { code: 'role-not-permitted', actor: { subject: 'a-auditor' }, record: 'r-1' },
    ]);
  });

  test('are listed as far as they are folded where the log does not answer', async () => {
    await parts.fold();
    parts.store.lastPosition = () => Promise.reject(new Error('gone'));
    const { items } = await listRefusals(parts, viewer('auditor'), { limit: 10 });
    expect(items).toEqual([]);
  });
});
