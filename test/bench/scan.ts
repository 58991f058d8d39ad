import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import Database from 'better-sqlite3';
import { SEALER_MODULE } from '../../libs/audit/src/seal.ts';
import { READ_LIMIT } from '../../libs/event-sourcing/src/event-store.ts';
import type { EventStore } from '../../libs/event-sourcing/src/event-store.ts';
import { openSqliteEventStore } from '../../libs/event-store/src/sqlite/sqlite-event-store.ts';
import { realisticCommit } from './append.ts';
import { formatRow, median, row } from './row.ts';
import type { Row } from './row.ts';

const EVENTS = 100_000;
const STREAMS = 1_000;
const ROUNDS = 5;

async function fill(store: EventStore): Promise<void> {
  for (let version = 0; version < EVENTS / STREAMS; version++) {
    await Promise.all(
      Array.from({ length: STREAMS }, (_, stream) =>
        store.append(realisticCommit(`recommendation-${stream}`, version)),
      ),
    );
  }
}

/** The whole log through the port, page by page. */
async function storeRound(store: EventStore): Promise<number> {
  const started = performance.now();
  let events = 0;
  for (let after = '0'; ;) {
    const page = await store.readAll({ after, limit: READ_LIMIT });
    const last = page.at(-1);
    if (last === undefined) break;
    events += page.length;
    after = last.position;
  }
  return (events / (performance.now() - started)) * 1_000;
}

/** The same rows, as many at a time, selected and parsed and nothing else. */
function floorRound(db: Database.Database): number {
  const select = db.prepare<[number, number], { position: number; envelope: string }>(
    'SELECT position, envelope FROM events WHERE position > ? ORDER BY position LIMIT ?',
  );
  const started = performance.now();
  let events = 0;
  for (let after = 0; ;) {
    const page = select.all(after, READ_LIMIT).map(({ position, envelope }) => {
      return { position, envelope: JSON.parse(envelope) as object };
    });
    const last = page.at(-1);
    if (last === undefined) break;
    events += page.length;
    after = last.position;
  }
  return (events / (performance.now() - started)) * 1_000;
}

/** Reading the whole log into envelopes, against a bare `SELECT` and `JSON.parse` of the same rows. */
export async function benchScan(): Promise<Row[]> {
  const folder = mkdtempSync(join(process.cwd(), '.bench-scan-'));
  const path = join(folder, 'log.db');
  const store = await openSqliteEventStore({ path, sealerModule: SEALER_MODULE, create: true });
  const db = new Database(path, { readonly: true });
  try {
    await fill(store);
    const rates: { store: number[]; floor: number[] } = { store: [], floor: [] };
    await storeRound(store);
    floorRound(db);
    for (let round = 0; round < ROUNDS; round++) {
      rates.store.push(await storeRound(store));
      rates.floor.push(floorRound(db));
    }
    return [
      row(`log of ${EVENTS} events into envelopes`, {
        value: median(rates.store),
        floor: median(rates.floor),
        target: 0.8,
        unit: 'events/s',
      }),
    ];
  } finally {
    db.close();
    await store.close();
    rmSync(folder, { recursive: true });
  }
}

if (import.meta.main) {
  for (const measured of await benchScan()) process.stdout.write(`${formatRow(measured)}\n`);
}
