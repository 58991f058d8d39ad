import { systemClock } from '#event-sourcing/clock';
import { AsyncLocalStorage } from 'node:async_hooks';

/** How long one read may take, its statements and what is made of their rows. */
export const READ_MS_MAX = 2_000;
/** How many reads may wait for their turn, and for how long: where all come at once, longer than one read may take. */
const WAITING_MAX = 1_000;
const WAITING_MS_MAX = 5_000;
/** How many of them one person may have: others find room besides. */
const WAITING_OF_ONE_MAX = 500;

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

interface Asking {
  readonly signal: AbortSignal | undefined;
  readonly who: string | undefined;
}
const asking = new AsyncLocalStorage<Asking>();

/**
 * Reads that begin in the action are given up when the signal says so: whoever asked has gone.
 * @param who asks, where it is not who asked before: each has turns of their own.
 */
export const whileWanted = <Result>(
  signal: AbortSignal | undefined,
  action: () => Result,
  who = whoAsks(),
): Result => asking.run({ signal, who }, action);

/** When whoever asks gives up; undefined where nobody can. */
export const giveUpSignal = (): AbortSignal | undefined => asking.getStore()?.signal;

/** Who asks; undefined for what nobody in particular does. */
export const whoAsks = (): string | undefined => asking.getStore()?.who;

interface Waiting {
  readonly begin: () => void;
  readonly refuse: (error: Error) => void;
}

/** A person, or a read of nobody in particular, which takes its turns alone. */
type Asker = string | symbol;

/**
 * Lets so many reads go on at once; others wait, not too many, and not too long. The next is of whoever has fewest under way,
 * and among these each has one turn after the other. Who has one under way does not take the last place: whoever comes next
 * finds it free, since what goes on is not ended for them.
 */
export class ReadQueue {
  readonly #atOnce: number;
  readonly #waitingMs: number;
  /** In the order of their turns. */
  readonly #waiting = new Map<Asker, Waiting[]>();
  readonly #underWay = new Map<Asker, number>();
  readonly #whenQuiet: (() => void)[] = [];
  #busy = 0;
  /** How many keep reads from beginning. */
  #held = 0;
  #tooSlow = 0;
  #isClosed = false;

  /** @param waitingMs how long a read waits for its turn. */
  constructor(atOnce: number, waitingMs = WAITING_MS_MAX) {
    this.#atOnce = atOnce;
    this.#waitingMs = waitingMs;
  }

  get counts(): Omit<ReadCounts, 'replaced' | 'left'> {
    return { busy: this.#busy, waiting: this.#waitingCount, tooSlow: this.#tooSlow };
  }

  /**
   * @param read its time begins when it is called.
   * @throws ReadersBusyError, ReadAbandonedError; what `read` throws.
   */
  async run<Result>(read: () => Promise<Result>): Promise<Result> {
    this.#assertOpen();
    if (giveUpSignal()?.aborted === true) throw new ReadAbandonedError();
    const asker = whoAsks() ?? Symbol();
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
    return this.#busy < this.#atOnce && this.#held === 0;
  }

  #mayBegin(asker: Asker): boolean {
    const isLast = this.#busy === this.#atOnce - 1;
    return this.#isFree && !(isLast && this.#underWay.has(asker));
  }

  #begin(asker: Asker): void {
    this.#busy += 1;
    this.#underWay.set(asker, (this.#underWay.get(asker) ?? 0) + 1);
  }

  #end(asker: Asker): void {
    this.#busy -= 1;
    const left = (this.#underWay.get(asker) ?? 1) - 1;
    if (left > 0) this.#underWay.set(asker, left);
    else this.#underWay.delete(asker);
  }

  /** A place that is free goes to the next one, if there is any. */
  #goOn(): void {
    if (this.#busy === 0) for (const resolve of this.#whenQuiet.splice(0)) resolve();
    while (this.#isFree) {
      const asker = this.#nextAsker();
      if (asker === undefined) return;
      const [next, ...others] = this.#waiting.get(asker) ?? [];
      // What else they wait for has its turn after everybody's.
      this.#waiting.delete(asker);
      if (others.length > 0) this.#waiting.set(asker, others);
      this.#begin(asker);
      next?.begin();
    }
  }

  #nextAsker(): Asker | undefined {
    let [next, fewest]: [Asker | undefined, number] = [undefined, Infinity];
    for (const asker of this.#waiting.keys()) {
      const underWay = this.#underWay.get(asker) ?? 0;
      if (underWay < fewest && this.#mayBegin(asker)) [next, fewest] = [asker, underWay];
    }
    return next;
  }

  #leave(asker: Asker, waiting: Waiting): void {
    const others = (this.#waiting.get(asker) ?? []).filter((other) => other !== waiting);
    if (others.length > 0) this.#waiting.set(asker, others);
    else this.#waiting.delete(asker);
  }

  #assertRoom(asker: Asker): void {
    if (this.#waitingCount >= WAITING_MAX) throw new ReadersBusyError(`${WAITING_MAX} reads wait already`);
    if ((this.#waiting.get(asker)?.length ?? 0) >= WAITING_OF_ONE_MAX)
      throw new ReadersBusyError(`${WAITING_OF_ONE_MAX} of your reads wait already`);
  }

  /** @throws ReadersBusyError at once where no more may wait. */
  #turn(asker: Asker): Promise<void> {
    this.#assertRoom(asker);
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
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
      this.#leave(asker, waiting);
      waiting.refuse(error);
    };
    const giveUp = (): void => {
      leave(new ReadAbandonedError());
    };
    const late = systemClock.after(() => {
      leave(new ReadersBusyError(`other reads have gone on for ${this.#waitingMs / 1_000} s`));
    }, this.#waitingMs);
    const end = (): void => {
      late.close();
      signal?.removeEventListener('abort', giveUp);
    };
    signal?.addEventListener('abort', giveUp, { once: true });
    this.#waiting.set(asker, [...(this.#waiting.get(asker) ?? []), waiting]);
    return promise;
  }
}
