import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  binaryEvent,
  eventTypeFilter,
  jsonEvent,
  KurrentDBClient,
  STREAM_STATE,
  streamNameFilter,
} from '@kurrent/kurrentdb-client';
import type { AppendStreamState, ConsistencyCheck, RecordedEvent } from '@kurrent/kurrentdb-client';
import {
  countedEvent,
  countedUpTo,
  eventsOf,
  Followed,
  numbersOf,
  positionOf,
} from '../support/kurrentdb/client-calls.ts';
import { needKurrentdb } from '../support/journey-store.ts';
import { kurrentdbUrl } from '../support/kurrentdb-stores.ts';

/**
 * The official client. The tests check that the double behaves like KurrentDB; with `KURRENTDB_URL` they run on a real
 * server.
 */
let client: KurrentDBClient;

beforeAll(async () => {
  client = KurrentDBClient.connectionString(await kurrentdbUrl());
});

afterAll(async () => {
  await client.dispose();
});

/** Returns a name that is unique on the shared server, and usable as a prefix. */
const freshName = () => `protocol-${randomUUID()}`;
const revisionsOf = (events: readonly RecordedEvent[]) => events.map(({ revision }) => Number(revision));
const check = (streamName: string, expectedState: AppendStreamState): ConsistencyCheck => ({
  type: STREAM_STATE,
  streamName,
  expectedState,
});

describe('an append', () => {
  test('says at which revision and position its last event is', async () => {
    const stream = freshName();
    const first = await client.appendToStream(stream, countedUpTo(2), { streamState: 'no_stream' });
    const second = await client.appendToStream(stream, countedEvent(3), { streamState: 1n });
    expect([first.nextExpectedRevision, second.nextExpectedRevision]).toEqual([1n, 2n]);
    const events = await eventsOf(client.readStream(stream));
    expect(numbersOf(events)).toEqual([1, 2, 3]);
    expect(positionOf(second)).toEqual(positionOf(events[2]!));
    expect(positionOf(second).commit).toBeGreaterThan(positionOf(first).commit);
  });

  test.each([
    ['a revision before the last', 0n, 1n],
    ['a revision behind the last', 5n, 1n],
    ['no stream', 'no_stream', 1n],
  ] as const)('that expects %s is refused with the actual version', async (_, streamState, actualState) => {
    const stream = freshName();
    await client.appendToStream(stream, countedUpTo(2));
    await expect(client.appendToStream(stream, countedEvent(3), { streamState })).rejects.toMatchObject({
      type: 'wrong-expected-version',
      expectedState: streamState,
      actualState,
    });
    expect(numbersOf(await eventsOf(client.readStream(stream)))).toEqual([1, 2]);
  });

  test.each(['any', 'no_stream'] as const)(
    'sent again, expecting %s, stores nothing twice',
    async (streamState) => {
      const stream = freshName();
      const events = countedUpTo(3);
      const first = await client.appendToStream(stream, events, { streamState });
      await client.appendToStream(stream, countedEvent(4));
      const again = await client.appendToStream(stream, events, { streamState });
      expect(again.nextExpectedRevision).toBe(2n);
      expect(positionOf(again)).toEqual(positionOf(first));
      expect(numbersOf(await eventsOf(client.readStream(stream)))).toEqual([1, 2, 3, 4]);
    },
  );

  test('with only its beginning stored is neither new nor a repetition', async () => {
    const stream = freshName();
    const events = countedUpTo(2);
    await client.appendToStream(stream, events);
    const append = client.appendToStream(stream, [...events, countedEvent(3)], { streamState: 'any' });
    await expect(append).rejects.toMatchObject({ type: 'wrong-expected-version' });
  });

  test('in many messages is one append', async () => {
    const stream = freshName();
    const streamState = 'no_stream';
    await client.appendToStream(stream, countedUpTo(200), { streamState, batchAppendSize: 1000 });
    const events = await eventsOf(client.readStream(stream));
    expect(numbersOf(events)).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
  });

  test('with metadata, or of bytes, comes back as it was', async () => {
    const stream = freshName();
    const named = jsonEvent({ type: 'Named', data: { a: 'Ä €' }, metadata: { by: 'someone' } });
    const bytes = binaryEvent({ type: 'Bytes', data: Uint8Array.of(0, 255), metadata: Uint8Array.of(1, 2) });
    await client.appendToStream(stream, [named, bytes]);
    const { contentType: _, ...asJson } = named;
    const [first, second] = await eventsOf(client.readStream(stream));
    expect(first).toMatchObject({ ...asJson, isJson: true, streamId: stream });
    expect(second).toMatchObject({ id: bytes.id, type: 'Bytes', isJson: false });
    expect([...(second!.data as Uint8Array)]).toEqual([0, 255]);
    expect([...(second!.metadata as Uint8Array)]).toEqual([1, 2]);
  });
});

describe('an append to several streams', () => {
  beforeEach(() => {
    needKurrentdb('25.1');
  });

  test('is stored as a whole', async () => {
    const [one, other] = [freshName(), freshName()];
    const result = await client.multiStreamAppend([
      { streamName: one, expectedState: 'no_stream', events: countedUpTo(2) },
      { streamName: other, expectedState: 'no_stream', events: [countedEvent(3)] },
    ]);
    expect(result.responses).toEqual([
      { streamName: one, revision: 1n },
      { streamName: other, revision: 0n },
    ]);
    const [last] = await eventsOf(client.readStream(other));
    expect(result.position).toBe(positionOf(last!).commit);
  });

  test('is refused as a whole where one stream is not as expected', async () => {
    const [one, other] = [freshName(), freshName()];
    await client.appendToStream(other, countedEvent(1));
    const append = client.multiStreamAppend([
      { streamName: one, expectedState: 'no_stream', events: [countedEvent(1)] },
      { streamName: other, expectedState: 'no_stream', events: [countedEvent(2)] },
    ]);
    await expect(append).rejects.toMatchObject({
      type: 'wrong-expected-version',
      streamName: other,
      expectedState: 'no_stream',
      actualState: 0n,
    });
    await expect(eventsOf(client.readStream(one))).rejects.toMatchObject({ type: 'stream-not-found' });
  });

  test('is refused where one stream is tombstoned', async () => {
    const stream = freshName();
    await client.appendToStream(stream, countedEvent(1));
    await client.tombstoneStream(stream);
    const append = client.multiStreamAppend([
      { streamName: stream, expectedState: 'any', events: [countedEvent(2)] },
    ]);
    await expect(append).rejects.toMatchObject({ type: 'stream-tombstoned', stream });
  });

  test('names each stream once', async () => {
    const stream = freshName();
    const request = () => ({ streamName: stream, expectedState: 'any' as const, events: [countedEvent(1)] });
    await expect(client.multiStreamAppend([request(), request()])).rejects.toMatchObject({ code: 10 });
  });

  test("adds the name and format of its schema to the event's own metadata", async () => {
    const stream = freshName();
    const event = jsonEvent({ type: 'Counted', data: { n: 1 }, metadata: { by: 'someone' } });
    await client.multiStreamAppend([{ streamName: stream, expectedState: 'any', events: [event] }]);
    const [read] = await eventsOf(client.readStream(stream));
    expect(read!.metadata).toEqual({ by: 'someone', '$schema.name': 'Counted', '$schema.format': 'Json' });
  });

  test('sent again is stored once', async () => {
    const [one, other] = [freshName(), freshName()];
    const requests = [one, other].map((streamName) => ({
      streamName,
      expectedState: 'no_stream' as const,
      events: [countedEvent(1)],
    }));
    const first = await client.multiStreamAppend(requests);
    expect(await client.multiStreamAppend(requests)).toEqual(first);
    expect(numbersOf(await eventsOf(client.readStream(one)))).toEqual([1]);
  });
});

describe('records with checks', () => {
  beforeEach(() => {
    needKurrentdb('26.1');
  });

  test('are stored in their order, if all checks pass', async () => {
    const [one, other, checked] = [freshName(), freshName(), freshName()];
    await client.appendToStream(checked, countedEvent(1));
    const result = await client.appendRecords(
      [one, other, one].map((streamName, index) => ({ streamName, record: countedEvent(index) })),
      [check(checked, 0n), check(one, 'no_stream')],
    );
    expect(result.responses).toEqual([
      { streamName: one, revision: 1n },
      { streamName: other, revision: 0n },
    ]);
    const events = [
      ...(await eventsOf(client.readStream(one))),
      ...(await eventsOf(client.readStream(other))),
    ];
    events.sort((a, b) => Number(positionOf(a).commit - positionOf(b).commit));
    expect(numbersOf(events)).toEqual([0, 1, 2]);
    expect(result.position).toBe(positionOf(events[2]!).commit);
  });

  test('are refused with every check that fails', async () => {
    const [target, there, missing] = [freshName(), freshName(), freshName()];
    await client.appendToStream(there, countedUpTo(3));
    const append = client.appendRecords(
      [{ streamName: target, record: countedEvent(1) }],
      [check(there, 2n), check(missing, 'stream_exists'), check(target, 7n)],
    );
    await expect(append).rejects.toMatchObject({
      type: 'append-consistency-violation',
      violations: [
        { checkIndex: 1, streamName: missing, expectedState: 'stream_exists', actualState: 'no_stream' },
        { checkIndex: 2, streamName: target, expectedState: 7n, actualState: 'no_stream' },
      ],
    });
    await expect(eventsOf(client.readStream(target))).rejects.toMatchObject({ type: 'stream-not-found' });
  });

  test('are refused where a check has no condition', async () => {
    const [target, checked] = [freshName(), freshName()];
    const append = client.appendRecords(
      [{ streamName: target, record: countedEvent(1) }],
      [check(checked, 'any')],
    );
    await expect(append).rejects.toMatchObject({ code: 3 });
  });

  test('sent again are stored once, also where a check fails by then', async () => {
    const [target, checked] = [freshName(), freshName()];
    const records = [{ streamName: target, record: countedEvent(1) }];
    const first = await client.appendRecords(records, [check(checked, 'no_stream')]);
    await client.appendToStream(checked, countedEvent(1));
    expect(await client.appendRecords(records, [check(checked, 'no_stream')])).toEqual(first);
    expect(numbersOf(await eventsOf(client.readStream(target)))).toEqual([1]);
  });
});

describe('a read of a stream', () => {
  test('reads both directions from the requested place', async () => {
    const stream = freshName();
    await client.appendToStream(stream, countedUpTo(100));
    const read = async (options: Parameters<KurrentDBClient['readStream']>[1]) =>
      revisionsOf(await eventsOf(client.readStream(stream, options)));
    expect(await read({ fromRevision: 97n })).toEqual([97, 98, 99]);
    expect(await read({ fromRevision: 40n, maxCount: 3 })).toEqual([40, 41, 42]);
    expect(await read({ fromRevision: 200n })).toEqual([]);
    expect(await read({ direction: 'backwards', fromRevision: 'end', maxCount: 2 })).toEqual([99, 98]);
    expect(await read({ direction: 'backwards', fromRevision: 1n })).toEqual([1, 0]);
    expect(await read({ maxCount: 70 })).toHaveLength(70);
  });

  test('reports that it does not exist', async () => {
    const stream = freshName();
    await expect(eventsOf(client.readStream(stream))).rejects.toMatchObject({
      type: 'stream-not-found',
      streamName: stream,
    });
  });
});

describe('a read of all streams', () => {
  const prefix = freshName();

  beforeAll(async () => {
    for (const n of [1, 2, 3, 4, 5]) await client.appendToStream(`${prefix}-${n % 2}`, countedEvent(n));
    await client.appendToStream(`${prefix}-0`, jsonEvent({ type: 'Other', data: { n: 6 } }));
  });

  const filter = streamNameFilter({ prefixes: [`${prefix}-`] });

  test('returns what its filter matches, in order of position', async () => {
    const events = await eventsOf(client.readAll({ filter }));
    expect(numbersOf(events)).toEqual([1, 2, 3, 4, 5, 6]);
    const positions = events.map((event) => positionOf(event).commit);
    expect(positions).toEqual([...positions].sort((one, other) => Number(one - other)));
    const odd = streamNameFilter({ regex: `^${prefix}-1$` });
    expect(numbersOf(await eventsOf(client.readAll({ filter: odd })))).toEqual([1, 3, 5]);
    const backwards = { direction: 'backwards', fromPosition: 'end' } as const;
    expect(numbersOf(await eventsOf(client.readAll({ ...backwards, filter, maxCount: 2 })))).toEqual([6, 5]);
  });

  test('finds events by type among others', async () => {
    const from = positionOf((await eventsOf(client.readAll({ filter })))[0]!);
    const byType = eventTypeFilter({ prefixes: ['Oth'] });
    const others = await eventsOf(client.readAll({ fromPosition: from, filter: byType }));
    expect(numbersOf(others.filter(({ streamId }) => streamId.startsWith(prefix)))).toEqual([6]);
  });

  test('begins with a position forwards, and ends before it backwards', async () => {
    const third = positionOf((await eventsOf(client.readAll({ filter })))[2]!);
    const from = { fromPosition: third, filter };
    expect(numbersOf(await eventsOf(client.readAll(from)))).toEqual([3, 4, 5, 6]);
    expect(numbersOf(await eventsOf(client.readAll({ ...from, direction: 'backwards' })))).toEqual([2, 1]);
  });

  test('is refused from where no event begins', async () => {
    const { commit, prepare } = positionOf((await eventsOf(client.readAll({ filter })))[2]!);
    const between = { commit: commit + 1n, prepare: prepare + 1n };
    await expect(eventsOf(client.readAll({ fromPosition: between }))).rejects.toThrow();
  });
});

describe('a subscription', () => {
  test('to all streams returns existing and new events, and continues from every position', async () => {
    const prefix = freshName();
    const stream = `${prefix}-1`;
    await client.appendToStream(stream, countedUpTo(3));
    const filter = streamNameFilter({ prefixes: [prefix] });
    const followed = new Followed(() => client.subscribeToAll({ filter }));
    await followed.until(({ timesCaughtUp }) => timesCaughtUp > 0);
    expect(numbersOf(followed.events)).toEqual([1, 2, 3]);
    await client.appendToStream(stream, [countedEvent(4), countedEvent(5)]);
    await followed.until(({ events }) => events.length === 5);
    await followed.stop();
    for (const [index, event] of followed.events.entries()) {
      const fromPosition = positionOf(event);
      const resumed = new Followed(() => client.subscribeToAll({ filter, fromPosition }));
      await resumed.until(({ timesCaughtUp }) => timesCaughtUp > 0);
      expect(numbersOf(resumed.events)).toEqual([1, 2, 3, 4, 5].slice(index + 1));
      await resumed.stop();
    }
  });

  test('reports its position though nothing matches its filter, and continues from there', async () => {
    const [others, stream] = [freshName(), freshName()];
    const [first] = [await client.appendToStream(others, countedUpTo(40))];
    await client.appendToStream(others, countedUpTo(40));
    const prefixes = [stream];
    const followed = new Followed((checkpointReached) =>
      client.subscribeToAll({
        fromPosition: positionOf(first),
        filter: streamNameFilter({ prefixes, maxSearchWindow: 10, checkpointInterval: 1, checkpointReached }),
      }),
    );
    await followed.until(({ checkpoints, timesCaughtUp }) => checkpoints.length > 2 && timesCaughtUp > 0);
    await followed.stop();
    expect(followed.events).toEqual([]);
    const reached = followed.checkpoints.at(-1)!;
    expect(reached.commit).toBeGreaterThan(positionOf(first).commit);
    await client.appendToStream(stream, countedEvent(7));
    const filter = streamNameFilter({ prefixes });
    const resumed = new Followed(() => client.subscribeToAll({ fromPosition: reached, filter }));
    await resumed.until(({ events }) => events.length > 0);
    expect(numbersOf(resumed.events)).toEqual([7]);
    await resumed.stop();
  });

  test('from the end returns only new events', async () => {
    const stream = freshName();
    await client.appendToStream(stream, countedEvent(1));
    const followed = new Followed(() =>
      client.subscribeToAll({ fromPosition: 'end', filter: streamNameFilter({ prefixes: [stream] }) }),
    );
    await followed.until(({ timesCaughtUp }) => timesCaughtUp > 0);
    await client.appendToStream(stream, countedEvent(2));
    await followed.until(({ events }) => events.length > 0);
    expect(numbersOf(followed.events)).toEqual([2]);
    await followed.stop();
  });
});

describe('a stream', () => {
  const inAll = async (stream: string) =>
    numbersOf(await eventsOf(client.readAll({ filter: streamNameFilter({ prefixes: [stream] }) })));

  test('that is deleted is gone, and stays in the log', async () => {
    const stream = freshName();
    await client.appendToStream(stream, countedUpTo(2));
    await client.deleteStream(stream);
    await expect(eventsOf(client.readStream(stream))).rejects.toMatchObject({ type: 'stream-not-found' });
    expect(await inAll(stream)).toEqual([1, 2]);
  });

  test('that is tombstoned is never written to again', async () => {
    const stream = freshName();
    await client.appendToStream(stream, countedEvent(1));
    await client.tombstoneStream(stream);
    await expect(client.appendToStream(stream, countedEvent(2))).rejects.toMatchObject({
      type: 'stream-deleted',
    });
    await expect(eventsOf(client.readStream(stream))).rejects.toMatchObject({ type: 'stream-deleted' });
  });

  test.each([
    ['truncated', { truncateBefore: 3 }, [4, 5]],
    ['to keep its last ones', { maxCount: 1 }, [5]],
  ])('that is %s shows the rest, and the log shows all', async (_, metadata, expected) => {
    const stream = freshName();
    await client.appendToStream(stream, countedUpTo(5));
    await client.setStreamMetadata(stream, metadata);
    expect((await client.getStreamMetadata(stream)).metadata).toEqual(metadata);
    expect(numbersOf(await eventsOf(client.readStream(stream)))).toEqual(expected);
    expect(await inAll(stream)).toEqual([1, 2, 3, 4, 5]);
  });
});
