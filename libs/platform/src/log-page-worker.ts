import { parentPort, workerData } from 'node:worker_threads';
import { SEALER_MODULE } from '#audit/seal';
import { hasCode, StoreFileMovedError } from '#event-sourcing/errors';
import type { EventStore } from '#event-sourcing/event-store';
import { fileIdentity } from '#event-store/sqlite/file-in-place';
import { openSqliteEventStore } from '#event-store/sqlite/sqlite-event-store';
import { encodeError } from '#event-store/sqlite/thread-errors';
import type { EncodedError } from '#event-store/sqlite/thread-errors';
import { stepBack } from '#threads/priority';
import type { LogAsked } from '#use-cases/log/filter-log';
import { logPage } from '#use-cases/log/log-pages';
import { watchedForDamage } from './store-damage.ts';

/** The file of a store: by its path another may be found than was opened. */
export interface LogFile {
  readonly path: string;
  readonly opened: string | null;
}

/** What the thread is started with. */
export interface LogPageOptions extends LogFile {
  /** How long it may read for one piece. */
  readonly limitMs: number;
}

/** The next piece of a page, which begins with its first; or nobody wants more of it. */
export type LogPageMessage =
  { readonly page: number; readonly asked: LogAsked } | { readonly end: number } | 'close';

/** Bytes are moved, not copied; null where there are no more. `met`: damage, which may only have ended a page. */
export type LogPageAnswer =
  | 'ready'
  | { readonly unusable: EncodedError }
  | { readonly met: EncodedError }
  | { readonly page: number; readonly bytes: Uint8Array<ArrayBuffer> | null }
  | { readonly page: number; readonly failed: EncodedError };

interface Page {
  readonly pieces: AsyncGenerator<Uint8Array>;
  /** Until when it is read for the piece that is asked for. */
  until: number;
}

stepBack('last');

const { path, opened, limitMs } = workerData as LogPageOptions;
const port = parentPort;
if (port === null) throw new Error('This module is the main module of a worker thread');

const pages = new Map<number, Page>();

const tell = (answer: LogPageAnswer, moved: ArrayBuffer[] = []): void => {
  port.postMessage(answer, moved);
};

async function openLog(): Promise<EventStore> {
  const store = await openSqliteEventStore({
    path,
    sealerModule: SEALER_MODULE,
    create: false,
    readOnly: true,
  });
  if (fileIdentity(path) === opened) return store;
  await store.close();
  throw new StoreFileMovedError(path);
}

function begin(store: EventStore, asked: LogAsked): Page {
  const page: Page = {
    pieces: logPage(store, asked, () => performance.now() >= page.until),
    until: Infinity,
  };
  return page;
}

async function answer(store: EventStore, id: number, asked: LogAsked): Promise<void> {
  try {
    const page = pages.get(id) ?? begin(store, asked);
    pages.set(id, page);
    page.until = performance.now() + limitMs;
    const piece = await page.pieces.next();
    // It may be a part of a larger block.
    const bytes = piece.done === true ? null : new Uint8Array(piece.value);
    if (bytes === null) pages.delete(id);
    tell({ page: id, bytes }, bytes === null ? [] : [bytes.buffer]);
  } catch (error) {
    pages.delete(id);
    tell({ page: id, failed: encodeError(error) });
  }
}

function end(id: number): void {
  const page = pages.get(id);
  if (page !== undefined) page.until = 0;
  pages.delete(id);
}

async function close(store: EventStore): Promise<void> {
  await store.close();
  port?.close();
}

function serve(store: EventStore): void {
  port?.on('message', (message: LogPageMessage) => {
    if (message === 'close') void close(store);
    else if ('end' in message) end(message.end);
    else void answer(store, message.page, message.asked);
  });
  tell('ready');
}

await openLog().then(
  (store) => {
    serve(
      watchedForDamage(store, (error) => {
        if (hasCode(error, 'store-damaged')) tell({ met: encodeError(error) });
      }),
    );
  },
  (error: unknown) => {
    tell({ unusable: encodeError(error) });
  },
);
