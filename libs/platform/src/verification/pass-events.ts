import type { EventStore, RowPage, StoredEntry, StoredRow } from '#event-sourcing/event-store';
import { entryOf } from '#event-store/inspect-row';
import type { PassedPage } from '#use-cases/log/examine-entry';

/** What is behind the events that were passed over. */
export interface Behind {
  /** The position of the last of them; null where there was none. */
  readonly after: string | null;
  /** The rows behind, where the store reads from the beginning only. */
  readonly rows: AsyncGenerator<RowPage> | null;
}

/** Passes over the first events of a log: nothing is taken of them but the hashes that they state. */
export async function* passEvents(
  store: Pick<EventStore, 'inspectRows' | 'parts'>,
  count: number,
): AsyncGenerator<PassedPage, Behind> {
  const { parts } = store;
  if (count === 0) return { after: null, rows: null };
  if (parts === undefined) return yield* passRows(store.inspectRows(), count);
  let left = count;
  let after: string | null = null;
  try {
    for await (const page of parts.hashes()) {
      const passed = page.slice(0, left);
      after = passed.at(-1)?.[0] ?? after;
      left -= passed.length;
      yield { passed: passed.map(([, hash]) => hash), last: after };
      if (left === 0) break;
    }
  } catch {
    // Where something cannot be read, this passes over it, or says why it cannot go on.
    return yield* passRows(parts.after(after), left, after);
  }
  return { after, rows: null };
}

async function* passRows(
  pages: AsyncGenerator<RowPage>,
  count: number,
  before: string | null = null,
): AsyncGenerator<PassedPage, Behind> {
  let left = count;
  let after = before;
  while (left > 0) {
    const page = await pages.next();
    if (page.done === true) break;
    const end = lengthOf(page.value, left);
    const events = page.value.slice(0, end).filter(isEvent);
    after = events.at(-1)?.position ?? after;
    yield { passed: events.map(hashOf), last: after };
    left -= events.length;
    if (left === 0) return { after, rows: startingWith(page.value.slice(end), pages) };
  }
  return { after, rows: pages };
}

/** How much of a page holds so many events. */
function lengthOf(page: RowPage, events: number): number {
  let left = events;
  for (const [index, row] of page.entries()) {
    if (isEvent(row)) left -= 1;
    if (left === 0) return index + 1;
  }
  return page.length;
}

/** Whether what is read stands for an event, be it readable or not. */
const isEvent = (row: StoredEntry | StoredRow): boolean =>
  'envelope' in row ||
  (row.position !== null && (row.event !== null || row.faults.some(({ code }) => code === 'unreadable')));

const hashOf = (row: StoredEntry | StoredRow): string | null => entryOf(row).event?.hash ?? null;

async function* startingWith(first: RowPage, pages: AsyncGenerator<RowPage>): AsyncGenerator<RowPage> {
  yield first;
  yield* pages;
}
