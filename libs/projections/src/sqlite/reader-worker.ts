import Database from 'better-sqlite3';
import { LRUCache } from 'lru-cache';
import type { SqliteStatement } from 'kysely';
import { serve } from '#threads/serve';
import type { TasksOf } from '#threads/serve';
import { fileMoved } from './file-trouble.ts';
import { ReadClock } from './read-clock.ts';

/**
 * The file to read, and its identity when it was opened (`FileTrouble.opened`): another file may be at the path now.
 */
export interface ReadFile {
  readonly path: string;
  readonly opened: string | null;
}

export interface ReaderOptions extends ReadFile {
  /** Contains the number of the abandoned read. */
  readonly abandonedRead: SharedArrayBuffer;
}

/** A statement of a read. The first statement begins the read. */
export interface StatementRequest {
  readonly read: number;
  readonly limitMs: number;
  /** The remaining time of the read, in milliseconds. */
  readonly leftMs: number;
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

export type ReaderTasks = TasksOf<typeof openReader>;

/** The time to wait for a lock, in milliseconds; readers rarely need one. */
const BUSY_MS_MAX = 500;
const STATEMENTS_KEPT = 200;
/** The number of rows in one list; reading them costs about a millisecond. */
const ROWS_AT_ONCE = 1_000;

function openReader({ path, opened, abandonedRead }: ReaderOptions) {
  const flag = new Int32Array(abandonedRead);
  let current = 0;
  assertInPlace(path, opened);
  const db = new Database(path, { readonly: true, fileMustExist: true, timeout: BUSY_MS_MAX });
  // The file may have been replaced in between.
  assertInPlace(path, opened);
  db.pragma('temp_store = MEMORY');
  const clock = new ReadClock(db, () => Atomics.load(flag, 0) === current);
  const statements = new LRUCache<string, SqliteStatement>({ max: STATEMENTS_KEPT });

  function prepare(text: string): SqliteStatement {
    const statement = statements.get(text) ?? db.prepare(text);
    statements.set(text, statement);
    return statement;
  }

  return {
    tasks: {
      rowsOf({ read, limitMs, leftMs, sql, parameters }: StatementRequest): readonly string[] {
        if (!db.inTransaction) db.exec('begin');
        current = read;
        clock.begin(limitMs, leftMs);
        clock.check();
        return listsOf(prepare(sql).all(parameters));
      },
      /** Ends the read and releases its snapshot. */
      end(_: null): void {
        if (db.inTransaction) db.exec('rollback');
      },
    },
    close: () => {
      db.close();
    },
  };
}

function assertInPlace(path: string, opened: string | null): void {
  const moved = fileMoved(path, opened);
  if (moved !== null) throw new Error(moved);
}

/**
 * Returns rows as JSON, which costs the receiver less than structured cloning. Many rows become several lists, which it
 * parses one by one.
 */
function listsOf(rows: readonly unknown[]): string[] {
  const lists: string[] = [];
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE)
    lists.push(JSON.stringify(rows.slice(from, from + ROWS_AT_ONCE)));
  return lists;
}

await serve(openReader, 'last');
