import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { systemRandom } from '#event-sourcing/random';
import { SEALER_MODULE } from '#audit/seal';
import type { EventStore } from '#event-sourcing/event-store';
import { openSqliteEventStore } from '#event-store/sqlite/sqlite-event-store';
import { addDays } from '#lifecycle/plain-date';
import { CheckedClock } from '#platform/checked-clock';
import { runSweep } from '#platform/sweep';
import { SWEEPER } from '#use-cases/records/sweep-deadlines';
import { registerProjection } from '#read-models/register/register-projection';
import { openSqliteReadModels } from '#projections/sqlite/open-read-models';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { ProjectionRunner } from '#projections/runner';
import { due, issuedEvent, recordMany } from '../support/records.ts';
import { atMost, median } from './row.ts';
import type { Row } from './row.ts';

const DUE = 100;
const ROUNDS = 7;
const RECORDS = { few: 1_000, many: 100_000 } as const;
const RATIO_MAX = 2;

const FIRST_DUE_ON = '2010-01-31';
const NEVER = '2099-12-31';
/**
 * Returns the due date of a round. Dates are so far apart that one sweep records all three thresholds of its own round
 * only.
 */
const roundDueOn = (round: number): string => addDays(FIRST_DUE_ON, 100 * round);

interface Swept {
  readonly store: EventStore;
  readonly database: ReadModelDatabase;
}

/**
 * Creates a store with this many records, of which some are due in each round and all others never, with an up-to-date
 * index.
 */
async function prepare(folder: string, records: number): Promise<Swept> {
  const path = join(folder, `${records}.sqlite`);
  const store = await openSqliteEventStore({ path, sealerModule: SEALER_MODULE, create: true });
  for (let round = 0; round < ROUNDS; round++) {
    const ids = Array.from({ length: DUE }, (_, index) => `due-${round}-${index}`);
    await recordMany(store, ids, '2010-01-10', issuedEvent(), due(roundDueOn(round)));
  }
  const others = Array.from({ length: records - ROUNDS * DUE }, (_, index) => `other-${index}`);
  await recordMany(store, others, '2010-01-10', issuedEvent(), due(NEVER));
  const database = openSqliteReadModels(join(folder, `${records}.read-models.sqlite`), [registerProjection]);
  await new ProjectionRunner({ store, database }).catchUp();
  return { store, database };
}

async function sweepMilliseconds(swept: Swept, round: number): Promise<number> {
  const clock = await CheckedClock.of(swept.store);
  const started = performance.now();
  const { recorded } = await runSweep(
    { ...swept, projector: null, clock },
    { asOf: addDays(roundDueOn(round), 31), actor: SWEEPER, correlationId: systemRandom.uuid },
  );
  const elapsedMs = performance.now() - started;
  if (recorded !== 3 * DUE) throw new Error(`the sweep recorded ${recorded} events and not ${3 * DUE}`);
  return elapsedMs;
}

/**
 * Measures a sweep of equally many due records among many and among few records. Its cost depends only on the due ones.
 */
export async function benchSweep(): Promise<Row[]> {
  const folder = mkdtempSync(join(process.cwd(), '.bench-sweep-'));
  const stores: Swept[] = [];
  try {
    for (const records of [RECORDS.few, RECORDS.many]) stores.push(await prepare(folder, records));
    const [few, many] = stores as [Swept, Swept];
    const times: { few: number[]; many: number[] } = { few: [], many: [] };
    for (let round = 0; round < ROUNDS; round++) {
      times.few.push(await sweepMilliseconds(few, round));
      times.many.push(await sweepMilliseconds(many, round));
    }
    const measure = `sweeping ${DUE} due records among ${RECORDS.many}, against among ${RECORDS.few}`;
    const measured = { value: median(times.many), floor: median(times.few), target: RATIO_MAX, unit: 'ms' };
    return [atMost(measure, measured)];
  } finally {
    for (const { store, database } of stores) {
      await database.close();
      await store.close();
    }
    rmSync(folder, { recursive: true });
  }
}
