import type Database from 'better-sqlite3';
import { messageOf } from '#event-sourcing/errors';
import type { StoredEntry, StoredRow } from '#event-sourcing/event-store';
import { entryOf, indexFault, PositionGaps, strayEntry } from '../inspect-row.ts';
import { schemaObjects, schemaOfStores } from './database.ts';

const PAGE_ROWS = 500;
/** Where a page ends, too, in characters of its texts. */
const PAGE_LENGTH_MAX = 8 * 1024 * 1024;
const BEFORE_ALL = -(2n ** 63n);
/** How many faults of the file's own structure are told. */
const FAULTS_MAX = 100;

/**
 * Everything in the file, in the log's order, or what is found under a stream's name. Rows that cannot be read because pages of the
 * file are damaged are passed over, and told.
 */
export function* inspectLog(
  db: Database.Database,
  streamId: string | undefined,
): Generator<(StoredEntry | StoredRow)[]> {
  yield* streamId === undefined ? inspectAll(db) : inspectRows(db, streamId);
}

function* inspectAll(db: Database.Database): Generator<(StoredEntry | StoredRow)[]> {
  const gaps = new PositionGaps();
  for (const rows of inspectRows(db, undefined)) {
    for (const { position } of rows) gaps.seen(position as string);
    yield rows.map((row) => (BigInt(row.position as string) < 1n ? beforeTheFirst(entryOf(row)) : row));
  }
  yield [...gaps.entries(), ...inspectNames(db), ...inspectFile(db)];
}

/** The log is read from position 1 on. */
const beforeTheFirst = (entry: StoredEntry): StoredEntry => ({
  ...entry,
  faults: [...entry.faults, indexFault(`reads of the log begin after it: its position is ${entry.position}`)],
});

function* inspectRows(
  db: Database.Database,
  streamId: string | undefined,
): Generator<(StoredEntry | StoredRow)[]> {
  const select = rowsOf(db, streamId);
  for (let after = BEFORE_ALL; ;) {
    const { rows, damage } = pageAfter(select, after);
    yield rows;
    after = rows.length > 0 ? BigInt((rows.at(-1) as StoredRow).position) : after;
    if (damage === null) {
      if (rows.length === 0) return;
      continue;
    }
    // What cannot be reached from here may be reached from behind it.
    const next = rowBehind(db, after);
    yield [damagedFrom(after, next, damage)];
    if (next === null) return;
    after = next - 1n;
  }
}

type SelectRows = (after: bigint) => IterableIterator<StoredRow>;

function rowsOf(db: Database.Database, streamId: string | undefined): SelectRows {
  const which = streamId === undefined ? '' : 'AND s.stream_id = ?';
  const statement = db
    .prepare<
      (bigint | string | number)[],
      Omit<StoredRow, 'position' | 'stream' | 'version' | 'keyAs'> & {
        position: bigint;
        stream: bigint;
        version: bigint;
      }
    >(
      `SELECT e.position, e.stream, s.stream_id AS streamId, e.version, e.command_id AS commandId, e.envelope
       FROM events e ${streamId === undefined ? 'LEFT' : ''} JOIN streams s ON s.id = e.stream
       WHERE e.position > ? ${which} ORDER BY e.position LIMIT ?`,
    )
    .safeIntegers();
  const given = streamId === undefined ? [] : [streamId];
  return function* (after) {
    for (const row of statement.iterate(after, ...given, PAGE_ROWS)) {
      const { position, stream, version } = row;
      const { streamId: name, commandId, envelope } = row;
      yield {
        position: String(position),
        stream: String(stream),
        streamId: name,
        version: Number(version),
        commandId,
        keyAs: 'given',
        envelope,
      };
    }
  };
}

function pageAfter(
  select: SelectRows,
  after: bigint,
): { readonly rows: StoredRow[]; readonly damage: string | null } {
  const rows: StoredRow[] = [];
  try {
    let length = 0;
    for (const row of select(after)) {
      rows.push(row);
      length += row.envelope.length;
      if (length >= PAGE_LENGTH_MAX) break;
    }
    return { rows, damage: null };
  } catch (error) {
    return { rows, damage: messageOf(error) };
  }
}

/** How far behind a row that cannot be read another is looked for, at first and at most. */
const STEP_MAX = 2n ** 40n;

/** The first position behind damaged pages whose row can be read; null where none is found. */
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
  // Pages hold neighbours: the nearest that can be read is looked for in steps that grow, then between the last two.
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
      { code: 'unreadable', detail: `nothing can be read from position ${from} up to ${to}: ${damage}` },
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
    for (const name of names) yield strayEntry(name, 'there is a name of a stream, and no event under it');
  } catch (error) {
    yield strayEntry(null, `the names of streams cannot be read: ${messageOf(error)}`);
  }
}

/** What SQLite itself finds wrong with pages, keys and indices, and what stands in the file beside the store. */
function* inspectFile(db: Database.Database): Generator<StoredEntry> {
  try {
    yield* inspectSchema(db);
    const faults = db.pragma(`integrity_check(${FAULTS_MAX})`) as { integrity_check: string }[];
    for (const { integrity_check: fault } of faults) {
      if (fault !== 'ok') yield strayEntry(null, `SQLite finds the file damaged: ${fault}`);
    }
  } catch (error) {
    yield strayEntry(null, `the file's structure cannot be read: ${messageOf(error)}`);
  }
}

function* inspectSchema(db: Database.Database): Generator<StoredEntry> {
  const found = schemaObjects(db);
  const expected = schemaOfStores();
  for (const object of found.keys()) {
    // ANALYZE makes tables of its own.
    if (expected.has(object) || object.startsWith('table sqlite_stat')) continue;
    yield strayEntry(null, `the file holds what is none of the store's: ${object}`);
  }
  for (const [object, sql] of expected) {
    if (!found.has(object)) yield strayEntry(null, `the file lacks what reads go by: ${object}`);
    else if (found.get(object) !== sql)
      yield strayEntry(null, `what reads go by is made otherwise than the store makes it: ${object}`);
  }
}
