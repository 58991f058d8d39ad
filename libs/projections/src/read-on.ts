import { setTimeout as sleep } from 'node:timers/promises';
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
    const until = performance.now() + patienceMs;
    for (;;) {
      try {
        return await whileWanted(wanted, read, who);
      } catch (error) {
        if (!(error instanceof ReadersBusyError) || performance.now() >= until) throw error;
      }
      await sleep(PAUSE_MS);
      if (wanted.aborted) throw new ReadAbandonedError();
    }
  };
}

/** The pages of a list, read on from the first; made while who asks is known, as above. */
export function readingPages<Page extends { readonly nextCursor: string | null }>(
  first: Page,
  read: (cursor: string) => Promise<Page>,
): AsyncGenerator<Page> {
  const readOn = readingOn();
  return pages();
  async function* pages() {
    for (let page = first; ;) {
      yield page;
      const { nextCursor } = page;
      if (nextCursor === null) return;
      page = await readOn(() => read(nextCursor));
    }
  }
}
