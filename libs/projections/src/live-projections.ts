import { systemClock } from '#event-sourcing/clock';
import type { Envelope } from '#event-sourcing/envelope';
import { hasCode } from '#event-sourcing/errors';
import { applyToAll, applyUpToFailure, foldedBatch, isFolded, markStuck } from './apply-batch.ts';
import type { Applied, ApplyFailure } from './apply-batch.ts';
import type { Builds } from './builds.ts';
import { BackOff } from './following/back-off.ts';
import type { RetryPauses } from './following/back-off.ts';
import { createFirstGeneration, indexLive, liveBookmark } from './generations.ts';
import { comparePositions } from './position.ts';
import type { Projection } from './projection.ts';
import type { ReadModelDatabase } from './read-model-database.ts';
import type { RunnerOptions, RunnerTasks } from './runner-tasks.ts';
import { standBeforeDamage } from './stand-before-damage.ts';

export const BATCH_EVENTS = 1_000;
/** How many rows a projection may write before the others have their turn: some tenths of a second. */
const ROWS_AT_ONCE = 2_000;
/** How many events are read at least where their rows are written in parts. */
const PART_EVENTS_MIN = 8;
const PART_PAUSE_MS = 10;
export const RETRY_MS: RetryPauses = { first: 500, max: 30_000 };
/** The longest pause while the database or the log cannot be reached: readers wait for it to be back. */
const TROUBLE_RETRY_MS_MAX = 1_000;

/**
 * The live generations of projections. Those that are level with the feed get its batches; one that is behind (it threw, or
 * another version of it is being built) catches up by itself, and joins when it is level.
 */
export class LiveProjections {
  readonly #options: RunnerOptions;
  readonly #tasks: RunnerTasks;
  readonly #builds: Builds;
  /** The projections that get what the feed reads. */
  readonly #level = new Set<Projection>();
  /** Those that have been at the log's end, and got their indexes there. */
  readonly #indexed = new Set<Projection>();
  /** The batch of the feed that is handed out. */
  #delivering: Promise<void> = Promise.resolve();
  #fed = '0';

  constructor(options: RunnerOptions, tasks: RunnerTasks, builds: Builds) {
    this.#options = options;
    this.#tasks = tasks;
    this.#builds = builds;
  }

  /** Up to where the feed has read the log. */
  get fed(): string {
    return this.#fed;
  }

  /** The feed begins at this position, unless it has come farther. */
  feedFrom(position: string): void {
    if (comparePositions(position, this.#fed) > 0) this.#fed = position;
  }

  /** The feed cannot read what comes next: those that are level say so. */
  standBefore(error: unknown): void {
    const { database, onError } = this.#options;
    for (const projection of this.#level)
      this.#tasks.run(standBeforeDamage(database, projection, this.#fed, error, onError));
  }

  /** Hands a batch of the feed to every projection that is level; nothing that a projection throws stops the feed. */
  deliver(batch: readonly Envelope[]): Promise<void> {
    this.#delivering = this.#deliver(batch);
    return this.#delivering;
  }

  async #deliver(batch: readonly Envelope[]): Promise<void> {
    const last = batch.at(-1);
    if (last === undefined) return;
    const { database, onFolded } = this.#options;
    const [after, level] = [this.#fed, [...this.#level]];
    this.#fed = last.position;
    const folded = database.isConcurrent
      ? null
      : await applyToAll(database, level, after, batch, ROWS_AT_ONCE);
    if (folded === null)
      await eachOf(database, level, (projection) => this.#deliverTo(projection, after, batch));
    else if (onFolded) for (const each of folded) onFolded(each);
  }

  /** Who cannot take the batch catches up alone. */
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

  /** Applies a batch to a live generation; where the projection throws, says so in the database. */
  async apply(
    projection: Projection,
    after: string,
    batch: readonly Envelope[],
    rowsMax = ROWS_AT_ONCE,
  ): Promise<Applied | ApplyFailure> {
    const { database, onError, onFolded } = this.#options;
    const startedAt = systemClock.elapsed();
    const outcome = await applyUpToFailure(database, projection, 'live', after, batch, rowsMax);
    const failed = typeof outcome !== 'string';
    if (failed || isFolded(outcome)) onFolded?.(foldedBatch(projection, batch, startedAt, failed));
    if (failed) {
      await markStuck(database, projection, outcome.after, outcome);
      // Where it stands it is asked, and may stand for long.
      await indexLive(database, projection);
      onError?.(outcome.error, projection.name);
    }
    return outcome;
  }

  /** Takes one projection from its bookmark on until it is level with the feed; each batch of the feed goes first. */
  async catchUpAlone(projection: Projection, failedBefore = false): Promise<void> {
    const { database, retryMs = RETRY_MS, onError } = this.#options;
    const backOff = new BackOff(retryMs, this.#tasks.signal);
    let limit = BATCH_EVENTS;
    let [failed, inTrouble] = [failedBefore, false];
    for (;;) {
      if (failed) {
        // The event at which it stopped is tried alone.
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
          // Much of what is read would be read again.
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
    // A newer version has taken over; this process has none of its code.
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

  /** What the log has for a projection; where it cannot be read, the projection says so in the database. */
  async readAfter(projection: Projection, after: string, limit = BATCH_EVENTS): Promise<readonly Envelope[]> {
    const { store, database, onError } = this.#options;
    try {
      return await store.readAll({ after, limit });
    } catch (error) {
      await standBeforeDamage(database, projection, after, error, onError);
      throw error;
    }
  }
}

/** Does it for all items at once where the database takes that, else one after another; none goes on when this has ended. */
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
