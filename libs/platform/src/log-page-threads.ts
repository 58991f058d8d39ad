import { StoreUnavailableError } from '#event-sourcing/errors';
import { fileIdentity } from '#event-store/sqlite/file-in-place';
import { abandonSignal, QueryTooSlowError, ReadAbandonedError } from '#projections/limited-reads';
import type { ReadCounts } from '#projections/limited-reads';
import { readingOn } from '#projections/read-on';
import { READ_LIMITS, ReadThreads } from '#projections/read-threads';
import type { ReadLimits } from '#projections/read-threads';
import { decodeError } from '#threads/messages';
import type { EncodedError } from '#threads/messages';
import { Thread, threadModule } from '#threads/thread';
import type { LogPageRequest, LogPages } from '#use-cases/log/filter-log';
import type { PieceRequest, LogPageOptions, LogPageTasks } from './log-page-worker.ts';

/** The number of pieces requested at once, so that the thread always has a next one and readers alternate. */
const AT_ONCE = 2;

interface LogPageReports {
  /** Called with the error of an event that cannot be read. */
  readonly met: (error: Error) => void;
  /** Called when a thread is replaced. */
  readonly onReplaced: (message: string) => void;
}

/** A thread with its own connection, which reads pages of the log piece by piece on request. */
type LogPageThread = Thread<LogPageTasks, EncodedError>;

/** A page in progress. */
interface OpenPage extends PieceRequest {
  readonly thread: LogPageThread;
}

/** Reads the pages of a log in a file on other threads, started for the first page. */
export class LogPageThreads implements LogPages {
  readonly #limits: ReadLimits;
  readonly #threads: ReadThreads<LogPageThread>;
  #pages = 0;

  /** @param path the path of an open store's file */
  constructor(path: string, { met, onReplaced }: LogPageReports, narrower: Partial<ReadLimits> = {}) {
    this.#limits = { ...READ_LIMITS, ...narrower };
    const { limitMs, startMs, closeMs } = this.#limits;
    const data: LogPageOptions = { path, opened: fileIdentity(path), limitMs };
    this.#threads = new ReadThreads({
      atOnce: AT_ONCE,
      closeMs,
      start: (onLost): LogPageThread =>
        new Thread({
          module: threadModule('log-page-worker', import.meta.url),
          data,
          startMs,
          unavailable: (reason, options) => new StoreUnavailableError(`it ${reason}`, options),
          closed: () => new ReadAbandonedError(),
          onReport: (error) => {
            met(decodeError(error));
          },
          onLost,
        }),
      onReplaced: (_, { message }) => {
        onReplaced(`A log reader thread was replaced: ${message}`);
      },
    });
  }

  get counts(): ReadCounts {
    return this.#threads.counts;
  }

  get refusal(): string | null {
    return this.#threads.refusal;
  }

  /**
   * Yields a page as the bytes of its response. Throws as `LogPages.page` does. @throws ReadersBusyError,
   * QueryTooSlowError, ReadAbandonedError
   */
  page(request: LogPageRequest): AsyncGenerator<Uint8Array> {
    return this.#pieces(request, abandonSignal(), readingOn());
  }

  async *#pieces(
    request: LogPageRequest,
    wanted: AbortSignal | undefined,
    readOn: ReturnType<typeof readingOn>,
  ): AsyncGenerator<Uint8Array> {
    let page: OpenPage | undefined;
    const end = (): void => page?.thread.send('end', page.page);
    const next = () => this.#threads.queue.run(() => this.#next((page ??= this.#open(request))));
    // The client may disconnect before the first piece.
    wanted?.addEventListener('abort', end, { once: true });
    try {
      for (let piece = await next(); piece !== null; piece = await readOn(next)) yield piece;
    } finally {
      wanted?.removeEventListener('abort', end);
      end();
    }
  }

  /** Waits until the threads have ended, up to the time limit. */
  close(): Promise<void> {
    return this.#threads.close();
  }

  #open(request: LogPageRequest): OpenPage {
    const thread = this.#threads.acquire();
    // Other readers use the thread too: it reads pages concurrently.
    this.#threads.release(thread);
    return { thread, request, page: (this.#pages += 1) };
  }

  async #next({ thread, request, page }: OpenPage): Promise<Uint8Array | null> {
    const { limitMs, graceMs } = this.#limits;
    await thread.whenStarted();
    return thread.request('next', { page, request }, limitMs + graceMs, () => new QueryTooSlowError(limitMs));
  }
}
