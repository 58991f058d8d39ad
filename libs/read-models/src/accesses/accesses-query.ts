import type { Kysely } from 'kysely';
import { readNumberCursor, writeNumberCursor } from '#projections/list-cursor';
import type { ListKey } from '#projections/list-cursor';
import { readLive } from '#projections/read-live';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { ACCESS_KINDS } from '#state-machines/access-events';
import { accessesProjection } from './accesses-projection.ts';
import type { AccessRow, AccessesTables } from './accesses-projection.ts';

/** What the list tells of: what is recorded as an access, and packs. */
export const LISTED_KINDS = [...ACCESS_KINDS, 'pack'] as const;
export type ListedKind = (typeof LISTED_KINDS)[number];

export interface AccessesQuery {
  readonly subject?: string;
  readonly kind?: ListedKind;
  /** The record's id. */
  readonly record?: string;
  /** The first and the last day, in London. */
  readonly from?: string;
  readonly to?: string;
  readonly limit: number;
  readonly cursor?: string;
}

/** Something that was given out; or, with a `count`, how many more of one kind there were. */
export interface AccessItem {
  readonly position: string;
  readonly recordedAt: string;
  /** Who was given it; null where a count is of many people. Roles are not kept in counts. */
  readonly actor: { readonly subject: string; readonly roles: readonly string[] } | null;
  readonly kind: string;
  /** Null for the log, and in a count. */
  readonly record: string | null;
  /** Of an export or a pack, up to which version it goes. */
  readonly version: number | null;
  /** Of an export. */
  readonly format: string | null;
  /** Of a pack, how many values were withheld. */
  readonly withheld: number | null;
  /** 1 for what is recorded by itself. */
  readonly count: number;
  /** Null in a count. */
  readonly correlationId: string | null;
}

export interface AccessesPage {
  readonly items: readonly AccessItem[];
  readonly nextCursor: string | null;
  /** Up to where the log is in this page. */
  readonly position: string;
}

/**
 * One page of what was given out, the newest first. What is given in between moves none from one page to the next.
 * @throws InvalidCursorError, ReadModelMissingError, RangeError for a limit that is none.
 */
export async function queryAccesses(
  database: ReadModelDatabase,
  query: AccessesQuery,
): Promise<AccessesPage> {
  const { limit, subject, kind, record, from, to } = query;
  if (!Number.isSafeInteger(limit) || limit < 1) throw new RangeError(`${limit} is no number of items`);
  const list = listKey(query);
  const before = cursorOf(query);
  return readLive(database, accessesProjection, async ({ db, sql }, position) => {
    let rows = (db as Kysely<AccessesTables>).selectFrom('accesses').selectAll().where(sql.inTime('id'));
    for (const [column, value] of Object.entries({ subject, kind, record })) {
      if (value !== undefined) rows = rows.where(column as keyof AccessRow, '=', value);
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
export const cursorOf = (query: Omit<AccessesQuery, 'limit'>): number | null =>
  query.cursor === undefined ? null : readNumberCursor(query.cursor, listKey(query));

const listKey = ({ subject, kind, record, from, to }: Omit<AccessesQuery, 'limit'>): ListKey => ({
  filters: [subject, kind, record, from, to].map((value) => value ?? null),
});

function itemOf({ recorded_at: recordedAt, subject, roles, correlation_id, ...row }: AccessRow): AccessItem {
  const { position, kind, record, version, format, withheld, count } = row;
  return {
    position,
    recordedAt,
    actor: subject === null ? null : { subject, roles: JSON.parse(roles) as string[] },
    kind,
    record,
    version,
    format,
    withheld,
    count,
    correlationId: correlation_id,
  };
}
