/** A running timer. */
export interface Timer {
  /** Cancels the timer. */
  close(): unknown;
  /** Lets the process exit before the timer fires. */
  unref(): Timer;
}

/**
 * The time, and timers. It is injected into code that depends on time, so that tests can replace it. Timeouts
 * for this machine, other threads and servers always use `systemClock`.
 */
export interface Clock {
  /** Returns the wall clock's time, in milliseconds since 1970. */
  now(): number;
  /** Returns milliseconds since some moment, on a monotonic clock. */
  elapsed(): number;
  after(work: () => void, ms: number): Timer;
  every(work: () => void, ms: number): Timer;
  /** Waits. @throws the signal's reason once it is aborted. */
  sleep(ms: number, options?: SleepOptions): Promise<void>;
}

export interface SleepOptions {
  readonly signal?: AbortSignal | undefined;
  /** Whether the timer keeps the process running. By default, it does. */
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
