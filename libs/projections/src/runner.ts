import { systemClock } from '#event-sourcing/clock';
import type { Envelope } from '#event-sourcing/envelope';
import type { EventStore } from '#event-sourcing/event-store';
import { foldUpToFailure } from './fold-batch.ts';
import { foldLog, stopAt } from './fold-log.ts';
import { Following } from './following/following.ts';
import type { RetryPauses } from './following/following.ts';
import { dropUnusedSets, makeLiveSet, touchSet, whileUsed } from './model-sets.ts';
import { bookmarkIn } from './model-set.ts';
import type { ReadModelDatabase } from './read-model-database.ts';
import { assertSameLog } from './same-log.ts';

export interface RunnerOptions {
  readonly store: Pick<EventStore, 'readAll' | 'readStream' | 'subscribe' | 'lastPosition'>;
  readonly database: ReadModelDatabase;
  /** Called with each error that stopped the folding. It is retried. */
  readonly onError?: (error: unknown) => void;
  /**
   * The bounds of the pause after a batch. The pause is four times the duration of the batch, so that batches grow
   * under load. There is no pause after a full batch.
   */
  readonly batchPauseMs?: { readonly min: number; readonly max: number };
  /** The first and the longest pause before a retry. */
  readonly retryMs?: RetryPauses;
  /** The interval of checks for unused sets. */
  readonly unusedPollMs?: number;
}

/** The number of events in a full batch of the feed. */
const BATCH_EVENTS = 1_000;
/** Readers wait for a retry, which reads one event if the read models are stuck before it. */
const RETRY_MS: RetryPauses = { first: 500, max: 2_000 };
const UNUSED_POLL_MS = 10_000;

/**
 * Keeps the read models at the end of the log. Several runners may share a database: under the lock, the bookmark
 * determines which events are still to be folded.
 */
export class ProjectionRunner {
  readonly #options: RunnerOptions;
  readonly #stopping = new AbortController();
  readonly #following: Following<Envelope>;
  #watching: Promise<void> = Promise.resolve();

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#following = this.#followLog();
  }

  /**
   * Creates the read models if they are missing, and then follows the log until `stop`.
   * @throws ReadModelsAheadError if the log is not the one that was followed.
   */
  async start(): Promise<void> {
    await this.#prepare();
    this.#following.start();
    this.#watching = this.#watchSets();
  }

  /** Stops after the batch in progress. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#following.stop();
    await this.#watching;
  }

  /**
   * Folds up to the current end of the log without following it, for programs other than the service.
   * @throws errors of projections and of the log; ReadModelsAheadError
   */
  async catchUp(): Promise<void> {
    await this.#prepare();
    await this.#foldToEnd();
  }

  async #prepare(): Promise<void> {
    const { store, database } = this.#options;
    await assertSameLog(store, database);
    await makeLiveSet(database);
  }

  async #foldToEnd(): Promise<string> {
    const { store, database } = this.#options;
    const head = await store.lastPosition();
    const options = { store, database, signal: this.#stopping.signal };
    return database.use(async (set) => {
      await whileUsed(database, set.name, () => foldLog(options, set, head));
      return (await bookmarkIn(set.db)).position;
    });
  }

  #followLog(): Following<Envelope> {
    const { store, database, onError = () => undefined, retryMs = RETRY_MS } = this.#options;
    return new Following({
      follower: {
        name: 'projector',
        bookmark: {
          read: async () => {
            // Processes of other builds drop the set of a process that was silent for long.
            await makeLiveSet(database);
            return this.#foldToEnd();
          },
        },
        handle: async (batch, { after }) => {
          const startedAt = systemClock.elapsed();
          await this.#fold(after, batch);
          if (batch.length < BATCH_EVENTS) await this.#pauseAfter(systemClock.elapsed() - startedAt);
        },
      },
      log: store,
      onError,
      retryMs,
      // Waits without a limit, because a batch is in progress and the database will be closed next.
      stopMs: Infinity,
    });
  }

  #fold(after: string, batch: readonly Envelope[]): Promise<void> {
    const { database } = this.#options;
    return database.use(async (set) => {
      const failure = await foldUpToFailure(database, set, after, batch);
      if (failure !== null) await stopAt({ database, signal: this.#stopping.signal }, set, failure);
    });
  }

  /** Records that the set is in use, and drops unused sets. */
  async #watchSets(): Promise<void> {
    const { database, onError, unusedPollMs = UNUSED_POLL_MS } = this.#options;
    while (!this.#stopping.signal.aborted) {
      try {
        await database.use(({ name }) => touchSet(database, name));
        await dropUnusedSets(database);
      } catch (error) {
        if (!database.isTrouble(error)) onError?.(error);
      }
      await this.#pause(unusedPollMs);
    }
  }

  /**
   * Pauses after a batch, because small batches cost nearly as much as large ones and requests also need this thread's
   * processor.
   */
  #pauseAfter(batchMs: number): Promise<void> {
    const { min, max } = this.#options.batchPauseMs ?? this.#options.database.batchPauseMs;
    return this.#pause(Math.min(Math.max(4 * batchMs, min), max));
  }

  /** Waits, and returns early when it is stopped. */
  async #pause(milliseconds: number): Promise<void> {
    await systemClock.sleep(milliseconds, this.#stopping).catch(() => undefined);
  }
}
