import { expect, test } from '@jest/globals';
import { findDeadlines } from './find-deadlines.ts';
import { namedDates } from './named-dates.ts';

test.each([
  ['The review of 1 October 2026 was bad', ['2026-10-01']],
  ['On Thursday 1st October 2026, and by 2026-10-02, it met.', ['2026-10-01', '2026-10-02']],
  ['October 3, 2026 (not 04/10/2026).', ['2026-10-03', '2026-10-04']],
  ['On 1 October\n2026 and on 1 October 2026.', ['2026-10-01']],
  ['The 1st of October 2026', ['2026-10-01']],
])('given %j, then it names its days', (text, dates) => {
  expect(namedDates(text)).toEqual(dates);
});

test.each([
  'In October 2026, in 2026, by 1 October, on 31 June 2026, on 1/10/26.',
  'See no 11 October 20261 and 2026-10-011.',
  '',
])('given %j, then it names no day exactly', (text) => {
  expect(namedDates(text)).toEqual([]);
});

test('given a deadline that the text names, then its day is among them', () => {
  const text = 'Forces should plan by 30 June 2027, and act no later than noon on 1 July 2027.';
  const days = findDeadlines(text, { publishedOn: '2026-01-01' }).flatMap((found) =>
    found.kind === 'exact' ? [found.dueOn] : [],
  );
  expect(days).toHaveLength(2);
  expect(namedDates(text)).toEqual(days);
});

test('given a text longer than the search limit, then the rest is not read', () => {
  expect(namedDates(`${'a '.repeat(25_000)}1 October 2026`)).toEqual([]);
});
