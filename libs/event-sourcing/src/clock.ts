/** A timer that was set. */
export interface Timer {
  /** Ends it: its work is not done any more. */
  close(): unknown;
  /** Lets the process end before it is due. */
  unref(): Timer;
}

/**
 * The time, and timers. What is done depends on them, so they are handed to whoever does it, and a test hands in its own. The limits of
 * what this machine, another thread or a server is given to answer in are another thing: they go by `systemClock` whatever was handed in.
 */
export interface Clock {
  /** What the wall clock says, in milliseconds since 1970. */
  now(): number;
  /** The milliseconds since some moment, by a clock that cannot be set. */
  elapsed(): number;
  after(work: () => void, ms: number): Timer;
  every(work: () => void, ms: number): Timer;
  /** @throws the signal's reason, once it is aborted. */
  sleep(ms: number, options?: SleepOptions): Promise<void>;
}

export interface SleepOptions {
  readonly signal?: AbortSignal | undefined;
  /** Whether the process is held meanwhile; it is where nothing else is said. */
  readonly ref?: boolean;
}

/** The clock of this machine. Nothing else reads it, or sets a timer. */
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

/** What a clock says, as events have it. */
export const instant = (ms: number): string => new Date(ms).toISOString();
