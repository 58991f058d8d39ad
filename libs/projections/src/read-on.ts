import { systemClock } from '#event-sourcing/clock';
import type { PageAsked } from './list-cursor.ts';
import { giveUpSignal, ReadAbandonedError, ReadersBusyError, whileWanted, whoAsks } from './limited-reads.ts';

/** How long to retry a part that gets no turn, and how long to pause between tries. */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 100;

/**
 * Returns a reader for the parts of an answer that has already begun, when "try again" can no longer be sent. A part that gets no
 * turn is retried for up to a minute, while the caller waits. Call it in the request's context, which `giveUpSignal` and `whoAsks`
 * use. Parts throw ReadersBusyError after the minute, ReadAbandonedError, and errors of `read`.
 */
export function readingOn(
  patienceMs = PATIENCE_MS,
): <Result>(read: () => Promise<Result>) => Promise<Result> {
  const wanted = giveUpSignal() ?? new AbortController().signal;
  const who = whoAsks();
  return async (read) => {
    const until = systemClock.elapsed() + patienceMs;
    for (;;) {
      try {
        return await whileWanted(wanted, read, who);
      } catch (error) {
        if (!(error instanceof ReadersBusyError) || systemClock.elapsed() >= until) throw error;
      }
      await systemClock.sleep(PAUSE_MS);
      if (wanted.aborted) throw new ReadAbandonedError();
    }
  };
}

/** How many items of a whole list are read at once. */
const AT_ONCE = 500;

interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}

/**
 * Yields the items of a whole list, page by page, with retries as above. A cursor is validated but ignored.
 * @throws errors of `read`, before the first page
 */
export async function wholeList<Item>(
  { cursor }: Pick<PageAsked, 'cursor'>,
  read: (asked: PageAsked) => Promise<Page<Item>>,
): Promise<AsyncGenerator<readonly Item[]>> {
  if (cursor !== undefined) await read({ limit: 1, cursor });
  const readOn = readingOn();
  const first = await read({ limit: AT_ONCE });
  return parts();
  async function* parts() {
    for (let page = first; ;) {
      yield page.items;
      const { nextCursor } = page;
      if (nextCursor === null) return;
      page = await readOn(() => read({ limit: AT_ONCE, cursor: nextCursor }));
    }
  }
}
