import { sql } from 'kysely';
import type { Condition } from '#projections/filters';
import type { Sight, Viewer } from '#state-machines/access';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { readLive } from '#projections/read-live';
import type { Models } from '#projections/projection';
import type { Queue } from '#lifecycle/queue';
import type { Ground } from '../ground.ts';
import { inQueue, namesOf, OPEN, queuesOf } from '../queue-conditions.ts';
import type { KindQueue } from '../queue-conditions.ts';
import { LISTED_COLUMNS, registerRows } from './register-rows.ts';
import { pageAt, rowsOf } from './register-pages.ts';
import { parseRequest, itemsOf, listedIn, registerConditions } from './register-query.ts';
import type { RegisterItem } from './register-query.ts';

export interface WorkQuery {
  /** The plain date on which deadlines are based, at its end. */
  readonly today: string;
  /** The records that the caller may see. */
  readonly recipients: Sight;
  readonly viewer: Viewer;
  /** The names of record kinds; absent for all. */
  readonly kind?: readonly string[];
  /** The number of records of each queue to list: the caller's own late ones first, then by due date. */
  readonly first?: number;
}

interface CountedQueue extends KindQueue {
  readonly count: number;
  /** The first records; empty unless requested. */
  readonly items: readonly RegisterItem[];
}

interface Work {
  /** The caller's queues in order, with the number of records in each. */
  readonly queues: readonly CountedQueue[];
  /** The log position of the counts. */
  readonly position: string;
}

/**
 * Returns the number of records in each of a person's queues. It matches the register filtered by that queue.
 * @throws ReadModelMissingError
 */
export function queryWork(database: ReadModelDatabase, query: WorkQuery): Promise<Work> {
  const { today, recipients, viewer, kind, first = 0 } = query;
  return readLive(database, async (models, position) => {
    const ground: Ground = { today, sql: models.sql };
    const conditions = registerConditions(models, { recipients }, today);
    const queues = queuesOf(viewer, kind);
    const open = queues.filter(({ queue }) => queue.ofClosed !== true);
    const counts = new Map<KindQueue, number>();
    // The queues of open records are counted in one pass over an index; each other queue in its own.
    for (const part of [open, ...queues.filter((each) => !open.includes(each)).map((each) => [each])]) {
      const ofPart = part.map((each) => inQueue(each, viewer, ground));
      const narrow = part === open ? OPEN : ofPart[0];
      const counted = await countEach(models, [...conditions, ...(narrow ? [narrow] : [])], ofPart);
      part.forEach((each, index) => counts.set(each, counted[index] ?? 0));
    }
    const late = first === 0 ? [] : await ownLate(models, query);
    const counted: CountedQueue[] = [];
    for (const each of queues) {
      const count = counts.get(each) ?? 0;
      const items = count === 0 || first === 0 ? [] : await firstOf(models, query, each, late);
      counted.push({ ...each, count, items });
    }
    return { queues: counted, position };
  });
}

/** Returns the number of rows that match each condition, in one pass. */
async function countEach(
  models: Models,
  conditions: readonly Condition[],
  each: readonly Condition[],
): Promise<readonly number[]> {
  if (each.length === 0) return [];
  const nameAt = (index: number): string => `c${index}`;
  const counts = each.map((one, index) => sql<number>`count(case when ${one} then 1 end)`.as(nameAt(index)));
  const found: Readonly<Record<string, number>> = await registerRows(models, conditions)
    .select(counts)
    .executeTakeFirstOrThrow();
  return each.map((_, index) => found[nameAt(index)] ?? 0);
}

/**
 * Returns the first records of one of the caller's queues, in the order of `queryWork`.
 * @throws ReadModelMissingError
 */
export const queryQueue = (
  database: ReadModelDatabase,
  query: WorkQuery & { readonly first: number },
  queue: KindQueue,
): Promise<readonly RegisterItem[]> =>
  readLive(database, async (models) => firstOf(models, query, queue, await ownLate(models, query)));

/** The most open records of an owner that are examined. */
const OWN_MAX = 500;

/** Returns the streams of the caller's own late records, latest first. */
async function ownLate(models: Models, { today, recipients, viewer }: WorkQuery): Promise<readonly string[]> {
  const conditions = [
    ...registerConditions(models, { recipients, owner: namesOf(viewer.subject) }, today),
    // `+ 0` prevents the database from using the index of dates: an owner has few records, but there may be many late
    // ones.
    sql<boolean>`settled + 0 = 0`,
  ];
  const rows = await registerRows(models, conditions).select(LISTED_COLUMNS).limit(OWN_MAX).execute();
  return rows
    .filter((row) => row.due_on !== null && row.due_on < today)
    .sort((one, other) => compare(one.due_on ?? '', other.due_on ?? '') || compare(one.stream, other.stream))
    .map(({ stream }) => stream);
}

const compare = (one: string, other: string): number => (one === other ? 0 : one < other ? -1 : 1);

/** Returns the order of a queue's list: by the date that the queue is about. */
export const sortOf = ({ answer }: Pick<Queue, 'answer'>): 'dueOn' | 'responseDueOn' =>
  answer === undefined ? 'dueOn' : 'responseDueOn';

async function firstOf(
  models: Models,
  { today, recipients, viewer, first = 0 }: WorkQuery,
  queue: KindQueue,
  late: readonly string[],
): Promise<readonly RegisterItem[]> {
  const { kind, name } = queue;
  const filters = { kind: [kind.name], queue: { name, of: viewer } };
  const request = parseRequest({ ...filters, recipients, today, sort: sortOf(queue.queue) });
  const listed = await listedIn(models, request);
  const own = late.length === 0 ? [] : (await rowsOf(models, listed, late)).slice(0, first);
  const byDate = own.length === first ? [] : (await pageAt(models, listed, null, first)).rows;
  const others = byDate.filter(({ stream }) => !own.some((each) => each.stream === stream));
  return itemsOf([...own, ...others].slice(0, first), today);
}
