import { constants, getPriority, setPriority } from 'node:os';

/**
 * Lets this thread wait where others answer requests and write events. On Linux a priority is a thread's; elsewhere it would
 * be the whole process's. Where the process has a lower one already, it keeps that: a higher one would be refused.
 */
export function stepBack(): void {
  const { PRIORITY_BELOW_NORMAL } = constants.priority;
  if (process.platform !== 'linux') return;
  try {
    if (getPriority() < PRIORITY_BELOW_NORMAL) setPriority(PRIORITY_BELOW_NORMAL);
  } catch {
    // Where even that may not be done, the work is done all the same.
  }
}
