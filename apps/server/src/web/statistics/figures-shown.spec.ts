import { expect, test } from '@jest/globals';
import { recommendation as kind } from '#state-machines/inspection-recommendation/kind';
import { Lists } from './figures-shown.ts';

const on = '2026-11-24';
const FILTERS = { status: ['complete'] };

test("given today's figures, then what they count today is listed as of today, and another day by its date", () => {
  const lists = new Lists(new URLSearchParams(), { kind, on, view: null }, null);
  expect(lists.records(FILTERS)).toBe('/recommendations?status=complete');
  expect(lists.records(FILTERS, '2026-10-31')).toBe(
    '/recommendations?status=complete&effectiveOn=2026-10-31',
  );
});

test('given figures for a requested day, then their links keep that day', () => {
  const query = new URLSearchParams({ effectiveOn: on });
  const lists = new Lists(query, { kind, on, view: { effectiveOn: on, knownAt: null } }, null);
  expect(lists.records(FILTERS)).toBe(`/recommendations?status=complete&effectiveOn=${on}`);
});

test('given figures for several kinds, then no list contains all counted records', () => {
  expect(new Lists(new URLSearchParams(), { kind: null, on, view: null }, null).records(FILTERS)).toBeNull();
});
