import { availableParallelism } from 'node:os';
import { hasCode } from '#event-sourcing/errors';
import type { EventStore, LogParts, StatedHash, StoredEntry } from '#event-sourcing/event-store';
import { entryOf, PositionGaps } from '#event-store/inspect-row';
import { examineEntries, examineEntry, isEvent, pageOf } from '#use-cases/log/examine-entry';
import type { ExaminedPage, PassedPage } from '#use-cases/log/examine-entry';
import { ExaminerTeam } from './examiner-team.ts';
import type { Part } from './examined-page.ts';

/** The number of events up to which examining here is faster than starting threads. */
const EXAMINED_HERE = 5_000;
/**
 * The number of positions in a part, which a thread reads at once. The hashes of a full part are a complete
 * subtree, added to the log's tree in one step.
 */
const PART_POSITIONS = 2_048;

/** The threads that examine a log. The defaults are for a process that does nothing else. */
interface Threads {
  /** The number of threads. By default, one per processor. */
  readonly threads?: number;
  /** The number of events up to which no threads are started. */
  readonly here?: number;
  /** The number of events at the start of the log that were verified earlier. */
  readonly since?: number;
}

type ToExamine = Pick<EventStore, 'inspect' | 'parts' | 'lastPosition'>;

/**
 * Yields the entries of the whole store in order, examined on all processors if threads can read the log. For
 * entries that were verified earlier, yields only hashes.
 */
export async function* examineOnThreads(
  store: ToExamine,
  { threads = availableParallelism(), here = EXAMINED_HERE, since = 0 }: Threads = {},
): AsyncGenerator<ExaminedPage | PassedPage> {
  const { parts } = store;
  if (parts === undefined) {
    yield* examineEntries(store.inspect(), since);
    return;
  }
  let after = yield* passEvents(parts, since);
  const gaps = new PositionGaps(after ?? undefined);
  const end = await store.lastPosition().catch(orDamaged);
  let beside: readonly StoredEntry[] | null = null;
  if (await isLonger(parts, after, end, here)) {
    const team = new ExaminerTeam(threads, parts.opened);
    try {
      const looking = since === 0 ? team.beside() : null;
      // Awaited after all events were checked.
      looking?.catch(() => undefined);
      for await (const [{ to }, page] of team.inOrder(partsFrom(parts, after, end, since))) {
        if (page === null) break;
        page.see(gaps);
        yield page;
        after = to;
      }
      beside = await looking;
    } finally {
      await team.end();
    }
  }
  // The later events, or those from where a thread cannot read.
  for await (const page of parts.after(after)) {
    for (const { position } of page) if (position !== null) gaps.addPosition(position);
    yield pageOf(page.map((row) => examineEntry(entryOf(row))));
  }
  beside ??= await Array.fromAsync(parts.beside(since === 0));
  yield pageOf([...gaps.entries(), ...beside].map(examineEntry));
}

/**
 * Skips the first events of a log. Reads only their stored hashes.
 * @returns the position of the last one; null if there was none
 */
async function* passEvents(parts: LogParts, count: number): AsyncGenerator<PassedPage, string | null> {
  let remaining = count;
  let after: string | null = null;
  const passedPage = (hashes: readonly StatedHash[]): PassedPage => {
    const passed = hashes.slice(0, remaining);
    remaining -= passed.length;
    after = passed.at(-1)?.[0] ?? after;
    return { passed: passed.map(([, hash]) => hash), last: after };
  };
  if (remaining === 0) return after;
  try {
    for await (const page of parts.hashes()) {
      yield passedPage(page);
      if (remaining === 0) break;
    }
  } catch {
    // If an event cannot be read, the rows skip it or report why they cannot continue.
    for await (const page of parts.after(after)) {
      yield passedPage(page.map(entryOf).flatMap(statedHashes));
      if (remaining === 0) break;
    }
  }
  return after;
}

const statedHashes = (entry: StoredEntry): StatedHash[] =>
  entry.position !== null && isEvent(entry) ? [[entry.position, entry.event?.hash ?? null]] : [];

/** Reports whether more than this many positions follow another. */
async function isLonger(
  parts: LogParts,
  after: string | null,
  end: string | null,
  events: number,
): Promise<boolean> {
  const next = await orUnread(parts.next(after));
  return next !== null && end !== null && BigInt(end) - BigInt(next) > BigInt(events);
}

/**
 * Yields the parts to examine, each ending where a complete subtree does.
 * @param events the number of earlier events
 */
async function* partsFrom(
  parts: LogParts,
  from: string | null,
  end: string | null,
  events: number,
): AsyncGenerator<Part> {
  let index = events;
  for (let last = from; ;) {
    const next = await orUnread(parts.next(last));
    if (next === null || end === null || BigInt(next) > BigInt(end)) return;
    const length = PART_POSITIONS - (index % PART_POSITIONS);
    const after = BigInt(next) - 1n;
    const to = after + BigInt(length);
    last = String(to < BigInt(end) ? to : end);
    index += length;
    yield { after: String(after), to: last };
  }
}

function orDamaged(error: unknown): null {
  if (hasCode(error, 'store-damaged')) return null;
  throw error;
}

/** Returns null if a position cannot be read: reading the rows there reports the reason. */
const orUnread = (position: Promise<string | null>): Promise<string | null> => position.catch(() => null);
