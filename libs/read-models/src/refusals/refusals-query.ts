import type { ReadModelDatabase } from '#projections/read-model-database';
import { refusalsProjection } from './refusals-projection.ts';
import type { RefusalRow } from './refusals-projection.ts';
import { actorOf, recordedCursor, recordedPage } from '../recorded-rows.ts';
import type { RecordedAsked } from '../recorded-rows.ts';

export interface RefusalsQuery {
  readonly subject?: string;
  readonly command?: string;
  readonly code?: string;
  /** The record's id as it was asked. */
  readonly record?: string;
  /** The name of the record's kind. */
  readonly recordKind?: string;
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
  /** The name of the record's kind; null as the record is. */
  readonly recordKind: string | null;
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
export const queryRefusals = (database: ReadModelDatabase, query: RefusalsQuery): Promise<RefusalsPage> =>
  recordedPage(
    database,
    { projection: refusalsProjection, itemOf },
    { ...askedOf(query), limit: query.limit },
  );

/**
 * Before which number a list goes on; null from its beginning.
 * @throws InvalidCursorError.
 */
export const cursorOf = (query: Omit<RefusalsQuery, 'limit'>): number | null =>
  recordedCursor(askedOf(query));

const askedOf = ({
  subject,
  command,
  code,
  record,
  recordKind: record_kind,
  from,
  to,
  cursor,
}: Omit<RefusalsQuery, 'limit'>): RecordedAsked => ({
  ...{ from, to, cursor },
  equal: { subject, command, code, record, record_kind },
});

function itemOf(row: RefusalRow): RefusalItem {
  const { position, command, code, guard, record, count } = row;
  return {
    position,
    recordedAt: row.recorded_at,
    actor: actorOf(row),
    command,
    code,
    guard,
    record,
    recordKind: row.record_kind,
    seenVersion: row.seen_version,
    count,
    correlationId: row.correlation_id,
  };
}
