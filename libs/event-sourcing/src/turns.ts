let last: Promise<void> = Promise.resolve();

/**
 * Resolves in a turn of the event loop in which nobody else does: however many long reads go on at once, between two pieces of
 * theirs everything else has its turn.
 */
export function nextTurn(): Promise<void> {
  last = last.then(() => new Promise((resolve) => setImmediate(resolve)));
  return last;
}
