import type Database from 'better-sqlite3';
import { messageOf } from '#event-sourcing/errors';
import type { StoredEntry } from '#event-sourcing/event-store';
import { entryOf, indexFault, strayEntry, unusedRedaction } from '../inspect-row.ts';
import type { RowPage, StoredRow } from '../inspect-row.ts';
import { schemaObjects, schemaOfStores } from './database.ts';

/** The number of rows of a page; small, because the garbage collector copies objects that live longer. */
const PAGE_ROWS = 64;
/** The length of a page in characters of its texts. */
const PAGE_LENGTH_MAX = 8 * 1024 * 1024;
const BEFORE_ALL = -(2n ** 63n);
/** The most faults of the file's own structure that are reported. */
const FAULTS_MAX = 100;

/** Reads a log's rows through a connection. */
export class SqliteRows {
  readonly #db: Database.Database;

  constructor(db: Database.Database) {
    this.#db = db;
  }

  /** Yields all rows, or those of a stream, in pages. Skips rows on damaged pages, and reports them. */
  *pages(streamId?: string): Generator<RowPage> {
    for (const rows of readPages(this.#db, streamId)) yield streamId === undefined ? seenByReads(rows) : rows;
  }

  *beside(): Generator<StoredEntry> {
    yield* inspectIndexes(this.#db);
    yield* inspectFile(this.#db);
  }
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

function* readPages(db: Database.Database, streamId?: string): Generator<(StoredEntry | StoredRow)[]> {
  const select = rowsOf(db, streamId);
  for (let after = BEFORE_ALL; ;) {
    const { rows, damage } = pageAfter(select, after);
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

/** Selects a page of rows after a position. */
interface SelectRows {
  /** Reads all rows at once, a tenth faster, but omits long rows and rounds large numbers. Null for a single stream. */
  readonly quick: ((after: bigint) => Row<number>[]) | null;
  readonly exact: (after: bigint) => IterableIterator<Row<bigint>>;
}

function rowsOf(db: Database.Database, streamId: string | undefined): SelectRows {
  const select = (which: string): string =>
    `SELECT e.position, e.stream, s.stream_id, e.version, e.command_id, e.envelope
       FROM events e ${streamId === undefined ? 'LEFT' : ''} JOIN streams s ON s.id = e.stream
       WHERE e.position > ? ${which} ORDER BY e.position LIMIT ${PAGE_ROWS}`;
  const short = `AND octet_length(e.envelope) <= ${PAGE_LENGTH_MAX / PAGE_ROWS}`;
  const quick = db.prepare<bigint[], Row<number>>(select(short)).raw();
  const ofStream = streamId === undefined ? '' : 'AND s.stream_id = ?';
  const exact = db.prepare<(bigint | string)[], Row<bigint>>(select(ofStream)).raw().safeIntegers();
  const parameters = streamId === undefined ? [] : [streamId];
  return {
    quick: streamId === undefined ? (after) => quick.all(after) : null,
    exact: (after) => exact.iterate(after, ...parameters),
  };
}

interface ReadPage {
  readonly rows: StoredRow[];
  readonly damage: string | null;
}

const pageAfter = (select: SelectRows, after: bigint): ReadPage =>
  quickPage(select, after) ?? exactPage(select, after);

/**
 * Returns a page of the quick query; null if it may differ from the exact one, because a row is missing or unreadable
 * or has a large number.
 */
function quickPage({ quick }: SelectRows, after: bigint): ReadPage | null {
  if (quick === null) return null;
  let rows: Row<number>[];
  try {
    rows = quick(after);
  } catch {
    return null;
  }
  let last = Number(after);
  for (const [position, stream, , version] of rows) {
    if (position !== last + 1 || ![position, stream, version].every(Number.isSafeInteger)) return null;
    last = position;
  }
  return rows.length === PAGE_ROWS ? { rows: rows.map(storedRow), damage: null } : null;
}

/** Returns the rows up to one that cannot be read. */
function exactPage({ exact }: SelectRows, after: bigint): ReadPage {
  const rows: StoredRow[] = [];
  try {
    let length = 0;
    for (const row of exact(after)) {
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

const UNUSED_REDACTIONS = `SELECT CAST(position AS TEXT) FROM redactions r
  WHERE NOT EXISTS (SELECT 1 FROM events e WHERE e.position = r.position)`;

function* inspectIndexes(db: Database.Database): Generator<StoredEntry> {
  try {
    const names = db
      .prepare<[], string>(
        'SELECT stream_id FROM streams s WHERE NOT EXISTS (SELECT 1 FROM events e WHERE e.stream = s.id)',
      )
      .pluck()
      .all();
    for (const name of names) yield strayEntry(name, "the stream's name has no event");
    const unused = db.prepare<[], string>(UNUSED_REDACTIONS).pluck().all();
    for (const position of unused) yield unusedRedaction(position);
  } catch (error) {
    yield strayEntry(
      null,
      `the names of streams and the index of redactions cannot be read: ${messageOf(error)}`,
    );
  }
}

/** Reports faults that SQLite finds in pages, keys and indexes, and objects in the file that are not the store's. */
function* inspectFile(db: Database.Database): Generator<StoredEntry> {
  try {
    yield* inspectSchema(db);
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
