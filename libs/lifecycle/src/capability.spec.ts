import { expect, test } from '@jest/globals';
import { together } from './capability.ts';

test('given tables of two capabilities, then they are one table; given a name that both have, then they are refused', () => {
  expect(together({ lend: 1 }, { praise: 2 })).toEqual({ lend: 1, praise: 2 });
  expect(() => together({ lend: 1 }, { praise: 2, lend: 3 })).toThrow(
    new Error('Two capabilities have lend; keep one'),
  );
});
