import { expect, test } from '@jest/globals';
import { isInHeadline, withArticle } from './words.ts';

const words = {
  headlines: {
    DateSet: ({ dueOn }: { dueOn?: unknown }) => `Due on ${String(dueOn)}`,
    ItemsListed: ({ items = [] }: { items?: unknown }) => `${(items as []).length} items`,
    DateWithdrawn: 'Withdrawn',
  },
  headlineMembers: ['dateId'],
};

test.each([
  ['DateSet', 'dueOn', '2026-11-30', true],
  ['DateSet', 'place', 'A cell', false],
  ['DateSet', 'dateId', 'd1', true],
  ['DateWithdrawn', 'dueOn', '2026-11-30', false],
  ['DateWithdrawn', 'dateId', 'd1', true],
  // A count does not say which ones.
  ['ItemsListed', 'items', ['a wallet'], false],
])('in %s, %s is shown only by the headline, or also beside it', (type, name, said, isInHeadlineOnly) => {
  expect(isInHeadline(words, type, [name, said])).toBe(isInHeadlineOnly);
});

test.each([
  ...['an urgent notification', 'an update', 'an unimportant letter', 'an inspection', 'an hour'],
  ...['a unit', 'a user', 'a European letter', 'a one-off check', 'a uniform', 'a letter', 'a house'],
])('%s has the article that fits its sound', (words) => {
  expect(withArticle(words.replace(/^an? /, ''))).toBe(words);
});
