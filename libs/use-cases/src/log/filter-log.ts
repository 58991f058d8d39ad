import type { Envelope } from '#event-sourcing/envelope';
import type { EventStore } from '#event-sourcing/event-store';
import { hasCode } from '#event-sourcing/errors';
import { nextTurn } from '#event-sourcing/event-store';
import { includesAccesses, isLogAccess } from '#state-machines/audit-trail-events';
import { kinds } from '#state-machines/record-streams';
import { streamOf } from '#lifecycle/kind';
import { isStreamOf, recordsNamed } from '../records/named-record.ts';
import type { ReadCounts } from '#projections/limited-reads';
import { inPieces, jsonPage } from '../json-page.ts';
import type { Viewer } from '#state-machines/access';
import { READS_LOG } from '#state-machines/access';
import { invalidParameter } from '../problems.ts';
import { requireRole } from '../call-context.ts';
import type { Reader } from '../call-context.ts';
import type { Accesses } from '../audit-trail/record-access.ts';

/** Filters for events of the log. Several values of one filter match any of them; null matches everything. */
export interface LogFilter {
  readonly types: readonly string[] | null;
  /** The subjects of actors. */
  readonly actors: readonly string[] | null;
  /** Names of records; matches the events in their own streams. */
  readonly records: readonly string[] | null;
  /** Correlation ids. */
  readonly correlations: readonly string[] | null;
  /** The first and the last instant, in the format of events. */
  readonly recordedFrom: string | null;
  readonly recordedTo: string | null;
}

/** The number of events that a page scans; a rare event may be several pages away. */
const LOOKED_AT_MAX = 20_000;
/** The maximum number of characters of JSON in a page. The batch that exceeds it is the last. */
const PAGE_LENGTH_MAX = 8 * 1024 * 1024;

const has = (values: readonly string[] | null, value: string | null): boolean =>
  values === null || (value !== null && values.includes(value));

const isOfRecords = (names: readonly string[] | null, streamId: string): boolean =>
  names === null || names.some((name) => isStreamOf(kinds, name, streamId));

/**
 * Reports whether the filter matches an event. Events that record a read of the log match only if their type
 * is named: otherwise every read would add matches.
 */
export function matchesFilter(filter: LogFilter, event: Envelope): boolean {
  const { type, actor, streamId, recordedAt, correlationId } = event;
  return (
    has(filter.types, type) &&
    has(filter.actors, actor.subject) &&
    isOfRecords(filter.records, streamId) &&
    has(filter.correlations, correlationId) &&
    (filter.recordedFrom === null || filter.recordedFrom <= recordedAt) &&
    (filter.recordedTo === null || recordedAt <= filter.recordedTo) &&
    (includesAccesses(filter.types) || !isLogAccess(event))
  );
}

const isUnfiltered = (filter: LogFilter): boolean => Object.values(filter).every((value) => value === null);

/** The number of events, and characters of text, read in one turn. A longer turn would delay other work. */
export const BATCH: { readonly limit: number; readonly enough: number } = { limit: 128, enough: 128 * 1024 };

export interface LogPageRequest {
  readonly after: string;
  readonly limit: number;
  readonly filter: LogFilter;
}

/** Estimates the length of a value's JSON, because serialising it twice would be slow. */
function lengthOf(value: unknown): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return 5;
  return Object.entries(value).reduce((sum, [name, member]) => sum + name.length + 4 + lengthOf(member), 0);
}

type LogReads = Pick<EventStore, 'readAll' | 'readStream' | 'lastPosition'>;

/**
 * Yields one page of the log's events after a position, in order, in batches. A page scans a limited number of events, so it is fast for
 * every filter. Returns the position from which to continue; null at the end of the log. A page can be empty before the log's end. It ends
 * before an unreadable event unless that event is the first.
 * @param isOver reports whether the time limit has passed: the page then ends at its current position.
 * @throws StoreDamagedError if the first event cannot be read.
 */
export async function* filteredLog(
  store: LogReads,
  request: LogPageRequest,
  isOver: () => boolean = () => false,
): AsyncGenerator<readonly Envelope[], string | null> {
  const { after, filter } = request;
  const end = BigInt(await store.lastPosition());
  if (BigInt(after) >= end) return null;
  const [name, second] = filter.records ?? [];
  const isOne = name !== undefined && second === undefined;
  const [record, ofOtherKind] = isOne ? await recordsNamed(store, kinds, name) : [];
  if (isOne && record === undefined) return null;
  const ofLog = async (position: string): Promise<Envelope[]> =>
    BigInt(position) < end ? store.readAll({ after: position, ...BATCH }) : [];
  const pieces =
    record === undefined || ofOtherKind !== undefined
      ? piecesAfter(after, ofLog, ({ position }) => position)
      : // A record's stream is in log order too, and reading it avoids a scan of the log.
        piecesAfter(
          0,
          (version) => store.readStream(streamOf(record), { after: version, ...BATCH }),
          ({ version }) => version,
        );
  return yield* matchingEvents(pieces, request, end, isOver);
}

/** Yields the events after a place, in batches. */
async function* piecesAfter<At>(
  start: At,
  read: (after: At) => Promise<Envelope[]>,
  placeOf: (event: Envelope) => At,
): AsyncGenerator<Envelope[]> {
  for (let after = start; ;) {
    await nextTurn();
    const piece = await read(after);
    const last = piece.at(-1);
    if (last === undefined) return;
    yield piece;
    after = placeOf(last);
  }
}

async function* matchingEvents(
  pieces: AsyncIterator<Envelope[]>,
  { after, limit, filter }: LogPageRequest,
  end: bigint,
  isOver: () => boolean,
): AsyncGenerator<readonly Envelope[], string | null> {
  const isAll = isUnfiltered(filter);
  const from = BigInt(after);
  let matchCount = 0;
  let lookedAt = 0;
  let length = 0;
  let reached: string | null = null;
  for (;;) {
    const piece = await nextOf(pieces, reached);
    if (piece === null) return null;
    if (typeof piece === 'string') return piece;
    // Earlier pages contain the events up to `after`.
    const behind = piece.filter(({ position }) => BigInt(position) > from);
    const items = behind.filter((event) => matchesFilter(filter, event)).slice(0, limit - matchCount);
    matchCount += items.length;
    if (items.length > 0) yield items;
    if (matchCount === limit) {
      const last = items.at(-1)?.position ?? null;
      // There may be no further match: the next page is then empty.
      return isAll && last !== null && BigInt(last) >= end ? null : last;
    }
    // Continue only after `after`: an earlier position would make the caller loop forever.
    reached = behind.at(-1)?.position ?? reached;
    lookedAt += isAll ? 0 : behind.length;
    length += lengthOf(items.map(({ data }) => data));
    // Before the first event beyond `after`, the page has made no progress yet.
    const isLate = behind.length > 0 && isOver();
    if (isLate || lookedAt > LOOKED_AT_MAX - BATCH.limit || length >= PAGE_LENGTH_MAX)
      return reached !== null && BigInt(reached) >= end ? null : reached;
  }
}

/** Returns the next batch; null at the end; the last position if the next event cannot be read. */
async function nextOf(
  pieces: AsyncIterator<Envelope[]>,
  reached: string | null,
): Promise<Envelope[] | string | null> {
  try {
    const piece = await pieces.next();
    return piece.done === true ? null : piece.value;
  } catch (error) {
    if (reached === null || !hasCode(error, 'store-damaged')) throw error;
    return reached;
  }
}

/** Reads pages of the log. */
export interface LogPages {
  /**
   * Yields a page as the bytes of its response; each batch is read on demand.
   * @throws StoreDamagedError if the first event cannot be read; the store's errors.
   */
  page(request: LogPageRequest): AsyncGenerator<Uint8Array>;
  readonly counts: ReadCounts;
  /** The reason for which pages are refused now; otherwise null. */
  readonly refusal: string | null;
}

/** Yields a page as the bytes of its response, read in this thread. Throws as `filteredLog` does. */
export const logPage = (...args: Parameters<typeof filteredLog>): AsyncGenerator<Uint8Array> =>
  inPieces(jsonPage(filteredLog(...args)));

/** Reads pages in this thread, without a limit. */
export const pagesOf = (store: LogReads): LogPages => ({
  page: (request) => logPage(store, request),
  counts: { busy: 0, waiting: 0, tooSlow: 0, replaced: 0, left: 0 },
  refusal: null,
});

/** Throws unless the viewer may read the log. @throws ProblemError `role-not-permitted` */
export const requireLogReader = (viewer: Viewer): void => {
  requireRole(viewer, READS_LOG);
};

/**
 * Permits a viewer to read the whole log from a position, in pages or as a live stream, and first records the access.
 * @param from the position, and the name of the parameter or header that contains it.
 * @throws ProblemError `role-not-permitted`; `invalid-parameter` for a position beyond the log's end; StoreUnavailableError if the access
 * cannot be recorded.
 */
export async function admitToLog(
  {
    store,
    accesses,
  }: { readonly store: Pick<EventStore, 'lastPosition'>; readonly accesses: Pick<Accesses, 'log'> },
  viewer: Reader,
  { name, position }: { readonly name: string; readonly position: string },
): Promise<void> {
  requireLogReader(viewer);
  if (BigInt(position) <= BigInt(await store.lastPosition())) {
    await accesses.log(viewer);
    return;
  }
  // The position is from another log, or from before a restore: the client would never receive an event.
  throw invalidParameter(name, 'is beyond the end of the log');
}
