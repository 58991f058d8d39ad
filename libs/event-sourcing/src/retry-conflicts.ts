import { systemClock } from './clock.ts';
import { systemRandom } from './random.ts';
import { hasCode } from './errors.ts';

/** The time from the first attempt in which others may begin, in milliseconds. */
export const RETRIES_MS_MAX = 5_000;
/** The maximum pause between two attempts, in milliseconds. Pauses are random and grow up to it. */
export const PAUSE_MS_MAX = 100;

/**
 * Retries an attempt after version conflicts with other writers to the same streams, for a limited time.
 * @param attempt reads, decides and appends. Its argument is true on a retry, when cached state may be stale.
 * @throws the last VersionConflictError when the time is over, and any other error of an attempt at once.
 */
export async function retryConflicts<T>(attempt: (isAgain: boolean) => Promise<T>): Promise<T> {
  const startedAt = systemClock.elapsed();
  for (let pauseMs = 1, isAgain = false; ; pauseMs = Math.min(pauseMs * 2, PAUSE_MS_MAX), isAgain = true) {
    try {
      return await attempt(isAgain);
    } catch (error) {
      if (!hasCode(error, 'version-conflict') || systemClock.elapsed() - startedAt > RETRIES_MS_MAX)
        throw error;
      // Random, so that the same writers do not conflict again.
      await systemClock.sleep(systemRandom.fraction() * pauseMs);
    }
  }
}
