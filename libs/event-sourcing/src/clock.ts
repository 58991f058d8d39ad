/** A running timer. */
export interface Timer {
  /** Cancels it. */
  close(): unknown;
  /** Lets the process exit before it fires. */
  unref(): Timer;
}

/**
 * The time, and timers. Injected into everything that depends on time, so that tests can replace it. Timeouts for this
 * machine, other threads and servers are different: they always use `systemClock`.
 */
export interface Clock {
  /** The time of the wall clock, in milliseconds since 1970. */
  now(): number;
  /** Milliseconds since some moment, by a monotonic clock. */
  elapsed(): number;
  after(work: () => void, ms: number): Timer;
  every(work: () => void, ms: number): Timer;
  /** @throws the signal's reason once it is aborted. */
  sleep(ms: number, options?: SleepOptions): Promise<void>;
}

export interface SleepOptions {
  readonly signal?: AbortSignal | undefined;
  /** Whether the timer keeps the process running; true by default. */
  readonly ref?: boolean;
}

/** The clock of this machine. No other code reads it or sets timers. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after: (work, ms) => setTimeout(work, ms),
  every: (work, ms) => setInterval(work, ms),
  async sleep(ms, { signal, ref = true } = {}) {
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => {
      resolve(undefined);
    }, ms);
    if (!ref) timer.unref();
    const abort = (): void => {
      reject(signal?.reason as Error);
    };
    signal?.addEventListener('abort', abort);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    }
  },
};

/** Returns a time in the format of events. */
export const instant = (ms: number): string => new Date(ms).toISOString();
