import { randomUUID } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { append, commit, draft, redaction, request } from '#test/support/event-commits';
import type { LogHead } from '#audit/log-head';
import { SEALER_MODULE } from '#audit/seal';
import type { Envelope } from '#event-sourcing/envelope';
import { openSqliteEventStore } from '#event-store/sqlite/sqlite-event-store';
import { lifecycles } from '#state-machines/lifecycles';
import { importRecord } from '../register/import-record.ts';
import { verifyStore } from './verify-store.ts';
import type { Verification } from './verify-store.ts';

/** How many alterations, and with which seed they begin: the long form is a thousand or more. */
const ALTERATIONS = Number(process.env['DOCKET_TEST_ALTERATIONS'] ?? 120);
const SEED = Number(process.env['DOCKET_TEST_SEED'] ?? Date.now() % 1_000_000);

const sample = readFileSync(new URL('../../../../test/fixtures/730.txt', import.meta.url));
const actor = { subject: 'an-administrator', roles: ['administrator'] };
const bare = (text: string) => draft(text, { state: null });

let folder: string;
let head: LogHead;

const pathOf = (name: string): string => join(folder, `${name}.sqlite`);

async function verifyFile(name: string, expectedHead: LogHead | null): Promise<Verification> {
  const store = await openSqliteEventStore({
    path: pathOf(name),
    sealerModule: SEALER_MODULE,
    create: false,
    readOnly: true,
  });
  try {
    return await verifyStore(store, lifecycles, [], { expectedHead });
  } finally {
    await store.close();
  }
}

/** A record that was imported, streams of keyed commands beside it whose events lie between each other's, and a redaction. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'alterations-'));
  const store = await openSqliteEventStore({
    path: pathOf('kept'),
    sealerModule: SEALER_MODULE,
    create: true,
  });
  await importRecord(store, lifecycles, {
    source: sample,
    id: null,
    recipient: null,
    anyway: false,
    corrects: null,
    dryRun: false,
    organisations: [],
    actor,
    now: Date.parse('2026-11-24T12:00:00Z'),
    commandId: randomUUID(),
    request: null,
    correlationId: 'a-correlation',
  });
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
  await store.close();
  const verified = await verifyFile('kept', null);
  expect(verified).toMatchObject({ ok: true });
  head = verified.head!;
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

interface Row {
  readonly position: number;
  readonly stream: number;
  readonly version: number;
  readonly envelope: string;
}

/** Numbers that a seed gives, each the same in every run (mulberry32). */
function randomly(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

type Alter = (
  db: Database.Database,
  rows: readonly Row[],
  below: (n: number) => number,
) => readonly Row[] | 'kept';

const eventOf = ({ envelope }: Row): Envelope => JSON.parse(envelope) as Envelope;

function write(db: Database.Database, row: Row, envelope: string | Buffer): readonly Row[] {
  db.prepare('UPDATE events SET envelope = CAST(? AS TEXT) WHERE position = ?').run(envelope, row.position);
  return [row];
}

/** Those after it in its stream are where one that is gone, or stands elsewhere, is noticed. */
const withNext = (rows: readonly Row[], row: Row): Row[] =>
  rows.filter(({ stream, version }) => stream === row.stream && version >= row.version);

function remove(db: Database.Database, rows: readonly Row[]): void {
  for (const { position } of rows) db.prepare('DELETE FROM events WHERE position = ?').run(position);
}

/** Each gives the events of which one must be named, or that only what was kept can find it. */
const ALTERATIONS_BY_NAME: Readonly<Record<string, Alter>> = {
  'a bit of an event'(db, rows, below) {
    const row = rows[below(rows.length)]!;
    const bytes = Buffer.from(row.envelope);
    const digest = bytes.indexOf('"/command/digest":"');
    let at = below(bytes.length);
    // Nothing that is stored opens this salt.
    if (digest >= 0 && at >= digest && at < digest + 60) at = digest - 1 - below(digest - 1);
    bytes[at] = (bytes[at] as number) ^ (1 << below(8));
    return write(db, row, bytes);
  },
  'a member of an event'(db, rows, below) {
    const row = rows[below(rows.length)]!;
    const event = eventOf(row);
    const names = Object.keys(event).filter((name) => name !== 'salts');
    const name = names[below(names.length)]!;
    const values = ['another', 7, null, [], {}, true];
    const others = values.filter(
      (value) => JSON.stringify(value) !== JSON.stringify(event[name as keyof Envelope]),
    );
    return write(db, row, JSON.stringify({ ...event, [name]: others[below(others.length)] }));
  },
  'salts exchanged'(db, rows, below) {
    const salted = rows.filter((row) => Object.hasOwn(eventOf(row).salts, '/data/text'));
    const [one, other] = [below(salted.length), below(salted.length - 1)];
    const [a, b] = [salted[one]!, salted[other >= one ? other + 1 : other]!];
    const exchange = (row: Row, from: Row) => {
      const event = eventOf(row);
      const salts = { ...event.salts, '/data/text': eventOf(from).salts['/data/text']! };
      write(db, row, JSON.stringify({ ...event, salts }));
    };
    exchange(a, b);
    exchange(b, a);
    return [a, b];
  },
  'a row taken out'(db, rows, below) {
    const row = rows[below(rows.length)]!;
    remove(db, [row]);
    const behind = withNext(rows, row).slice(1);
    return behind.length === 0 ? 'kept' : behind;
  },
  'a row put in again'(db, rows, below) {
    const row = rows[below(rows.length)]!;
    const version = withNext(rows, row).at(-1)!.version + 1;
    db.prepare('INSERT INTO events (position, stream, version, envelope) VALUES (?, ?, ?, ?)').run(
      rows.at(-1)!.position + 1,
      row.stream,
      version,
      row.envelope,
    );
    return [row, { ...row, version }];
  },
  'two rows in each other’s place'(db, rows, below) {
    const [one, other] = [below(rows.length), below(rows.length - 1)];
    const [a, b] = [rows[one]!, rows[other >= one ? other + 1 : other]!];
    const move = db.prepare('UPDATE events SET position = ? WHERE position = ?');
    move.run(1_000_000, a.position);
    move.run(a.position, b.position);
    move.run(b.position, 1_000_000);
    return 'kept';
  },
  'the end cut off'(db, rows, below) {
    remove(db, rows.slice(-1 - below(rows.length - 1)));
    return 'kept';
  },
  'a part in the middle cut out'(db, rows, below) {
    const from = below(rows.length - 2);
    remove(db, rows.slice(from, from + 1 + below(rows.length - from - 1)));
    return 'kept';
  },
  'a whole stream taken out'(db, rows, below) {
    const { stream } = rows[below(rows.length)]!;
    remove(
      db,
      rows.filter((row) => row.stream === stream),
    );
    db.prepare('DELETE FROM streams WHERE id = ?').run(stream);
    return 'kept';
  },
  'another version beside an event'(db, rows, below) {
    const row = rows[below(rows.length)]!;
    const version = 100 + below(100);
    db.prepare('UPDATE events SET version = ? WHERE position = ?').run(version, row.position);
    return [row, { ...row, version }];
  },
  'another key beside an event'(db, rows, below) {
    const row = rows[below(rows.length)]!;
    db.prepare('UPDATE events SET command_id = ? WHERE position = ?').run(randomUUID(), row.position);
    return [row];
  },
  'another stream beside an event'(db, rows, below) {
    const row = rows[below(rows.length)]!;
    const other = rows.find(({ stream }) => stream !== row.stream)!.stream;
    const version = 100 + below(100);
    db.prepare('UPDATE events SET stream = ?, version = ? WHERE position = ?').run(
      other,
      version,
      row.position,
    );
    return [row, { ...row, stream: other, version }];
  },
};

/** What was found of an alteration; null where it was not found where it had to be. */
async function foundOf(seed: number): Promise<string | null> {
  const below = randomly(seed);
  const names = Object.keys(ALTERATIONS_BY_NAME);
  const name = names[seed % names.length]!;
  copyFileSync(pathOf('kept'), pathOf('altered'));
  const db = new Database(pathOf('altered'));
  db.pragma('foreign_keys = OFF');
  const rows = db
    .prepare<[], Row>('SELECT position, stream, version, envelope FROM events ORDER BY position')
    .all();
  const streams = new Map(db.prepare<[], [number, string]>('SELECT id, stream_id FROM streams').raw().all());
  const touched = ALTERATIONS_BY_NAME[name]!(db, rows, below);
  db.close();
  const { divergences } = await verifyFile('altered', head);
  const isNamed = divergences.some(({ streamId, version, code }) =>
    touched === 'kept'
      ? code === 'head'
      : touched.some((row) => streams.get(row.stream) === streamId && row.version === version),
  );
  return isNamed ? null : `seed ${seed}, ${name}: ${JSON.stringify(divergences)}`;
}

test(`given ${ALTERATIONS} random alterations of a store from seed ${SEED} on, then each is found and named`, async () => {
  const missed: string[] = [];
  for (let seed = SEED; seed < SEED + ALTERATIONS; seed += 1) {
    const missing = await foundOf(seed);
    if (missing !== null) missed.push(missing);
  }
  expect(missed).toEqual([]);
}, 600_000);
