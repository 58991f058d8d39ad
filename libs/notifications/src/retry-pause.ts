/** How often a message is tried, and how long is waited between. */
export interface RetrySettings {
  /** After so many attempts it is a dead letter. */
  readonly maxAttempts: number;
  readonly firstPauseMs: number;
}

const FACTOR = 3;
const PAUSE_MS_MAX = 16 * 3_600_000;
const JITTER = 0.2;
/** A receiver may ask for more patience, but not put a message off for good. */
const RETRY_AFTER_MS_MAX = 24 * 3_600_000;

/**
 * How long to wait after an attempt, in milliseconds: three times as long after each, 16 hours at the most, and a fifth
 * more or less, so that what failed together does not come together again. With 12 attempts from 30 seconds on it makes
 * three days.
 * @param random a number from 0 to 1.
 */
export function pauseAfter(
  attempt: number,
  { firstPauseMs }: RetrySettings,
  random: number,
  retryAfterMs = 0,
): number {
  const pause = Math.min(firstPauseMs * FACTOR ** (attempt - 1), PAUSE_MS_MAX);
  const jittered = pause * (1 - JITTER + 2 * JITTER * random);
  return Math.round(Math.max(jittered, Math.min(retryAfterMs, RETRY_AFTER_MS_MAX)));
}
