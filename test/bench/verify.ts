import { hash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import canonicalize from 'canonicalize';
import { SEALER_MODULE } from '#audit/seal';
import { openSqliteEventStore } from '#event-store/sqlite/sqlite-event-store';
import { lifecycles } from '#state-machines/lifecycles';
import { verifyStore } from '#use-cases/log/verify-store';
import { makeLargeLog } from './large-store.ts';
import { median, row } from './row.ts';
import type { Row } from './row.ts';

/** `DOCKET_BENCH_VERIFY_EVENTS=1000000` sets the size. */
const EVENTS = Number(process.env['DOCKET_BENCH_VERIFY_EVENTS'] ?? 200_000);
const EVENTS_PER_RECORD = 10;
const ROUNDS = 3;

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
    const verified = await verifyStore(store, lifecycles, []);
    if (!verified.ok || verified.events !== EVENTS) throw new Error(`verified ${JSON.stringify(verified)}`);
    return rate(started);
  } finally {
    await store.close();
  }
}

/** Scans, parses, canonicalises and hashes the same events, without comparing anything. */
function floorRound(path: string): number {
  const started = performance.now();
  const db = new Database(path, { readonly: true });
  const select = db.prepare<[], string>('SELECT envelope FROM events ORDER BY position').pluck();
  let hashed = 0;
  for (const envelope of select.iterate()) {
    const { hash: _hash, salts: _salts, ...sealed } = JSON.parse(envelope) as Record<string, unknown>;
    if (hash('sha256', canonicalize(sealed) ?? '', 'hex') !== '') hashed += 1;
  }
  db.close();
  if (hashed !== EVENTS) throw new Error(`the floor hashed ${hashed} events`);
  return rate(started);
}

/** Measures verifying a whole log, compared with the unavoidable parts: reading, parsing, canonical JSON and hashing. */
export async function benchVerify(): Promise<Row[]> {
  const folder = mkdtempSync(join(process.cwd(), '.bench-verify-'));
  try {
    const path = await makeLargeLog(folder, { records: EVENTS / EVENTS_PER_RECORD, events: EVENTS });
    const rates: { ours: number[]; floor: number[] } = { ours: [], floor: [] };
    floorRound(path);
    for (let round = 0; round < ROUNDS; round++) {
      rates.ours.push(await verifyRound(path));
      rates.floor.push(floorRound(path));
    }
    const measured = { value: median(rates.ours), floor: median(rates.floor), target: 0.7 };
    return [row(`verifying ${EVENTS} events`, { ...measured, unit: 'events/s' })];
  } finally {
    rmSync(folder, { recursive: true });
  }
}
