/** The number of attempts, the pauses between them, and their limits. */
export interface DeliverySettings {
  /** The number of attempts after which a message becomes a dead letter. */
  readonly maxAttempts: number;
  readonly firstPauseMs: number;
  /** The timeout of an attempt. */
  readonly timeoutMs: number;
  /** How long a process owns a message. Afterwards its owner is presumed dead, and another process may send the message. */
  readonly leaseMs: number;
}

export const DELIVERY: DeliverySettings = {
  maxAttempts: 12,
  firstPauseMs: 30_000,
  timeoutMs: 15_000,
  leaseMs: 90_000,
};

const FACTOR = 3;
const PAUSE_MS_MAX = 16 * 3_600_000;
const JITTER = 0.2;
/** The maximum delay that a receiver can request. */
const RETRY_AFTER_MS_MAX = 24 * 3_600_000;

/**
 * Returns the pause after an attempt in milliseconds: three times the previous one, at most 16 hours, with 20 % jitter, so that messages
 * that failed together are not retried together. 12 attempts, with a first pause of 30 seconds, span three days.
 * @param random a number from 0 to 1.
 */
export function pauseAfter(
  attempt: number,
  { firstPauseMs }: Pick<DeliverySettings, 'firstPauseMs'>,
  random: number,
  retryAfterMs = 0,
): number {
  const pause = Math.min(firstPauseMs * FACTOR ** (attempt - 1), PAUSE_MS_MAX);
  const jittered = pause * (1 - JITTER + 2 * JITTER * random);
  return Math.round(Math.max(jittered, Math.min(retryAfterMs, RETRY_AFTER_MS_MAX)));
}
