import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import Database from 'better-sqlite3';
import { SEALER_MODULE } from '#audit/seal';
import { READ_LIMIT } from '#event-sourcing/event-store';
import type { EventStore } from '#event-sourcing/event-store';
import { openSqliteEventStore } from '#event-store/sqlite/sqlite-event-store';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import { draftEvents } from '#lifecycle/decide';
import type { DecidedEvent } from '#lifecycle/decide';
import type { Facts } from '#state-machines/inspection-recommendation/v1/facts';
import { inspectionRecommendation } from '#state-machines/inspection-recommendation/v1/lifecycle';
import { formatRow, median, row } from './row.ts';
import type { Row } from './row.ts';
import { recordedBy } from '../support/recording.ts';
import { lifecycles } from '#state-machines/lifecycles';

const EVENTS = 1_000_000;
const EVENTS_PER_RECORD = 100;
const ROUNDS = 3;

const TEXT =
  'The force should, within three months, review its approach to the retention of records — and publish what it ' +
  'found, with the reasons for each exception, so that the next inspection can see what changed.';

/** Yields a record's history: issued, worked on, a refused closure request, and many comments. */
function* recordEvents(): Generator<DecidedEvent> {
  const recipient = 'wiltshire';
  yield { type: 'RecommendationIssued', data: { title: 'Retention of records', text: TEXT, recipient } };
  yield { type: 'DeadlineSet', data: { deadlineId: 'd1', kind: 'action', dueOn: '2026-06-30' } };
  for (let made = 2; made < EVENTS_PER_RECORD;) {
    const moves: DecidedEvent[] = [
      { type: 'ProgressStarted', data: {} },
      { type: 'ClosureRequested', data: { statement: TEXT } },
      { type: 'ClosureRefused', data: { reason: TEXT } },
      { type: 'ReturnedToReview', data: { reason: TEXT } },
    ];
    for (const move of moves) {
      yield move;
      yield { type: 'CommentAdded', data: { text: TEXT, visibility: 'public' } };
      made += 2;
    }
  }
}

async function fill(store: EventStore): Promise<void> {
  const actor = { subject: '4f9d6c2e-2b0a-4f43-9c56-0d4f3f7c9a11', roles: ['inspector', 'approver'] };
  const events = [...recordEvents()].slice(0, EVENTS_PER_RECORD);
  const { drafts } = draftEvents(inspectionRecommendation, null, events, '2026-01-05', recordedBy(actor));
  for (let record = 0; record < EVENTS / EVENTS_PER_RECORD; record += 20) {
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        store.append({
          command: { id: randomUUID(), name: 'issue', request: null },
          actor,
          decision: { role: 'inspector', guards: ['open'] },
          correlationId: randomUUID(),
          causationId: null,
          origin: 'command',
          lifecycle: lifecycles.current('inspection-recommendation').reference,
          recordedAt: '2026-01-05T10:00:00.000Z',
          appends: [{ streamId: `recommendation-r${record + index}`, expectedVersion: 0, events: drafts }],
        }),
      ),
    );
  }
}

const rate = (started: number): number => (EVENTS / (performance.now() - started)) * 1_000;

/** Reads the whole log through the port, page by page; calls `each` with every envelope. */
async function storeRound(store: EventStore, each: (event: EventOfLog) => void): Promise<number> {
  const started = performance.now();
  for (let after = '0'; ;) {
    const page = await store.readAll({ after, limit: READ_LIMIT });
    const last = page.at(-1);
    if (last === undefined) return rate(started);
    for (const event of page) each(event);
    after = last.position;
  }
}

type EventOfLog = Awaited<ReturnType<EventStore['readAll']>>[number];

/** Returns a fold of the log into the state of every record. */
function folding() {
  const states = new Map<string, LifecycleState<Facts>>();
  return {
    states,
    fold(event: EventOfLog): void {
      const before = states.get(event.streamId) ?? null;
      states.set(event.streamId, inspectionRecommendation.evolve(before, event));
    },
  };
}

/** Selects and parses the same rows in equal batches, and nothing else. */
function floorRound(db: Database.Database): number {
  const select = db.prepare<[number, number], { position: number; envelope: string }>(
    'SELECT position, envelope FROM events WHERE position > ? ORDER BY position LIMIT ?',
  );
  const started = performance.now();
  for (let after = 0; ;) {
    const page = select.all(after, READ_LIMIT).map(({ position, envelope }) => {
      return { position, envelope: JSON.parse(envelope) as object };
    });
    const last = page.at(-1);
    if (last === undefined) return rate(started);
    after = last.position;
  }
}

/** Measures reading the whole log and folding it into states, compared with only `SELECT` and `JSON.parse`. */
export async function benchScan(): Promise<Row[]> {
  const folder = mkdtempSync(join(process.cwd(), '.bench-scan-'));
  const path = join(folder, 'log.db');
  const store = await openSqliteEventStore({ path, sealerModule: SEALER_MODULE, create: true });
  const db = new Database(path, { readonly: true });
  try {
    await fill(store);
    const rates: { read: number[]; fold: number[]; floor: number[] } = { read: [], fold: [], floor: [] };
    floorRound(db);
    for (let round = 0; round < ROUNDS; round++) {
      rates.read.push(await storeRound(store, () => undefined));
      rates.floor.push(floorRound(db));
      const folded = folding();
      rates.fold.push(
        await storeRound(store, (event) => {
          folded.fold(event);
        }),
      );
      const { states } = folded;
      if (states.size !== EVENTS / EVENTS_PER_RECORD) throw new Error(`folded ${states.size} records`);
    }
    const floor = median(rates.floor);
    const unit = 'events/s';
    return [
      row(`reading a log of ${EVENTS} events into envelopes`, {
        value: median(rates.read),
        floor,
        target: 0.8,
        unit,
      }),
      row(`folding ${EVENTS} events into states`, { value: median(rates.fold), floor, target: 0.5, unit }),
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
