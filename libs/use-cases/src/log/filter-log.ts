import type { Envelope } from '#event-sourcing/envelope';
import type { EventStore } from '#event-sourcing/event-store';
import { READ_LIMIT } from '#event-sourcing/event-store';
import { recordIdOf, recordStream } from '#state-machines/record-streams';

/** Which events of the log are asked for. Several values of one kind mean any of them; null means all. */
export interface LogFilter {
  readonly types: readonly string[] | null;
  /** Subjects. */
  readonly actors: readonly string[] | null;
  /** Ids of records, for the events of their own streams. */
  readonly records: readonly string[] | null;
  /** The first and the last instant, as events have them. */
  readonly recordedFrom: string | null;
  readonly recordedTo: string | null;
}

export interface LogPage {
  readonly items: readonly Envelope[];
  /** The position after which to go on; null at the end of the log. A page can be empty, and the log go on. */
  readonly next: string | null;
}

/** How many events one page looks at: what is seldom is found in several. */
const LOOKED_AT_MAX = 20_000;
/** How much a page holds, in characters of JSON; it is complete with the page of the store that goes beyond. */
const PAGE_LENGTH_MAX = 8 * 1024 * 1024;

const has = (values: readonly string[] | null, value: string | null): boolean =>
  values === null || (value !== null && values.includes(value));

export const isAsked = (filter: LogFilter, { type, actor, streamId, recordedAt }: Envelope): boolean =>
  has(filter.types, type) &&
  has(filter.actors, actor.subject) &&
  has(filter.records, recordIdOf(streamId)) &&
  (filter.recordedFrom === null || filter.recordedFrom <= recordedAt) &&
  (filter.recordedTo === null || recordedAt <= filter.recordedTo);

export const asksForAll = (filter: LogFilter): boolean =>
  Object.values(filter).every((value) => value === null);

/**
 * One page of the log's events after a position, in order. Looks at a bounded number of events, so that it answers soon
 * whatever is asked; `next` goes on from there.
 */
export async function filteredLog(
  store: Pick<EventStore, 'readAll' | 'readStream' | 'lastPosition'>,
  { after, limit, filter }: { readonly after: string; readonly limit: number; readonly filter: LogFilter },
): Promise<LogPage> {
  const end = BigInt(await store.lastPosition());
  if (BigInt(after) >= end) return { items: [], next: null };
  if (asksForAll(filter)) {
    const items = await store.readAll({ after, limit });
    const last = items.at(-1);
    return { items, next: last && BigInt(last.position) < end ? last.position : null };
  }
  const [record, another] = filter.records ?? [];
  const pages =
    record === undefined || another !== undefined
      ? logPages(store, after, end)
      : streamPages(store, recordStream(record));
  return collect(pages, { after: BigInt(after), limit, filter });
}

/** The log's events page by page, up to where it ends now. */
async function* logPages(
  store: Pick<EventStore, 'readAll'>,
  after: string,
  end: bigint,
): AsyncGenerator<Envelope[]> {
  for (let position = after; BigInt(position) < end;) {
    const page = await store.readAll({ after: position, limit: READ_LIMIT });
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    position = last.position;
  }
}

/** A record's events are in the order of the log too, and are found without looking at all others. */
async function* streamPages(
  store: Pick<EventStore, 'readStream'>,
  streamId: string,
): AsyncGenerator<Envelope[]> {
  for (let version = 0; ;) {
    const page = await store.readStream(streamId, { after: version, limit: READ_LIMIT });
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    version = last.version;
  }
}

async function collect(
  pages: AsyncIterable<Envelope[]>,
  { after, limit, filter }: { readonly after: bigint; readonly limit: number; readonly filter: LogFilter },
): Promise<LogPage> {
  const items: Envelope[] = [];
  let lookedAt = 0;
  let length = 0;
  for await (const page of pages) {
    // What the caller had before is no part of this page, nor of what it may look at.
    const behind = page.filter(({ position }) => BigInt(position) > after);
    const found = behind.filter((event) => isAsked(filter, event));
    const taken = found.slice(0, limit - items.length);
    items.push(...taken);
    // There may be nothing behind it; the next page says so.
    if (items.length === limit) return { items, next: items.at(-1)?.position ?? null };
    lookedAt += behind.length;
    length += taken.reduce((sum, { data }) => sum + JSON.stringify(data).length, 0);
    if (lookedAt >= LOOKED_AT_MAX || length >= PAGE_LENGTH_MAX) {
      return { items, next: page.at(-1)?.position ?? null };
    }
  }
  return { items, next: null };
}
