import { systemClock } from '#event-sourcing/clock';
import type { PageRequest } from './list-cursor.ts';
import {
  abandonSignal,
  ReadAbandonedError,
  ReadersBusyError,
  withReadContext,
  currentPerson,
} from './limited-reads.ts';

/** The time for which a part that gets no turn is retried, and the pause between attempts, in milliseconds. */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 100;

/**
 * Returns a reader for the parts of a response that has already started, when it is too late to make the client
 * retry. A part that gets no turn is retried for up to a minute while the caller waits. Call it in the request's
 * context, which `abandonSignal` and `currentPerson` use. Parts throw ReadersBusyError after the minute,
 * ReadAbandonedError, and errors of `read`.
 */
export function readingOn(): <Result>(read: () => Promise<Result>) => Promise<Result> {
  const wanted = abandonSignal() ?? new AbortController().signal;
  const who = currentPerson();
  return async (read) => {
    const until = systemClock.elapsed() + PATIENCE_MS;
    for (;;) {
      try {
        return await withReadContext(wanted, read, who);
      } catch (error) {
        if (!(error instanceof ReadersBusyError) || systemClock.elapsed() >= until) throw error;
      }
      await systemClock.sleep(PAUSE_MS);
      if (wanted.aborted) throw new ReadAbandonedError();
    }
  };
}

/** The number of items of a whole list that are read at once. */
const AT_ONCE = 500;

interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}

/**
 * Yields the items of a whole list, page by page, with the retries of `readingOn`. A cursor is validated but ignored.
 * @throws errors of `read`, before the first page.
 */
export async function wholeList<Item>(
  { cursor }: Pick<PageRequest, 'cursor'>,
  read: (page: PageRequest) => Promise<Page<Item>>,
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
