import type Database from 'better-sqlite3';
import { statSync } from 'node:fs';

/**
 * Asks whether the file that a connection has open is still the one at its path. A file that was moved away takes writes as
 * before, and whoever opens the path finds none of them.
 */
export function fileInPlace(db: Database.Database): () => boolean {
  if (db.memory) return () => true;
  const opened = fileIdentity(db.name);
  return () => fileIdentity(db.name) === opened;
}

/** Which file is at a path; null where none is. */
export function fileIdentity(path: string): string | null {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? null : `${found.dev}/${found.ino}`;
}
