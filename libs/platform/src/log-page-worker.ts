import { systemClock } from '#event-sourcing/clock';
import { SEALER_MODULE } from '#audit/seal';
import { hasCode, StoreFileMovedError } from '#event-sourcing/errors';
import { fileIdentity } from '#event-store/sqlite/file-in-place';
import { openSqliteEventStore } from '#event-store/sqlite/sqlite-event-store';
import { encodeError, Moved } from '#threads/messages';
import type { EncodedError } from '#threads/messages';
import { serve } from '#threads/serve';
import type { TasksOf } from '#threads/serve';
import type { LogPageRequest } from '#use-cases/log/filter-log';
import { logPage } from '#use-cases/log/filter-log';
import { watchForDamage } from './store-damage.ts';

/** The thread's input: the path of a store's file, and the file's identity, since another file may be at the path by now. */
export interface LogPageOptions {
  readonly path: string;
  readonly opened: string | null;
  /** The time limit of one piece, in milliseconds. */
  readonly limitMs: number;
}

/** A request for the next piece of a page; the first one opens the page. */
export interface PieceRequest {
  readonly page: number;
  readonly request: LogPageRequest;
}

export type LogPageTasks = TasksOf<typeof openPages>;

interface Page {
  readonly pieces: AsyncGenerator<Uint8Array>;
  /** The time at which the current piece is abandoned. */
  until: number;
}

/**
 * Opens the store and returns the tasks.
 * @param met called with damage, which may have ended only a page
 */
async function openPages({ path, opened, limitMs }: LogPageOptions, met: (error: EncodedError) => void) {
  const file = await openSqliteEventStore({
    path,
    sealerModule: SEALER_MODULE,
    create: false,
    readOnly: true,
  });
  if (fileIdentity(path) !== opened) throw new StoreFileMovedError(path);
  const store = watchForDamage(file, (error) => {
    if (hasCode(error, 'store-damaged')) met(encodeError(error));
  });
  const pages = new Map<number, Page>();

  function open(id: number, request: LogPageRequest): Page {
    const page: Page = {
      pieces: logPage(store, request, () => systemClock.elapsed() >= page.until),
      until: Infinity,
    };
    pages.set(id, page);
    return page;
  }

  return {
    tasks: {
      /** Returns the next piece, whose bytes are moved and not copied; null at the end. */
      async next({ page: id, request }: PieceRequest): Promise<Moved<Uint8Array> | null> {
        const page = pages.get(id) ?? open(id, request);
        page.until = systemClock.elapsed() + limitMs;
        try {
          const piece = await page.pieces.next();
          if (piece.done === true) pages.delete(id);
          // The bytes may be part of a larger buffer.
          const bytes = piece.done === true ? null : new Uint8Array(piece.value);
          return bytes && new Moved(bytes, [bytes.buffer]);
        } catch (error) {
          pages.delete(id);
          throw error;
        }
      },
      /** Ends a page early. */
      end(id: number): void {
        const page = pages.get(id);
        if (page !== undefined) page.until = 0;
        pages.delete(id);
      },
    },
    close: () => store.close(),
  };
}

await serve(openPages, 'last');
