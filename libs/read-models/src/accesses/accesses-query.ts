import type { ReadModelDatabase } from '#projections/read-model-database';
import { ACCESS_KINDS } from '#state-machines/access-events';
import { accessesProjection } from './accesses-projection.ts';
import type { AccessRow } from './accesses-projection.ts';
import { actorOf, recordedCursor, recordedPage } from '../recorded-rows.ts';
import type { RecordedAsked } from '../recorded-rows.ts';

/** What the list tells of: what is recorded as an access, and packs. */
export const LISTED_KINDS = [...ACCESS_KINDS, 'pack'] as const;
export type ListedKind = (typeof LISTED_KINDS)[number];

export interface AccessesQuery {
  readonly subject?: string;
  readonly kind?: ListedKind;
  /** The record's id. */
  readonly record?: string;
  /** The name of the record's kind. */
  readonly recordKind?: string;
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
  /** The name of the record's kind; null as the record is. */
  readonly recordKind: string | null;
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
export const queryAccesses = (database: ReadModelDatabase, query: AccessesQuery): Promise<AccessesPage> =>
  recordedPage(
    database,
    { projection: accessesProjection, itemOf },
    { ...askedOf(query), limit: query.limit },
  );

/**
 * Before which number a list goes on; null from its beginning.
 * @throws InvalidCursorError.
 */
export const cursorOf = (query: Omit<AccessesQuery, 'limit'>): number | null =>
  recordedCursor(askedOf(query));

const askedOf = ({
  subject,
  kind,
  record,
  recordKind: record_kind,
  from,
  to,
  cursor,
}: Omit<AccessesQuery, 'limit'>): RecordedAsked => ({
  ...{ from, to, cursor },
  equal: { subject, kind, record, record_kind },
});

function itemOf(row: AccessRow): AccessItem {
  const { position, kind, record, version, format, withheld, count } = row;
  return {
    position,
    recordedAt: row.recorded_at,
    actor: actorOf(row),
    kind,
    record,
    recordKind: row.record_kind,
    version,
    format,
    withheld,
    count,
    correlationId: row.correlation_id,
  };
}
