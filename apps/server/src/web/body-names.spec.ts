import { describe, expect, test } from '@jest/globals';
import type { Body } from '#state-machines/body-events';
import { slugsIn } from './body-names.ts';

const BODIES = new Map(
  [
    ['wiltshire', 'Wiltshire Police'],
    ['kent', 'Kent Police'],
  ].map(([slug = '', name = '']) => [slug, { slug, name } as Body]),
);

describe('bodies that are typed with commas between them', () => {
  test.each([
    ['names and short names', 'Wiltshire Police, KENT', ['wiltshire', 'kent']],
    ['one a line', 'kent police\nwiltshire', ['kent', 'wiltshire']],
    ['nothing between', ' , kent ;', ['kent']],
    ['a name of no body', 'Wiltshre Police', ['Wiltshre Police']],
    ['nothing', ' ', []],
  ])('given %s, then each known body is replaced by its short name', (_, typed, slugs) => {
    expect(slugsIn(typed, BODIES)).toEqual(slugs);
  });
});
