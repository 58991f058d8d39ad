import type Database from 'better-sqlite3';
import { messageOf, StoreFileMovedError } from '#event-sourcing/errors';
import type {
  LogParts,
  LogRows,
  RowPage,
  StatedHash,
  StoredEntry,
  StoredRow,
} from '#event-sourcing/event-store';
import { entryOf, HASH_TAIL, indexFault, statedHash, strayEntry } from '../inspect-row.ts';
import { openReader, schemaObjects, schemaOfStores } from './database.ts';
import { fileIdentity } from './file-in-place.ts';

/** The number of rows of a page; small, because the garbage collector copies objects that live longer. */
const PAGE_ROWS = 64;
const PAGE_HASHES = 1_000;
/** The length of a page in characters of its texts. */
const PAGE_LENGTH_MAX = 8 * 1024 * 1024;
const BEFORE_ALL = -(2n ** 63n);
const LAST_OF_ALL = 2n ** 63n - 1n;
/** The most faults of the file's own structure that are reported. */
const FAULTS_MAX = 100;

/** Reads a log's rows through a connection. */
export class SqliteRows implements LogRows, LogParts {
  readonly opened: LogParts['opened'] & { readonly options: RowsOptions };
  readonly #db: Database.Database;
  readonly #select: SelectRows;

  constructor(db: Database.Database) {
    this.opened = { module: import.meta.url, options: { path: db.name, identity: fileIdentity(db.name) } };
    this.#db = db;
    this.#select = rowsOf(db, undefined);
  }

  /** Yields the rows after a position. Skips rows on damaged pages, and reports them. */
  // eslint-disable-next-line @typescript-eslint/require-await -- the port requires async
  async *after(position: string | null): AsyncGenerator<RowPage> {
    for (const rows of inspectRows(this.#db, undefined, position === null ? BEFORE_ALL : BigInt(position)))
      yield seenByReads(rows);
  }

  // eslint-disable-next-line @typescript-eslint/require-await
  async *between(after: string, to: string): AsyncGenerator<RowPage> {
    for (let last = after; last !== to;) {
      const { rows, damage } = pageAfter(this.#select, BigInt(last), BigInt(to));
      if (damage !== null) throw new Error(damage);
      yield seenByReads(rows);
      last = rows.at(-1)?.position ?? to;
    }
  }

  ofStream(streamId: string): Generator<RowPage> {
    return inspectRows(this.#db, streamId, BEFORE_ALL);
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- async, so that errors reject
  async next(after: string | null): Promise<string | null> {
    const first = this.#db
      .prepare<[bigint], bigint | null>('SELECT min(position) FROM events WHERE position > ?')
      .pluck()
      .safeIntegers()
      .get(after === null ? BEFORE_ALL : BigInt(after));
    return first === null || first === undefined ? null : String(first);
  }

  // eslint-disable-next-line @typescript-eslint/require-await
  async *beside(isAll: boolean): AsyncGenerator<StoredEntry> {
    yield* inspectNames(this.#db);
    yield* inspectFile(this.#db, isAll);
  }

  /**
   * Yields the stated hashes.
   * @throws if a page of the file is damaged.
   */
  // eslint-disable-next-line @typescript-eslint/require-await
  async *hashes(): AsyncGenerator<readonly StatedHash[]> {
    // The tails are selected as bytes: finding the end of a text would require counting its characters.
    const tails = this.#db
      .prepare<[bigint], [bigint, string]>(
        `SELECT position, CAST(substr(CAST(envelope AS BLOB), -${HASH_TAIL}) AS TEXT) FROM events
         WHERE position > ? ORDER BY position LIMIT ${PAGE_HASHES}`,
      )
      .raw()
      .safeIntegers();
    const text = this.#db.prepare<[bigint], string>('SELECT envelope FROM events WHERE position = ?').pluck();
    for (let after = BEFORE_ALL; ;) {
      const page = tails.all(after);
      if (page.length === 0) return;
      yield page.map(([position, tail]) => [textOf(position), statedHash(tail, () => text.get(position))]);
      [after] = page.at(-1) as [bigint, string];
    }
  }
}

/** The file whose rows a thread reads. */
interface RowsOptions {
  readonly path: string;
  /** The identity of the file at the path when the store was opened. */
  readonly identity: string | null;
}

/**
 * Opens the rows of a file.
 * @throws StoreFileMovedError; errors of `openReader`.
 */
export function openRows({ path, identity }: RowsOptions): Promise<LogRows> {
  const db = openReader(path, false);
  if (fileIdentity(path) === identity) return Promise.resolve(new SqliteRows(db));
  db.close();
  throw new StoreFileMovedError(path);
}

/** Returns rows without those below position 1, where reads of the log start. */
function seenByReads(rows: RowPage): RowPage {
  const [first] = rows;
  return first === undefined || BigInt(first.position ?? 1) > 0n ? rows : rows.map(beforeTheFirst);
}

function beforeTheFirst(row: StoredEntry | StoredRow): StoredEntry | StoredRow {
  if (BigInt(row.position ?? 1) > 0n) return row;
  const entry = entryOf(row);
  const detail = `log reads skip it: its position is ${entry.position}`;
  return { ...entry, faults: [...entry.faults, indexFault(detail)] };
}

function* inspectRows(
  db: Database.Database,
  streamId: string | undefined,
  from: bigint,
): Generator<(StoredEntry | StoredRow)[]> {
  const select = rowsOf(db, streamId);
  for (let after = from; ;) {
    const { rows, damage } = pageAfter(select, after, LAST_OF_ALL);
    yield rows;
    after = rows.length > 0 ? BigInt((rows.at(-1) as StoredRow).position) : after;
    if (damage === null) {
      if (rows.length === 0) return;
      continue;
    }
    // Rows that cannot be reached from here may be reachable from behind the damage.
    const next = rowBehind(db, after);
    yield [damagedFrom(after, next, damage)];
    if (next === null) return;
    after = next - 1n;
  }
}

type Row<Number extends number | bigint = number | bigint> = [
  position: Number,
  stream: Number,
  streamId: string | null,
  version: Number,
  commandId: string | null,
  envelope: string,
];

/** Selects a page of rows after one position up to another. */
interface SelectRows {
  /** Reads all rows at once, a tenth faster, but omits long rows and rounds large numbers. Null for a single stream. */
  readonly quick: ((after: bigint, to: bigint) => Row<number>[]) | null;
  readonly exact: (after: bigint, to: bigint) => IterableIterator<Row<bigint>>;
}

function rowsOf(db: Database.Database, streamId: string | undefined): SelectRows {
  const select = (which: string): string =>
    `SELECT e.position, e.stream, s.stream_id, e.version, e.command_id, e.envelope
       FROM events e ${streamId === undefined ? 'LEFT' : ''} JOIN streams s ON s.id = e.stream
       WHERE e.position > ? AND e.position <= ? ${which} ORDER BY e.position LIMIT ${PAGE_ROWS}`;
  const short = `AND octet_length(e.envelope) <= ${PAGE_LENGTH_MAX / PAGE_ROWS}`;
  const quick = db.prepare<bigint[], Row<number>>(select(short)).raw();
  const ofStream = streamId === undefined ? '' : 'AND s.stream_id = ?';
  const exact = db.prepare<(bigint | string)[], Row<bigint>>(select(ofStream)).raw().safeIntegers();
  const parameters = streamId === undefined ? [] : [streamId];
  return {
    quick: streamId === undefined ? (after, to) => quick.all(after, to) : null,
    exact: (after, to) => exact.iterate(after, to, ...parameters),
  };
}

interface ReadPage {
  readonly rows: StoredRow[];
  readonly damage: string | null;
}

const pageAfter = (select: SelectRows, after: bigint, to: bigint): ReadPage =>
  quickPage(select, after, to) ?? exactPage(select, after, to);

/**
 * Returns a page of the quick query; null if it may differ from the exact one, because a row is missing or unreadable
 * or has a large number.
 */
function quickPage({ quick }: SelectRows, after: bigint, to: bigint): ReadPage | null {
  if (quick === null) return null;
  let rows: Row<number>[];
  try {
    rows = quick(after, to);
  } catch {
    return null;
  }
  let last = Number(after);
  for (const [position, stream, , version] of rows) {
    if (position !== last + 1 || ![position, stream, version].every(Number.isSafeInteger)) return null;
    last = position;
  }
  const isWhole = rows.length === PAGE_ROWS || last === Number(to);
  return isWhole ? { rows: rows.map(storedRow), damage: null } : null;
}

/** Returns the rows up to one that cannot be read. */
function exactPage({ exact }: SelectRows, after: bigint, to: bigint): ReadPage {
  const rows: StoredRow[] = [];
  try {
    let length = 0;
    for (const row of exact(after, to)) {
      rows.push(storedRow(row));
      length += row[5].length;
      if (length >= PAGE_LENGTH_MAX) break;
    }
    return { rows, damage: null };
  } catch (error) {
    return { rows, damage: messageOf(error) };
  }
}

const storedRow = ([position, stream, streamId, version, commandId, envelope]: Row): StoredRow => ({
  position: textOf(position),
  stream,
  streamId,
  version: Number(version),
  commandId,
  keyAs: 'given',
  envelope,
});

/** Returns a position as text. Formatting a safe integer is three times as fast as a bigint. */
function textOf(position: bigint | number): string {
  const number = Number(position);
  return Number.isSafeInteger(number) ? String(number) : String(position);
}

/** The longest step in the search for a readable row behind damaged pages. */
const STEP_MAX = 2n ** 40n;

/** Returns the position before the first readable row behind damaged pages; null if there is none. */
function rowBehind(db: Database.Database, after: bigint): bigint | null {
  const text = db.prepare<[bigint]>('SELECT envelope FROM events WHERE position = ?');
  const isReadable = (position: bigint): boolean => {
    try {
      return text.get(position) !== undefined;
    } catch {
      return false;
    }
  };
  const start = after < 0n ? 0n : after;
  // Pages contain neighbouring rows. Steps double until a readable row is found; then a binary search finds the first
  // one.
  for (let step = 1n; step <= STEP_MAX; step *= 2n) {
    if (!isReadable(start + step + 1n)) continue;
    let unreadable = start + step / 2n + 1n;
    let readable = start + step + 1n;
    while (readable - unreadable > 1n) {
      const middle = (readable + unreadable) / 2n;
      if (isReadable(middle)) readable = middle;
      else unreadable = middle;
    }
    return readable;
  }
  return null;
}

function damagedFrom(after: bigint, next: bigint | null, damage: string): StoredEntry {
  const from = after < 0n ? 1n : after + 1n;
  const to = next === null ? 'the end' : `position ${next - 1n}`;
  return {
    position: String(from),
    streamId: null,
    version: null,
    event: null,
    faults: [
      { code: 'unreadable', detail: `no row can be read from position ${from} up to ${to}: ${damage}` },
    ],
  };
}

function* inspectNames(db: Database.Database): Generator<StoredEntry> {
  try {
    const names = db
      .prepare<[], string>(
        'SELECT stream_id FROM streams s WHERE NOT EXISTS (SELECT 1 FROM events e WHERE e.stream = s.id)',
      )
      .pluck()
      .all();
    for (const name of names) yield strayEntry(name, "the stream's name has no event");
  } catch (error) {
    yield strayEntry(null, `the names of streams cannot be read: ${messageOf(error)}`);
  }
}

/** Reports faults that SQLite finds in pages, keys and indexes, and objects in the file that are not the store's. */
function* inspectFile(db: Database.Database, isAll: boolean): Generator<StoredEntry> {
  try {
    yield* inspectSchema(db);
    if (!isAll) return;
    const faults = db.pragma(`integrity_check(${FAULTS_MAX})`) as { integrity_check: string }[];
    for (const { integrity_check: fault } of faults) {
      if (fault !== 'ok') yield strayEntry(null, `SQLite reports damage of the file: ${fault}`);
    }
  } catch (error) {
    yield strayEntry(null, `the file's structure cannot be read: ${messageOf(error)}`);
  }
}

function* inspectSchema(db: Database.Database): Generator<StoredEntry> {
  const found = schemaObjects(db);
  const expected = schemaOfStores();
  for (const object of found.keys()) {
    // These are tables of ANALYZE.
    if (expected.has(object) || object.startsWith('table sqlite_stat')) continue;
    yield strayEntry(null, `the file has an unknown object: ${object}`);
  }
  for (const [object, sql] of expected) {
    if (!found.has(object)) yield strayEntry(null, `the file lacks an object of the store: ${object}`);
    else if (found.get(object) !== sql)
      yield strayEntry(null, `an object differs from the store's definition: ${object}`);
  }
}
