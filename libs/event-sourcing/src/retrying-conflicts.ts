import { systemClock } from './clock.ts';
import { systemRandom } from './random.ts';
import { hasCode } from './errors.ts';

/** How long a conflict with others who write to the same streams is retried. */
export interface ConflictBudget {
  /** From the first attempt on, in milliseconds. One that has begun is not cut short. */
  readonly ms: number;
  /** The longest pause between two attempts, in milliseconds; pauses are random, and grow up to it. */
  readonly pauseMsMax: number;
}

export const CONFLICT_BUDGET: ConflictBudget = { ms: 5_000, pauseMsMax: 100 };

/**
 * Looks, decides and appends; where others appended in between, all of it again, until the budget is spent.
 * @param attempt does all three each time; it is told whether it is tried again, when nothing remembered can be trusted.
 * @throws the last VersionConflictError when the budget is spent, and at once whatever else an attempt throws.
 */
export async function retryingConflicts<T>(
  attempt: (isAgain: boolean) => Promise<T>,
  { ms, pauseMsMax }: ConflictBudget = CONFLICT_BUDGET,
): Promise<T> {
  const startedAt = systemClock.elapsed();
  for (let pauseMs = 1, isAgain = false; ; pauseMs = Math.min(pauseMs * 2, pauseMsMax), isAgain = true) {
    try {
      return await attempt(isAgain);
    } catch (error) {
      if (!hasCode(error, 'version-conflict') || systemClock.elapsed() - startedAt > ms) throw error;
      // Random, so that those who met do not meet again.
      await systemClock.sleep(systemRandom.fraction() * pauseMs);
    }
  }
}
