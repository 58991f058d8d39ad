import { describe, expect, test } from '@jest/globals';
import { combineCapabilities } from '#lifecycle/capability';
import { small, smallRecord } from '#test/support/small-record';
import { owner } from './owner.ts';
import { redaction } from './redaction.ts';

const capability = combineCapabilities(
  redaction({ kind: small }),
  owner({ kind: small, roles: ['inspector'], when: 'open' }),
);
const begun = () => smallRecord(capability);

describe('an owner', () => {
  test('given no owner before, then one is named, and another one with a reason', async () => {
    const record = await begun();
    expect(await record.sendCommand('assign-owner', { owner: 'bob' })).toEqual(['OwnerAssigned']);
    expect(await record.facts()).toMatchObject({ owner: 'bob', ownerOn: '2026-11-02' });
    expect(await record.sendCommand('assign-owner', { owner: 'zoe' })).toBe('reason-for-a-new-owner');
    expect(await record.sendCommand('assign-owner', { owner: 'zoe', reason: 'Bob left.' })).toEqual([
      'OwnerAssigned',
    ]);
  });

  test.each([
    ['by another role', { owner: 'bob' }, { as: 'approver' }, 'role-not-permitted'],
    ['without a name', {}, {}, 'invalid-payload'],
  ])('given one %s, then it is refused', async (_, body, call, code) => {
    const record = await begun();
    expect(await record.sendCommand('assign-owner', body, call)).toBe(code);
  });

  test('given the work is done, then none is named, by the guard that the options name', async () => {
    const record = await begun();
    await record.sendCommand('done');
    expect(await record.sendCommand('assign-owner', { owner: 'bob' })).toBe('command-not-allowed');
  });

  test('given a later owner, then none is effective before that', async () => {
    const record = await begun();
    await record.sendCommand('assign-owner', { owner: 'bob' });
    const earlier = { owner: 'zoe', reason: 'A slip.', effectiveOn: '2026-11-01' };
    expect(await record.sendCommand('assign-owner', earlier, { on: '2026-11-03' })).toBe(
      'effective-date-out-of-order',
    );
  });

  test('given the name is redacted, then it has no owner', async () => {
    const record = await begun();
    await record.sendCommand('assign-owner', { owner: 'bob' });
    const body = { eventId: (await record.stored()).at(-1)?.eventId ?? '', reason: 'A name.' };
    expect(await record.sendCommand('redact-comment', body, { by: 'zoe', as: 'approver' })).toEqual([
      'CommentRedacted',
    ]);
    expect(await record.facts()).toMatchObject({ owner: null, ownerOn: '2026-11-02' });
  });
});
