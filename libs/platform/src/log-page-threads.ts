import { fileIdentity } from '#event-store/sqlite/file-in-place';
import { giveUpSignal, READ_MS_MAX, ReadersBusyError, ReadQueue } from '#projections/limited-reads';
import type { ReadCounts } from '#projections/limited-reads';
import { readingOn } from '#projections/read-on';
import { LeftThreads } from '#projections/replaceable-thread';
import type { ReadLimits } from '#projections/replaceable-thread';
import type { LogAsked } from '#use-cases/log/filter-log';
import type { LogPages } from '#use-cases/log/log-pages';
import { LogPageThread } from './log-page-thread.ts';
import type { LogPageReports, OpenPage } from './log-page-thread.ts';
import type { LogFile } from './log-page-worker.ts';

/** How many pieces are asked for at once: so the thread has the next one at hand, and each who reads their turns. */
const AT_ONCE = 2;
const LIMITS: ReadLimits = { limitMs: READ_MS_MAX, graceMs: 1_000, startMs: 10_000, closeMs: 2_000 };

export interface LogPageThreadsReports extends Pick<LogPageReports, 'met'> {
  /** Told of each thread that is replaced. */
  readonly onReplaced: (message: string) => void;
}

/** Reads the pages of a log in a file in a thread beside the one that sends them, which is started by the first. */
export class LogPageThreads implements LogPages {
  readonly #file: LogFile;
  readonly #limits: ReadLimits;
  readonly #reports: LogPageThreadsReports;
  readonly #queue = new ReadQueue(AT_ONCE);
  readonly #left = new LeftThreads();
  #thread: LogPageThread | null = null;
  #isClosing = false;

  /** @param path of the file of a store that is open. */
  constructor(path: string, reports: LogPageThreadsReports, narrower: Partial<ReadLimits> = {}) {
    this.#file = { path, opened: fileIdentity(path) };
    this.#limits = { ...LIMITS, ...narrower };
    this.#reports = reports;
  }

  get counts(): ReadCounts {
    return { ...this.#queue.counts, ...this.#left.counts };
  }

  get refusal(): string | null {
    return this.#thread === null ? this.#left.refusal : null;
  }

  /** @throws as `LogPages.page`; ReadersBusyError, QueryTooSlowError, ReadAbandonedError. */
  page(asked: LogAsked): AsyncGenerator<Uint8Array> {
    return this.#pieces(asked, giveUpSignal(), readingOn());
  }

  async *#pieces(
    asked: LogAsked,
    wanted: AbortSignal | undefined,
    readOn: ReturnType<typeof readingOn>,
  ): AsyncGenerator<Uint8Array> {
    let page: OpenPage | undefined;
    const end = (): void => page?.end();
    const next = () => this.#queue.run(() => (page ??= this.#take().open(asked)).next());
    // Whoever goes may have taken no piece yet.
    wanted?.addEventListener('abort', end, { once: true });
    try {
      for (let piece = await next(); piece !== null; piece = await readOn(next)) yield piece;
    } finally {
      wanted?.removeEventListener('abort', end);
      end();
    }
  }

  /** Waits until the thread has ended, but not for one that does not. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#queue.close();
    await this.#left.close(this.#thread === null ? [] : [this.#thread], this.#limits.closeMs);
  }

  #take(): LogPageThread {
    if (this.#thread !== null) return this.#thread;
    const { refusal } = this.#left;
    if (refusal !== null) throw new ReadersBusyError(refusal);
    return (this.#thread = new LogPageThread(this.#file, this.#limits, {
      met: this.#reports.met,
      lost: (thread, error) => {
        this.#leave(thread, error);
      },
    }));
  }

  #leave(thread: LogPageThread, { message }: Error): void {
    this.#thread = null;
    this.#left.add(thread);
    if (this.#isClosing) return;
    this.#reports.onReplaced(`A thread that reads pages of the log was replaced: ${message}`);
  }
}
