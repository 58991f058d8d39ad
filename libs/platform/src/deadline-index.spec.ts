import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { systemClock } from '#event-sourcing/clock';
import { systemRandom } from '#event-sourcing/random';
import { createSealer } from '#audit/seal';
import { StoreDamagedError } from '#event-sourcing/errors';
import type { EventStore } from '#event-sourcing/event-store';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { registerProjection } from '#read-models/register/register-projection';
import type { Projection } from '#projections/projection';
import { liveBookmark, waitForPosition } from '#projections/read-models-status';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { ProjectionRunner } from '#projections/runner';
import { openSqliteReadModels } from '#projections/sqlite/open-read-models';
import { append, commit, draft } from '#test/support/event-commits';
import { collectLog } from '#test/support/event-streams';
import { due, issuedEvent, recordMany } from '#test/support/records';
import { recordStream } from '#state-machines/inspection-recommendation/kind';
import { CheckedClock } from './checked-clock.ts';
import { runSweep, sweepStatus } from './sweep.ts';
import { SWEEPER } from '#use-cases/records/sweep-deadlines';

const PATIENCE_MS = 150;
const LONGER_MS = 500;
const AS_OF = '2016-07-15';

let store: MemoryEventStore;
let database: ReadModelDatabase;
let runner: ProjectionRunner | undefined;

beforeEach(async () => {
  store = new MemoryEventStore(createSealer());
  database = openSqliteReadModels(':memory:', [registerProjection]);
  await recordMany(store, ['a', 'b', 'c'], '2016-01-10', issuedEvent(), due('2016-06-30'));
});
afterEach(async () => {
  await runner?.stop();
  runner = undefined;
  await database.close();
  await store.close();
});

/** Starts a projector, now or later. The sweep depends on its rows. */
async function startProjector(projection: Projection = registerProjection, log: EventStore = store) {
  runner = new ProjectionRunner({
    store: log,
    database: { ...database, projections: [projection] },
    retryMs: { first: 5, max: 20 },
    unusedPollMs: 5,
  });
  await runner.start();
}

interface Sweep {
  readonly signal?: AbortSignal;
  readonly log?: EventStore;
  readonly patienceMs?: number;
  /** Whether the sweep folds the index itself. */
  readonly alone?: boolean;
}

const sweep = async ({ signal, log = store, patienceMs = PATIENCE_MS, alone = false }: Sweep = {}) =>
  runSweep(
    {
      store: log,
      database,
      patienceMs,
      clock: await CheckedClock.of(store),
      projector: alone
        ? null
        : {
            trouble: null,
            whenHandled: (position, timeoutMs) => waitForPosition(database, position, timeoutMs),
          },
    },
    { asOf: AS_OF, actor: SWEEPER, correlationId: systemRandom.uuid, ...(signal && { signal }) },
  );
const sweptEvents = async () => (await collectLog(store)).filter(({ origin }) => origin === 'sweep');
const lastRun = async () => (await sweepStatus(database, null, systemClock.now())).last;

describe('a sweep beside a projector', () => {
  test('sweeps folded events, up to the log’s end', async () => {
    await startProjector();
    expect(await sweep()).toEqual({ asOf: AS_OF, records: 3, recorded: 6 });
    expect(await lastRun()).toMatchObject({ coveredTo: AS_OF, recorded: 6, error: null });
  });

  test('folds nothing itself: without progress of the projector it fails, and due deadlines stay due', async () => {
    const before = await collectLog(store);
    await expect(sweep()).rejects.toThrow(/are at position 0 and must reach 6.*due deadlines stay due/);
    expect(await liveBookmark(database)).toBeNull();
    expect(await collectLog(store)).toEqual(before);
    expect(await lastRun()).toMatchObject({
      coveredTo: null,
      recorded: 0,
      error: expect.stringMatching(/^the read models are at position 0/) as unknown,
    });

    await startProjector();
    expect(await sweep()).toMatchObject({ recorded: 6 });
    expect(await lastRun()).toMatchObject({ coveredTo: AS_OF, error: null });
  });

  test('reports why the projector does not progress, if known', async () => {
    await startProjector({
      ...registerProjection,
      apply: () => Promise.reject(new Error('cannot fold it')),
    });
    await expect(sweep()).rejects.toThrow(/cannot fold it/);
    expect(await sweptEvents()).toEqual([]);
  });

  test('waits longer than its timeout for a projector that progresses', async () => {
    let folded = 0;
    await startProjector(
      {
        ...registerProjection,
        async apply(models, batch) {
          await new Promise((resolve) => setTimeout(resolve, LONGER_MS * 0.4));
          folded += batch.events.length;
          await registerProjection.apply(models, batch);
        },
      },
      pageByPage(store),
    );
    // There are six events, each folded within the time limit.
    expect(await sweep({ patienceMs: LONGER_MS })).toMatchObject({ recorded: 6 });
    expect(folded).toBeGreaterThanOrEqual(6);
  });

  test('sweeps deadlines before an unreadable event, and then fails because of it', async () => {
    const damaged = unreadableFrom(5);
    await startProjector(registerProjection, damaged);
    await expect(sweep({ log: damaged })).rejects.toThrow(/damaged at position 5/);
    expect(new Set((await sweptEvents()).map(({ streamId }) => streamId))).toEqual(
      new Set(['recommendation-a', 'recommendation-b']),
    );
    expect(await lastRun()).toMatchObject({ coveredTo: null, recorded: 4 });
  });

  test('that is stopped does not wait any longer, and records no coverage', async () => {
    const stopping = new AbortController();
    const sweeping = sweep({ signal: stopping.signal });
    stopping.abort();
    expect(await sweeping).toEqual({ asOf: AS_OF, records: 0, recorded: 0 });
    expect(await lastRun()).toMatchObject({ coveredTo: null, error: null });
  });
});

describe.each([
  ['beside a projector', false],
  ['that folds the index itself', true],
])('a sweep %s, with an event of an unknown lifecycle', (_, alone) => {
  const unknownOf = (id: string, version: number) =>
    store.append({
      ...commit([append(recordStream(id), version, draft())]),
      lifecycle: { name: 'inspection-recommendation', version: 1, digest: '0'.repeat(64) },
    });
  const sweptBefore = async () => {
    if (!alone) await startProjector();
    const sweeping = sweep({ alone });
    return { sweeping, records: async () => new Set((await sweptEvents()).map(({ streamId }) => streamId)) };
  };

  test('then the other records are swept, and the skipped record with deadlines is named', async () => {
    await unknownOf('b', 2);
    const { sweeping, records } = await sweptBefore();
    await expect(sweeping).rejects.toThrow(/^b could not be swept: Version 3 of recommendation-b/);
    expect(await records()).toEqual(new Set(['recommendation-a', 'recommendation-c']));
    expect(await lastRun()).toMatchObject({ coveredTo: null, recorded: 4 });
  });

  test('then earlier deadlines are swept, and the sweep fails with its name', async () => {
    await unknownOf('x', 0);
    const { sweeping, records } = await sweptBefore();
    await expect(sweeping).rejects.toThrow(/^Version 1 of recommendation-x was recorded under/);
    expect((await records()).size).toBe(3);
    expect(await lastRun()).toMatchObject({
      coveredTo: null,
      recorded: 6,
      error: expect.stringMatching(/recommendation-x/) as unknown,
    });
  });
});

/** Returns a log whose readers get one event at a time. */
const pageByPage = (log: EventStore): EventStore =>
  Object.assign(Object.create(log) as EventStore, {
    readAll: (options?: Parameters<EventStore['readAll']>[0]) => log.readAll({ ...options, limit: 1 }),
    readStream: (...args: Parameters<EventStore['readStream']>) => log.readStream(...args),
    lastPosition: () => log.lastPosition(),
    subscribe: (after: string, handler: Parameters<EventStore['subscribe']>[1]) =>
      log.subscribe(after, async (batch) => {
        for (const event of batch) await handler([event]);
      }),
  });

/** Returns a log with an unreadable event. Earlier events can be read. */
const unreadableFrom = (position: number): EventStore =>
  Object.assign(Object.create(store) as EventStore, {
    async readAll({ after = '0', limit = 1_000 }: { after?: string; limit?: number } = {}) {
      const events = await store.readAll({
        after,
        limit: Math.min(limit, position - 1 - Number(after)) || 1,
      });
      if (Number(after) >= position - 1) {
        const place = { position: String(position), streamId: null, version: null };
        throw new StoreDamagedError(place, 'its text is none');
      }
      return events;
    },
    readStream: (...args: Parameters<EventStore['readStream']>) => store.readStream(...args),
    append: (...args: Parameters<EventStore['append']>) => store.append(...args),
    findCommand: (...args: Parameters<EventStore['findCommand']>) => store.findCommand(...args),
    lastPosition: () => store.lastPosition(),
    subscribe: (after: string, handler: Parameters<EventStore['subscribe']>[1]) => {
      const ended = unreadableFrom(position).readAll({ after }).then(handler);
      return { ended, close: () => ended.catch(() => undefined) };
    },
  });
