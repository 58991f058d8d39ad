import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createSealer, SEALER_MODULE } from '#audit/seal';
import type { Commit, EventStore } from '#event-sourcing/event-store';
import { sealCommit } from '#event-store/seal-commit';
import type { StreamHead } from '#event-store/seal-commit';
import { createDatabase, openWriter } from '#event-store/sqlite/database';
import { CHECKPOINT_PAGES } from '#event-store/sqlite/log-writer';
import { openSqliteEventStore } from '#event-store/sqlite/sqlite-event-store';
import { append, commit, draft } from '../support/event-commits.ts';
import { median, row } from './row.ts';
import type { Row } from './row.ts';

const WRITERS = 64;
const STREAMS = 1_000;
const ROUNDS = 9;
const ROUND_MS = 1_500;
const WARM_UP_MS = 2_000;

const TEXT =
  'The force should, within three months, review its approach to the retention of records — and publish what it ' +
  'found, with the reasons for each exception, so that the next inspection can see what changed. ';

/** Returns a commit of about 1.3 kB as stored, with two sensitive values. */
const realisticCommit = (streamId: string, expectedVersion: number): Commit =>
  commit([
    append(
      streamId,
      expectedVersion,
      draft('', {
        data: { commentId: randomUUID(), visibility: 'public', text: TEXT, reason: TEXT.slice(0, 60) },
        sensitive: ['/data/text', '/data/reason'],
      }),
    ),
  ]);

/** Returns a bench of 64 writers, each with one pending append. Rounds continue in one store. */
function storeUnderLoad(store: EventStore, path: string) {
  const versions = new Int32Array(STREAMS);
  const groups: number[] = [];
  let walBytesMax = 0;
  const round = async (milliseconds: number): Promise<number> => {
    let appended = 0;
    let ofGroup = 0;
    const endGroup = () => {
      groups.push(ofGroup);
      walBytesMax = Math.max(walBytesMax, statSync(`${path}-wal`).size);
      ofGroup = 0;
    };
    const started = performance.now();
    const writer = async (first: number) => {
      for (let n = first; performance.now() - started < milliseconds; n += WRITERS) {
        const stream = n % STREAMS;
        const version = versions[stream] ?? 0;
        versions[stream] = version + 1;
        await store.append(realisticCommit(`recommendation-${stream}`, version));
        appended++;
        // The responses of a group come in one message, so all are here before the next turn of the event loop.
        if (ofGroup++ === 0) setImmediate(endGroup);
      }
    };
    await Promise.all(Array.from({ length: WRITERS }, (_, index) => writer(index)));
    return (appended / (performance.now() - started)) * 1_000;
  };
  return { round, meanGroup: () => mean(groups), walMegabytes: () => walBytesMax / 2 ** 20 };
}

/**
 * Returns a bench of one thread that seals and inserts the same rows with the same pragmas, `group` events per commit.
 */
function singleThread(path: string) {
  createDatabase(path);
  const db = openWriter(path);
  db.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  const sealer = createSealer();
  const heads = new Map<string, StreamHead & { stream: number }>();
  const begin = db.prepare('BEGIN IMMEDIATE');
  const end = db.prepare('COMMIT');
  const insertStream = db.prepare('INSERT INTO streams (stream_id) VALUES (?)');
  const insertEvent = db.prepare(
    'INSERT INTO events (stream, version, command_id, envelope) VALUES (?, ?, ?, ?)',
  );
  let next = 0;
  const write = (commits: readonly Commit[]) => {
    begin.run();
    for (const one of commits) {
      for (const envelope of sealCommit(one, (id) => heads.get(id), sealer).sealed) {
        const { streamId, version, hash, recordedAt } = envelope;
        const stream = heads.get(streamId)?.stream ?? Number(insertStream.run(streamId).lastInsertRowid);
        insertEvent.run(stream, version, null, JSON.stringify(envelope));
        heads.set(streamId, { stream, version, hash, recordedAt });
      }
    }
    end.run();
  };
  const round = (milliseconds: number, group: number): number => {
    let appended = 0;
    let spent = 0;
    while (spent < milliseconds) {
      const commits = Array.from({ length: group }, () => {
        const streamId = `recommendation-${next++ % STREAMS}`;
        return realisticCommit(streamId, heads.get(streamId)?.version ?? 0);
      });
      const started = performance.now();
      write(commits);
      spent += performance.now() - started;
      appended += group;
    }
    return (appended / spent) * 1_000;
  };
  return { round, close: () => db.close() };
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Measures durable appends by 64 writers, compared with one thread that seals and writes the same rows. */
export async function benchAppend(): Promise<Row[]> {
  const folder = mkdtempSync(join(process.cwd(), '.bench-append-'));
  const path = join(folder, 'store.db');
  const store = await openSqliteEventStore({ path, sealerModule: SEALER_MODULE, create: true });
  const floor = singleThread(join(folder, 'floor.db'));
  try {
    const load = storeUnderLoad(store, path);
    const rates: { store: number[]; floor: number[] } = { store: [], floor: [] };
    await load.round(WARM_UP_MS);
    floor.round(WARM_UP_MS, Math.round(load.meanGroup()));
    for (let round = 0; round < ROUNDS; round++) {
      rates.store.push(await load.round(ROUND_MS));
      rates.floor.push(floor.round(ROUND_MS, Math.round(load.meanGroup())));
    }
    const measure =
      `durable appends, ${WRITERS} writers on ${STREAMS} streams (mean group ` +
      `${load.meanGroup().toFixed(1)}, WAL at most ${load.walMegabytes().toFixed(0)} MiB)`;
    const value = median(rates.store);
    return [row(measure, { value, floor: median(rates.floor), target: 0.8, unit: 'events/s' })];
  } finally {
    await store.close();
    floor.close();
    rmSync(folder, { recursive: true });
  }
}
