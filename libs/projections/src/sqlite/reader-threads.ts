import type { Transaction } from 'kysely';
import { ReadersBusyError, ReadQueue } from '../limited-reads.ts';
import type { ReadCounts } from '../limited-reads.ts';
import type { MetaTables } from '../meta-tables.ts';
import { LeftThreads } from '../replaceable-thread.ts';
import type { ReadLimits } from '../replaceable-thread.ts';
import { ReadModelsUnavailableError } from '../read-model-database.ts';
import { fileMoved } from './file-trouble.ts';
import { ReaderThread } from './reader-thread.ts';
import type { ReadFile, StatementReports } from './reader-thread.ts';

/** How many threads read at once, of how many cores there ever are: the writer, the projector and the requests have theirs. */
const THREADS = 2;
const SQL_TOLD_MAX = 2_000;

/** Threads that are started when they are first needed, and that end with the process where nobody closes them. */
export class ReaderThreads {
  readonly #file: ReadFile;
  readonly #limits: ReadLimits;
  readonly #reports: StatementReports;
  readonly #onReplaced: (message: string) => void;
  readonly #queue = new ReadQueue(THREADS);
  readonly #threads = new Set<ReaderThread>();
  readonly #idle: ReaderThread[] = [];
  readonly #left = new LeftThreads();
  #isClosing = false;

  /** @param onReplaced is told of each thread that is replaced, and by which statement; by nothing that anybody wrote. */
  constructor(
    file: ReadFile,
    limits: ReadLimits,
    reports: StatementReports,
    onReplaced: (message: string) => void,
  ) {
    this.#file = file;
    this.#limits = limits;
    this.#reports = reports;
    this.#onReplaced = onReplaced;
  }

  /** Why every read is refused now; null where none is. */
  get refusal(): string | null {
    return this.#threads.size > 0 ? null : this.#left.refusal;
  }

  get counts(): ReadCounts {
    return { ...this.#queue.counts, ...this.#left.counts };
  }

  /** @throws as `ReadQueue.run` and `ReaderThread.read` do. */
  read<Result>(action: (trx: Transaction<MetaTables>) => Promise<Result>): Promise<Result> {
    return this.#queue.run(async () => {
      const thread = this.#take();
      try {
        return await thread.read(action);
      } finally {
        if (thread.isUsable) this.#idle.push(thread);
        else this.#leave(thread);
      }
    });
  }

  /** As `ReadQueue.quiet`. */
  quiet<Result>(action: () => Promise<Result>): Promise<Result> {
    return this.#queue.quiet(action);
  }

  /** Waits until the threads have ended, but not for one that does not: it is left to its statement. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#queue.close();
    await this.#left.close(this.#threads, this.#limits.closeMs);
    for (const thread of this.#threads) this.#leave(thread);
  }

  #take(): ReaderThread {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (idle.isUsable) return idle;
      this.#leave(idle);
    }
    const { refusal } = this.#left;
    if (refusal !== null) throw new ReadersBusyError(refusal);
    const moved = fileMoved(this.#file.path, this.#file.opened);
    if (moved !== null) throw new ReadModelsUnavailableError(this.#file.path, moved);
    const thread = new ReaderThread(this.#file, this.#limits, this.#reports);
    this.#threads.add(thread);
    return thread;
  }

  #leave(thread: ReaderThread): void {
    if (!this.#threads.delete(thread)) return;
    this.#left.add(thread);
    if (!this.#isClosing) this.#onReplaced(toldOf(thread));
  }
}

/** Parameters are not in a statement's text; what it holds in quotes may be anybody's words. */
function toldOf({ end }: ReaderThread): string {
  const sql = end?.sql?.replaceAll(/'(?:[^']|'')*'/g, "'…'").slice(0, SQL_TOLD_MAX);
  return `A thread that reads was replaced: ${end?.reason ?? 'it has ended'}. Its statement: ${sql ?? 'none yet'}`;
}
