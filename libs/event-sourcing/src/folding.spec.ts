import { describe, expect, test } from '@jest/globals';
import { atOnce, runYielding, FOLDED_AT_ONCE, stopIfLong, turnIfLong } from './folding.ts';
import type { Folding } from './folding.ts';

const LONG = { length: FOLDED_AT_ONCE };
const SHORT = { length: FOLDED_AT_ONCE - 1 };

/** A fold with two iterations over a history. */
function* walks(events: { readonly length: number }): Folding<string> {
  yield* stopIfLong(events);
  return 'walked';
}

/** Returns which happens first: the task completes, or the next turn of the event loop begins. */
async function first(goOn: () => Promise<unknown>): Promise<string | undefined> {
  const order: string[] = [];
  const other = new Promise<void>((resolve) =>
    setImmediate(() => {
      order.push('other');
      resolve();
    }),
  );
  await goOn();
  order.push('goes on');
  await other;
  return order[0];
}

describe('during the fold of a history', () => {
  test('other work runs if the history is long', async () => {
    expect(await first(() => turnIfLong(LONG))).toBe('other');
    expect(await first(() => runYielding(walks(LONG)))).toBe('other');
  });

  test('no other work runs if the history is short', async () => {
    expect(await first(() => turnIfLong(SHORT))).toBe('goes on');
    expect(await first(() => runYielding(walks(SHORT)))).toBe('goes on');
  });

  test('the result is the same for every implementation', async () => {
    expect([await runYielding(walks(LONG)), atOnce(walks(LONG)), atOnce(walks(SHORT))]).toEqual(
      Array(3).fill('walked'),
    );
  });
});
