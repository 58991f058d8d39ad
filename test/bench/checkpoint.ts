import { hash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '#event-sourcing/clock';
import { systemRandom } from '#event-sourcing/random';
import { SEALER_MODULE } from '#audit/seal';
import type { Envelope } from '#event-sourcing/envelope';
import type { EventStore } from '#event-sourcing/event-store';
import { openSqliteEventStore } from '#event-store/sqlite/sqlite-event-store';
import { CheckpointMemory } from '#platform/checkpoints/checkpoint-memory';
import { openSigner } from '#platform/checkpoints/open-signer';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { ProjectionRunner } from '#projections/runner';
import { openSqliteReadModels } from '#projections/sqlite/open-read-models';
import { treeProjection } from '#read-models/tree/tree-projection';
import { readTree } from '#read-models/tree/tree-query';
import { makeCheckpoint } from '#use-cases/audit/make-checkpoint';
import { append, commit, draft } from '../support/event-commits.ts';
import { foldInParts } from '../support/read-models.ts';
import { storeUnderLoad } from './append.ts';
import { formatRow, measuring, median, row } from './row.ts';
import type { Row } from './row.ts';

const EVENTS = 1_000_000;
const BATCH = 10_000;
const CHECKPOINTS = 25;
/** The required number of checkpoints a second: one in 100 ms. */
const A_SECOND = 10;

/** Projects the tree over this many events, of which it reads hash and position. */
async function foldMany(database: ReadModelDatabase): Promise<void> {
  for (let from = 0; from < EVENTS; from += BATCH) {
    const events = Array.from({ length: BATCH }, (_, index): Partial<Envelope> => {
      const number = from + index + 1;
      return { hash: hash('sha256', `${number}`), streamId: 's', version: number, position: String(number) };
    });
    await foldInParts(database, treeProjection, [events as Envelope[]]);
  }
}

/** Returns the signing of checkpoints, with a key in the folder. */
async function signingWith(
  { store, database, memory }: { store: EventStore; database: ReadModelDatabase; memory: CheckpointMemory },
  folder: string,
) {
  const origin = 'bench.docket.example';
  const key = { key: join(folder, 'key.pem'), memory: '', origin };
  const { signer } = await openSigner(key, systemClock.now(), memory);
  return { store, random: systemRandom, database, signer, memory: memory.of(origin), storeName: 'bench' };
}

/** Returns the times of some checkpoints in milliseconds. Each follows one more event. */
async function timesOf(store: EventStore, database: ReadModelDatabase, folder: string): Promise<number[]> {
  const memory = new CheckpointMemory(join(folder, 'memory.sqlite'));
  try {
    const context = await signingWith({ store, database, memory }, folder);
    const times: number[] = [];
    // The first read starts the reading thread, which takes longer than a checkpoint.
    await readTree(database, (tree) => tree.checkpoint());
    let position = EVENTS;
    const foldFrom = async (after: string): Promise<void> => {
      const events = await store.readAll({ after });
      const placed = events.map((event) => ({ ...event, position: String((position += 1)) }));
      await foldInParts(database, treeProjection, [placed]);
    };
    for (let version = 0; version < CHECKPOINTS; version += 1) {
      const before = await store.lastPosition();
      await store.append(commit([append('recommendation-1', version, draft('Text'))]));
      await foldFrom(before);
      const appended = await store.lastPosition();
      const call = { actor: { subject: 'bench', roles: [] }, now: Date.now(), correlationId: 'bench' };
      const began = performance.now();
      const { result } = await makeCheckpoint(context, call);
      times.push(performance.now() - began);
      if (result !== 'signed') throw new Error(`the log was not signed: ${result}`);
      await foldFrom(appended);
    }
    return times;
  } finally {
    memory.close();
  }
}

const ROUNDS = 8;
const ROUND_MS = 1_000;

/**
 * Measures appends with a checkpoint in each round (far more often than once a minute), compared with rounds without.
 */
async function appendRow(folder: string): Promise<Row> {
  const path = join(folder, 'appended.sqlite');
  const store = await openSqliteEventStore({ path, sealerModule: SEALER_MODULE, create: true });
  const database = openSqliteReadModels(join(folder, 'appended-read-models.sqlite'));
  const memory = new CheckpointMemory(join(folder, 'appended-memory.sqlite'));
  try {
    const context = await signingWith({ store, database, memory }, folder);
    const load = storeUnderLoad(store, path);
    const rates: { with: number[]; without: number[] } = { with: [], without: [] };
    const runner = new ProjectionRunner({ store, database, projections: [treeProjection] });
    const checkpoint = async (): Promise<void> => {
      const call = { actor: { subject: 'bench', roles: [] }, now: Date.now(), correlationId: 'bench' };
      const { result } = await makeCheckpoint(context, call);
      if (result !== 'signed') throw new Error(`the log was not signed: ${result}`);
    };
    await load.round(ROUND_MS);
    for (let round = 0; round < ROUNDS; round += 1) {
      // Both begin with an up-to-date tree, and alternate in order.
      for (const kind of round % 2 === 0 ? (['with', 'without'] as const) : (['without', 'with'] as const)) {
        await runner.catchUp();
        const beside = kind === 'with' ? checkpoint() : null;
        rates[kind].push(await load.round(ROUND_MS));
        await beside;
      }
    }
    const measure = `durable appends with a checkpoint in each ${ROUND_MS / 1_000} s, against those without`;
    return row(measure, {
      value: median(rates.with),
      floor: median(rates.without),
      target: 0.95,
      unit: 'events/s',
    });
  } finally {
    memory.close();
    await database.close();
    await store.close();
  }
}

/** Measures checkpoints of a large log with an up-to-date tree, and their cost for appends. */
export async function benchCheckpoint(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'docket-bench-'));
  const store = await openSqliteEventStore({
    path: join(folder, 'log.sqlite'),
    sealerModule: SEALER_MODULE,
    create: true,
  });
  const database = openSqliteReadModels(join(folder, 'read-models.sqlite'));
  try {
    const measure = `checkpoints over ${EVENTS.toLocaleString('en-GB')} events, the tree being folded`;
    const times = await measuring(measure, async () => {
      await foldMany(database);
      return timesOf(store, database, folder);
    });
    const made = row(measure, { value: 1_000 / median(times), floor: A_SECOND, target: 1, unit: 'a second' });
    process.stderr.write(`${formatRow(made)}, the slowest in ${Math.max(...times).toFixed(1)} ms\n`);
    return [made, await measuring('appends with checkpoints', () => appendRow(folder))];
  } finally {
    await database.close();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
