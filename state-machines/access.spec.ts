import { expect, jest, test } from '@jest/globals';
import { Lifecycles } from '#lifecycle/lifecycles';
import { complaints } from '#test/second-lifecycle/complaints';
import { recommendation } from './inspection-recommendation/kind.ts';
import { recommendations } from './inspection-recommendation/versions.ts';

// Adds a lifecycle before a module that is imported here reads the list.
jest.unstable_mockModule('#state-machines/lifecycles', () => ({
  lifecycles: new Lifecycles<unknown>(...recommendations, complaints),
}));
const access = await import('./access.ts');

const { kind: complaint } = complaints;

test.each([
  ['inspector', recommendation, complaint],
  ['caseworker', complaint, recommendation],
])('given the staff role %s, then it belongs to its own kind only', (role, own, other) => {
  const viewer = { roles: [role], organisations: [] };
  expect(access.visibleKinds(viewer)).toEqual([own]);
  for (const [kind, is] of [
    [own, true],
    [other, false],
  ] as const) {
    expect(access.seesRecipient(viewer, 'kent', kind)).toBe(is);
    expect(access.readsInternal(viewer, 'kent', kind)).toBe(is);
    expect(access.rolesOn(viewer, 'kent', kind)).toEqual(is ? [role] : []);
    expect(access.isInSight(access.sightOf(viewer), kind.name, 'kent')).toBe(is);
    expect(access.isInSight(access.sightOf(viewer), kind.name, null)).toBe(is);
  }
});

test.each([
  ['force-lead', recommendation, complaint],
  ['liaison', complaint, recommendation],
])('given the body role %s, then it belongs to its own kind only', (role, own, other) => {
  const viewer = { roles: [role], organisations: ['kent'] };
  expect(access.visibleKinds(viewer)).toEqual([own]);
  expect(access.visibleKinds({ ...viewer, organisations: [] })).toEqual([]);
  for (const [kind, is] of [
    [own, true],
    [other, false],
  ] as const) {
    expect(access.seesRecipient(viewer, 'kent', kind)).toBe(is);
    expect(access.seesRecipient(viewer, 'essex', kind)).toBe(false);
    expect(access.readsInternal(viewer, 'kent', kind)).toBe(false);
    expect(access.rolesOn(viewer, 'kent', kind)).toEqual(is ? [role] : []);
    expect(access.mayPack(viewer, 'kent', kind)).toBe(is);
    expect(access.isInSight(access.sightOf(viewer), kind.name, 'kent')).toBe(is);
    expect(access.isInSight(access.sightOf(viewer), kind.name, 'essex')).toBe(false);
  }
});

test('given an auditor, then they see and read everything of every kind', () => {
  const viewer = { roles: ['auditor'], organisations: [] };
  expect([access.sightOf(viewer), access.internalSight(viewer)]).toEqual([null, 'all']);
  for (const kind of [recommendation, complaint])
    expect(access.readsInternal(viewer, 'kent', kind)).toBe(true);
});
