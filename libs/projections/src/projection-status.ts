import { systemClock } from '#event-sourcing/clock';
import type { EventStore } from '#event-sourcing/event-store';
import { assertPosition, comparePositions, positionsBehind } from './position.ts';
import type { ReadModelDatabase } from './read-model-database.ts';
import type { LastRebuild } from './rebuild.ts';

export interface ProjectionStatus {
  readonly name: string;
  /** The version of the rows that queries read. */
  readonly version: number;
  readonly position: string;
  /** How many events of the log are not in those rows yet. */
  readonly lag: number;
  readonly state: 'running' | 'stuck' | 'rebuilding';
  /** Why the projection, or its last rebuild, stopped; `position` is that of the event at which it threw. */
  readonly error?: { readonly position: string | null; readonly detail: string };
  /** A rebuild was asked for, and has not ended. */
  readonly rebuildRequested?: true;
  /** How far the rebuild under way has come, and how many events the log has. */
  readonly rebuild?: {
    readonly version: number;
    readonly position: string;
    readonly events: number;
    readonly total: number;
  };
  /** When the last rebuild took the place of the rows before, and how it compared with them. */
  readonly lastRebuild?: LastRebuild;
}

/**
 * How the projections stand against the log's end (the store's `lastPosition()`; without it, against the projection
 * that has come farthest). Stores count positions differently and may leave gaps, so events are counted: those that the
 * farthest projection has folded more, and for the rest of the log as many as there were to a position so far.
 */
export async function projectionStatus(
  { db }: ReadModelDatabase,
  head?: string,
): Promise<ProjectionStatus[]> {
  const { projections, generations } = await db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (trx) => ({
      projections: await trx.selectFrom('projections').selectAll().orderBy('name').execute(),
      generations: await trx.selectFrom('generations').selectAll().execute(),
    }));
  const lives = projections.map(({ name, live }) =>
    generations.find(({ projection, generation }) => projection === name && generation === live),
  );
  const events = eventsOfLog(
    lives.filter((live) => live !== undefined),
    head,
  );
  return projections.map((row, index) => {
    const { name, live: number, state, error, error_position, last_rebuild } = row;
    const live = lives[index];
    const building = generations.find(
      ({ projection, generation }) => projection === name && generation > number,
    );
    return {
      name,
      version: live?.version ?? 0,
      position: live?.position ?? '0',
      lag: events - (live?.events ?? 0),
      state: state === 'running' && building ? 'rebuilding' : state,
      ...(error !== null && { error: { position: error_position, detail: error } }),
      ...(row.rebuild_requested !== 0 && { rebuildRequested: true as const }),
      ...(building && {
        rebuild: {
          version: building.version,
          position: building.position,
          events: building.events,
          // How many there are is an estimate, where positions have gaps.
          total: Math.max(events, building.events),
        },
      }),
      ...(last_rebuild !== null && { lastRebuild: JSON.parse(last_rebuild) as LastRebuild }),
    };
  });
}

/** How many events the log has. */
function eventsOfLog(
  lives: readonly { readonly position: string; readonly events: number }[],
  head: string | undefined,
): number {
  let farthest = { position: '0', events: 0 };
  for (const live of lives) if (comparePositions(live.position, farthest.position) > 0) farthest = live;
  const behind = positionsBehind(farthest.position, head ?? farthest.position);
  const toAPosition = farthest.events === 0 ? 1 : farthest.events / Number(farthest.position);
  return farthest.events + Math.ceil(behind * toAPosition);
}

/** When the first event was recorded that is not in the rows, by the position where the rows end; those with all are left out. */
export async function oldestBehind(
  store: Pick<EventStore, 'readAll'>,
  projections: readonly Pick<ProjectionStatus, 'position' | 'lag'>[],
): Promise<Map<string, string>> {
  const oldest = new Map<string, string>();
  // Most stand at the same position, so that it is one event that is read, or none.
  for (const after of new Set(projections.filter(({ lag }) => lag > 0).map(({ position }) => position))) {
    const [event] = await store.readAll({ after, limit: 1 });
    if (event !== undefined) oldest.set(after, event.recordedAt);
  }
  return oldest;
}

/** Rows of a projection that are waited for: of one version, or by a name alone of any. */
type AwaitedRows = string | { readonly name: string; readonly version: number };

/** Who can be waited for, whoever folds the rows. */
export interface AwaitsProjections {
  /**
   * Waits until the projections that are named, or all, have folded everything up to a position: true, or false when the time is
   * over.
   */
  whenHandled(position: string, timeoutMs: number, names?: readonly string[]): Promise<boolean>;
}

/**
 * Waits until the projections' rows hold everything up to a position: true, or false when the time is over.
 * @throws RangeError for a text that is no position.
 */
export async function waitForPosition(
  { db, pollMs }: ReadModelDatabase,
  projections: readonly AwaitedRows[],
  position: string,
  timeoutMs: number,
): Promise<boolean> {
  assertPosition(position);
  const until = systemClock.elapsed() + timeoutMs;
  for (;;) {
    const reached = await db
      .selectFrom('projections as p')
      .innerJoin('generations as g', (join) =>
        join.onRef('g.projection', '=', 'p.name').onRef('g.generation', '=', 'p.live'),
      )
      .select(['p.name', 'g.position', 'g.version'])
      .execute();
    const isThere = (awaited: AwaitedRows) =>
      reached.some((live) => isOf(live, awaited) && comparePositions(live.position, position) >= 0);
    if (projections.every(isThere)) return true;
    if (systemClock.elapsed() >= until) return false;
    await systemClock.sleep(pollMs);
  }
}

const isOf = (live: { readonly name: string; readonly version: number }, awaited: AwaitedRows): boolean =>
  typeof awaited === 'string'
    ? live.name === awaited
    : live.name === awaited.name && live.version === awaited.version;

/**
 * Asks the runner on this database, in whichever thread or process it is, to rebuild a projection.
 * False where there is no such projection.
 */
export async function requestRebuild({ db }: ReadModelDatabase, name: string): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const { numUpdatedRows } = await trx
      .updateTable('projections')
      .set({ rebuild_requested: 1 })
      .where('name', '=', name)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  });
}
