import type { Kysely, Transaction } from 'kysely';
import type { ReadCounts } from './limited-reads.ts';
import type { SetTables } from './operational-tables.ts';

/** A set of models, open: all tables of a build's projections, in one file or schema, with one bookmark. */
export interface ModelSet {
  readonly name: string;
  readonly db: Kysely<SetTables>;
  /**
   * Runs a read in one snapshot, on another thread if the set is a file, and cancels it at its time limit.
   * @throws QueryTooSlowError, ReadersBusyError, ReadAbandonedError; errors of `action`.
   */
  read<Result>(action: (trx: Transaction<SetTables>) => Promise<Result>): Promise<Result>;
  /** Returns the counts of these reads. */
  readCounts(): ReadCounts;
  /** Returns the reason why reads are refused although the database works; null if they are not refused. */
  readsRefused(): string | null;
  /** Returns the known fault that requires a repair (damage, or another file at the path); null if there is none. */
  trouble(): string | null;
  /**
   * Moves a file's write-ahead log into the file and truncates it, so that neither contains erased values. Afterwards
   * no read that began before is still running, in this or another process. In a file, new reads wait for the running
   * ones; on a server, only the running ones are awaited. Returns false if a read does not end in time.
   */
  truncateLog(): Promise<boolean>;
  close(): Promise<void>;
}

/** The files or schemas of sets, at one place. */
export interface SetPlace {
  /** Creates a set without rows; replaces what is there under this name. */
  make(name: string): Promise<void>;
  /** Opens a set. Fails if it does not exist. */
  open(name: string): Promise<ModelSet>;
  exists(name: string): Promise<boolean>;
  /** Deletes a set. Processes that have it open must have learned that it is replaced. */
  drop(name: string): Promise<void>;
  /** Returns the names of all sets, and of remains of sets. */
  list(): Promise<string[]>;
}

/** Thrown if another set has replaced the one that was in use. The same call on the new one succeeds. */
export class SetReplacedError extends Error {
  override readonly name = 'SetReplacedError';
}

/** The progress of a set. */
export type Bookmark = SetTables['bookmark'];

/**
 * Returns the bookmark of the set of a connection or transaction.
 * @throws SetReplacedError
 */
export async function bookmarkIn(db: Kysely<SetTables>): Promise<Bookmark> {
  return unreplaced(await db.selectFrom('bookmark').selectAll().executeTakeFirst());
}

/**
 * Locks the bookmark until the transaction ends, and returns it. Folding, indexing and switching require the lock, which
 * excludes other processes.
 * @throws SetReplacedError
 */
export async function lockedBookmark(trx: Transaction<SetTables>): Promise<Bookmark> {
  return unreplaced(await trx.selectFrom('bookmark').selectAll().forUpdate().executeTakeFirst());
}

function unreplaced(bookmark: Bookmark | undefined): Bookmark {
  if (bookmark === undefined || bookmark.replaced !== 0)
    throw new SetReplacedError('Another set has replaced these read models');
  return bookmark;
}
