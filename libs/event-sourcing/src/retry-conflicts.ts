import { systemClock } from './clock.ts';
import { systemRandom } from './random.ts';
import { hasCode } from './errors.ts';

/** The limits for retrying after conflicts with other writers to the same streams. */
export interface ConflictBudget {
  /** The time from the first attempt, in milliseconds. It does not end a running attempt. */
  readonly ms: number;
  /** The maximum pause between two attempts, in milliseconds. Pauses are random and grow up to it. */
  readonly pauseMsMax: number;
}

export const CONFLICT_BUDGET: ConflictBudget = { ms: 5_000, pauseMsMax: 100 };

/**
 * Retries an attempt after version conflicts, until the budget is spent.
 * @param attempt reads, decides and appends. Its argument is true on a retry, when cached state may be stale.
 * @throws the last VersionConflictError when the budget is spent, and any other error of an attempt at once.
 */
export async function retryConflicts<T>(
  attempt: (isAgain: boolean) => Promise<T>,
  { ms, pauseMsMax }: ConflictBudget = CONFLICT_BUDGET,
): Promise<T> {
  const startedAt = systemClock.elapsed();
  for (let pauseMs = 1, isAgain = false; ; pauseMs = Math.min(pauseMs * 2, pauseMsMax), isAgain = true) {
    try {
      return await attempt(isAgain);
    } catch (error) {
      if (!hasCode(error, 'version-conflict') || systemClock.elapsed() - startedAt > ms) throw error;
      // Random, so that the same writers do not conflict again.
      await systemClock.sleep(systemRandom.fraction() * pauseMs);
    }
  }
}
