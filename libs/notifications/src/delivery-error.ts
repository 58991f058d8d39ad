/** A delivery failed. The error's message contains only numbers and codes: the response and the content sent can be confidential. */
export class DeliveryError extends Error {
  override readonly name = 'DeliveryError';
  /** Whether a retry is useless. */
  readonly isFinal: boolean;
  /** The delay that the receiver requested. */
  readonly retryAfterMs: number;

  constructor(message: string, { isFinal = false, retryAfterMs = 0 } = {}) {
    super(message);
    this.isFinal = isFinal;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Returns the code of a connection error, such as `ECONNREFUSED`; otherwise the error's name. */
export function codeOf(error: unknown): string {
  // `instanceof` fails for Node's own errors, which are from another realm in tests.
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
