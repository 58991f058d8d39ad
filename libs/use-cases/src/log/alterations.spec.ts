import { randomUUID } from 'node:crypto';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { DatabaseError } from 'pg';
import { append, commit, draft, redaction, request } from '#test/support/event-commits';
import { headOfLog } from '#test/support/event-streams';
import {
  connectTo,
  dropStore,
  freshAddress,
  openStoreAt,
  postgresqlUrl,
} from '#test/support/postgresql-stores';
import { SEALER_MODULE } from '#audit/seal';
import type { Envelope } from '#event-sourcing/envelope';
import type { EventStore } from '#event-sourcing/event-store';
import { openSqliteEventStore } from '#event-store/sqlite/sqlite-event-store';
import { lifecycles } from '#state-machines/lifecycles';
import { importRecord } from '../register-files/import-record.ts';
import type { LogHead } from './log-statements.ts';
import { verifyStore } from './verify-store.ts';
import type { Verification } from './verify-store.ts';
import { randomOf } from '#test/support/random';
import { temporaryFolder } from '#test/support/temporary-folder';
import { importCall } from '#test/support/register-imports';

/** Reads the number of alterations. The long run makes a thousand or more; the short run makes some of each kind. */
const alterations = (short: number): number => Number(process.env['DOCKET_TEST_ALTERATIONS'] ?? short);
const SEED = Number(process.env['DOCKET_TEST_SEED'] ?? Date.now() % 1_000_000);

const sample = readFileSync(new URL('../../../../test/fixtures/730.txt', import.meta.url));
const bare = (text: string) => draft(text, { state: null });

/** A store that the test alters outside the program and restores. */
interface Kept {
  /** Opens the store, to fill or verify it. */
  open(): Promise<EventStore>;
  /** Saves its current content. */
  keep(): Promise<void>;
  /** Returns the rows of its tables. */
  rows(): Promise<readonly Row[]>;
  /** Returns the name of each stream by its number. */
  streams(): Promise<ReadonlyMap<number, string>>;
  /** Restores the saved content and runs a statement on it; `?` is a placeholder. Resolves to false if the store rejects the statement. */
  run(sql: string, ...values: readonly (string | number | Buffer)[]): Promise<boolean>;
  putBack(): Promise<void>;
  /** Converts bytes to text in the store's SQL. */
  readonly asText: string;
  drop(): Promise<void>;
}

const ROWS = 'SELECT position, stream, version, envelope FROM events ORDER BY position';

function keptInSqlite(): Promise<Kept> {
  const folder = temporaryFolder();
  const [path, kept] = [join(folder, 'log.sqlite'), join(folder, 'kept.sqlite')];
  const using = <Result>(use: (db: Database.Database) => Result): Promise<Result> => {
    const db = new Database(path);
    try {
      db.pragma('foreign_keys = OFF');
      return Promise.resolve(use(db));
    } finally {
      db.close();
    }
  };
  let create = true;
  return Promise.resolve({
    asText: 'CAST(? AS TEXT)',
    open: () => openSqliteEventStore({ path, sealerModule: SEALER_MODULE, create, readOnly: !create }),
    keep: async () => {
      create = false;
      await using((db) => db.pragma('wal_checkpoint(TRUNCATE)'));
      copyFileSync(path, kept);
    },
    rows: () => using((db) => db.prepare<[], Row>(ROWS).all()),
    streams: () =>
      using(
        (db) => new Map(db.prepare<[], [number, string]>('SELECT id, stream_id FROM streams').raw().all()),
      ),
    run: (sql, ...values) =>
      using((db) => {
        db.prepare(sql).run(...values);
        return true;
      }),
    putBack: () => {
      copyFileSync(kept, path);
      return Promise.resolve();
    },
    drop: () => Promise.resolve(),
  });
}

async function keptInPostgresql(): Promise<Kept> {
  const address = freshAddress(await postgresqlUrl());
  // Opening the store creates the tables.
  await (await openStoreAt(address)).close();
  const client = await connectTo(address);
  const query = async <R>(text: string, values: readonly unknown[] = []): Promise<R[]> =>
    (await client.query(text, [...values])).rows as R[];
  return {
    asText: "convert_from(?, 'UTF8')",
    open: () => openStoreAt(address),
    async keep() {
      for (const table of TABLES) await query(`CREATE TABLE kept_${table} AS SELECT * FROM ${table}`);
    },
    async rows() {
      const rows = await query<Record<'position' | 'stream' | 'version' | 'envelope', string>>(ROWS);
      return rows.map(({ position, stream, version, envelope }) => ({
        position: Number(position),
        stream: Number(stream),
        version: Number(version),
        envelope,
      }));
    },
    async streams() {
      const rows = await query<{ id: string; name: Buffer }>('SELECT id, name FROM streams');
      return new Map(rows.map(({ id, name }) => [Number(id), name.toString()]));
    },
    async run(sql, ...values) {
      let count = 0;
      const numbered = sql.replaceAll('?', () => `$${(count += 1)}`);
      return query(numbered, values).then(
        () => true,
        (error: unknown) => {
          // The database's UTF-8 forbids this text or NUL, so the alteration is impossible.
          if (error instanceof DatabaseError && NO_TEXT.includes(error.code ?? '')) return false;
          throw error;
        },
      );
    },
    async putBack() {
      for (const table of TABLES) await query(`TRUNCATE ${table}`);
      for (const table of TABLES) await query(`INSERT INTO ${table} SELECT * FROM kept_${table}`);
    },
    async drop() {
      await client.end();
      await dropStore(address);
    },
  };
}

const NO_TEXT = ['22021', '22P05'];
const TABLES = ['events', 'streams', 'redactions'] as const;

/** Fills the store with an imported record, streams of keyed commands whose events are interleaved, and a redaction. */
async function fill(store: EventStore): Promise<void> {
  await importRecord(store, lifecycles, importCall(sample));
  for (let version = 0; version < 6; version += 1) {
    for (const stream of ['s-1', 's-2', 's-3']) {
      const made = commit([append(stream, version, bare(`${stream} says ${version} – §`))]);
      await store.append({
        ...made,
        command: { ...made.command, request: version % 2 === 0 ? request() : null },
      });
    }
  }
  const [first] = await store.readStream('s-1');
  await store.append(
    commit([append('s-1', 6, { ...redaction(first!.eventId, ['/data/text']), state: null })]),
  );
}

interface Row {
  readonly position: number;
  readonly stream: number;
  readonly version: number;
  readonly envelope: string;
}

/** Returns pseudo-random numbers from a seed, the same in every run. */
function randomly(seed: number): (below: number) => number {
  const random = randomOf(seed);
  return (below) => Math.floor(random() * below);
}

type Alter = (
  kept: Kept,
  rows: readonly Row[],
  below: (n: number) => number,
) => Promise<readonly Row[] | 'kept'>;

const eventOf = ({ envelope }: Row): Envelope => JSON.parse(envelope) as Envelope;

async function write(kept: Kept, row: Row, envelope: string | Buffer): Promise<readonly Row[]> {
  await kept.run(
    `UPDATE events SET envelope = ${kept.asText} WHERE position = ?`,
    Buffer.from(envelope),
    row.position,
  );
  return [row];
}

/** The next events of the stream, which reveal a missing or moved event. */
const withNext = (rows: readonly Row[], row: Row): Row[] =>
  rows.filter(({ stream, version }) => stream === row.stream && version >= row.version);

async function remove(kept: Kept, rows: readonly Row[]): Promise<void> {
  for (const { position } of rows) await kept.run('DELETE FROM events WHERE position = ?', position);
}

/** Each alteration returns the events of which verification must name one, or that only the kept checkpoint can reveal it. */
const ALTERATIONS_BY_NAME: Readonly<Record<string, Alter>> = {
  async 'a bit of an event'(kept, rows, below) {
    const row = rows[below(rows.length)]!;
    const sql = `UPDATE events SET envelope = ${kept.asText} WHERE position = ?`;
    for (;;) {
      const bytes = Buffer.from(row.envelope);
      const digest = bytes.indexOf('"/command/digest":"');
      let at = below(bytes.length);
      // No stored value opens this salt.
      if (digest >= 0 && at >= digest && at < digest + 60) at = digest - 1 - below(digest - 1);
      bytes[at] = (bytes[at] as number) ^ (1 << below(8));
      if (await kept.run(sql, bytes, row.position)) return [row];
    }
  },
  async 'a member of an event'(kept, rows, below) {
    const row = rows[below(rows.length)]!;
    const event = eventOf(row);
    const names = Object.keys(event).filter((name) => name !== 'salts');
    const name = names[below(names.length)]!;
    const values = ['another', 7, null, [], {}, true];
    const others = values.filter(
      (value) => JSON.stringify(value) !== JSON.stringify(event[name as keyof Envelope]),
    );
    return write(kept, row, JSON.stringify({ ...event, [name]: others[below(others.length)] }));
  },
  async 'salts exchanged'(kept, rows, below) {
    const salted = rows.filter((row) => Object.hasOwn(eventOf(row).salts, '/data/text'));
    const [one, other] = [below(salted.length), below(salted.length - 1)];
    const [a, b] = [salted[one]!, salted[other >= one ? other + 1 : other]!];
    const exchange = async (row: Row, from: Row) => {
      const event = eventOf(row);
      const salts = { ...event.salts, '/data/text': eventOf(from).salts['/data/text']! };
      await write(kept, row, JSON.stringify({ ...event, salts }));
    };
    await exchange(a, b);
    await exchange(b, a);
    return [a, b];
  },
  async 'a row taken out'(kept, rows, below) {
    const row = rows[below(rows.length)]!;
    await remove(kept, [row]);
    const behind = withNext(rows, row).slice(1);
    return behind.length === 0 ? 'kept' : behind;
  },
  async 'a row put in again'(kept, rows, below) {
    const row = rows[below(rows.length)]!;
    const version = withNext(rows, row).at(-1)!.version + 1;
    await kept.run(
      'INSERT INTO events (position, stream, version, envelope) VALUES (?, ?, ?, ?)',
      rows.at(-1)!.position + 1,
      row.stream,
      version,
      row.envelope,
    );
    return [row, { ...row, version }];
  },
  async 'two rows in each other’s place'(kept, rows, below) {
    const [one, other] = [below(rows.length), below(rows.length - 1)];
    const [a, b] = [rows[one]!, rows[other >= one ? other + 1 : other]!];
    const move = 'UPDATE events SET position = ? WHERE position = ?';
    await kept.run(move, 1_000_000, a.position);
    await kept.run(move, a.position, b.position);
    await kept.run(move, b.position, 1_000_000);
    return 'kept';
  },
  async 'the end cut off'(kept, rows, below) {
    await remove(kept, rows.slice(-1 - below(rows.length - 1)));
    return 'kept';
  },
  async 'a part in the middle cut out'(kept, rows, below) {
    const from = below(rows.length - 2);
    await remove(kept, rows.slice(from, from + 1 + below(rows.length - from - 1)));
    return 'kept';
  },
  async 'a whole stream taken out'(kept, rows, below) {
    const { stream } = rows[below(rows.length)]!;
    await remove(
      kept,
      rows.filter((row) => row.stream === stream),
    );
    await kept.run('DELETE FROM streams WHERE id = ?', stream);
    return 'kept';
  },
  async 'another version beside an event'(kept, rows, below) {
    const row = rows[below(rows.length)]!;
    const version = 100 + below(100);
    await kept.run('UPDATE events SET version = ? WHERE position = ?', version, row.position);
    return [row, { ...row, version }];
  },
  async 'another key beside an event'(kept, rows, below) {
    const row = rows[below(rows.length)]!;
    await kept.run('UPDATE events SET command_id = ? WHERE position = ?', randomUUID(), row.position);
    return [row];
  },
  async 'another stream beside an event'(kept, rows, below) {
    const row = rows[below(rows.length)]!;
    const other = rows.find(({ stream }) => stream !== row.stream)!.stream;
    const version = 100 + below(100);
    await kept.run(
      'UPDATE events SET stream = ?, version = ? WHERE position = ?',
      other,
      version,
      row.position,
    );
    return [row, { ...row, stream: other, version }];
  },
};

describe.each([
  ['SQLite', alterations(24), keptInSqlite],
  ['PostgreSQL', alterations(12), keptInPostgresql],
])('a store in %s', (_, count, makeStore) => {
  let kept: Kept;
  /** The checkpoint that another person keeps. */
  let checkpoint: LogHead;

  async function verify(expected: LogHead | null): Promise<Verification> {
    const store = await kept.open();
    try {
      return await verifyStore(store, lifecycles, [], { kept: expected });
    } finally {
      await store.close();
    }
  }

  beforeAll(async () => {
    kept = await makeStore();
    const store = await kept.open();
    await fill(store);
    checkpoint = await headOfLog(store);
    await store.close();
    await kept.keep();
    expect(await verify(null)).toMatchObject({ ok: true });
  });

  afterAll(() => kept.drop());

  /** Returns a description of a wrong verification result; null if verification found the alteration at the right place. */
  async function foundOf(seed: number): Promise<string | null> {
    const names = Object.keys(ALTERATIONS_BY_NAME);
    const name = names[seed % names.length]!;
    await kept.putBack();
    const streams = await kept.streams();
    const touched = await ALTERATIONS_BY_NAME[name]!(kept, await kept.rows(), randomly(seed));
    const { divergences } = await verify(checkpoint);
    const isNamed = divergences.some(({ streamId, version, code }) =>
      touched === 'kept'
        ? code === 'head'
        : touched.some((row) => streams.get(row.stream) === streamId && row.version === version),
    );
    return isNamed ? null : `seed ${seed}, ${name}: ${JSON.stringify(divergences)}`;
  }

  test(`given ${count} random alterations from seed ${SEED} on, then each is found and named`, async () => {
    const missed: string[] = [];
    for (let seed = SEED; seed < SEED + count; seed += 1) {
      const missing = await foundOf(seed);
      if (missing !== null) missed.push(missing);
    }
    expect(missed).toEqual([]);
  }, 600_000);
});
