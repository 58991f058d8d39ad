import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { applyBatch } from '#projections/apply-batch';
import { createFirstGeneration, indexLive } from '#projections/generations';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { openSqliteReadModels } from '#projections/sqlite/open-read-models';
import { registerProjection } from '#read-models/register/register-projection';
import { queryRegister } from '#read-models/register/register-query';
import type { RegisterQuery } from '#read-models/register/register-query';
import { RecordLog } from '../support/record-log.ts';
import { formatRow, measuring, median, row } from './row.ts';
import type { Row } from './row.ts';

const RECORDS = 100_000;
const RECORDS_PER_BATCH = 400;
const ROUNDS = 9;
/** The required number of first pages a second, in 100 ms each. */
const PAGES_PER_SECOND = 10;

/** Yields words with a distribution as in a language: a few are in every text, and most in hardly any. */
function* wordsFrom(seed: number): Generator<string, never> {
  for (let state = seed; ;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const rank = Math.floor(20_000 * (state / 2 ** 32) ** 4);
    yield `w${rank.toString(36)}${'aeiou'[rank % 5]}`;
  }
}

/** Creates records that all have `force`, `custody` and `review` in their text. Each has a comment with other words. */
async function fill(database: ReadModelDatabase): Promise<number> {
  await createFirstGeneration(database, registerProjection);
  await indexLive(database, registerProjection);
  const words = wordsFrom(1);
  const some = (count: number) => Array.from({ length: count }, () => words.next().value).join(' ');
  let [position, folded, events] = ['0', 0, 0];
  for (let first = 0; first < RECORDS; first += RECORDS_PER_BATCH) {
    const log = new RecordLog(BigInt(position) + 1n);
    for (let index = first; index < first + RECORDS_PER_BATCH; index += 1) {
      const id = `r${index}`;
      const day = `2026-0${1 + (index % 9)}-${10 + ((index * 7) % 19)}`;
      const text = `The force should ${some(12)} custody ${some(12)} review ${some(6)}`;
      log.issue(
        id,
        { title: `Title ${some(4)}`, text, recipient: `body-${index % 43}` },
        { effectiveOn: day },
      );
      log.comment(id, some(20));
      if (index % 5 === 0) log.comment(id, some(20), 'internal');
    }
    const began = performance.now();
    await applyBatch(database, registerProjection, 'live', position, log.events);
    folded += performance.now() - began;
    events += log.events.length;
    position = await log.lastPosition();
  }
  return (events / folded) * 1_000;
}

async function pagesPerSecond(database: ReadModelDatabase, query: Partial<RegisterQuery>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const began = performance.now();
    const { items, totalAtLeast } = await queryRegister(database, {
      today: '2026-11-24',
      internal: 'all',
      ...query,
    });
    times.push(performance.now() - began);
    if (items.length !== 50 || totalAtLeast === undefined)
      throw new Error('The search has not found all records');
  }
  return 1_000 / median(times);
}

/** Measures first pages of hits in every record, by relevance and by date. */
export async function benchSearch(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'docket-bench-search-'));
  const database = openSqliteReadModels(join(folder, 'read-models.sqlite'));
  try {
    const folded = await fill(database);
    process.stderr.write(`  ${folded.toFixed(0)} events a second were folded into the register\n`);
    const rows: Row[] = [];
    for (const sort of ['relevance', '-updatedOn'] as const) {
      const measure = `search where all of ${RECORDS} records match, by ${sort === 'relevance' ? 'relevance' : 'date'}`;
      const value = await measuring(measure, () =>
        pagesPerSecond(database, { q: 'force custody review', sort }),
      );
      const result = row(measure, { value, floor: PAGES_PER_SECOND, target: 1, unit: 'pages/s' });
      process.stderr.write(`  ${formatRow(result)}\n`);
      rows.push(result);
    }
    return rows;
  } finally {
    await database.close();
    rmSync(folder, { recursive: true });
  }
}
