import type { Viewer } from '#state-machines/access';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { readLive } from '#projections/read-live';
import type { Ground } from '../ground.ts';
import { inQueue, OPEN, queuesOf } from '../queue-conditions.ts';
import type { KindQueue } from '../queue-conditions.ts';
import { countEach } from './register-counts.ts';
import { asItStands } from './register-source.ts';
import { registerConditions } from './register-query.ts';

export interface WorkQuery {
  /** The day at whose end deadlines are judged. */
  readonly today: string;
  /** The bodies that the caller may see the records of; null for all. */
  readonly recipients: readonly string[] | null;
  readonly viewer: Viewer;
  /** The names of kinds of records; all where it is absent. */
  readonly kind?: readonly string[];
}

export interface CountedQueue extends KindQueue {
  readonly count: number;
}

export interface Work {
  /** The caller's queues, in order, and how many records each has. */
  readonly queues: readonly CountedQueue[];
  /** Up to where the log is in the counts. */
  readonly position: string;
}

/**
 * How much waits for somebody, in each of their queues: as many as the register lists under that queue.
 * @throws ReadModelMissingError
 */
export function queryWork(
  database: ReadModelDatabase,
  { today, recipients, viewer, kind }: WorkQuery,
): Promise<Work> {
  return readLive(database, asItStands.projection, async (generation, position) => {
    const ground: Ground = { today, sql: generation.sql, recipientToday: asItStands.recipientToday };
    const conditions = registerConditions(generation, { recipients }, { today, source: asItStands });
    const rows = asItStands.rows(generation);
    const queues = queuesOf(viewer, kind);
    const open = queues.filter(({ queue }) => queue.ofClosed !== true);
    const counts = new Map<KindQueue, number>();
    // Those of open records in one pass, which an index gives; each of the others has one of its own.
    for (const part of [open, ...queues.filter((each) => !open.includes(each)).map((each) => [each])]) {
      const ofPart = part.map((each) => inQueue(each, viewer, ground));
      const narrow = part === open ? OPEN : ofPart[0];
      const counted = await countEach(
        { rows, conditions: [...conditions, ...(narrow ? [narrow] : [])] },
        ofPart,
      );
      part.forEach((each, index) => counts.set(each, counted[index] ?? 0));
    }
    return { queues: queues.map((each) => ({ ...each, count: counts.get(each) ?? 0 })), position };
  });
}
