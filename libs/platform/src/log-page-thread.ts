import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { StoreUnavailableError } from '#event-sourcing/errors';
import { decodeError } from '#event-store/sqlite/thread-errors';
import { QueryTooSlowError, ReadAbandonedError } from '#projections/limited-reads';
import type { ReadLimits } from '#projections/sqlite/reader-thread';
import type { LogAsked } from '#use-cases/log/filter-log';
import type { LogFile, LogPageAnswer, LogPageMessage, LogPageOptions } from './log-page-worker.ts';

type Piece = Uint8Array | null;

export interface LogPageReports {
  /** An event cannot be read. */
  readonly met: (error: Error) => void;
  /** It takes no other page. */
  readonly lost: (thread: LogPageThread, error: Error) => void;
}

/** A page that a thread is at. */
export interface OpenPage {
  /**
   * The next piece; null where there is none.
   * @throws QueryTooSlowError, ReadAbandonedError, and as `LogPages.page`.
   */
  next(): Promise<Piece>;
  /** Nobody wants more of it. */
  end(): void;
}

/** A thread with a connection of its own, which reads pages of the log piece by piece, each when it is asked for. */
export class LogPageThread {
  readonly #limits: ReadLimits;
  readonly #reports: LogPageReports;
  readonly #worker: Worker;
  readonly #pending = new Map<number, PromiseWithResolvers<Piece>>();
  /** Settles when it can be asked, or never can. */
  readonly #started = Promise.withResolvers<undefined>();
  readonly #late: NodeJS.Timeout;
  readonly exited: Promise<unknown>;
  #pages = 0;
  #asking = 0;
  #lost: Error | null = null;
  #isClosing = false;

  constructor(file: LogFile, limits: ReadLimits, reports: LogPageReports) {
    const { limitMs, startMs } = limits;
    this.#limits = limits;
    this.#reports = reports;
    // The source runs as it is under Node 26; what was built has its extension.
    this.#worker = new Worker(new URL(`./log-page-worker${extname(import.meta.url)}`, import.meta.url), {
      workerData: { ...file, limitMs } satisfies LogPageOptions,
    });
    this.exited = new Promise((resolve) => this.#worker.once('exit', resolve));
    this.#worker.on('message', (answer: LogPageAnswer) => {
      this.#take(answer);
    });
    this.#worker.on('error', (error: Error) => {
      this.#lose(new StoreUnavailableError(`it failed: ${error.message}`, { cause: error }));
    });
    this.#worker.on('exit', () => {
      this.#lose(new StoreUnavailableError('it has ended'));
    });
    this.#late = setTimeout(() => {
      this.#replace(new StoreUnavailableError(`it has not started within ${startMs / 1_000} s`));
    }, startMs);
    // A process that has nothing to read ends.
    this.#worker.unref();
  }

  open(asked: LogAsked): OpenPage {
    const page = (this.#pages += 1);
    return {
      next: () => this.#ask(page, asked),
      end: () => {
        this.#send({ end: page });
      },
    };
  }

  /** Ends the thread, after the piece that is under way. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#worker.ref();
    this.#send('close');
    await this.exited;
  }

  /** Waits for it no longer. */
  leave(): void {
    this.#replace(new ReadAbandonedError());
  }

  async #ask(page: number, asked: LogAsked): Promise<Piece> {
    const { limitMs, graceMs } = this.#limits;
    let hung: NodeJS.Timeout | undefined;
    this.#asking += 1;
    this.#worker.ref();
    try {
      await this.#started.promise;
      if (this.#lost !== null) throw this.#lost;
      const answer = Promise.withResolvers<Piece>();
      this.#pending.set(page, answer);
      this.#send({ page, asked });
      hung = setTimeout(() => {
        this.#replace(new QueryTooSlowError(limitMs));
      }, limitMs + graceMs);
      return await answer.promise;
    } finally {
      clearTimeout(hung);
      this.#pending.delete(page);
      this.#asking -= 1;
      // Who closes it waits for its end.
      if (this.#asking === 0 && !this.#isClosing) this.#worker.unref();
    }
  }

  #send(message: LogPageMessage): void {
    this.#worker.postMessage(message);
  }

  #take(answer: LogPageAnswer): void {
    if (answer === 'ready') {
      clearTimeout(this.#late);
      this.#started.resolve(undefined);
    } else if ('unusable' in answer) this.#lose(decodeError(answer.unusable));
    else if ('met' in answer) this.#reports.met(decodeError(answer.met));
    else if ('failed' in answer) this.#pending.get(answer.page)?.reject(decodeError(answer.failed));
    else this.#pending.get(answer.page)?.resolve(answer.bytes);
  }

  /** Another thread takes its place. Native code that it is at goes on. */
  #replace(error: Error): void {
    this.#lose(error);
    this.#worker.unref();
    void this.#worker.terminate();
  }

  #lose(error: Error): void {
    if (this.#lost !== null) return;
    clearTimeout(this.#late);
    this.#lost = this.#isClosing ? new ReadAbandonedError() : error;
    this.#started.resolve(undefined);
    for (const { reject } of this.#pending.values()) reject(this.#lost);
    this.#reports.lost(this, this.#lost);
  }
}
