import type { ReadCounts } from '#projections/limited-reads';
import { inPieces } from '../in-pieces.ts';
import { jsonPage } from '../json-page.ts';
import { filteredLog } from './filter-log.ts';
import type { LogAsked, LogReads } from './filter-log.ts';

/** Who reads pages of the log for those who ask. */
export interface LogPages {
  /**
   * A page as the bytes of its answer, each piece read when it is asked for.
   * @throws StoreDamagedError where the first event cannot be read; what else keeps it from being read.
   */
  page(asked: LogAsked): AsyncGenerator<Uint8Array>;
  readonly counts: ReadCounts;
  /** Why every page is refused now; null where none is. */
  readonly refusal: string | null;
}

/** A page as the bytes of its answer, read here; as `filteredLog`. */
export const logPage = (...asked: Parameters<typeof filteredLog>): AsyncGenerator<Uint8Array> =>
  inPieces(jsonPage(filteredLog(...asked)));

/** Pages that are read in this thread, and that nobody counts. */
export const pagesOf = (store: LogReads): LogPages => ({
  page: (asked) => logPage(store, asked),
  counts: { busy: 0, waiting: 0, tooSlow: 0, replaced: 0, left: 0 },
  refusal: null,
});
