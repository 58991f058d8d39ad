import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { SEALER_MODULE } from '#audit/seal';
import { openSqliteEventStore } from '#event-store/sqlite/sqlite-event-store';
import { examineOnThreads } from '#platform/verification/examine-on-threads';
import { lifecycles } from '#state-machines/lifecycles';
import { verifyStore } from '#use-cases/log/verify-store';
import { makeLargeLog } from './large-store.ts';
import { median, row } from './row.ts';
import type { Row } from './row.ts';

/** `DOCKET_BENCH_VERIFY_EVENTS=200000` sets the size: with fewer events, starting threads and compiling dominate. */
const EVENTS = Number(process.env['DOCKET_BENCH_VERIFY_EVENTS'] ?? 1_000_000);
const EVENTS_PER_RECORD = 10;
const ROUNDS = 3;
const THREADS = availableParallelism();

const rate = (started: number): number => (EVENTS / (performance.now() - started)) * 1_000;

/** Verifies as `docket verify` does. */
async function verifyRound(path: string): Promise<number> {
  const started = performance.now();
  const store = await openSqliteEventStore({
    path,
    sealerModule: SEALER_MODULE,
    create: false,
    readOnly: true,
  });
  try {
    const verified = await verifyStore(store, lifecycles, [], { examined: examineOnThreads(store) });
    if (!verified.ok || verified.events !== EVENTS) throw new Error(`verified ${JSON.stringify(verified)}`);
    return rate(started);
  } finally {
    await store.close();
  }
}

/** Scans, parses, canonicalises and hashes the same events on as many threads, without comparing anything. */
async function floorRound(path: string): Promise<number> {
  const started = performance.now();
  const part = Math.ceil(EVENTS / THREADS);
  const hashed = await Promise.all(
    Array.from({ length: THREADS }, async (_, index) => {
      const workerData = { path, from: index * part, to: Math.min((index + 1) * part, EVENTS) };
      const module = new URL(`./verify-floor${extname(import.meta.url)}`, import.meta.url);
      const worker = new Worker(module, { workerData });
      const [count] = (await once(worker, 'message')) as [number];
      return count;
    }),
  );
  const sum = hashed.reduce((total, count) => total + count, 0);
  if (sum !== EVENTS) throw new Error(`the floor hashed ${sum} events`);
  return rate(started);
}

/**
 * Measures verifying a whole log, compared with the unavoidable parts: reading, parsing, canonical JSON and hashing on
 * as many threads.
 */
export async function benchVerify(): Promise<Row[]> {
  const folder = mkdtempSync(join(process.cwd(), '.bench-verify-'));
  try {
    const path = await makeLargeLog(folder, { records: EVENTS / EVENTS_PER_RECORD, events: EVENTS });
    const rates: { ours: number[]; floor: number[] } = { ours: [], floor: [] };
    await floorRound(path);
    for (let round = 0; round < ROUNDS; round++) {
      rates.ours.push(await verifyRound(path));
      rates.floor.push(await floorRound(path));
    }
    const measured = { value: median(rates.ours), floor: median(rates.floor), target: 0.7 };
    return [row(`verifying ${EVENTS} events on ${THREADS} threads`, { ...measured, unit: 'events/s' })];
  } finally {
    rmSync(folder, { recursive: true });
  }
}
