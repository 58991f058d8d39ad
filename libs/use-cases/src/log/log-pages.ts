import type { ReadCounts } from '#projections/limited-reads';
import { inPieces } from '../in-pieces.ts';
import { jsonPage } from '../json-page.ts';
import { filteredLog } from './filter-log.ts';
import type { LogPageRequest, LogReads } from './filter-log.ts';

/** Reads pages of the log. */
export interface LogPages {
  /**
   * Yields a page as the bytes of its response; each batch is read on demand.
   * @throws StoreDamagedError if the first event cannot be read; the store's errors.
   */
  page(request: LogPageRequest): AsyncGenerator<Uint8Array>;
  readonly counts: ReadCounts;
  /** The reason for which pages are refused now; otherwise null. */
  readonly refusal: string | null;
}

/** Yields a page as the bytes of its response, read in this thread. Throws as `filteredLog` does. */
export const logPage = (...args: Parameters<typeof filteredLog>): AsyncGenerator<Uint8Array> =>
  inPieces(jsonPage(filteredLog(...args)));

/** Reads pages in this thread, without a limit. */
export const pagesOf = (store: LogReads): LogPages => ({
  page: (request) => logPage(store, request),
  counts: { busy: 0, waiting: 0, tooSlow: 0, replaced: 0, left: 0 },
  refusal: null,
});
