import { AsyncLocalStorage } from 'node:async_hooks';

/** How long one read may take, its statements and what is made of their rows. */
export const READ_MS_MAX = 2_000;
/** How many reads may wait for their turn, and for how long: where all come at once, longer than one read may take. */
const WAITING_MAX = 200;
const WAITING_MS_MAX = 5_000;

/** A read that was ended, since it would have taken too long: all others have their turn. */
export class QueryTooSlowError extends Error {
  readonly code = 'query-too-slow';

  constructor(limitMs: number, options?: ErrorOptions) {
    super(
      `The read was ended after ${limitMs / 1_000} s. Narrow it: by filters, by a span of dates, by rarer words, by a smaller page`,
      options,
    );
    this.name = 'QueryTooSlowError';
  }
}

/** As many reads wait as may; or one has waited as long as it may. */
export class ReadersBusyError extends Error {
  readonly code = 'readers-busy';

  constructor(detail: string) {
    super(detail);
    this.name = 'ReadersBusyError';
  }
}

/** Nobody waits for the answer any more, or the read models are being closed. */
export class ReadAbandonedError extends Error {
  readonly code = 'read-abandoned';

  constructor() {
    super('the read was given up, as nobody waits for its answer');
    this.name = 'ReadAbandonedError';
  }
}

/** What limited reads do now, and have come to since they were opened. */
export interface ReadCounts {
  /** Under way. */
  readonly busy: number;
  readonly waiting: number;
  /** Ended at their limit. */
  readonly tooSlow: number;
  /** Threads that did not end their read even then, and were replaced. */
  readonly replaced: number;
  /** Of these, those that go on still: nothing ends them but the process. */
  readonly left: number;
}

const wanted = new AsyncLocalStorage<AbortSignal>();

/** Reads that begin in the action are given up when the signal says so: whoever asked has gone. */
export const whileWanted = <Result>(signal: AbortSignal, action: () => Result): Result =>
  wanted.run(signal, action);

/** When whoever asks gives up; undefined where nobody can. */
export const giveUpSignal = (): AbortSignal | undefined => wanted.getStore();

interface Waiting {
  readonly begin: () => void;
  readonly refuse: (error: Error) => void;
}

/** Lets so many reads go on at once; others wait in their order, not too many, and not too long. */
export class ReadQueue {
  readonly #atOnce: number;
  readonly #waiting: Waiting[] = [];
  readonly #whenQuiet: (() => void)[] = [];
  #busy = 0;
  /** How many keep reads from beginning. */
  #held = 0;
  #tooSlow = 0;
  #isClosed = false;

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  get counts(): Omit<ReadCounts, 'replaced' | 'left'> {
    return { busy: this.#busy, waiting: this.#waiting.length, tooSlow: this.#tooSlow };
  }

  /**
   * @param read its time begins when it is called.
   * @throws ReadersBusyError, ReadAbandonedError; what `read` throws.
   */
  async run<Result>(read: () => Promise<Result>): Promise<Result> {
    this.#assertOpen();
    if (giveUpSignal()?.aborted === true) throw new ReadAbandonedError();
    if (this.#mayBegin) this.#busy += 1;
    else await this.#turn();
    try {
      this.#assertOpen();
      return await read();
    } catch (error) {
      if (error instanceof QueryTooSlowError) this.#tooSlow += 1;
      throw error;
    } finally {
      this.#busy -= 1;
      this.#goOn();
    }
  }

  /**
   * Does something while no read goes on: none begins until those under way have ended, and it is done; they wait meanwhile.
   * @throws ReadAbandonedError where it is closed before; what `action` throws.
   */
  async quiet<Result>(action: () => Promise<Result>): Promise<Result> {
    this.#held += 1;
    try {
      if (this.#busy > 0) await new Promise<void>((resolve) => this.#whenQuiet.push(resolve));
      this.#assertOpen();
      return await action();
    } finally {
      this.#held -= 1;
      this.#goOn();
    }
  }

  /** Refuses all that wait, or come. */
  close(): void {
    this.#isClosed = true;
    for (const { refuse } of this.#waiting.splice(0)) refuse(new ReadAbandonedError());
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new ReadAbandonedError();
  }

  get #mayBegin(): boolean {
    return this.#busy < this.#atOnce && this.#held === 0;
  }

  /** A place that is free goes to the next one, if there is any. */
  #goOn(): void {
    if (this.#busy === 0) for (const resolve of this.#whenQuiet.splice(0)) resolve();
    while (this.#mayBegin) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#busy += 1;
      next.begin();
    }
  }

  #turn(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    if (this.#waiting.length >= WAITING_MAX)
      return Promise.reject(new ReadersBusyError(`${WAITING_MAX} reads wait already`));
    const signal = giveUpSignal();
    const waiting: Waiting = {
      begin: () => {
        end();
        resolve(undefined);
      },
      refuse: (error) => {
        end();
        reject(error);
      },
    };
    const leave = (error: Error): void => {
      this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
      waiting.refuse(error);
    };
    const giveUp = (): void => {
      leave(new ReadAbandonedError());
    };
    const late = setTimeout(() => {
      leave(new ReadersBusyError(`other reads have gone on for ${WAITING_MS_MAX / 1_000} s`));
    }, WAITING_MS_MAX);
    const end = (): void => {
      clearTimeout(late);
      signal?.removeEventListener('abort', giveUp);
    };
    signal?.addEventListener('abort', giveUp, { once: true });
    this.#waiting.push(waiting);
    return promise;
  }
}
