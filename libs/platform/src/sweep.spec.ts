import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { thisMachine } from './steady-clock.ts';
import { systemClock } from '#event-sourcing/clock';
import { systemRandom } from '#event-sourcing/random';
import { createSealer } from '#audit/seal';
import { StoreUnavailableError } from '#event-sourcing/errors';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { addDays } from '#lifecycle/plain-date';
import { londonDate } from '#state-machines/london';
import { openSqliteReadModels } from '#projections/sqlite/open-read-models';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { registerProjection } from '#read-models/register/register-projection';
import type { SweepOutcome } from '#use-cases/records/sweep-deadlines';
import { SWEEPER } from '#use-cases/records/sweep-deadlines';
import { disturbedStore } from '#test/support/disturbed-store';
import { collectLog, untilTrue } from '#test/support/event-streams';
import { due, issuedEvent, recordMany } from '#test/support/records';
import { CheckedClock } from './checked-clock.ts';
import { runSweep, SweepSchedule, sweepStatus } from './sweep.ts';

const IDS = ['a', 'b', 'c'];
/** A schedule whose next run is years away. */
const NEVER_NOW = '0 0 0 29 2 *';

let store: MemoryEventStore;
let database: ReadModelDatabase;
let clock: CheckedClock;

beforeEach(async () => {
  store = new MemoryEventStore(createSealer());
  clock = await CheckedClock.of(store);
  database = openSqliteReadModels(':memory:', [registerProjection]);
  await recordMany(store, IDS, '2016-01-10', issuedEvent(), due('2016-06-30'));
});
afterEach(async () => {
  await database.close();
  await store.close();
});

const sweptEvents = async () => (await collectLog(store)).filter(({ origin }) => origin === 'sweep');
const away = () =>
  disturbedStore(store, {
    before() {
      throw new StoreUnavailableError('the store is away');
    },
  });
const status = () => sweepStatus(database, null, Date.parse('2016-07-20T12:00:00.000Z'));

describe('a run', () => {
  test('brings the index to the end of the log, sweeps, and records its coverage', async () => {
    const before = new Date().toISOString();
    expect(
      await runSweep(
        { store, database, projector: null, clock },
        { asOf: '2016-07-15', actor: SWEEPER, correlationId: systemRandom.uuid },
      ),
    ).toEqual({
      asOf: '2016-07-15',
      records: 3,
      recorded: 6,
    });
    const { last, lagDays } = await status();
    expect(last).toMatchObject({ coveredTo: '2016-07-15', recorded: 6, error: null });
    expect(lagDays).toBe(5);
    expect((last?.startedAt ?? '') >= before && (last?.finishedAt ?? '') >= (last?.startedAt ?? '')).toBe(
      true,
    );
    expect((await sweptEvents())[0]?.actor).toEqual(SWEEPER);
  });

  test('of an earlier day reverts nothing', async () => {
    await runSweep(
      { store, database, projector: null, clock },
      { asOf: '2016-07-15', actor: SWEEPER, correlationId: systemRandom.uuid },
    );
    await runSweep(
      { store, database, projector: null, clock },
      { asOf: '2016-07-01', actor: SWEEPER, correlationId: systemRandom.uuid },
    );
    expect((await status()).last).toMatchObject({ coveredTo: '2016-07-15', recorded: 0 });
  });

  test('that fails reports why, and how many events it recorded before', async () => {
    await runSweep(
      { store, database, projector: null, clock },
      { asOf: '2016-06-16', actor: SWEEPER, correlationId: systemRandom.uuid },
    );
    let appends = 0;
    const broken = disturbedStore(store, {
      before() {
        appends += 1;
        if (appends > 2) throw new StoreUnavailableError('the store is away');
      },
    });
    await expect(
      runSweep(
        { store: broken, database, projector: null, clock },
        { asOf: '2016-08-01', actor: SWEEPER, correlationId: systemRandom.uuid },
      ),
    ).rejects.toThrow('away');
    expect((await status()).last).toMatchObject({
      coveredTo: '2016-06-16',
      recorded: 2,
      error: 'the store is away',
    });
    await runSweep(
      { store, database, projector: null, clock },
      { asOf: '2016-08-01', actor: SWEEPER, correlationId: systemRandom.uuid },
    );
    const later = Date.parse('2016-08-01T12:00:00.000Z');
    expect((await sweepStatus(database, null, later)).last).toMatchObject({
      coveredTo: '2016-08-01',
      recorded: 4,
      error: null,
    });
    // A future day was swept while the clock was wrong.
    expect(await status()).toMatchObject({ last: { coveredTo: '2016-07-20' }, lagDays: 0 });
  });

  test('that was ended early covers no further day', async () => {
    const stopped = AbortSignal.abort();
    await runSweep(
      { store, database, projector: null, clock },
      { asOf: '2016-07-15', actor: SWEEPER, correlationId: systemRandom.uuid, signal: stopped },
    );
    expect(await status()).toMatchObject({
      last: { coveredTo: null, recorded: 0, error: null },
      lagDays: null,
    });
  });
});

describe('the status', () => {
  test('before the first run is empty', async () => {
    expect(await sweepStatus(database, null, systemClock.now())).toEqual({
      last: null,
      nextRun: null,
      lagDays: null,
    });
  });

  test('counts the days in London, and no days ahead', async () => {
    await runSweep(
      { store, database, projector: null, clock },
      { asOf: '2016-07-15', actor: SWEEPER, correlationId: systemRandom.uuid },
    );
    // 00:30 in London, in summer.
    expect(await sweepStatus(database, null, Date.parse('2016-07-15T23:30:00.000Z'))).toMatchObject({
      lagDays: 1,
    });
    expect(await sweepStatus(database, null, Date.parse('2016-07-15T22:30:00.000Z'))).toMatchObject({
      lagDays: 0,
    });
    expect(await sweepStatus(database, null, Date.parse('2016-07-10T12:00:00.000Z'))).toMatchObject({
      lagDays: 0,
    });
  });
});

describe('a schedule', () => {
  const outcomes: SweepOutcome[] = [];
  const errors: unknown[] = [];
  const startSchedule = (schedule: string, through = store as Parameters<typeof runSweep>[0]['store']) =>
    new SweepSchedule({
      machine: thisMachine,
      store: through,
      database,
      projector: null,
      clock,
      schedule,
      actor: SWEEPER,
      onSwept: (outcome) => outcomes.push(outcome),
      onError: (error) => errors.push(error),
    });
  beforeEach(() => {
    outcomes.length = 0;
    errors.length = 0;
  });

  test('does nothing before its start', async () => {
    const sweeps = startSchedule('* * * * * *');
    await sweeps.stop();
    sweeps.start();
    await sweeps.stop();
    expect(outcomes).toEqual([]);
    expect(await sweptEvents()).toEqual([]);
  });

  test('catches up at its start, up to today', async () => {
    const sweeps = startSchedule(NEVER_NOW);
    sweeps.start();
    await untilTrue(() => outcomes.length > 0);
    await sweeps.stop();
    expect(outcomes).toEqual([{ asOf: londonDate(Date.now()), records: 3, recorded: 9 }]);
    expect((await sweepStatus(database, null, systemClock.now())).lagDays).toBe(0);
  });

  test('sweeps again at each scheduled time, and reports the next time', async () => {
    const sweeps = startSchedule('* * * * * *');
    sweeps.start();
    const next = Date.parse(sweeps.nextRun ?? '');
    expect(next).toBeGreaterThan(Date.now() - 1_000);
    await untilTrue(() => outcomes.length > 0);
    await recordMany(
      store,
      ['later'],
      addDays(londonDate(Date.now()), -100),
      issuedEvent(),
      due('2016-06-30'),
    );
    await untilTrue(() => outcomes.some(({ recorded }) => recorded === 1));
    await sweeps.stop();
    const { length } = outcomes;
    expect(sweeps.nextRun).toBeNull();
    expect(outcomes).toHaveLength(length);
  });

  test('reports why a run failed, and tries again at the next time', async () => {
    const sweeps = startSchedule('* * * * * *', away());
    sweeps.start();
    await untilTrue(() => errors.length > 1);
    await sweeps.stop();
    expect(errors[0]).toMatchObject({ message: 'the store is away' });
    expect(outcomes).toEqual([]);
  });

  test('when stopped in the middle, ends after the current records', async () => {
    await recordMany(
      store,
      Array.from({ length: 600 }, (_, index) => `r-${index}`),
      '2016-01-10',
      issuedEvent(),
      due('2016-06-30'),
    );
    const begun = Promise.withResolvers<undefined>();
    const sweeps = startSchedule(
      NEVER_NOW,
      disturbedStore(store, {
        before: () => {
          begun.resolve(undefined);
        },
      }),
    );
    sweeps.start();
    await begun.promise;
    await sweeps.stop();
    expect(outcomes).toHaveLength(1);
    expect(outcomes[0]?.records).toBeLessThan(603);
    expect(await sweptEvents()).toHaveLength(3 * (outcomes[0]?.records ?? 0));
    expect((await sweepStatus(database, null, systemClock.now())).last?.coveredTo).toBeNull();
  });

  test('follows London time, in summer and in winter', () => {
    const sweeps = startSchedule('0 3 1 7 *');
    expect(sweeps.nextRun).toMatch(/-07-01T02:00:00\.000Z$/);
    expect(startSchedule('0 3 1 1 *').nextRun).toMatch(/-01-01T03:00:00\.000Z$/);
  });
});
