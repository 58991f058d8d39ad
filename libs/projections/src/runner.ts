import { hasCode } from '#event-sourcing/errors';
import type { Envelope } from '#event-sourcing/envelope';
import type { EventStore } from '#event-sourcing/event-store';
import { catchUpTogether, eachOf } from './catch-up-together.ts';
import { BackOff, pause } from './following/back-off.ts';
import type { RetryPauses } from './following/back-off.ts';
import { Following } from './following/following.ts';
import {
  applyUpToFailure,
  buildingBookmark,
  createBuildingGeneration,
  createFirstGeneration,
  dropBuilding,
  isAbandoned,
  indexLive,
  isFolded,
  liveBookmark,
  markStuck,
  refuseRequest,
  touchGeneration,
} from './generations.ts';
import type { Applied, ApplyFailure, Bookmark } from './generations.ts';
import { comparePositions } from './position.ts';
import { projectionNamed } from './projection.ts';
import type { FoldedBatch, Projection } from './projection.ts';
import type { ReadModelDatabase } from './read-model-database.ts';
import { assertSameLog } from './same-log.ts';
import { standBeforeDamage } from './stand-before-damage.ts';
import { BuildStalledError, buildAndSwitch, RebuildFailedError, RebuildSupersededError } from './rebuild.ts';
import type { RebuildOutcome, RebuildProgress } from './rebuild.ts';

export interface RunnerOptions {
  readonly store: Pick<EventStore, 'readAll' | 'readStream' | 'subscribe' | 'lastPosition'>;
  readonly database: ReadModelDatabase;
  readonly projections: readonly Projection[];
  /** Told what stopped a projection, or the feed of all; the runner tries again by itself. */
  readonly onError?: (error: unknown, projection: string | null) => void;
  /** Told of each rebuild that was asked for in the database, once it has switched. */
  readonly onRebuilt?: (outcome: RebuildOutcome) => void;
  /** Told of each batch of the log that a projection has applied, or could not. */
  readonly onFolded?: (folded: FoldedBatch) => void;
  /**
   * How long it waits after a batch, so that under load the next one is large: four times as long as the batch took,
   * within these bounds. After a full batch there is no pause.
   */
  readonly batchPauseMs?: { readonly min: number; readonly max: number };
  /** The first and the longest pause before what failed is tried again. */
  readonly retryMs?: RetryPauses;
  /** How often it looks for requested rebuilds. */
  readonly requestsPollMs?: number;
  /** How long `catchUp` waits for what another node builds and does not get on with; default: a minute. */
  readonly claimPatienceMs?: number;
}

const BATCH_EVENTS = 1_000;
/** How many rows a projection may write before the others have their turn: some tenths of a second. */
const ROWS_AT_ONCE = 2_000;
/** How many events are read at least where their rows are written in parts. */
const PART_EVENTS_MIN = 8;
const PART_PAUSE_MS = 10;
const RETRY_MS: RetryPauses = { first: 500, max: 30_000 };
/** The longest pause while the database or the log cannot be reached: readers wait for it to be back. */
const TROUBLE_RETRY_MS_MAX = 1_000;
/** How often it looks whether another node has built what is needed. */
const CLAIM_POLL_MS = 500;
const CLAIM_PATIENCE_MS = 60_000;

/**
 * Keeps projections at the log's end. At its start all come near it together. From there on one feed hands each batch to
 * all that are level with it; a projection that is behind (it threw, or another version of it is being built) catches up
 * by itself and joins when it is level. Several runners may share a database: the bookmark decides, under the lock, what is still to be folded.
 */
export class ProjectionRunner {
  readonly #options: RunnerOptions;
  readonly #stopping = new AbortController();
  /** The projections that get what the feed reads. */
  readonly #level = new Set<Projection>();
  /** Those that have been at the log's end, and got their indexes there. */
  readonly #indexed = new Set<Projection>();
  /** The batch of the feed that is handed out. */
  #delivering: Promise<void> = Promise.resolve();
  /** Up to where the feed has read the log. */
  #fed = '0';
  #following: Following<Envelope> | null = null;
  readonly #running = new Set<Promise<void>>();
  readonly #rebuilding = new Set<string>();

  constructor(options: RunnerOptions) {
    this.#options = options;
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
      if (live && comparePositions(live.position, this.#fed) > 0) this.#fed = live.position;
    }
    this.#run(this.#begin());
    this.#run(this.#watchRequests());
  }

  /** Comes near the log's end with all together, and follows it from there. */
  async #begin(): Promise<void> {
    const { store, projections, onError } = this.#options;
    let failed: ReadonlyMap<Projection, unknown> = new Map();
    try {
      const head = await store.lastPosition();
      failed = await this.#catchUpTo(head);
      if (comparePositions(head, this.#fed) > 0) this.#fed = head;
    } catch (error) {
      // Each meets it again, and goes on trying.
      onError?.(error, null);
    }
    if (this.#isStopping()) return;
    for (const projection of projections) this.#run(this.#catchUpAlone(projection, failed.has(projection)));
    this.#following = this.#feed();
    this.#following.start();
  }

  /** Ends after the batches that are being applied; a rebuild under way is given up. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#following?.stop();
    while (this.#running.size > 0) await Promise.all(this.#running);
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
      if (before && before.version < projection.version) await this.#replaceOrAwait(projection);
    }
    const failed = await this.#catchUpTo(head);
    for (const projection of projections) await indexLive(database, projection);
    for (const error of failed.values()) throw error;
  }

  #catchUpTo(head: string): Promise<ReadonlyMap<Projection, unknown>> {
    return catchUpTogether(
      {
        ...this.#options,
        readAfter: this.#readAfter.bind(this),
        apply: (projection, after, batch) => this.#apply(projection, after, batch, Infinity),
        isStopping: this.#isStopping.bind(this),
      },
      head,
    );
  }

  /**
   * Builds a projection anew beside the live one, compares the two at the same position, then lets the new one take the
   * place of the other. Queries are answered throughout.
   * @throws RangeError for a name that is no projection's, RebuildFailedError, RebuildSupersededError, ReadModelsAheadError.
   */
  async rebuild(name: string, onProgress?: (progress: RebuildProgress) => void): Promise<RebuildOutcome> {
    const { database, store } = this.#options;
    const projection = projectionNamed(this.#options.projections, name);
    await assertSameLog(store, database);
    await createFirstGeneration(database, projection);
    const generation = await createBuildingGeneration(database, projection);
    try {
      return await this.#build(projection, generation, onProgress);
    } catch (error) {
      await dropBuilding(database, projection, (building) => building.generation === generation);
      throw error;
    }
  }

  #build(
    projection: Projection,
    generation: number,
    onProgress?: (progress: RebuildProgress) => void,
  ): Promise<RebuildOutcome> {
    const context = { ...this.#options, signal: this.#stopping.signal, ...(onProgress && { onProgress }) };
    return buildAndSwitch(context, projection, generation);
  }

  /** Builds this version of a projection beside an older one, from where it was left when it was begun before. */
  async #replace(projection: Projection): Promise<void> {
    const { database } = this.#options;
    const begun = await buildingBookmark(database.db, projection.name);
    const generation =
      begun?.version === projection.version
        ? begun.generation
        : await createBuildingGeneration(database, projection);
    try {
      await this.#build(projection, generation);
    } catch (error) {
      await touchGeneration(database, projection.name, generation);
      throw error;
    }
  }

  /** What follows the log for all projections that are level; where the log cannot be read, they say so. */
  #feed(): Following<Envelope> {
    const { store, onError = () => undefined, retryMs = RETRY_MS } = this.#options;
    return new Following({
      follower: {
        name: 'projector',
        bookmark: { read: () => Promise.resolve(this.#fed) },
        handle: async (batch) => {
          const startedAt = performance.now();
          this.#delivering = this.#deliver(batch);
          await this.#delivering;
          if (batch.length < BATCH_EVENTS) await this.#pauseAfter(performance.now() - startedAt);
        },
      },
      log: store,
      onError: (error) => {
        onError(error, null);
        for (const projection of this.#level) this.#run(this.#standBefore(projection, this.#fed, error));
      },
      retryMs,
      // What it is at is a batch of each projection, and the database is closed next.
      stopMs: Infinity,
    });
  }

  /** Small batches cost as much as large ones, nearly: this thread is to leave the processor to those who answer. */
  #pauseAfter(batchMs: number): Promise<void> {
    const { min, max } = this.#options.batchPauseMs ?? this.#options.database.batchPauseMs;
    return this.#pause(Math.min(Math.max(4 * batchMs, min), max));
  }

  /** Hands a batch to every projection that is level; nothing that a projection throws stops the feed. */
  async #deliver(batch: readonly Envelope[]): Promise<void> {
    const last = batch.at(-1);
    if (last === undefined) return;
    const after = this.#fed;
    this.#fed = last.position;
    await eachOf(this.#options.database, [...this.#level], (projection) =>
      this.#deliverTo(projection, after, batch),
    );
  }

  /** Who cannot take the batch catches up alone. */
  async #deliverTo(projection: Projection, after: string, batch: readonly Envelope[]): Promise<void> {
    let outcome: Applied | ApplyFailure | undefined;
    try {
      outcome = await this.#apply(projection, after, batch);
    } catch (error) {
      this.#options.onError?.(error, projection.name);
    }
    if (outcome === 'applied') return;
    this.#level.delete(projection);
    this.#run(this.#catchUpAlone(projection, outcome === undefined || typeof outcome !== 'string'));
  }

  /** Applies a batch to the live generation; where the projection throws, says so in the database. */
  async #apply(
    projection: Projection,
    after: string,
    batch: readonly Envelope[],
    rowsMax = ROWS_AT_ONCE,
  ): Promise<Applied | ApplyFailure> {
    const { database, onError } = this.#options;
    const startedAt = performance.now();
    const outcome = await applyUpToFailure(database, projection, 'live', after, batch, rowsMax);
    this.#tellFolded(projection, batch, startedAt, outcome);
    if (typeof outcome !== 'string') {
      await markStuck(database, projection, outcome.after, outcome);
      // Where it stands it is asked, and may stand for long.
      await indexLive(database, projection);
      onError?.(outcome.error, projection.name);
    }
    return outcome;
  }

  #tellFolded(
    { name: projection }: Projection,
    events: readonly Envelope[],
    startedAt: number,
    outcome: Applied | ApplyFailure,
  ): void {
    const failed = typeof outcome !== 'string';
    if (!failed && !isFolded(outcome)) return;
    const milliseconds = performance.now() - startedAt;
    const begun = performance.timeOrigin + startedAt;
    this.#options.onFolded?.({ projection, events, startedAt: begun, milliseconds, failed });
  }

  /** Takes one projection from its bookmark on until it is level with the feed; each batch of the feed goes first. */
  async #catchUpAlone(projection: Projection, failedBefore = false): Promise<void> {
    const backOff = new BackOff(this.#options.retryMs ?? RETRY_MS, this.#stopping.signal);
    let limit = BATCH_EVENTS;
    let [failed, inTrouble] = [failedBefore, false];
    for (;;) {
      if (failed) {
        // The event at which it stopped is tried alone.
        limit = 1;
        await backOff.wait(inTrouble ? TROUBLE_RETRY_MS_MAX : Infinity);
      }
      await this.#delivering.catch(() => undefined);
      if (this.#isStopping()) return;
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
          await this.#pause(PART_PAUSE_MS);
        }
      } catch (error) {
        failed = true;
        inTrouble = hasCode(error, 'store-unavailable') || this.#options.database.isTrouble(error);
        if (!this.#isStopping()) this.#options.onError?.(error, projection.name);
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
    if (live.version < projection.version) return this.#replaceUnlessClaimed(projection);
    if (comparePositions(live.position, this.#fed) >= 0) {
      if (this.#indexed.has(projection)) {
        this.#level.add(projection);
        return 'level';
      }
      await indexLive(database, projection, this.#stopping.signal);
      this.#indexed.add(projection);
      return 'applied';
    }
    const batch = await this.#readAfter(projection, live.position, limit);
    if (batch.length === 0) return 'waiting';
    const outcome = await this.#apply(projection, live.position, batch);
    return isFolded(outcome) ? outcome : 'waiting';
  }

  async #readAfter(
    projection: Projection,
    after: string,
    limit = BATCH_EVENTS,
  ): Promise<readonly Envelope[]> {
    try {
      return await this.#options.store.readAll({ after, limit });
    } catch (error) {
      await this.#standBefore(projection, after, error);
      throw error;
    }
  }

  #standBefore(projection: Projection, after: string, error: unknown): Promise<void> {
    const { database, onError } = this.#options;
    const told = (trouble: unknown): void => onError?.(trouble, projection.name);
    return standBeforeDamage(database, projection, after, error).catch(told);
  }

  /** Of several nodes with newer code one builds; the others wait for it, or take over where it ends. */
  async #replaceUnlessClaimed(projection: Projection): Promise<'applied' | 'waiting'> {
    const { database } = this.#options;
    const claim = await database.claimBuilding(projection.name);
    if (claim === null) return 'waiting';
    try {
      // Whoever had the claim before may have done it.
      const live = await liveBookmark(database.db, projection.name);
      if (live && live.version < projection.version) await this.#replaceOrSayWhy(projection, live);
      return 'applied';
    } finally {
      await claim.release();
    }
  }

  /** Waits for another node's build as long as it gets on. */
  async #replaceOrAwait(projection: Projection): Promise<void> {
    const { database, claimPatienceMs = CLAIM_PATIENCE_MS } = this.#options;
    let seen: string | undefined;
    let since = performance.now();
    while ((await this.#replaceUnlessClaimed(projection)) === 'waiting' && !this.#isStopping()) {
      const building = await buildingBookmark(database.db, projection.name);
      const now = JSON.stringify(building ?? null);
      const waitedMs = performance.now() - since;
      if (now !== seen) {
        seen = now;
        since = performance.now();
      } else if (waitedMs >= claimPatienceMs) {
        throw new BuildStalledError(projection.name, waitedMs, building?.position ?? null);
      }
      await this.#pause(CLAIM_POLL_MS);
    }
  }

  async #replaceOrSayWhy(projection: Projection, live: Bookmark): Promise<void> {
    try {
      await this.#replace(projection);
    } catch (error) {
      if (error instanceof RebuildSupersededError) return;
      if (error instanceof RebuildFailedError) {
        const { position } = error;
        await markStuck(this.#options.database, projection, live.position, { position, error });
      } else {
        await this.#standBefore(projection, live.position, error);
      }
      throw error;
    }
  }

  /** Carries out the rebuilds that were asked for in the database, and drops what killed builders have left. */
  async #watchRequests(): Promise<void> {
    const { database, projections, onError, requestsPollMs = 500 } = this.#options;
    while (!this.#isStopping()) {
      try {
        for (const projection of projections) {
          await dropBuilding(database, projection, isAbandoned);
          if (!this.#rebuilding.has(projection.name) && (await this.#isRequested(projection))) {
            this.#run(this.#rebuildAsRequested(projection));
          }
        }
      } catch (error) {
        if (!database.isTrouble(error)) onError?.(error, null);
      }
      await this.#pause(requestsPollMs);
    }
  }

  async #isRequested({ name }: Projection): Promise<boolean> {
    const { db } = this.#options.database;
    const requested = await db
      .selectFrom('projections')
      .select('name')
      .where('name', '=', name)
      .where('rebuild_requested', '=', 1)
      .executeTakeFirst();
    // Another process may be at it; its end clears the request.
    return requested !== undefined && (await buildingBookmark(db, name)) === undefined;
  }

  async #rebuildAsRequested(projection: Projection): Promise<void> {
    const { name } = projection;
    const { database, onError, onRebuilt = () => undefined } = this.#options;
    this.#rebuilding.add(name);
    let claim: Awaited<ReturnType<ReadModelDatabase['claimBuilding']>> = null;
    try {
      claim = await database.claimBuilding(name);
      if (claim !== null && (await this.#isRequested(projection))) onRebuilt(await this.rebuild(name));
    } catch (error) {
      // Given up because of `stop`, or taken over: the request stands, or the other one clears it.
      if (this.#isStopping() || error instanceof RebuildSupersededError) return;
      onError?.(error, name);
      // The request stands as long as the database cannot be used.
      if (database.isTrouble(error)) return;
      const position = error instanceof RebuildFailedError ? error.position : null;
      await refuseRequest(database, name, { position, error });
    } finally {
      await claim?.release();
      this.#rebuilding.delete(name);
    }
  }

  #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  #run(task: Promise<void>): void {
    const running = task
      .catch((error: unknown) => this.#options.onError?.(error, null))
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  #pause(milliseconds: number): Promise<void> {
    return pause(milliseconds, this.#stopping.signal);
  }
}
