import { availableParallelism } from 'node:os';
import { hasCode } from '#event-sourcing/errors';
import type { EventStore, LogParts, StatedHash, StoredEntry } from '#event-sourcing/event-store';
import { entryOf, PositionGaps } from '#event-store/inspect-row';
import { examineEntries, examineEntry, isEvent, pageOf } from '#use-cases/log/examine-entry';
import type { ExaminedPage, PassedPage } from '#use-cases/log/examine-entry';
import { ExaminerTeam } from './examiner-team.ts';
import type { Part } from './examined-page.ts';

/** Examining this many events is faster than starting threads. */
const EXAMINED_HERE = 5_000;
/** How many positions a thread reads at once. The hashes of a full part form a complete subtree, which is one step in the log's tree. */
const PART_POSITIONS = 2_048;

/** How a log is divided; the defaults suit a process that does nothing else. */
interface Threads {
  /** The number of threads; by default, of processors. */
  readonly threads?: number;
  /** How many events are examined without threads. */
  readonly here?: number;
  /** How many events at the beginning of the log were verified earlier. */
  readonly since?: number;
}

type ToExamine = Pick<EventStore, 'inspect' | 'parts' | 'lastPosition'>;

/**
 * Yields the entries of the whole store in order, examined on all processors if threads can read the log; for those verified
 * earlier, only hashes.
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
      // It is awaited after all events were checked.
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
  // Later events, or those from where a thread cannot read.
  for await (const page of parts.after(after)) {
    for (const { position } of page) if (position !== null) gaps.seen(position);
    yield pageOf(page.map((row) => examineEntry(entryOf(row))));
  }
  beside ??= await Array.fromAsync(parts.beside(since === 0));
  yield pageOf([...gaps.entries(), ...beside].map(examineEntry));
}

/**
 * Skips the first events of a log, reading only their stated hashes.
 * @returns the position of the last of them; null if there was none
 */
async function* passEvents(parts: LogParts, count: number): AsyncGenerator<PassedPage, string | null> {
  let left = count;
  let after: string | null = null;
  const passedPage = (hashes: readonly StatedHash[]): PassedPage => {
    const passed = hashes.slice(0, left);
    left -= passed.length;
    after = passed.at(-1)?.[0] ?? after;
    return { passed: passed.map(([, hash]) => hash), last: after };
  };
  if (left === 0) return after;
  try {
    for await (const page of parts.hashes()) {
      yield passedPage(page);
      if (left === 0) break;
    }
  } catch {
    // If something cannot be read, the rows skip it or report why they cannot continue.
    for await (const page of parts.after(after)) {
      yield passedPage(page.map(entryOf).flatMap(statedHashes));
      if (left === 0) break;
    }
  }
  return after;
}

const statedHashes = (entry: StoredEntry): StatedHash[] =>
  entry.position !== null && isEvent(entry) ? [[entry.position, entry.event?.hash ?? null]] : [];

/** Returns whether more than this many positions follow another. */
async function isLonger(
  parts: LogParts,
  after: string | null,
  end: string | null,
  events: number,
): Promise<boolean> {
  const next = await orUnread(parts.next(after));
  return next !== null && end !== null && BigInt(end) - BigInt(next) > BigInt(events);
}

/** @param events the number of earlier events: a part ends where a complete subtree does */
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

/** Null for what cannot be read: reading the rows there reports the reason. */
const orUnread = (position: Promise<string | null>): Promise<string | null> => position.catch(() => null);
