import { expect, test } from '@jest/globals';
import { withArticle } from './words.ts';

test.each([
  ...['an urgent notification', 'an update', 'an unimportant letter', 'an inspection', 'an hour'],
  ...['a unit', 'a user', 'a European letter', 'a one-off check', 'a uniform', 'a letter', 'a house'],
])('%s has the article that fits its sound', (words) => {
  expect(withArticle(words.replace(/^an? /, ''))).toBe(words);
});
