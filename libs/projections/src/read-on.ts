import { systemClock } from '#event-sourcing/clock';
import type { PageAsked } from './list-cursor.ts';
import { giveUpSignal, ReadAbandonedError, ReadersBusyError, whileWanted, whoAsks } from './limited-reads.ts';

/** How long a part waits while others have all the turns, and how long one lets them between two tries. */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 100;

/**
 * How the parts of an answer are read that has begun, where it is too late to say "try again": a part that gets no turn is
 * tried again for up to a minute, as long as whoever asked is there. It is made while they are known: `giveUpSignal`, `whoAsks`.
 * The part throws ReadersBusyError when the minute is over, ReadAbandonedError, and what `read` throws.
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
 * The items of a whole list, page by page from its first one, read on as above. A cursor that is given is looked at, as a page would,
 * and moves nothing.
 * @throws what `read` throws, before the first page.
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
