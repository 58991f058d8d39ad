import type { Envelope } from '#event-sourcing/envelope';
import type { EventStore } from '#event-sourcing/event-store';
import { hasCode } from '#event-sourcing/errors';
import { nextTurn } from '#event-sourcing/event-store';
import { asksForAccesses, saysLogWasRead } from '#state-machines/audit-trail-events';
import { kinds } from '#state-machines/record-streams';
import { streamOf } from '#lifecycle/kind';
import { isStreamOf, recordsNamed } from '../records/named-record.ts';

/** Which events of the log are asked for. Several values of one kind mean any of them; null means all. */
export interface LogFilter {
  readonly types: readonly string[] | null;
  /** Subjects. */
  readonly actors: readonly string[] | null;
  /** Names of records, for the events of their own streams. */
  readonly records: readonly string[] | null;
  /** Ids of requests. */
  readonly correlations: readonly string[] | null;
  /** The first and the last instant, as events have them. */
  readonly recordedFrom: string | null;
  readonly recordedTo: string | null;
}

/** How many events one page looks at: what is seldom is found in several. */
const LOOKED_AT_MAX = 20_000;
/** How much a page holds, in characters of JSON; it is complete with the piece that goes beyond. */
const PAGE_LENGTH_MAX = 8 * 1024 * 1024;

const has = (values: readonly string[] | null, value: string | null): boolean =>
  values === null || (value !== null && values.includes(value));

const isOfRecords = (names: readonly string[] | null, streamId: string): boolean =>
  names === null || names.some((name) => isStreamOf(kinds, name, streamId));

/** Whether an event is among what is asked for. That the log was read, is so where its type is named alone: nobody finds events by reading. */
export function isAsked(filter: LogFilter, event: Envelope): boolean {
  const { type, actor, streamId, recordedAt, correlationId } = event;
  return (
    has(filter.types, type) &&
    has(filter.actors, actor.subject) &&
    isOfRecords(filter.records, streamId) &&
    has(filter.correlations, correlationId) &&
    (filter.recordedFrom === null || filter.recordedFrom <= recordedAt) &&
    (filter.recordedTo === null || recordedAt <= filter.recordedTo) &&
    (asksForAccesses(filter.types) || !saysLogWasRead(event))
  );
}

const asksForAll = (filter: LogFilter): boolean => Object.values(filter).every((value) => value === null);

/** How many events are read at once, and of how much text: what is read in one turn holds up all others. */
export const PIECE: { readonly limit: number; readonly enough: number } = { limit: 128, enough: 128 * 1024 };

export interface LogAsked {
  readonly after: string;
  readonly limit: number;
  readonly filter: LogFilter;
}

/** About how long a value's JSON is: told without writing it, which is done once, for the answer. */
function lengthOf(value: unknown): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return 5;
  return Object.entries(value).reduce((sum, [name, member]) => sum + name.length + 4 + lengthOf(member), 0);
}

export type LogReads = Pick<EventStore, 'readAll' | 'readStream' | 'lastPosition'>;

/**
 * One page of the log's events after a position, in order, piece by piece. Looks at a bounded number of events, so that it
 * ends soon whatever is asked. Returns the position after which to go on; null at the end of the log. A page can be empty,
 * and the log go on. It ends before an event that cannot be read, where it has come past another.
 * @param isOver whether its time is over: it then ends where it has come to.
 * @throws StoreDamagedError where the first event cannot be read.
 */
export async function* filteredLog(
  store: LogReads,
  asked: LogAsked,
  isOver: () => boolean = () => false,
): AsyncGenerator<readonly Envelope[], string | null> {
  const { after, filter } = asked;
  const end = BigInt(await store.lastPosition());
  if (BigInt(after) >= end) return null;
  const [name, another] = filter.records ?? [];
  const isOne = name !== undefined && another === undefined;
  const [record, ofOtherKind] = isOne ? await recordsNamed(store, kinds, name) : [];
  if (isOne && record === undefined) return null;
  const pieces =
    record === undefined || ofOtherKind !== undefined
      ? logPieces(store, after, end)
      : streamPieces(store, streamOf(record));
  return yield* taken(pieces, asked, end, isOver);
}

/** The log's events, up to where it ends now. */
async function* logPieces(
  store: Pick<EventStore, 'readAll'>,
  after: string,
  end: bigint,
): AsyncGenerator<Envelope[]> {
  for (let position = after; BigInt(position) < end;) {
    await nextTurn();
    const piece = await store.readAll({ after: position, ...PIECE });
    const last = piece.at(-1);
    if (last === undefined) return;
    yield piece;
    position = last.position;
  }
}

/** A record's events are in the order of the log too, and are found without looking at all others. */
async function* streamPieces(
  store: Pick<EventStore, 'readStream'>,
  streamId: string,
): AsyncGenerator<Envelope[]> {
  for (let version = 0; ;) {
    await nextTurn();
    const piece = await store.readStream(streamId, { after: version, ...PIECE });
    const last = piece.at(-1);
    if (last === undefined) return;
    yield piece;
    version = last.version;
  }
}

async function* taken(
  pieces: AsyncIterator<Envelope[]>,
  { after, limit, filter }: LogAsked,
  end: bigint,
  isOver: () => boolean,
): AsyncGenerator<readonly Envelope[], string | null> {
  const isAll = asksForAll(filter);
  const from = BigInt(after);
  let found = 0;
  let lookedAt = 0;
  let length = 0;
  let reached: string | null = null;
  for (;;) {
    const piece = await nextOf(pieces, reached);
    if (piece === null) return null;
    if (typeof piece === 'string') return piece;
    // What the caller had before is no part of this page, nor of what it may look at.
    const behind = piece.filter(({ position }) => BigInt(position) > from);
    const items = behind.filter((event) => isAsked(filter, event)).slice(0, limit - found);
    found += items.length;
    if (items.length > 0) yield items;
    if (found === limit) {
      const last = items.at(-1)?.position ?? null;
      // Of what is filtered there may be nothing behind it; the next page says so.
      return isAll && last !== null && BigInt(last) >= end ? null : last;
    }
    // Only what lies behind `after` leads on: an earlier place would send the caller back, for ever.
    reached = behind.at(-1)?.position ?? reached;
    lookedAt += isAll ? 0 : behind.length;
    length += lengthOf(items.map(({ data }) => data));
    // Of what the caller had before it says nothing, so that it has come to no place yet.
    const isLate = behind.length > 0 && isOver();
    if (isLate || lookedAt > LOOKED_AT_MAX - PIECE.limit || length >= PAGE_LENGTH_MAX)
      return reached !== null && BigInt(reached) >= end ? null : reached;
  }
}

/** The next piece; null at the end; the position that was reached where the next event cannot be read. */
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
