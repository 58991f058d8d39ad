import Database from 'better-sqlite3';
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { StoreUnavailableError } from '#event-sourcing/errors';

/** The size of the largest file that is copied into memory. */
const BYTES_MAX = 1024 * 1024 * 1024;
/** The offsets of the write and read versions in SQLite's header: 1 means a rollback journal, 2 a write-ahead log. */
const FORMAT_BYTES = [18, 19];
const ROLLBACK = 1;

/**
 * Returns whether this process cannot create files beside a file, for example on read-only media or in another user's
 * folder.
 */
export function isFolderUnwritable(path: string): boolean {
  try {
    accessSync(dirname(path), constants.W_OK);
    return false;
  } catch {
    return true;
  }
}

/**
 * Copies a store's file into memory, for folders in which SQLite cannot create a WAL and its index. The file must be
 * complete without a WAL, and unchanged while it is read.
 * @throws StoreUnavailableError with advice.
 */
export function openCopyInMemory(path: string): Database.Database {
  const refusal = (why: string) =>
    new StoreUnavailableError(
      `${path} cannot be read in its folder, which is not writable: ${why}. Copy it, with ${path}-wal if that exists, to a writable folder, and use the copy`,
    );
  const before = stampOf(path);
  if (before.walBytes > 0n) throw refusal('its last events are in its write-ahead log');
  if (before.bytes > BYTES_MAX) throw refusal(`it is larger than ${BYTES_MAX / 1024 ** 3} GiB`);
  const bytes = readFileSync(path);
  const after = stampOf(path);
  const isStill = after.bytes === before.bytes && after.written === before.written && after.walBytes === 0n;
  if (!isStill) throw refusal('another process is writing to it');
  for (const at of FORMAT_BYTES) bytes[at] = ROLLBACK;
  return new Database(bytes, { readonly: true });
}

function stampOf(path: string) {
  const { size: bytes, mtimeNs: written } = statSync(path, { bigint: true });
  const wal = statSync(`${path}-wal`, { bigint: true, throwIfNoEntry: false });
  return { bytes, written, walBytes: wal?.size ?? 0n };
}
