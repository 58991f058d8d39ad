import Database from 'better-sqlite3';

/** Returns the path of the file with the rows of read models, whose operational tables are in a file at this path. */
export function setFileOf(path: string): string {
  const db = new Database(path, { readonly: true });
  const name = db
    .prepare<[], string>("SELECT name FROM model_sets WHERE state = 'live' ORDER BY number DESC")
    .pluck()
    .get();
  db.close();
  return `${path}.${name}`;
}
