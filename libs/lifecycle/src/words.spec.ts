import { expect, test } from '@jest/globals';
import { headlineTells } from './words.ts';

test('what a headline reads of its event is not told again, and what is left out for all types', () => {
  const words = {
    headlines: {
      DateSet: ({ dueOn }: { dueOn?: unknown }) => `Due on ${String(dueOn)}`,
      DateWithdrawn: 'Withdrawn',
    },
    headlineMembers: ['dateId'],
  };
  expect([...headlineTells(words, 'DateSet')]).toEqual(['dateId', 'dueOn']);
  expect([...headlineTells(words, 'DateWithdrawn')]).toEqual(['dateId']);
  expect([...headlineTells({}, 'DateSet')]).toEqual([]);
});
