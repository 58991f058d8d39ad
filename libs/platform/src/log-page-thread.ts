import { extname } from 'node:path';
import { StoreUnavailableError } from '#event-sourcing/errors';
import { decodeError } from '#event-store/sqlite/thread-errors';
import { QueryTooSlowError } from '#projections/limited-reads';
import { ReplaceableThread } from '#projections/replaceable-thread';
import type { ReadLimits } from '#projections/replaceable-thread';
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
  readonly #thread: ReplaceableThread<LogPageMessage, Exclude<LogPageAnswer, 'ready'>>;
  readonly #pending = new Map<number, PromiseWithResolvers<Piece>>();
  #pages = 0;

  constructor(file: LogFile, limits: ReadLimits, reports: LogPageReports) {
    const { limitMs, startMs } = limits;
    this.#limits = limits;
    this.#reports = reports;
    this.#thread = new ReplaceableThread({
      // The source runs as it is under Node 26; what was built has its extension.
      module: new URL(`./log-page-worker${extname(import.meta.url)}`, import.meta.url),
      workerData: { ...file, limitMs } satisfies LogPageOptions,
      startMs,
      unavailable: (reason, options) => new StoreUnavailableError(`it ${reason}`, options),
      onAnswer: (answer) => {
        this.#take(answer);
      },
      onLost: (error) => {
        for (const { reject } of this.#pending.values()) reject(error);
        reports.lost(this, error);
      },
    });
  }

  get exited(): Promise<unknown> {
    return this.#thread.exited;
  }

  open(asked: LogAsked): OpenPage {
    const page = (this.#pages += 1);
    return {
      next: () => this.#thread.whileAsked(() => this.#ask(page, asked)),
      end: () => {
        this.#thread.send({ end: page });
      },
    };
  }

  /** Ends the thread, after the piece that is under way. */
  close(): Promise<void> {
    return this.#thread.close();
  }

  /** Waits for it no longer. */
  leave(): void {
    this.#thread.leave();
  }

  async #ask(page: number, asked: LogAsked): Promise<Piece> {
    const { limitMs, graceMs } = this.#limits;
    const answer = Promise.withResolvers<Piece>();
    this.#pending.set(page, answer);
    this.#thread.send({ page, asked });
    const hung = setTimeout(() => {
      this.#thread.replace(new QueryTooSlowError(limitMs));
    }, limitMs + graceMs);
    try {
      return await answer.promise;
    } finally {
      clearTimeout(hung);
      this.#pending.delete(page);
    }
  }

  #take(answer: Exclude<LogPageAnswer, 'ready'>): void {
    if ('unusable' in answer) this.#thread.lose(decodeError(answer.unusable));
    else if ('met' in answer) this.#reports.met(decodeError(answer.met));
    else if ('failed' in answer) this.#pending.get(answer.page)?.reject(decodeError(answer.failed));
    else this.#pending.get(answer.page)?.resolve(answer.bytes);
  }
}
