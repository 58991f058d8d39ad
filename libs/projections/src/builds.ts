import {
  buildingBookmark,
  buildsToSee,
  createBuildingGeneration,
  createFirstGeneration,
  dropBuilding,
  isAbandoned,
  liveBookmark,
  refuseRequest,
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

/** Builds generations beside the live ones: for a new projection version, or on request. */
export class Builds {
  readonly #options: RunnerOptions;
  readonly #tasks: RunnerTasks;
  readonly #rebuilding = new Set<string>();

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

  /** Runs the rebuilds requested in the database, and drops the generations of builders that were killed. */
  async watchRequests(): Promise<void> {
    const { database, onError, requestsPollMs = 500 } = this.#options;
    while (!this.#tasks.isStopping()) {
      try {
        await this.#seeToBuilds();
      } catch (error) {
        if (!database.isTrouble(error)) onError?.(error, null);
      }
      await this.#tasks.pause(requestsPollMs);
    }
  }

  async #seeToBuilds(): Promise<void> {
    const { database, projections } = this.#options;
    const builds = new Map((await buildsToSee(database)).map((build) => [build.name, build]));
    for (const projection of builds.size === 0 ? [] : projections) {
      const build = builds.get(projection.name);
      if (build?.isAbandoned === true) await dropBuilding(database, projection, isAbandoned);
      else if (build?.isAbandoned === null && !this.#rebuilding.has(projection.name))
        this.#tasks.run(this.#rebuildAsRequested(projection));
    }
  }

  async #rebuildAsRequested(projection: Projection): Promise<void> {
    const { name } = projection;
    const { database, onError, onRebuilt = () => undefined } = this.#options;
    this.#rebuilding.add(name);
    let claim: Awaited<ReturnType<typeof database.claimBuilding>> = null;
    try {
      claim = await database.claimBuilding(name);
      // Another process may be building. It clears the request when it has finished.
      const build = claim && (await buildsToSee(database)).find((each) => each.name === name);
      if (build?.isRequested === true && build.isAbandoned === null)
        onRebuilt(await this.rebuild(projection));
    } catch (error) {
      // The build was stopped, or another process continues it and clears the request.
      if (this.#tasks.isStopping() || error instanceof RebuildSupersededError) return;
      onError?.(error, name);
      // The request is kept while the database is unavailable.
      if (database.isTrouble(error)) return;
      const position = error instanceof RebuildFailedError ? error.position : null;
      await refuseRequest(database, name, { position, error });
    } finally {
      await claim?.release();
      this.#rebuilding.delete(name);
    }
  }
}
