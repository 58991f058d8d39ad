import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import type { SqliteStatement } from 'kysely';
import { TextWords } from '../text-words.ts';
import { Tokenizer } from '../tokenizer.ts';
import { stepBack } from '#threads/priority';
import { fileMoved } from './file-trouble.ts';
import { ReadClock } from './read-clock.ts';
import { addSaidWords } from './said-words.ts';

/** What the thread is started with. */
export interface ReaderOptions {
  readonly path: string;
  /** Which file is read (`FileTrouble.opened`): by its path another may be found. */
  readonly opened: string | null;
  /** Holds the number of the read that is given up. */
  readonly givenUp: SharedArrayBuffer;
}

/** A statement of a read, which begins with its first one. */
export interface AskedStatement {
  readonly id: number;
  readonly read: number;
  readonly limitMs: number;
  /** What is left of its time. */
  readonly leftMs: number;
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

/** `end`: the read is over, and its snapshot let go. */
export type ReaderMessage = AskedStatement | 'end' | 'close';

export interface ReaderError {
  readonly name: string;
  readonly code: string | null;
  readonly message: string;
  readonly stack: string | undefined;
}

/** Rows go as JSON, which takes the calling side less time than a copy of each; many go as several lists, which it reads one by one. */
export type ReaderAnswer =
  | 'ready'
  | { readonly id: number; readonly rows: readonly string[] }
  | { readonly id: number; readonly failed: ReaderError };

/** How long it waits for a lock, of which readers hardly meet any. */
const BUSY_MS_MAX = 500;
const STATEMENTS_KEPT = 200;
/** How many rows are one list: they are read in about a millisecond. */
const ROWS_AT_ONCE = 1_000;

stepBack('last');

const { path, opened, givenUp } = workerData as ReaderOptions;
const port = parentPort;
if (port === null) throw new Error('This module is the main module of a worker thread');

const flag = new Int32Array(givenUp);
let current = 0;
assertInPlace();
const db = new Database(path, { readonly: true, fileMustExist: true, timeout: BUSY_MS_MAX });
// It may have been exchanged between the two.
assertInPlace();
db.pragma('temp_store = MEMORY');
const clock = new ReadClock(db, () => Atomics.load(flag, 0) === current);
addSaidWords(db, new TextWords(new Tokenizer()), clock);
const statements = new Map<string, SqliteStatement>();

function assertInPlace(): void {
  const moved = fileMoved(path, opened);
  if (moved !== null) throw new Error(moved);
}

function prepared(text: string): SqliteStatement {
  const statement = statements.get(text) ?? db.prepare(text);
  statements.delete(text);
  statements.set(text, statement);
  if (statements.size > STATEMENTS_KEPT) statements.delete(statements.keys().next().value as string);
  return statement;
}

function answerTo({ id, read, limitMs, leftMs, sql, parameters }: AskedStatement): ReaderAnswer {
  try {
    if (!db.inTransaction) db.exec('begin');
    current = read;
    clock.begin(limitMs, leftMs);
    clock.check();
    return { id, rows: listsOf(prepared(sql).all(parameters)) };
  } catch (error) {
    return { id, failed: toldOf(error) };
  }
}

function listsOf(rows: readonly unknown[]): string[] {
  const lists: string[] = [];
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE)
    lists.push(JSON.stringify(rows.slice(from, from + ROWS_AT_ONCE)));
  return lists;
}

function toldOf(error: unknown): ReaderError {
  if (!(error instanceof Error || isErrorLike(error)))
    return { name: 'Error', code: null, message: String(error), stack: undefined };
  const { name, message, stack } = error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null;
  return { name, code, message, stack };
}

// better-sqlite3 throws the errors of the realm that loaded it first.
const isErrorLike = (error: unknown): error is Error =>
  typeof error === 'object' && error !== null && 'message' in error && 'name' in error;

port.on('message', (message: ReaderMessage) => {
  if (message === 'close') {
    db.close();
    port.close();
  } else if (message === 'end') {
    if (db.inTransaction) db.exec('rollback');
  } else port.postMessage(answerTo(message));
});
port.postMessage('ready' satisfies ReaderAnswer);
