import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { systemRandom } from '#event-sourcing/random';
import { temporaryFolder } from '#test/support/temporary-folder';
import { join } from 'node:path';
import { createSealer, SEALER_MODULE } from '#audit/seal';
import type { Envelope } from '#event-sourcing/envelope';
import { StoreUnavailableError } from '#event-sourcing/errors';
import type { EventStore } from '#event-sourcing/event-store';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { openSqliteEventStore } from '#event-store/sqlite/sqlite-event-store';
import { registerProjection } from '#read-models/register/register-projection';
import { openSqliteReadModels } from '#projections/sqlite/open-read-models';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { ProjectionRunner } from '#projections/runner';
import { recordStream } from '#state-machines/inspection-recommendation/kind';
import { disturbedStore } from '#test/support/disturbed-store';
import { append, commit, draft } from '#test/support/event-commits';
import { collectLog } from '#test/support/event-streams';
import { onHastenedClock } from '#test/support/hastened-clock';
import { due, event, extended, issuedEvent, recordMany, recordOn, thresholdOf } from '#test/support/records';
import { sweepDeadlines, thresholdRecorder } from './sweep-deadlines.ts';
import type { RecordedThreshold, SweepCall, SweepOutcome } from './sweep-deadlines.ts';
import { lifecycles } from '#state-machines/lifecycles';

const TODAY = '2026-11-24';
const NOW = Date.parse('2026-11-24T09:30:00.000Z');
const SWEEPER = { subject: 'a-sweeper', roles: ['scheduler'] };

const STORES: readonly [string, () => Promise<EventStore>][] = [
  ['memory', () => Promise.resolve(new MemoryEventStore(createSealer()))],
  [
    'SQLite',
    () =>
      openSqliteEventStore({
        path: join(temporaryFolder(), 'store.sqlite'),
        sealerModule: SEALER_MODULE,
        create: true,
      }),
  ],
];

/** The short form uses memory: test/contract checks that both stores are alike. */
const ofThisForm = process.env['DOCKET_TEST_LONG'] === undefined ? STORES.slice(0, 1) : STORES;

describe.each(ofThisForm)('a sweep of a store in %s', (_, open) => {
  let store: EventStore;
  let database: ReadModelDatabase;

  beforeEach(async () => {
    store = await open();
    database = openSqliteReadModels(':memory:', [registerProjection]);
  });
  afterEach(async () => {
    await database.close();
    await store.close();
  });

  const index = () => new ProjectionRunner({ store, database }).catchUp();

  /** Updates the index and runs a sweep. */
  async function sweep(call: Partial<SweepCall> = {}, through: EventStore = store): Promise<SweepOutcome> {
    await index();
    return sweepDeadlines(through, database, lifecycles, {
      asOf: TODAY,
      actor: SWEEPER,
      correlationId: systemRandom.uuid,
      now: () => NOW,
      ...call,
    });
  }

  const sweptEvents = async (id?: string): Promise<Envelope[]> =>
    (await collectLog(store)).filter(
      ({ origin, streamId }) => origin === 'sweep' && (id === undefined || streamId === recordStream(id)),
    );
  /** `DeadlinePassed d1/1 2016-07-01`, in stream order. */
  const thresholds = async (id = 'a'): Promise<string[]> =>
    (await sweptEvents(id)).map(
      ({ type, data, effectiveOn }) => `${type} ${thresholdOf(data)} ${effectiveOn}`,
    );

  const ALL_OF_JUNE = [
    'DeadlineApproaching d1/1 2016-06-16',
    'DeadlinePassed d1/1 2016-07-01',
    'DeadlineEscalated d1/1 2016-07-30',
  ];

  test('given a date that passed long ago, then each threshold is recorded once, however often it is swept', async () => {
    await recordOn(store, 'a', '2016-01-10', issuedEvent(), due('2016-06-30'));
    expect(await sweep()).toEqual({ asOf: TODAY, records: 1, recorded: 3 });
    expect(await thresholds()).toEqual(ALL_OF_JUNE);
    expect(await sweep()).toEqual({ asOf: TODAY, records: 0, recorded: 0 });
    expect(await thresholds()).toEqual(ALL_OF_JUNE);
  });

  test('given an event of the sweep, then it is effective from the crossing, was recorded by the sweep, and moves nothing', async () => {
    await recordOn(store, 'a', '2016-01-10', issuedEvent(), due('2016-06-30'));
    await sweep({ asOf: '2016-06-16' });
    const [, set] = await store.readStream(recordStream('a'));
    expect(await sweptEvents()).toMatchObject([
      {
        type: 'DeadlineApproaching',
        version: 3,
        effectiveOn: '2016-06-16',
        recordedAt: '2026-11-24T09:30:00.000Z',
        actor: SWEEPER,
        origin: 'sweep',
        lifecycle: lifecycles.current('inspection-recommendation').reference,
        command: {
          name: 'record-deadline',
          id: thresholdRecorder(SWEEPER).commandIds(recordStream('a'), 'd1/1/DeadlineApproaching').commandId,
        },
        state: set?.state,
        data: { deadlineId: 'd1', dateVersion: 1, kind: 'action', dueOn: '2016-06-30' },
      },
    ]);
  });

  test('given a day, then later crossings wait for a later sweep', async () => {
    await recordOn(store, 'a', '2016-01-10', issuedEvent(), due('2016-06-30'));
    expect(await sweep({ asOf: '2016-06-15' })).toMatchObject({ records: 0, recorded: 0 });
    expect(await sweep({ asOf: '2016-07-01' })).toMatchObject({ records: 1, recorded: 2 });
    expect(await sweep({ asOf: '2016-07-29' })).toMatchObject({ records: 0, recorded: 0 });
    expect(await sweep({ asOf: '2016-07-30' })).toMatchObject({ records: 1, recorded: 1 });
    expect(await thresholds()).toEqual(ALL_OF_JUNE);
  });

  test('given a closed record, then only earlier crossings are recorded', async () => {
    await recordOn(store, 'a', '2016-01-10', issuedEvent(), due('2016-06-30'));
    await recordOn(store, 'a', '2016-06-10', event('RecommendationCompleted'));
    await recordOn(store, 'b', '2016-01-10', issuedEvent(), due('2016-06-30'));
    await recordOn(store, 'b', '2016-07-10', event('NoFurtherActionDecided'));
    expect(await sweep()).toMatchObject({ records: 1, recorded: 2 });
    expect(await thresholds('a')).toEqual([]);
    expect(await thresholds('b')).toEqual(ALL_OF_JUNE.slice(0, 2));
  });

  test('given several deadlines, then each is recorded in the order of its days', async () => {
    await recordOn(
      store,
      'a',
      '2017-01-10',
      issuedEvent(),
      due('2017-03-31'),
      due('2017-04-10', { deadlineId: 'd2' }),
    );
    await recordOn(store, 'a', '2017-04-20', extended('2017-12-31'));
    await sweep();
    expect(await thresholds()).toEqual([
      'DeadlineApproaching d1/1 2017-03-17',
      'DeadlineApproaching d2/1 2017-03-27',
      'DeadlinePassed d1/1 2017-04-01',
      'DeadlinePassed d2/1 2017-04-11',
      'DeadlineEscalated d2/1 2017-05-10',
      'DeadlineApproaching d1/2 2017-12-17',
      'DeadlinePassed d1/2 2018-01-01',
      'DeadlineEscalated d1/2 2018-01-30',
    ]);
  });

  test('given a writer that is faster each time, then its events stay, and each threshold is recorded once', async () => {
    await recordOn(store, 'a', '2016-01-10', issuedEvent(), due('2016-06-30'));
    let comments = 0;
    const raced = disturbedStore(store, {
      async before() {
        if (comments === 5) return;
        comments += 1;
        await recordOn(
          store,
          'a',
          TODAY,
          event('CommentAdded', undefined, { text: 'x', visibility: 'public' }),
        );
      },
    });
    expect(await sweep({}, raced)).toMatchObject({ recorded: 3 });
    expect(await thresholds()).toEqual(ALL_OF_JUNE);
    expect(await store.readStream(recordStream('a'))).toHaveLength(2 + 5 + 3);
  });

  test('given another sweep that records the same first, then nothing is recorded twice', async () => {
    await recordMany(store, ['a', 'b', 'c'], '2016-01-10', issuedEvent(), due('2016-06-30'));
    let other: Promise<SweepOutcome> | undefined;
    const raced = disturbedStore(store, {
      async before() {
        other ??= sweep();
        await other;
      },
    });
    expect(await sweep({}, raced)).toMatchObject({ records: 3, recorded: 0 });
    expect(await other).toMatchObject({ records: 3, recorded: 9 });
    expect(await sweptEvents()).toHaveLength(9);
  });

  test('given a closing that is faster than the sweep, then the settled deadlines are not recorded', async () => {
    await recordOn(store, 'a', '2016-01-10', issuedEvent(), due('2016-06-30'));
    let closed = false;
    const raced = disturbedStore(store, {
      async before() {
        if (closed) return;
        closed = true;
        await recordOn(store, 'a', '2016-06-20', event('RecommendationCompleted'));
      },
    });
    expect(await sweep({}, raced)).toMatchObject({ recorded: 1 });
    expect(await thresholds()).toEqual(ALL_OF_JUNE.slice(0, 1));
  });

  test('given an end between two thresholds, then the next sweep records the others', async () => {
    await recordOn(store, 'a', '2016-01-10', issuedEvent(), due('2016-06-30'));
    let appends = 0;
    const ended = disturbedStore(store, {
      before() {
        appends += 1;
        if (appends === 2) throw new StoreUnavailableError('gone');
      },
    });
    await expect(sweep({}, ended)).rejects.toThrow('gone');
    expect(await thresholds()).toEqual(ALL_OF_JUNE.slice(0, 1));
    expect(await sweep()).toMatchObject({ recorded: 2 });
    expect(await thresholds()).toEqual(ALL_OF_JUNE);
  });

  test('given a lost result of an append, then its events exist, and are not recorded again', async () => {
    await recordOn(store, 'a', '2016-01-10', issuedEvent(), due('2016-06-30'));
    const lost = disturbedStore(store, {
      after() {
        throw new StoreUnavailableError('no answer');
      },
    });
    await expect(sweep({}, lost)).rejects.toThrow('no answer');
    expect(await thresholds()).toEqual(ALL_OF_JUNE.slice(0, 1));
    await sweep();
    expect(await thresholds()).toEqual(ALL_OF_JUNE);
  });

  test("given an index that is behind, then the record's stream is authoritative", async () => {
    await recordOn(store, 'a', '2016-01-10', issuedEvent(), due('2016-06-30'));
    await recordOn(store, 'b', '2016-01-10', issuedEvent(), due('2016-06-30'));
    await index();
    const stale: SweepCall = {
      asOf: TODAY,
      actor: SWEEPER,
      correlationId: systemRandom.uuid,
      now: () => NOW,
    };
    await sweepDeadlines(store, database, lifecycles, stale);
    await recordOn(store, 'b', TODAY, extended('2027-06-30'));
    expect(await sweepDeadlines(store, database, lifecycles, stale)).toEqual({
      asOf: TODAY,
      records: 2,
      recorded: 0,
    });
    expect(await sweptEvents()).toHaveLength(6);
  });

  test('given more records than a page has, then all are swept, and its progress is reported', async () => {
    const ids = Array.from({ length: 620 }, (__, number) => `r-${number}`);
    await recordMany(store, ids, '2016-01-10', issuedEvent(), due('2016-06-30'));
    await recordMany(store, ['not-due'], '2016-01-10', issuedEvent(), due('2027-06-30'));
    const progress: number[] = [];
    const recorded: RecordedThreshold[] = [];
    const outcome = await sweep({
      asOf: '2016-07-15',
      onProgress: (records) => progress.push(records),
      onRecorded: (threshold) => recorded.push(threshold),
    });
    expect(outcome).toEqual({ asOf: '2016-07-15', records: 620, recorded: 1_240 });
    expect(progress).toEqual(Array.from({ length: 620 }, (__, number) => number + 1));
    const stored = await sweptEvents();
    expect(stored).toHaveLength(1_240);
    expect(new Set(stored.map(({ streamId }) => streamId))).toEqual(new Set(ids.map(recordStream)));
    expect(new Set(stored.map(({ command }) => command.id)).size).toBe(1_240);
    const byPosition = new Map(stored.map((each) => [each.position, each]));
    for (const { id, type, deadlineId, dueOn, effectiveOn, version, position } of recorded) {
      expect(byPosition.get(position)).toMatchObject({
        streamId: recordStream(id),
        type,
        data: { deadlineId, dueOn },
        effectiveOn,
        version,
      });
    }
    expect(recorded).toHaveLength(1_240);
  }, 60_000);

  test('given pages, then the day that comes first is swept first', async () => {
    const number = (from: number) => Array.from({ length: 520 }, (__, at) => `r-${from + at}`);
    await recordMany(store, number(0), '2016-01-10', issuedEvent(), due('2016-07-30'));
    await recordMany(store, number(520), '2016-01-10', issuedEvent(), due('2016-06-30'));
    const days: string[] = [];
    await sweep({
      asOf: '2016-07-20',
      onRecorded: ({ type, effectiveOn }) => type === 'DeadlineApproaching' && days.push(effectiveOn),
    });
    expect(days.slice(0, 500)).toEqual(Array.from({ length: 500 }, () => '2016-06-16'));
    expect(days.slice(-500)).toEqual(Array.from({ length: 500 }, () => '2016-07-16'));
  });

  test('given a signal, then it ends after the records that it is at, and the next sweep does the rest', async () => {
    const ids = Array.from({ length: 520 }, (__, number) => `r-${number}`);
    await recordMany(store, ids, '2016-01-10', issuedEvent(), due('2016-06-30'));
    const stopping = new AbortController();
    const outcome = await sweep({
      signal: stopping.signal,
      onRecorded: () => {
        stopping.abort();
      },
    });
    expect(outcome.records).toBeGreaterThan(0);
    expect(outcome.records).toBeLessThan(500);
    // The sweep never stops within a record.
    expect(outcome.recorded).toBe(3 * outcome.records);
    expect(await sweep({ signal: stopping.signal })).toMatchObject({ records: 0, recorded: 0 });
    expect(await sweep()).toMatchObject({ records: 520 - outcome.records });
    expect(await sweptEvents()).toHaveLength(1_560);
  });

  test('given a record that others write to all the time, then it is named, and all others are swept', async () => {
    await recordMany(store, ['a', 'b', 'c'], '2016-01-10', issuedEvent(), due('2016-06-30'));
    const raced = disturbedStore(store, {
      async before({ appends: [first] }) {
        if (first?.streamId !== recordStream('b')) return;
        await recordOn(
          store,
          'b',
          TODAY,
          event('CommentAdded', undefined, { text: 'x', visibility: 'public' }),
        );
      },
    });
    await expect(onHastenedClock(() => sweep({}, raced))).rejects.toMatchObject({
      code: 'sweep-incomplete',
      message: expect.stringMatching(/^b could not be swept: recommendation-b is at version \d+, not \d+$/),
    });
    expect(await thresholds('a')).toEqual(ALL_OF_JUNE);
    expect(await thresholds('b')).toEqual([]);
    expect(await thresholds('c')).toEqual(ALL_OF_JUNE);
  });

  test('given records whose history cannot be folded, then one is named and they are counted, and all others are swept', async () => {
    const bad = ['x', 'y'];
    await recordMany(store, [...bad, 'good'], '2016-01-10', issuedEvent(), due('2016-06-30'));
    for (const id of bad) {
      const unheardOf = draft('?', { type: 'NeverHeardOf', data: {}, sensitive: [] });
      await store.append(commit([append(recordStream(id), 2, unheardOf)]));
    }
    await expect(sweep()).rejects.toThrow(/^[xy] and 1 more could not be swept: .*NeverHeardOf/);
    expect(await thresholds('good')).toEqual(ALL_OF_JUNE);
  });

  test('given an unavailable store, then the sweep ends without trying the other records', async () => {
    const ids = Array.from({ length: 520 }, (__, number) => `r-${number}`);
    await recordMany(store, ids, '2016-01-10', issuedEvent(), due('2016-06-30'));
    let appends = 0;
    const away = disturbedStore(store, {
      before() {
        appends += 1;
        throw new StoreUnavailableError('away');
      },
    });
    await expect(sweep({}, away)).rejects.toThrow('away');
    expect(appends).toBeLessThanOrEqual(64);
    expect(await sweptEvents()).toEqual([]);
  });

  test('given read models that were never made, then it reports that', async () => {
    const call: SweepCall = { asOf: TODAY, actor: SWEEPER, correlationId: systemRandom.uuid, now: () => NOW };
    await expect(sweepDeadlines(store, database, lifecycles, call)).rejects.toMatchObject({
      code: 'read-model-missing',
    });
  });
});
