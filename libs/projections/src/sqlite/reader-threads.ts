import type { Transaction } from 'kysely';
import type { SetTables } from '../operational-tables.ts';
import { ReadThreads } from '../read-threads.ts';
import type { ReadLimits } from '../read-threads.ts';
import { ReadModelsUnavailableError } from '../read-model-database.ts';
import { fileMoved } from './file-trouble.ts';
import { ReaderThread } from './reader-thread.ts';
import type { ReadFile } from './reader-worker.ts';

/**
 * The number of threads that read, however many cores there are: the writer, the projector and requests also need
 * cores.
 */
const THREADS = 2;
const SQL_SHOWN_MAX = 2_000;

export class ReaderThreads extends ReadThreads<ReaderThread> {
  /** @param onReplaced is called with each replaced thread and its statement, without text from users. */
  constructor(
    file: ReadFile,
    limits: ReadLimits,
    failed: (error: unknown) => unknown,
    onReplaced: (message: string) => void,
  ) {
    super({
      atOnce: THREADS,
      closeMs: limits.closeMs,
      start: (onLost) => {
        const moved = fileMoved(file.path, file.opened);
        if (moved !== null) throw new ReadModelsUnavailableError(file.path, moved);
        return new ReaderThread(file, limits, failed, onLost);
      },
      onReplaced: ({ lastSql }, { message }) => {
        onReplaced(`A reader thread was replaced: ${message}. Its statement: ${withoutLiterals(lastSql)}`);
      },
    });
  }

  /**
   * Runs a read on a thread.
   * @throws errors of `ReadThreads.run` and `ReaderThread.read`.
   */
  read<Result>(action: (trx: Transaction<SetTables>) => Promise<Result>): Promise<Result> {
    return this.run((thread) => thread.read(action));
  }

  /** Runs an action while no read runs, as `ReadQueue.quiet` does. */
  quiet<Result>(action: () => Promise<Result>): Promise<Result> {
    return this.queue.quiet(action);
  }
}

/** Returns a statement without its quoted parts, which may be text from users; it contains no parameters. */
const withoutLiterals = (sql: string | null): string =>
  sql?.replaceAll(/'(?:[^']|'')*'/g, "'…'").slice(0, SQL_SHOWN_MAX) ?? 'none yet';
