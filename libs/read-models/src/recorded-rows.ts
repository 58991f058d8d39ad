import type { Kysely } from 'kysely';
import type { Envelope } from '#event-sourcing/envelope';
import { readNumberCursor, writeNumberCursor } from '#projections/list-cursor';
import type { ListKey } from '#projections/list-cursor';
import type { Projection } from '#projections/projection';
import { readLive } from '#projections/read-live';
import type { ReadModelDatabase } from '#projections/read-model-database';

// Refusals and accesses: one event in a stream of its day is a row, or a row for each kind of what was only counted.

/** What the rows of both have. */
export interface RecordedRow {
  /** From the event's number in the log: the same in every generation, and in the log's order. */
  id: number;
  position: string;
  recorded_at: string;
  /** The date in London. */
  day: string;
  /** Null in a count of many people. */
  subject: string | null;
  /** As JSON. */
  roles: string;
  count: number;
  /** Null in a count. */
  correlation_id: string | null;
}

/** The most rows that one event has; ids leave room for so many. */
export const ROWS_OF_EVENT = 100;

export const stampOf = ({ position, recordedAt, effectiveOn }: Envelope) => ({
  position,
  recorded_at: recordedAt,
  day: effectiveOn,
});

/**
 * What was counted, in an order that is the same whenever it is folded.
 * @param what how what is counted by is called.
 * @throws Error for more than there is room for.
 */
export function countsOf(
  { version, streamId }: Envelope,
  counted: Readonly<Record<string, number>>,
  what: string,
): (readonly [string, number])[] {
  const counts = Object.entries(counted).sort(([a], [b]) => (a < b ? -1 : 1));
  if (counts.length > ROWS_OF_EVENT)
    throw new Error(`Version ${version} of ${streamId} counts more than ${ROWS_OF_EVENT} ${what}`);
  return counts;
}

/** The one table of a projection that has its name, and how a row of it is told. */
export interface RecordedList<Row extends RecordedRow, Item> {
  readonly projection: Projection;
  readonly itemOf: (row: Row) => Item;
}

/** What the rows of a page must have, and behind which row it goes on. */
export interface RecordedAsked {
  /** By the columns that they stand in; one that is not given narrows nothing. */
  readonly equal: Readonly<Record<string, string | undefined>>;
  /** The first and the last day, in London. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly cursor: string | undefined;
}

/**
 * One page of rows, the newest first. What is recorded in between moves none from one page to the next.
 * @throws InvalidCursorError, ReadModelMissingError, RangeError for a limit that is none.
 */
export async function recordedPage<Row extends RecordedRow, Item>(
  database: ReadModelDatabase,
  { projection, itemOf }: RecordedList<Row, Item>,
  { limit, ...asked }: RecordedAsked & { readonly limit: number },
): Promise<{ readonly items: Item[]; readonly nextCursor: string | null; readonly position: string }> {
  if (!Number.isSafeInteger(limit) || limit < 1) throw new RangeError(`${limit} is no number of items`);
  const { equal, from, to } = asked;
  const before = recordedCursor(asked);
  return readLive(database, projection, async ({ db, sql }, position) => {
    const tables = db as Kysely<Record<string, RecordedRow>>;
    let rows = tables.selectFrom(projection.name).selectAll().where(sql.inTime('id'));
    for (const [column, value] of Object.entries(equal)) {
      if (value !== undefined) rows = rows.where(column as keyof RecordedRow, '=', value);
    }
    if (from !== undefined) rows = rows.where('day', '>=', from);
    if (to !== undefined) rows = rows.where('day', '<=', to);
    if (before !== null) rows = rows.where('id', '<', before);
    const found = await rows
      .orderBy('id', 'desc')
      .limit(limit + 1)
      .execute();
    const page = found.slice(0, limit) as Row[];
    const last = found.length > limit ? page.at(-1) : undefined;
    const nextCursor = last ? writeNumberCursor(last.id, listKey(asked)) : null;
    return { items: page.map(itemOf), nextCursor, position };
  });
}

/**
 * Before which number a list goes on; null from its beginning.
 * @throws InvalidCursorError.
 */
export const recordedCursor = (asked: RecordedAsked): number | null =>
  asked.cursor === undefined ? null : readNumberCursor(asked.cursor, listKey(asked));

const listKey = ({ equal, from, to }: RecordedAsked): ListKey => ({
  filters: [...Object.values(equal), from, to].map((value) => value ?? null),
});

/** Who it was; null where a count is of many people. */
export const actorOf = ({ subject, roles }: RecordedRow) =>
  subject === null ? null : { subject, roles: JSON.parse(roles) as string[] };
