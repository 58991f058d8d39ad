import { constants, getPriority, setPriority } from 'node:os';

/** Elsewhere a priority is the whole process's. */
const IS_A_THREADS = process.platform === 'linux';

/**
 * Whom a thread waits for: one that folds for those who answer requests and write events (`behind`), one that reads for all others
 * (`last`).
 */
export type Turn = 'behind' | 'last';

const { PRIORITY_BELOW_NORMAL, PRIORITY_LOW } = constants.priority;
const PRIORITIES: Readonly<Record<Turn, number>> = { behind: PRIORITY_BELOW_NORMAL, last: PRIORITY_LOW };

/** Lets this thread wait. Where the process has a lower priority already, it keeps that: a higher one would be refused. */
export function stepBack(turn: Turn): void {
  if (!IS_A_THREADS) return;
  try {
    if (getPriority() < PRIORITIES[turn]) setPriority(PRIORITIES[turn]);
  } catch {
    // Where even that may not be done, the work is done all the same.
  }
}
