import { systemClock } from '#event-sourcing/clock';
import type { Envelope } from '#event-sourcing/envelope';
import { Builds } from './builds.ts';
import { catchUpTogether } from './catch-up-together.ts';
import { Following } from './following/following.ts';
import { createFirstGeneration, indexLive, liveBookmark } from './generations.ts';
import { BATCH_EVENTS, LiveProjections, RETRY_MS } from './live-projections.ts';
import { projectionNamed } from './projection.ts';
import type { Projection } from './projection.ts';
import type { RebuildOutcome, RebuildProgress } from './rebuild.ts';
import { RunnerTasks } from './runner-tasks.ts';
import type { RunnerOptions } from './runner-tasks.ts';
import { assertSameLog } from './same-log.ts';

/**
 * Keeps projections at the end of the log. At the start all projections catch up together. Afterwards one feed delivers
 * each batch to every projection that is level with it. Several runners may share a database: under the lock, the
 * bookmark determines which events are still to be folded.
 */
export class ProjectionRunner {
  readonly #options: RunnerOptions;
  readonly #tasks: RunnerTasks;
  readonly #builds: Builds;
  readonly #live: LiveProjections;
  #following: Following<Envelope> | null = null;

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#tasks = new RunnerTasks(options);
    this.#builds = new Builds(options, this.#tasks);
    this.#live = new LiveProjections(options, this.#tasks, this.#builds);
  }

  /**
   * Creates missing tables in the database, and then follows the log until `stop`.
   * @throws ReadModelsAheadError if the log is not the one that was followed.
   */
  async start(): Promise<void> {
    const { store, database, projections } = this.#options;
    await assertSameLog(store, database);
    for (const projection of projections) {
      await createFirstGeneration(database, projection);
      const live = await liveBookmark(database.db, projection.name);
      if (live) this.#live.feedFrom(live.position);
    }
    this.#tasks.run(this.#begin());
    this.#tasks.run(this.#builds.watchAbandoned());
  }

  /** Catches all projections up together, and then starts the feed. */
  async #begin(): Promise<void> {
    const { store, projections, onError } = this.#options;
    let failed: ReadonlyMap<Projection, unknown> = new Map();
    try {
      const head = await store.lastPosition();
      failed = await this.#catchUpTo(head);
      this.#live.feedFrom(head);
    } catch (error) {
      // Each projection encounters the error again, and retries.
      onError?.(error, null);
    }
    if (this.#tasks.isStopping()) return;
    for (const projection of projections)
      this.#tasks.run(this.#live.catchUpAlone(projection, failed.has(projection)));
    this.#following = this.#feed();
    this.#following.start();
  }

  /** Stops after the batches in progress. A rebuild in progress is abandoned. */
  async stop(): Promise<void> {
    this.#tasks.abort();
    await this.#following?.stop();
    await this.#tasks.whenEnded();
  }

  /**
   * Folds every projection to the current end of the log without following it, for programs other than the service.
   * @throws errors of a projection, RebuildFailedError, BuildStalledError, ReadModelsAheadError
   */
  async catchUp(): Promise<void> {
    const { database, projections, store } = this.#options;
    await assertSameLog(store, database);
    const head = await store.lastPosition();
    for (const projection of projections) {
      await createFirstGeneration(database, projection);
      const before = await liveBookmark(database.db, projection.name);
      if (before && before.version < projection.version) await this.#builds.replaceOrAwait(projection);
    }
    const failed = await this.#catchUpTo(head);
    for (const projection of projections) await indexLive(database, projection);
    for (const error of failed.values()) throw error;
  }

  #catchUpTo(head: string): Promise<ReadonlyMap<Projection, unknown>> {
    return catchUpTogether({ ...this.#options, live: this.#live, tasks: this.#tasks }, head);
  }

  /**
   * Rebuilds a projection beside the live generation, compares the two at the same position, and makes the new one
   * live. Queries continue meanwhile.
   * @throws RangeError if there is no such projection; RebuildFailedError, RebuildSupersededError,
   *   ReadModelsAheadError.
   */
  async rebuild(name: string, onProgress?: (progress: RebuildProgress) => void): Promise<RebuildOutcome> {
    const { database, projections, store } = this.#options;
    const projection = projectionNamed(projections, name);
    await assertSameLog(store, database);
    return this.#builds.rebuild(projection, onProgress);
  }

  /** Follows the log for all level projections. They are marked as stuck if it cannot be read. */
  #feed(): Following<Envelope> {
    const { store, onError = () => undefined, retryMs = RETRY_MS } = this.#options;
    return new Following({
      follower: {
        name: 'projector',
        bookmark: { read: () => Promise.resolve(this.#live.fed) },
        handle: async (batch) => {
          const startedAt = systemClock.elapsed();
          await this.#live.deliver(batch);
          if (batch.length < BATCH_EVENTS) await this.#pauseAfter(systemClock.elapsed() - startedAt);
        },
      },
      log: store,
      onError: (error) => {
        onError(error, null);
        this.#live.markLevelStuck(error);
      },
      retryMs,
      // Waits without a limit, because a batch is in progress and the database will be closed next.
      stopMs: Infinity,
    });
  }

  /**
   * Pauses after a batch, because small batches cost nearly as much as large ones and requests also need this thread's
   * processor.
   */
  #pauseAfter(batchMs: number): Promise<void> {
    const { min, max } = this.#options.batchPauseMs ?? this.#options.database.batchPauseMs;
    return this.#tasks.pause(Math.min(Math.max(4 * batchMs, min), max));
  }
}
