import { systemClock } from '#event-sourcing/clock';
import type { EventStore } from '#event-sourcing/event-store';
import { isAbandoned } from './generations.ts';
import { assertPosition, comparePositions, positionsBehind } from './position.ts';
import type { ReadModelDatabase } from './read-model-database.ts';

export interface ProjectionStatus {
  readonly name: string;
  /** The projection version of the rows that queries read. */
  readonly version: number;
  readonly position: string;
  /** The number of events of the log that are not folded yet. */
  readonly lag: number;
  readonly state: 'running' | 'stuck' | 'rebuilding';
  /** The reason why the projection or its last rebuild stopped; `position` is that of the failed event. */
  readonly error?: { readonly position: string | null; readonly detail: string };
  /** The progress of the rebuild, and the number of events in the log. */
  readonly rebuild?: {
    readonly version: number;
    readonly position: string;
    readonly events: number;
    readonly total: number;
  };
}

/**
 * Returns the progress of the projections relative to the end of the log: the store's `lastPosition()`, or else the
 * position of the furthest projection. Positions may have gaps, so lag is counted in events: exact up to the furthest
 * projection, and beyond it estimated from the average density.
 */
export async function projectionStatus(
  { db, sql }: ReadModelDatabase,
  head?: string,
): Promise<ProjectionStatus[]> {
  const { projections, generations } = await db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (trx) => ({
      projections: await trx.selectFrom('projections').selectAll().orderBy('name').execute(),
      generations: await trx
        .selectFrom('generations')
        .selectAll()
        .select(['updated_at as updatedAt', sql.now.as('now')])
        .execute(),
    }));
  const lives = projections.map(({ name, live }) =>
    generations.find(({ projection, generation }) => projection === name && generation === live),
  );
  const events = eventsOfLog(
    lives.filter((live) => live !== undefined),
    head,
  );
  return projections.map((row, index) => {
    const { name, live: number, state, error, error_position } = row;
    const live = lives[index];
    const building = generations.find(
      ({ projection, generation, updatedAt, now }) =>
        projection === name && generation > number && !isAbandoned({ updatedAt }, now),
    );
    return {
      name,
      version: live?.version ?? 0,
      position: live?.position ?? '0',
      lag: events - (live?.events ?? 0),
      state: state === 'running' && building ? 'rebuilding' : state,
      ...(error !== null && { error: { position: error_position, detail: error } }),
      ...(building && {
        rebuild: {
          version: building.version,
          position: building.position,
          events: building.events,
          // The total is an estimate, because positions can have gaps.
          total: Math.max(events, building.events),
        },
      }),
    };
  });
}

/** Returns the number of events in the log. */
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

/**
 * Returns the time at which the first missing event was recorded, by the projection's position. Projections without lag
 * are omitted.
 */
export async function oldestBehind(
  store: Pick<EventStore, 'readAll'>,
  projections: readonly Pick<ProjectionStatus, 'position' | 'lag'>[],
): Promise<Map<string, string>> {
  const oldest = new Map<string, string>();
  // Most projections are at the same position, so usually one event is read.
  for (const after of new Set(projections.filter(({ lag }) => lag > 0).map(({ position }) => position))) {
    const [event] = await store.readAll({ after, limit: 1 });
    if (event !== undefined) oldest.set(after, event.recordedAt);
  }
  return oldest;
}

/** The rows to wait for: those of a projection version, or those of any version by name. */
type AwaitedRows = string | { readonly name: string; readonly version: number };

/** Waits for rows that any process folds. */
export interface AwaitsProjections {
  /**
   * Waits until these projections, or all, have folded everything up to a position. Returns false after the timeout.
   */
  whenHandled(position: string, timeoutMs: number, names?: readonly string[]): Promise<boolean>;
}

/**
 * Waits until the projections' rows include everything up to a position. Returns false after the timeout, or once stopped.
 * @throws RangeError for an invalid position.
 */
export async function waitForPosition(
  { db, pollMs }: ReadModelDatabase,
  projections: readonly AwaitedRows[],
  position: string,
  timeoutMs: number,
  stopping?: AbortSignal,
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
    if (systemClock.elapsed() >= until || stopping?.aborted === true) return false;
    await systemClock.sleep(pollMs);
  }
}

const isOf = (live: { readonly name: string; readonly version: number }, awaited: AwaitedRows): boolean =>
  typeof awaited === 'string'
    ? live.name === awaited
    : live.name === awaited.name && live.version === awaited.version;
