import type { Kysely } from 'kysely';
import { readNumberCursor, writeNumberCursor } from '#projections/list-cursor';
import type { ListKey } from '#projections/list-cursor';
import { readLive } from '#projections/read-live';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { refusalsProjection } from './refusals-projection.ts';
import type { RefusalRow, RefusalsTables } from './refusals-projection.ts';

export interface RefusalsQuery {
  readonly subject?: string;
  readonly command?: string;
  readonly code?: string;
  /** The record's id as it was asked. */
  readonly record?: string;
  /** The first and the last day, in London. */
  readonly from?: string;
  readonly to?: string;
  readonly limit: number;
  readonly cursor?: string;
}

/** A refused attempt; or, with a `count`, how many more of one code there were. */
export interface RefusalItem {
  readonly position: string;
  readonly recordedAt: string;
  /** Who was refused; null where a count is of many people. Roles are not kept in counts. */
  readonly actor: { readonly subject: string; readonly roles: readonly string[] } | null;
  /** Null in a count, or where what was asked had not the form of a command. */
  readonly command: string | null;
  readonly code: string;
  readonly guard: string | null;
  readonly record: string | null;
  /** The record's version on which it was refused. */
  readonly seenVersion: number | null;
  /** 1 for an attempt that is recorded by itself. */
  readonly count: number;
  /** Null in a count. */
  readonly correlationId: string | null;
}

export interface RefusalsPage {
  readonly items: readonly RefusalItem[];
  readonly nextCursor: string | null;
  /** Up to where the log is in this page. */
  readonly position: string;
}

/**
 * One page of the refusals, the newest first. What is refused in between moves none from one page to the next.
 * @throws InvalidCursorError, ReadModelMissingError, RangeError for a limit that is none.
 */
export async function queryRefusals(
  database: ReadModelDatabase,
  query: RefusalsQuery,
): Promise<RefusalsPage> {
  const { limit, subject, command, code, record, from, to } = query;
  if (!Number.isSafeInteger(limit) || limit < 1) throw new RangeError(`${limit} is no number of items`);
  const list = listKey(query);
  const before = cursorOf(query);
  return readLive(database, refusalsProjection, async ({ db, sql }, position) => {
    let rows = (db as Kysely<RefusalsTables>).selectFrom('refusals').selectAll().where(sql.inTime('id'));
    for (const [column, value] of Object.entries({ subject, command, code, record })) {
      if (value !== undefined) rows = rows.where(column as keyof RefusalRow, '=', value);
    }
    if (from !== undefined) rows = rows.where('day', '>=', from);
    if (to !== undefined) rows = rows.where('day', '<=', to);
    if (before !== null) rows = rows.where('id', '<', before);
    const found = await rows
      .orderBy('id', 'desc')
      .limit(limit + 1)
      .execute();
    const page = found.slice(0, limit);
    const last = found.length > limit ? page.at(-1) : undefined;
    const nextCursor = last ? writeNumberCursor(last.id, list) : null;
    return { items: page.map(itemOf), nextCursor, position };
  });
}

/**
 * Before which number a list goes on; null from its beginning.
 * @throws InvalidCursorError.
 */
export const cursorOf = (query: Omit<RefusalsQuery, 'limit'>): number | null =>
  query.cursor === undefined ? null : readNumberCursor(query.cursor, listKey(query));

const listKey = ({ subject, command, code, record, from, to }: Omit<RefusalsQuery, 'limit'>): ListKey => ({
  filters: [subject, command, code, record, from, to].map((value) => value ?? null),
});

function itemOf(row: RefusalRow): RefusalItem {
  const { position, subject, command, code, guard, record, count } = row;
  return {
    position,
    recordedAt: row.recorded_at,
    actor: subject === null ? null : { subject, roles: JSON.parse(row.roles) as string[] },
    command,
    code,
    guard,
    record,
    seenVersion: row.seen_version,
    count,
    correlationId: row.correlation_id,
  };
}
