import type { Viewer } from '#state-machines/access';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { readLive } from '#projections/read-live';
import type { Ground } from '../ground.ts';
import { isOfOpen, OPEN, queueCondition, queuesOf } from '../queues.ts';
import type { QueueName } from '../queues.ts';
import { countEach } from './register-counts.ts';
import { asItStands } from './register-source.ts';
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
    const ground: Ground = { today, sql: generation.sql, recipientToday: asItStands.recipientToday };
    const conditions = registerConditions(generation, { recipients }, { today, source: asItStands });
    const rows = asItStands.rows(generation);
    const names = queuesOf(viewer);
    const kinds = (some: readonly QueueName[]) =>
      some.map((name) => [name, queueCondition({ name, of: viewer }, ground)] as const);
    const [open, others] = [names.filter(isOfOpen), names.filter((name) => !isOfOpen(name))];
    const counts = new Map(await countEach({ rows, conditions: [...conditions, OPEN] }, kinds(open)));
    for (const name of others) {
      const kind = queueCondition({ name, of: viewer }, ground);
      const some = { rows, conditions: [...conditions, kind] };
      for (const [each, count] of await countEach(some, kinds([name]))) counts.set(each, count);
    }
    return { queues: names.map((name) => ({ name, count: counts.get(name) ?? 0 })), position };
  });
}
