/**
 * A message that was not delivered. The message says what happened in figures and codes: neither what a receiver
 * answered nor what was sent, since both can hold what is nobody else's business.
 */
export class DeliveryError extends Error {
  override readonly name = 'DeliveryError';
  /** Trying again would change nothing. */
  readonly isFinal: boolean;
  /** How long the receiver asked to be left alone. */
  readonly retryAfterMs: number;

  constructor(message: string, { isFinal = false, retryAfterMs = 0 } = {}) {
    super(message);
    this.isFinal = isFinal;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The code of what went wrong with a connection, as `ECONNREFUSED`; else the error's own name. */
export function codeOf(error: unknown): string {
  // Not by `instanceof`: what Node itself makes comes from another realm where tests run.
  for (let cause = error as Thrown | undefined; typeof cause === 'object'; cause = cause.cause) {
    if (typeof cause.code === 'string' && /^[A-Z][A-Z0-9_]{1,63}$/.test(cause.code)) return cause.code;
  }
  return (error as Thrown | undefined)?.name ?? 'unknown';
}

interface Thrown {
  readonly name?: string;
  readonly code?: unknown;
  readonly cause?: Thrown;
}
