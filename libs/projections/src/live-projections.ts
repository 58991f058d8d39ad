import type { Envelope } from '#event-sourcing/envelope';
import { hasCode } from '#event-sourcing/errors';
import { applyToAll, applyUpToFailure, isFolded, markStuck } from './apply-batch.ts';
import type { Applied, ApplyFailure } from './apply-batch.ts';
import type { Builds } from './builds.ts';
import { BackOff } from './following/back-off.ts';
import type { RetryPauses } from './following/back-off.ts';
import { createFirstGeneration, indexLive, liveBookmark } from './generations.ts';
import { comparePositions } from './position.ts';
import type { Projection } from './projection.ts';
import type { ReadModelDatabase } from './read-model-database.ts';
import type { RunnerOptions, RunnerTasks } from './runner-tasks.ts';
import { markStuckBeforeDamage } from './stuck-before-damage.ts';

export const BATCH_EVENTS = 1_000;
/** The number of rows that a projection may write before it yields: some tenths of a second. */
const ROWS_AT_ONCE = 2_000;
/** The fewest events that are read at once if rows are written in parts. */
const PART_EVENTS_MIN = 8;
const PART_PAUSE_MS = 10;
export const RETRY_MS: RetryPauses = { first: 500, max: 30_000 };
/** The longest pause in milliseconds while the database or the log is unavailable, because readers wait for it. */
const TROUBLE_RETRY_MS_MAX = 1_000;

/**
 * The live generations of projections. Those that are level with the feed receive its batches. One that is behind,
 * because it failed or is being rebuilt, catches up alone and then rejoins the feed.
 */
export class LiveProjections {
  readonly #options: RunnerOptions;
  readonly #tasks: RunnerTasks;
  readonly #builds: Builds;
  /** The projections that receive the feed's batches. */
  readonly #level = new Set<Projection>();
  /** The projections that reached the end of the log and whose indexes exist. */
  readonly #indexed = new Set<Projection>();
  /** The delivery in progress. */
  #delivering: Promise<void> = Promise.resolve();
  #fed = '0';

  constructor(options: RunnerOptions, tasks: RunnerTasks, builds: Builds) {
    this.#options = options;
    this.#tasks = tasks;
    this.#builds = builds;
  }

  /** The position up to which the feed has read the log. */
  get fed(): string {
    return this.#fed;
  }

  /** Moves the start of the feed to this position, unless it is further already. */
  feedFrom(position: string): void {
    if (comparePositions(position, this.#fed) > 0) this.#fed = position;
  }

  /** Marks the level projections as stuck, because the feed cannot read the log. */
  markLevelStuck(error: unknown): void {
    const { database, onError } = this.#options;
    for (const projection of this.#level)
      this.#tasks.run(markStuckBeforeDamage(database, projection, this.#fed, error, onError));
  }

  /** Delivers a batch to every level projection. Errors of one do not stop the feed. */
  deliver(batch: readonly Envelope[]): Promise<void> {
    this.#delivering = this.#deliver(batch);
    return this.#delivering;
  }

  async #deliver(batch: readonly Envelope[]): Promise<void> {
    const last = batch.at(-1);
    if (last === undefined) return;
    const { database } = this.#options;
    const [after, level] = [this.#fed, [...this.#level]];
    this.#fed = last.position;
    if (!database.isConcurrent && (await applyToAll(database, level, after, batch, ROWS_AT_ONCE))) return;
    await eachOf(database, level, (projection) => this.#deliverTo(projection, after, batch));
  }

  /** Applies a batch. A projection that cannot apply it catches up alone. */
  async #deliverTo(projection: Projection, after: string, batch: readonly Envelope[]): Promise<void> {
    let outcome: Applied | ApplyFailure | undefined;
    try {
      outcome = await this.apply(projection, after, batch);
    } catch (error) {
      this.#options.onError?.(error, projection.name);
    }
    if (outcome === 'applied') return;
    this.#level.delete(projection);
    this.#tasks.run(this.catchUpAlone(projection, outcome === undefined || typeof outcome !== 'string'));
  }

  /** Applies a batch to a live generation, and records a failure in the database. */
  async apply(
    projection: Projection,
    after: string,
    batch: readonly Envelope[],
    rowsMax = ROWS_AT_ONCE,
  ): Promise<Applied | ApplyFailure> {
    const { database, onError } = this.#options;
    const outcome = await applyUpToFailure(database, projection, 'live', after, batch, rowsMax);
    if (typeof outcome !== 'string') {
      await markStuck(database, projection, outcome.after, outcome);
      // The projection may be stuck for a long time, so queries need the indexes now.
      await indexLive(database, projection);
      onError?.(outcome.error, projection.name);
    }
    return outcome;
  }

  /** Folds one projection from its bookmark until it is level with the feed. Batches of the feed have precedence. */
  async catchUpAlone(projection: Projection, failedBefore = false): Promise<void> {
    const { database, retryMs = RETRY_MS, onError } = this.#options;
    const backOff = new BackOff(retryMs, this.#tasks.signal);
    let limit = BATCH_EVENTS;
    let [failed, inTrouble] = [failedBefore, false];
    for (;;) {
      if (failed) {
        // The failed event is retried alone.
        limit = 1;
        await backOff.wait(inTrouble ? TROUBLE_RETRY_MS_MAX : Infinity);
      }
      await this.#delivering.catch(() => undefined);
      if (this.#tasks.isStopping()) return;
      try {
        const step = await this.#step(projection, limit);
        inTrouble = false;
        if (step === 'level') return;
        failed = step === 'waiting';
        if (step === 'applied') {
          limit = limit === 1 ? BATCH_EVENTS : Math.min(2 * limit, BATCH_EVENTS);
          backOff.reset();
        }
        if (step === 'part') {
          // Without a smaller limit, most of the batch would be read again.
          limit = Math.max(limit >> 1, PART_EVENTS_MIN);
          // The feed reads the log on the same thread.
          await this.#tasks.pause(PART_PAUSE_MS);
        }
      } catch (error) {
        failed = true;
        inTrouble = hasCode(error, 'store-unavailable') || database.isTrouble(error);
        if (!this.#tasks.isStopping()) onError?.(error, projection.name);
      }
    }
  }

  async #step(projection: Projection, limit: number): Promise<'level' | 'applied' | 'part' | 'waiting'> {
    const { database } = this.#options;
    const live = await liveBookmark(database.db, projection.name);
    if (live === undefined) {
      await createFirstGeneration(database, projection);
      return 'applied';
    }
    // A newer version is live, whose code this process does not have.
    if (live.version > projection.version) return 'waiting';
    if (live.version < projection.version) return this.#builds.replaceUnlessClaimed(projection);
    if (comparePositions(live.position, this.#fed) >= 0) {
      if (this.#indexed.has(projection)) {
        this.#level.add(projection);
        return 'level';
      }
      await indexLive(database, projection, this.#tasks.signal);
      this.#indexed.add(projection);
      return 'applied';
    }
    const batch = await this.readAfter(projection, live.position, limit);
    if (batch.length === 0) return 'waiting';
    const outcome = await this.apply(projection, live.position, batch);
    return isFolded(outcome) ? outcome : 'waiting';
  }

  /** Reads the log for a projection, and records a failure in the database. */
  async readAfter(projection: Projection, after: string, limit = BATCH_EVENTS): Promise<readonly Envelope[]> {
    const { store, database, onError } = this.#options;
    try {
      return await store.readAll({ after, limit });
    } catch (error) {
      await markStuckBeforeDamage(database, projection, after, error, onError);
      throw error;
    }
  }
}

/** Runs an action for all items, concurrently if the database allows it, and waits for all of them. */
export async function eachOf<Item>(
  { isConcurrent }: ReadModelDatabase,
  items: readonly Item[],
  action: (item: Item) => Promise<void>,
): Promise<void> {
  if (!isConcurrent) {
    for (const item of items) await action(item);
    return;
  }
  for (const how of await Promise.allSettled(items.map(action))) {
    if (how.status === 'rejected') throw how.reason;
  }
}
