import { expect, test } from '@jest/globals';
import { nextTurn } from './event-store.ts';

test('only one long reader runs in each turn of the event loop', async () => {
  let turns = 0;
  const counting = setInterval(() => undefined, 1);
  const count = (): void => {
    turns += 1;
    if (!isOver) setImmediate(count);
  };
  let isOver = false;
  setImmediate(count);
  const seen: number[] = [];
  const reader = async (): Promise<void> => {
    for (let piece = 0; piece < 5; piece += 1) {
      await nextTurn();
      seen.push(turns);
    }
  };
  await Promise.all([reader(), reader(), reader()]);
  isOver = true;
  clearInterval(counting);
  expect(new Set(seen).size).toBe(15);
});
