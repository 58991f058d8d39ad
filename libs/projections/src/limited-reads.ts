import { systemClock } from '#event-sourcing/clock';
import { AsyncLocalStorage } from 'node:async_hooks';

/** The time limit of one read, including the processing of its rows. */
export const READ_MS_MAX = 2_000;
/** The most waiting reads, and the longest wait, which exceeds the duration of one read. */
const WAITING_MAX = 1_000;
const WAITING_MS_MAX = 5_000;
/** The most waiting reads of one person, so that others can also wait. */
const WAITING_OF_ONE_MAX = 500;

/** Thrown if a read was cancelled at its time limit so that others can run. */
export class QueryTooSlowError extends Error {
  readonly code = 'query-too-slow';

  constructor(limitMs: number, options?: ErrorOptions) {
    super(
      `The query was cancelled after ${limitMs / 1_000} s. Narrow it with filters, a range of dates, rarer words or a smaller page`,
      options,
    );
    this.name = 'QueryTooSlowError';
  }
}

/** Thrown if too many reads are waiting, or one waited too long. */
export class ReadersBusyError extends Error {
  readonly code = 'readers-busy';

  constructor(detail: string) {
    super(detail);
    this.name = 'ReadersBusyError';
  }
}

/** Thrown if the caller no longer waits for the result, or the read models are closing. */
export class ReadAbandonedError extends Error {
  readonly code = 'read-abandoned';

  constructor() {
    super('the read was abandoned because its caller no longer waits');
    this.name = 'ReadAbandonedError';
  }
}

/** Counts of limited reads. */
export interface ReadCounts {
  /** The number of running reads. */
  readonly busy: number;
  readonly waiting: number;
  /** The number of reads cancelled at their time limit since opening. */
  readonly tooSlow: number;
  /** The number of replaced threads since opening, which did not end a cancelled read. */
  readonly replaced: number;
  /** The number of replaced threads that still run. Only the end of the process stops them. */
  readonly left: number;
}

interface ReadContext {
  readonly signal: AbortSignal | undefined;
  readonly who: string | undefined;
}
const readContext = new AsyncLocalStorage<ReadContext>();

/**
 * Runs an action whose reads are abandoned when the signal is aborted because the caller has gone.
 * @param who the person, if not that of the enclosing call; each person has their own turns.
 */
export const withReadContext = <Result>(
  signal: AbortSignal | undefined,
  action: () => Result,
  who = currentPerson(),
): Result => readContext.run({ signal, who }, action);

/** Returns the signal that is aborted when the caller no longer waits; undefined if there is none. */
export const abandonSignal = (): AbortSignal | undefined => readContext.getStore()?.signal;

/** Returns the person on whose behalf the code runs; undefined if there is none. */
export const currentPerson = (): string | undefined => readContext.getStore()?.who;

interface Waiting {
  readonly begin: () => void;
  readonly refuse: (error: Error) => void;
}

/** A person, or a single read without a person, which has its own turn. */
type Requester = string | symbol;

/**
 * A fair semaphore for reads, with limits on the number and the time of waiting ones. The next slot goes to the person
 * with the fewest running reads, round-robin between equals. The last slot is reserved for people without a running
 * read, because running reads are never interrupted for others.
 */
export class ReadQueue {
  readonly #atOnce: number;
  readonly #waitingMs: number;
  /** The waiting reads by person, in the order of their turns. */
  readonly #waiting = new Map<Requester, Waiting[]>();
  readonly #running = new Map<Requester, number>();
  readonly #whenQuiet: (() => void)[] = [];
  #busy = 0;
  /** The number of callers that prevent reads from starting. */
  #blockers = 0;
  #tooSlow = 0;
  #isClosed = false;

  /** @param waitingMs the longest time for which a read waits for its turn. */
  constructor(atOnce: number, waitingMs = WAITING_MS_MAX) {
    this.#atOnce = atOnce;
    this.#waitingMs = waitingMs;
  }

  get counts(): Omit<ReadCounts, 'replaced' | 'left'> {
    return { busy: this.#busy, waiting: this.#waitingCount, tooSlow: this.#tooSlow };
  }

  /**
   * Runs a read when it is its turn.
   * @param read is called when its time limit begins.
   * @throws ReadersBusyError, ReadAbandonedError; errors of `read`.
   */
  async run<Result>(read: () => Promise<Result>): Promise<Result> {
    this.#assertOpen();
    if (abandonSignal()?.aborted === true) throw new ReadAbandonedError();
    const asker = currentPerson() ?? Symbol();
    if (this.#mayBegin(asker)) this.#begin(asker);
    else await this.#turn(asker);
    try {
      this.#assertOpen();
      return await read();
    } catch (error) {
      if (error instanceof QueryTooSlowError) this.#tooSlow += 1;
      throw error;
    } finally {
      this.#end(asker);
      this.#goOn();
    }
  }

  /**
   * Runs an action while no read runs: waits for running reads to end, and starts none until the action ends.
   * @throws ReadAbandonedError if closed before; errors of `action`.
   */
  async quiet<Result>(action: () => Promise<Result>): Promise<Result> {
    this.#blockers += 1;
    try {
      if (this.#busy > 0) await new Promise<void>((resolve) => this.#whenQuiet.push(resolve));
      this.#assertOpen();
      return await action();
    } finally {
      this.#blockers -= 1;
      this.#goOn();
    }
  }

  /** Refuses all waiting and new reads. */
  close(): void {
    this.#isClosed = true;
    const all = [...this.#waiting.values()].flat();
    this.#waiting.clear();
    for (const { refuse } of all) refuse(new ReadAbandonedError());
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new ReadAbandonedError();
  }

  get #waitingCount(): number {
    let count = 0;
    for (const reads of this.#waiting.values()) count += reads.length;
    return count;
  }

  get #isFree(): boolean {
    return this.#busy < this.#atOnce && this.#blockers === 0;
  }

  #mayBegin(asker: Requester): boolean {
    const isLast = this.#busy === this.#atOnce - 1;
    return this.#isFree && !(isLast && this.#running.has(asker));
  }

  #begin(asker: Requester): void {
    this.#busy += 1;
    this.#running.set(asker, (this.#running.get(asker) ?? 0) + 1);
  }

  #end(asker: Requester): void {
    this.#busy -= 1;
    const left = (this.#running.get(asker) ?? 1) - 1;
    if (left > 0) this.#running.set(asker, left);
    else this.#running.delete(asker);
  }

  #goOn(): void {
    if (this.#busy === 0) for (const resolve of this.#whenQuiet.splice(0)) resolve();
    while (this.#isFree) {
      const asker = this.#nextAsker();
      if (asker === undefined) return;
      const [next, ...others] = this.#waiting.get(asker) ?? [];
      // The person's other reads move to the end of the round.
      this.#waiting.delete(asker);
      if (others.length > 0) this.#waiting.set(asker, others);
      this.#begin(asker);
      next?.begin();
    }
  }

  #nextAsker(): Requester | undefined {
    let [next, fewest]: [Requester | undefined, number] = [undefined, Infinity];
    for (const asker of this.#waiting.keys()) {
      const running = this.#running.get(asker) ?? 0;
      if (running < fewest && this.#mayBegin(asker)) [next, fewest] = [asker, running];
    }
    return next;
  }

  #leave(asker: Requester, waiting: Waiting): void {
    const others = (this.#waiting.get(asker) ?? []).filter((other) => other !== waiting);
    if (others.length > 0) this.#waiting.set(asker, others);
    else this.#waiting.delete(asker);
  }

  #assertRoom(asker: Requester): void {
    if (this.#waitingCount >= WAITING_MAX)
      throw new ReadersBusyError(`${WAITING_MAX} reads are already waiting`);
    if ((this.#waiting.get(asker)?.length ?? 0) >= WAITING_OF_ONE_MAX)
      throw new ReadersBusyError(`${WAITING_OF_ONE_MAX} of your reads are already waiting`);
  }

  /**
   * Waits for a turn.
   * @throws ReadersBusyError at once if too many reads are waiting.
   */
  #turn(asker: Requester): Promise<void> {
    this.#assertRoom(asker);
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const signal = abandonSignal();
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
      this.#leave(asker, waiting);
      waiting.refuse(error);
    };
    const abandon = (): void => {
      leave(new ReadAbandonedError());
    };
    const late = systemClock.after(() => {
      leave(new ReadersBusyError(`other reads have been running for ${this.#waitingMs / 1_000} s`));
    }, this.#waitingMs);
    const end = (): void => {
      late.close();
      signal?.removeEventListener('abort', abandon);
    };
    signal?.addEventListener('abort', abandon, { once: true });
    this.#waiting.set(asker, [...(this.#waiting.get(asker) ?? []), waiting]);
    return promise;
  }
}
