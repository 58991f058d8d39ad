import type Database from 'better-sqlite3';
import { statSync } from 'node:fs';

/**
 * Returns a function that checks whether a connection's file is still the one at its path. Writes to a moved file
 * succeed, but processes that open the path do not see them.
 */
export function fileInPlace(db: Database.Database): () => boolean {
  if (db.memory) return () => true;
  const opened = fileIdentity(db.name);
  return () => fileIdentity(db.name) === opened;
}

/** Returns the identity of the file at a path; null if there is none. */
export function fileIdentity(path: string): string | null {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? null : `${found.dev}/${found.ino}`;
}
