import { constants, getPriority, setPriority } from 'node:os';

/** Elsewhere a priority is the whole process's. */
const IS_A_THREADS = process.platform === 'linux';

/**
 * Lets this thread wait where others answer requests and write events. Where the process has a lower one already, it keeps that: a higher one would be refused.
 */
export function stepBack(): void {
  const { PRIORITY_LOW } = constants.priority;
  if (!IS_A_THREADS) return;
  try {
    if (getPriority() < PRIORITY_LOW) setPriority(PRIORITY_LOW);
  } catch {
    // Where even that may not be done, the work is done all the same.
  }
}
