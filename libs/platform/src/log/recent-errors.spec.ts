import { expect, test } from '@jest/globals';
import { RecentErrors } from './recent-errors.ts';

const NOON = Date.parse('2026-01-01T12:00:00.000Z');

test('an error is kept by its names, without its message', () => {
  const errors = new RecentErrors();
  const err = Object.assign(new RangeError('The witness was Mr Smith'), { code: 'SQLITE_FULL' });
  errors.note({ err, route: '/api/recommendations/:id' }, { correlationId: 'c-1' }, NOON);
  errors.note({ err: { name: 'A text that is not a name', code: 7 }, projection: 'register' }, {}, NOON);
  errors.note('The witness was Mr Smith', {}, NOON);
  const at = '2026-01-01T12:00:00.000Z';
  const nothing = { at, name: null, code: null, route: null, projection: null, correlationId: null };
  expect(errors.all).toEqual([
    nothing,
    { ...nothing, projection: 'register' },
    {
      ...nothing,
      name: 'RangeError',
      code: 'SQLITE_FULL',
      route: '/api/recommendations/:id',
      correlationId: 'c-1',
    },
  ]);
});

test('of more than a hundred errors, the oldest are dropped', () => {
  const errors = new RecentErrors();
  for (let index = 0; index <= 100; index += 1) errors.note({ correlationId: `c-${index}` });
  expect(errors.all).toHaveLength(100);
  expect(errors.all.map(({ correlationId }) => correlationId)).not.toContain('c-0');
  expect(errors.all[0]).toMatchObject({ correlationId: 'c-100' });
});
