import { open } from 'node:fs/promises';
import { messageOf, StoreUnavailableError } from '#event-sourcing/errors';
import type { FileCopying } from '../store-entry.ts';
import { APPLICATION_ID, openForReading, sqliteCode } from './database.ts';

/** The number of pages that are copied before other work can run. */
const PAGES_AT_ONCE = 1_000;

/**
 * Copies a consistent snapshot of a store's file, even while others write to it. Creates the target, or replaces its
 * content.
 * @throws StoreMissingError, StoreUnavailableError; the reason of the signal.
 */
export async function backupSqliteStore(
  path: string,
  to: string,
  { signal, onProgress }: FileCopying,
): Promise<void> {
  const db = openForReading(path);
  try {
    // The transaction fixes the snapshot. Without it, the copy would restart with every commit of another process.
    db.exec('BEGIN');
    db.prepare('SELECT count(*) FROM sqlite_schema').get();
    await db.backup(to, {
      progress: ({ totalPages, remainingPages }) => {
        signal?.throwIfAborted();
        onProgress?.(totalPages - remainingPages, totalPages);
        return PAGES_AT_ONCE;
      },
    });
  } catch (error) {
    const code = sqliteCode(error);
    if (code === undefined) throw error;
    throw new StoreUnavailableError(`${path} cannot be copied to ${to}: ${messageOf(error)} (${code})`, {
      cause: error,
    });
  } finally {
    db.close();
  }
}

/** The length of SQLite's file header, which contains the application id. */
const HEADER_BYTES = 100;
const APPLICATION_ID_AT = 68;

/** Returns whether a file has the header of an event store. The rest of the file is not checked. */
export async function isStoreFile(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
    if (bytesRead < HEADER_BYTES || !buffer.toString('latin1').startsWith('SQLite format 3')) return false;
    return buffer.readInt32BE(APPLICATION_ID_AT) === APPLICATION_ID;
  } finally {
    await file.close();
  }
}
