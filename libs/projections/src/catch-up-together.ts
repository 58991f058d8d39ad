import { setImmediate } from 'node:timers/promises';
import type { Envelope } from '#event-sourcing/envelope';
import { textLength } from '#event-sourcing/event-store';
import { liveBookmark } from './generations.ts';
import { eachOf } from './live-projections.ts';
import type { LiveProjections } from './live-projections.ts';
import { comparePositions } from './position.ts';
import type { Projection } from './projection.ts';
import type { RunnerOptions, RunnerTasks } from './runner-tasks.ts';

interface CatchingUp extends Pick<RunnerOptions, 'store' | 'database' | 'projections'> {
  readonly live: Pick<LiveProjections, 'readAfter' | 'apply'>;
  readonly tasks: Pick<RunnerTasks, 'isStopping'>;
}

/**
 * The most characters of event text in a batch, which is in memory. The batch ends with the page that exceeds the
 * limit.
 */
const TEXT_OF_BATCH = 32 * 1024 * 1024;

/**
 * Folds projections up to a position, and returns the error of each projection that threw. Each batch is read once and
 * applied to every projection that needs it. A projection that throws does not stop the others; one with rows of
 * another version is skipped.
 */
export async function catchUpTogether(
  context: CatchingUp,
  head: string,
): Promise<ReadonlyMap<Projection, unknown>> {
  const failures = new Map<Projection, unknown>();
  while (!context.tasks.isStopping()) {
    const behind = (await findBehind(context, head)).filter(({ projection }) => !failures.has(projection));
    const [first] = behind;
    if (first === undefined) break;
    const batch = await readBatch(context, first);
    const last = batch.at(-1);
    if (last === undefined) break;
    const applying = behind.filter(({ position }) => comparePositions(position, last.position) < 0);
    await eachOf(context.database, applying, async ({ projection }) => {
      if (context.tasks.isStopping()) return;
      const outcome = await context.live.apply(projection, first.position, batch, Infinity);
      if (typeof outcome !== 'string') failures.set(projection, outcome.error);
    });
    await setImmediate();
  }
  return failures;
}

interface Behind {
  readonly projection: Projection;
  readonly position: string;
}

/** Returns the projections that are behind a position, the farthest first. */
async function findBehind({ database, projections }: CatchingUp, head: string): Promise<Behind[]> {
  const behind: Behind[] = [];
  for (const projection of projections) {
    const live = await liveBookmark(database.db, projection.name);
    if (live?.version !== projection.version || comparePositions(live.position, head) >= 0) continue;
    behind.push({ projection, position: live.position });
  }
  return behind.sort((a, b) => comparePositions(a.position, b.position));
}

async function readBatch(
  { store, database, live }: CatchingUp,
  { projection, position }: Behind,
): Promise<readonly Envelope[]> {
  const batch: Envelope[] = [];
  let page = await live.readAfter(projection, position);
  for (let length = 0; ;) {
    batch.push(...page);
    const last = page.at(-1);
    for (const { data } of page) length += textLength(data);
    if (last === undefined || batch.length >= database.catchUpEvents || length >= TEXT_OF_BATCH) return batch;
    // If a later page cannot be read, the next read reports the error.
    page = await store.readAll({ after: last.position }).catch(() => []);
  }
}
