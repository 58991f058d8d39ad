import {
  abandonedBuilds,
  buildingBookmark,
  createBuildingGeneration,
  createFirstGeneration,
  dropBuilding,
  isAbandoned,
  liveBookmark,
  touchGeneration,
} from './generations.ts';
import { systemClock } from '#event-sourcing/clock';
import type { Bookmark } from './generations.ts';
import { markStuck } from './apply-batch.ts';
import type { Projection } from './projection.ts';
import { BuildStalledError, buildAndSwitch, RebuildFailedError, RebuildSupersededError } from './rebuild.ts';
import type { RebuildOutcome, RebuildProgress } from './rebuild.ts';
import type { RunnerOptions, RunnerTasks } from './runner-tasks.ts';
import { markStuckBeforeDamage } from './stuck-before-damage.ts';

/** The interval at which a node checks whether another node has finished the build. */
const CLAIM_POLL_MS = 500;
const CLAIM_PATIENCE_MS = 60_000;
const ABANDONED_POLL_MS = 10_000;

/** Builds generations beside the live ones: for a new projection version, or for a rebuild. */
export class Builds {
  readonly #options: RunnerOptions;
  readonly #tasks: RunnerTasks;

  constructor(options: RunnerOptions, tasks: RunnerTasks) {
    this.#options = options;
    this.#tasks = tasks;
  }

  /** @throws RebuildFailedError, RebuildSupersededError */
  async rebuild(
    projection: Projection,
    onProgress?: (progress: RebuildProgress) => void,
  ): Promise<RebuildOutcome> {
    const { database } = this.#options;
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
    const context = { ...this.#options, signal: this.#tasks.signal, ...(onProgress && { onProgress }) };
    return buildAndSwitch(context, projection, generation);
  }

  /**
   * Builds the new version if no other node does. Otherwise waits, and builds it if the other node stops before the
   * end.
   */
  async replaceUnlessClaimed(projection: Projection): Promise<'applied' | 'waiting'> {
    const { database } = this.#options;
    const claim = await database.claimBuilding(projection.name);
    if (claim === null) return 'waiting';
    try {
      // The node that had the claim may have finished.
      const live = await liveBookmark(database.db, projection.name);
      if (live && live.version < projection.version) await this.#replaceOrSayWhy(projection, live);
      return 'applied';
    } finally {
      await claim.release();
    }
  }

  /**
   * Waits for another node's build while it makes progress.
   * @throws BuildStalledError
   */
  async replaceOrAwait(projection: Projection): Promise<void> {
    const { database, claimPatienceMs = CLAIM_PATIENCE_MS } = this.#options;
    let seen: string | undefined;
    let since = systemClock.elapsed();
    while ((await this.replaceUnlessClaimed(projection)) === 'waiting' && !this.#tasks.isStopping()) {
      const building = await buildingBookmark(database.db, projection.name);
      const now = JSON.stringify(building ?? null);
      const waitedMs = systemClock.elapsed() - since;
      if (now !== seen) {
        seen = now;
        since = systemClock.elapsed();
      } else if (waitedMs >= claimPatienceMs) {
        throw new BuildStalledError(projection.name, waitedMs, building?.position ?? null);
      }
      await this.#tasks.pause(CLAIM_POLL_MS);
    }
  }

  async #replaceOrSayWhy(projection: Projection, live: Bookmark): Promise<void> {
    const { database, onError } = this.#options;
    try {
      await this.#replace(projection);
    } catch (error) {
      if (error instanceof RebuildSupersededError) return;
      if (error instanceof RebuildFailedError) {
        const { position } = error;
        await markStuck(database, projection, live.position, { position, error });
      } else {
        await markStuckBeforeDamage(database, projection, live.position, error, onError);
      }
      throw error;
    }
  }

  /** Builds this version beside an older one, continuing an earlier attempt. */
  async #replace(projection: Projection): Promise<void> {
    const { database } = this.#options;
    const building = await buildingBookmark(database.db, projection.name);
    const generation =
      building?.version === projection.version
        ? building.generation
        : await createBuildingGeneration(database, projection);
    try {
      await this.#build(projection, generation);
    } catch (error) {
      await touchGeneration(database, projection.name, generation);
      throw error;
    }
  }

  /** Drops the generations of builders that were killed. */
  async watchAbandoned(): Promise<void> {
    const { database, projections, onError, abandonedPollMs = ABANDONED_POLL_MS } = this.#options;
    while (!this.#tasks.isStopping()) {
      try {
        const abandoned = await abandonedBuilds(database);
        for (const projection of projections)
          if (abandoned.includes(projection.name)) await dropBuilding(database, projection, isAbandoned);
      } catch (error) {
        if (!database.isTrouble(error)) onError?.(error, null);
      }
      await this.#tasks.pause(abandonedPollMs);
    }
  }
}
