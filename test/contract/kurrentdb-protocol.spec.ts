import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { jsonEvent, KurrentDBClient, STREAM_STATE, streamNameFilter } from '@kurrent/kurrentdb-client';
import type { ResolvedEvent } from '@kurrent/kurrentdb-client';
import { needDouble, needKurrentdb } from '../support/journey-store.ts';
import { KurrentdbServer } from '../support/kurrentdb/server.ts';
import { kurrentdbUrl } from '../support/kurrentdb-stores.ts';

/**
 * The official client. The tests check that the double refuses what KurrentDB refuses; the contract suite needs the
 * rest of its behaviour. With `KURRENTDB_URL` they run on a real server.
 */
let client: KurrentDBClient;

beforeAll(async () => {
  client = KurrentDBClient.connectionString(await kurrentdbUrl());
});

afterAll(async () => {
  await client.dispose();
});

/** Returns a name that is unique on the shared server. */
const freshName = () => `protocol-${randomUUID()}`;
const counted = (n: number) => jsonEvent({ type: 'Counted', data: { n } });
const numbersOf = async (reading: AsyncIterable<ResolvedEvent>): Promise<unknown[]> =>
  (await Array.fromAsync(reading)).map(({ event }) => (event!.data as { n: number }).n);

describe('KurrentDB refuses', () => {
  test('an append whose beginning alone is stored', async () => {
    const stream = freshName();
    const events = [counted(1), counted(2)];
    await client.appendToStream(stream, events);
    const append = client.appendToStream(stream, [...events, counted(3)], { streamState: 'any' });
    await expect(append).rejects.toMatchObject({ type: 'wrong-expected-version' });
    expect(await numbersOf(client.readStream(stream))).toEqual([1, 2]);
  });

  test('appends to a tombstoned stream, and its reads', async () => {
    const stream = freshName();
    await client.appendToStream(stream, counted(1));
    await client.tombstoneStream(stream);
    const isDeleted = { type: 'stream-deleted' };
    await expect(client.appendToStream(stream, counted(2))).rejects.toMatchObject(isDeleted);
    await expect(numbersOf(client.readStream(stream))).rejects.toMatchObject(isDeleted);
  });

  test('a session that names a stream twice, or appends to a tombstoned one', async () => {
    needKurrentdb('25.1');
    const stream = freshName();
    const request = () => ({ streamName: stream, expectedState: 'any' as const, events: [counted(1)] });
    await expect(client.multiStreamAppend([request(), request()])).rejects.toMatchObject({ code: 10 });
    await client.appendToStream(stream, counted(1));
    await client.tombstoneStream(stream);
    const append = client.multiStreamAppend([request()]);
    await expect(append).rejects.toMatchObject({ type: 'stream-tombstoned', stream });
  });

  test('records with a check that has no condition, and names every check that fails', async () => {
    needKurrentdb('26.1');
    const [target, there, missing] = [freshName(), freshName(), freshName()];
    await client.appendToStream(there, counted(1));
    const append = (...checks: readonly (readonly [string, 'any' | 'stream_exists' | bigint])[]) =>
      client.appendRecords(
        [{ streamName: target, record: counted(1) }],
        checks.map(([streamName, expectedState]) => ({ type: STREAM_STATE, streamName, expectedState })),
      );
    await expect(append([there, 'any'])).rejects.toMatchObject({ code: 3 });
    await expect(append([there, 0n], [missing, 'stream_exists'], [target, 7n])).rejects.toMatchObject({
      type: 'append-consistency-violation',
      violations: [
        { checkIndex: 1, streamName: missing, expectedState: 'stream_exists', actualState: 'no_stream' },
        { checkIndex: 2, streamName: target, expectedState: 7n, actualState: 'no_stream' },
      ],
    });
    await expect(numbersOf(client.readStream(target))).rejects.toMatchObject({ type: 'stream-not-found' });
  });

  test('a read from where no event begins', async () => {
    const stream = freshName();
    await client.appendToStream(stream, [counted(1), counted(2)]);
    const filter = streamNameFilter({ prefixes: [stream] });
    const [first]: ResolvedEvent[] = await Array.fromAsync(client.readAll({ filter }));
    const { commit, prepare } = first!.event!.position!;
    const at = (more: bigint) => ({ commit: commit + more, prepare: prepare + more });
    expect(await numbersOf(client.readAll({ filter, fromPosition: at(0n) }))).toEqual([1, 2]);
    await expect(numbersOf(client.readAll({ filter, fromPosition: at(1n) }))).rejects.toThrow();
  });
});

describe('EventStoreDB 24.2, like later versions,', () => {
  test('counts only the data of an append', async () => {
    const long = { type: 'T'.repeat(100), data: { text: 'x'.repeat(500) }, metadata: { m: 'm'.repeat(500) } };
    const events = (count: number) => Array.from({ length: count }, () => jsonEvent(long));
    // A real server has its own limit.
    needDouble();
    const server = await KurrentdbServer.start({ version: '24.10.0' });
    const older = KurrentDBClient.connectionString(server.url);
    const most = Math.floor((1024 * 1024) / JSON.stringify(long.data).length);
    await older.appendToStream(freshName(), events(most));
    await expect(older.appendToStream(freshName(), events(most + 1))).rejects.toMatchObject({
      type: 'maximum-append-size-exceeded',
    });
    await older.dispose();
    server.stop();
  });

  test('lets a deleted stream be created again, and shows only what was appended since', async () => {
    const stream = freshName();
    await client.appendToStream(stream, [counted(1), counted(2)]);
    await client.deleteStream(stream);
    await expect(
      client.appendToStream(stream, counted(3), { streamState: 'stream_exists' }),
    ).rejects.toMatchObject({ type: 'stream-deleted' });
    await client.appendToStream(stream, counted(3), { streamState: 'no_stream' });
    expect(await numbersOf(client.readStream(stream))).toEqual([3]);
  });

  test('accepts an append without events to a new stream, which does not create it', async () => {
    const stream = freshName();
    const appended = await client.appendToStream(stream, [], { streamState: 'no_stream' });
    expect(appended).toMatchObject({ success: true });
    await expect(numbersOf(client.readStream(stream))).rejects.toMatchObject({ type: 'stream-not-found' });
  });

  test('refuses an empty type, an empty name of a stream, and a read of no events', async () => {
    const stream = freshName();
    const isInvalid = { message: 'Could not recognize BadRequest' };
    const untyped = jsonEvent({ type: '', data: {} });
    await expect(client.appendToStream(stream, untyped)).rejects.toMatchObject(isInvalid);
    await expect(client.appendToStream('', counted(1))).rejects.toMatchObject(isInvalid);
    await client.appendToStream(stream, counted(1));
    await expect(numbersOf(client.readStream(stream, { maxCount: 0 }))).rejects.toThrow();
    await expect(numbersOf(client.readAll({ maxCount: 0 }))).rejects.toThrow();
  });

  test('names the expectation that a stream exists', async () => {
    const append = client.appendToStream(freshName(), counted(1), { streamState: 'stream_exists' });
    await expect(append).rejects.toMatchObject({
      type: 'wrong-expected-version',
      expectedState: 'stream_exists',
    });
  });
});
