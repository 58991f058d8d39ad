import type { Viewer } from '#state-machines/access';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { readLive } from '#projections/read-live';
import { queuesOf } from '../queues.ts';
import type { QueueName } from '../queues.ts';
import { asItStands, countAll } from './register-pages.ts';
import { registerConditions } from './register-query.ts';

export interface WorkQuery {
  /** The day at whose end deadlines are judged. */
  readonly today: string;
  /** The bodies that the caller may see the records of; null for all. */
  readonly recipients: readonly string[] | null;
  readonly viewer: Viewer;
}

export interface Work {
  /** The caller's queues, in order, and how many records each has. */
  readonly queues: readonly { readonly name: QueueName; readonly count: number }[];
  /** Up to where the log is in the counts. */
  readonly position: string;
}

/**
 * How much waits for somebody, in each of their queues: as many as the register lists under that queue.
 * @throws ReadModelMissingError
 */
export function queryWork(
  database: ReadModelDatabase,
  { today, recipients, viewer }: WorkQuery,
): Promise<Work> {
  return readLive(database, asItStands.projection, async (generation, position) => {
    const queues: { name: QueueName; count: number }[] = [];
    for (const name of queuesOf(viewer)) {
      const filters = { recipients, queue: { name, of: viewer } };
      const conditions = registerConditions(generation, filters, { today, source: asItStands });
      queues.push({ name, count: await countAll({ rows: asItStands.rows(generation), conditions }) });
    }
    return { queues, position };
  });
}
