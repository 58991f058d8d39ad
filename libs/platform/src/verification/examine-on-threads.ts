import { availableParallelism } from 'node:os';
import { hasCode } from '#event-sourcing/errors';
import type { EventStore, LogParts, RowPage, StoredEntry } from '#event-sourcing/event-store';
import { entryOf, PositionGaps } from '#event-store/inspect-row';
import { examineEntry, pageOf } from '#use-cases/log/examine-entry';
import type { ExaminedPage, PassedPage } from '#use-cases/log/examine-entry';
import { ExaminerTeam } from './examiner-team.ts';
import { passEvents } from './pass-events.ts';
import type { Part, UnpackedPage } from './examined-page.ts';

/** So many events are examined in less time than threads take to start. */
const EXAMINED_HERE = 5_000;
/** How many positions a thread reads at once: a whole tree over the hashes of its events is one step in the log's. */
const PART_POSITIONS = 2_048;

/** How a log is shared out; the defaults are for a process that does nothing else. */
export interface Threads {
  /** How many: as many as there are processors. */
  readonly threads?: number;
  /** How many events are examined without threads. */
  readonly here?: number;
  /** How many events at the log's beginning were verified earlier. */
  readonly since?: number;
}

type ToExamine = Pick<EventStore, 'inspectRows' | 'parts' | 'lastPosition'>;

/** The entries of the whole store in their order, examined on all processors; of those that were verified earlier the hashes. */
export async function* examineOnThreads(
  store: ToExamine,
  { threads = availableParallelism(), here = EXAMINED_HERE, since = 0 }: Threads = {},
): AsyncGenerator<ExaminedPage | PassedPage> {
  const { parts } = store;
  const { after, rows } = yield* passEvents(store, since);
  const pages = rows ?? parts?.after(after) ?? store.inspectRows();
  const begun = new Begun(after, since);
  const end = await store.lastPosition().catch(orDamaged);
  const isLong = parts !== undefined && (await isLonger(parts, after, end, here));
  while (!isLong && (begun.events < here || (parts !== undefined && begun.isAtDamage))) {
    const page = await pages.next();
    if (page.done === true) {
      if (parts !== undefined) yield besideEvents(begun, await Array.fromAsync(parts.beside(since === 0)));
      return;
    }
    yield begun.examine(page.value);
  }
  const team = new ExaminerTeam(threads, parts?.opened ?? null);
  try {
    if (parts === undefined) yield* examineRows(pages, team, begun.gaps);
    else {
      await pages.return(undefined);
      yield* examineParts(parts, end, team, begun);
    }
  } finally {
    await team.end();
  }
}

/** Whether more positions than these follow another: then threads are started at once. */
async function isLonger(
  parts: LogParts,
  after: string | null,
  end: string | null,
  events: number,
): Promise<boolean> {
  const next = await orUnread(parts.next(after));
  return next !== null && end !== null && BigInt(end) - BigInt(next) > BigInt(events);
}

/** What was examined before there were threads. */
class Begun {
  readonly gaps: PositionGaps;
  /** How many events were verified earlier. */
  readonly since: number;
  events = 0;
  /** The last position that was read; null before the first. */
  last: string | null;
  /** Whether what cannot be read was the last: whoever has read it goes on behind it. */
  isAtDamage = false;

  constructor(after: string | null, since: number) {
    this.gaps = new PositionGaps(after ?? undefined);
    this.last = after;
    this.since = since;
  }

  examine(page: RowPage): ExaminedPage {
    this.events += page.length;
    for (const row of page) {
      if (row.position !== null) this.gaps.seen((this.last = row.position));
      this.isAtDamage = !('envelope' in row);
    }
    return pageOf(page.map((row) => examineEntry(entryOf(row))));
  }
}

/** Parts that threads read for themselves, up to where the log ended; what came since, or from where a thread cannot read, is read here. */
async function* examineParts(
  parts: LogParts,
  end: string | null,
  team: ExaminerTeam,
  begun: Begun,
): AsyncGenerator<ExaminedPage> {
  const { gaps, last, events, since } = begun;
  const beside = since === 0 ? team.beside() : null;
  // It is awaited when all events were judged.
  beside?.catch(() => undefined);
  let after = last;
  for await (const [{ to }, page] of team.inOrder(partsFrom(parts, last, end, since + events))) {
    if (page === null) break;
    page.see(gaps);
    yield page;
    after = to;
  }
  yield* examineRows(parts.after(after), team, gaps);
  yield besideEvents(begun, (await beside) ?? (await Array.fromAsync(parts.beside(since === 0))));
}

/** @param events how many there are before: a part ends where a whole tree does. */
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

async function* examineRows(
  pages: AsyncIterable<RowPage>,
  team: ExaminerTeam,
  gaps: PositionGaps,
): AsyncGenerator<ExaminedPage> {
  for await (const [, page] of team.inOrder(asRows(pages))) {
    // What is given can be read.
    const read = page as UnpackedPage;
    read.see(gaps);
    yield read;
  }
}

function orDamaged(error: unknown): null {
  if (hasCode(error, 'store-damaged')) return null;
  throw error;
}

/** Null for what cannot be read: whoever reads the rows there says why. */
const orUnread = (position: Promise<string | null>): Promise<string | null> => position.catch(() => null);

async function* asRows(pages: AsyncIterable<RowPage>): AsyncGenerator<{ readonly rows: RowPage }> {
  for await (const rows of pages) yield { rows };
}

const besideEvents = ({ gaps }: Begun, beside: readonly StoredEntry[]): ExaminedPage =>
  pageOf([...gaps.entries(), ...beside].map(examineEntry));
