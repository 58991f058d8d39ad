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
 * Keeps projections at the log's end. At its start all come near it together. From there on one feed hands each batch to
 * all that are level with it. Several runners may share a database: the bookmark decides, under the lock, what is still to be folded.
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
   * Makes what is missing in the database, then follows the log until `stop`.
   * @throws ReadModelsAheadError where the log is another than the one that was followed.
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
    this.#tasks.run(this.#builds.watchRequests());
  }

  /** Comes near the log's end with all together, and follows it from there. */
  async #begin(): Promise<void> {
    const { store, projections, onError } = this.#options;
    let failed: ReadonlyMap<Projection, unknown> = new Map();
    try {
      const head = await store.lastPosition();
      failed = await this.#catchUpTo(head);
      this.#live.feedFrom(head);
    } catch (error) {
      // Each meets it again, and goes on trying.
      onError?.(error, null);
    }
    if (this.#tasks.isStopping()) return;
    for (const projection of projections)
      this.#tasks.run(this.#live.catchUpAlone(projection, failed.has(projection)));
    this.#following = this.#feed();
    this.#following.start();
  }

  /** Ends after the batches that are being applied; a rebuild under way is given up. */
  async stop(): Promise<void> {
    this.#tasks.abort();
    await this.#following?.stop();
    await this.#tasks.whenEnded();
  }

  /**
   * Takes every projection to the log's end as it stands now, without following it: for who does not run the service.
   * @throws what a projection threw, RebuildFailedError, BuildStalledError, ReadModelsAheadError.
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
   * Builds a projection anew beside the live one, compares the two at the same position, then lets the new one take the
   * place of the other. Queries are answered throughout.
   * @throws RangeError for a name that is no projection's, RebuildFailedError, RebuildSupersededError, ReadModelsAheadError.
   */
  async rebuild(name: string, onProgress?: (progress: RebuildProgress) => void): Promise<RebuildOutcome> {
    const { database, projections, store } = this.#options;
    const projection = projectionNamed(projections, name);
    await assertSameLog(store, database);
    return this.#builds.rebuild(projection, onProgress);
  }

  /** What follows the log for all projections that are level; where the log cannot be read, they say so. */
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
        this.#live.standBefore(error);
      },
      retryMs,
      // What it is at is a batch of each projection, and the database is closed next.
      stopMs: Infinity,
    });
  }

  /** Small batches cost as much as large ones, nearly: this thread is to leave the processor to those who answer. */
  #pauseAfter(batchMs: number): Promise<void> {
    const { min, max } = this.#options.batchPauseMs ?? this.#options.database.batchPauseMs;
    return this.#tasks.pause(Math.min(Math.max(4 * batchMs, min), max));
  }
}
