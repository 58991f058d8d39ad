import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { binaryEvent, KurrentDBClient, streamNameFilter } from '@kurrent/kurrentdb-client';
import { makeCertificates } from './certificates.ts';
import { counted, countedUpTo, eventsOf, Followed, numbersOf, positionOf } from './client-calls.ts';
import { controlAt } from './control.ts';
import { startKurrentdbServer } from './start.ts';
import type { KurrentdbServer, ServerOptions } from './start.ts';

/** What only our double of KurrentDB can be asked for: its versions, its cluster, and its faults. */
const clients: KurrentDBClient[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) await client.dispose();
});

function connected(url: string): KurrentDBClient {
  const client = KurrentDBClient.connectionString(url);
  clients.push(client);
  return client;
}

async function withServer(
  options: ServerOptions,
  use: (client: KurrentDBClient, server: KurrentdbServer) => Promise<void>,
): Promise<void> {
  const server = await startKurrentdbServer(options);
  try {
    await use(connected(server.url), server);
  } finally {
    await server.stop();
  }
}

const freshName = () => `s-${randomUUID()}`;
const toBoth = (...streams: readonly string[]) =>
  streams.map((streamName, index) => ({
    streamName,
    expectedState: 'any' as const,
    events: [counted(index + 1)],
  }));
const recordIn = (streamName: string) => [{ streamName, record: counted(1) }];
const numbersIn = async (client: KurrentDBClient, stream: string) =>
  numbersOf(await eventsOf(client.readStream(stream)));
const NOT_FOUND = { type: 'stream-not-found' };

describe('a server of version', () => {
  test('24.10 has appends to one stream', () =>
    withServer({ version: '24.10.0' }, async (client) => {
      await client.appendToStream('one', counted(1));
      await expect(client.multiStreamAppend(toBoth('one', 'two'))).rejects.toMatchObject({
        type: 'unsupported',
      });
      await expect(client.appendRecords(recordIn('one'))).rejects.toMatchObject({ type: 'unsupported' });
    }));

  test('25.1 has appends to several streams too', () =>
    withServer({ version: '25.1.0' }, async (client) => {
      await client.multiStreamAppend(toBoth('one', 'two'));
      await expect(client.appendRecords(recordIn('one'))).rejects.toMatchObject({ type: 'unsupported' });
    }));
});

describe('a server with limits', () => {
  const limits = { append: 10_000, event: 5_000 };
  const bytes = (size: number) => binaryEvent({ type: 'Bytes', data: new Uint8Array(size) });

  test('refuses what is more, and stores nothing of it', () =>
    withServer({ limits }, async (client) => {
      await client.appendToStream('one', [bytes(4_900), bytes(4_900)]);
      const tooMuch = () => [bytes(4_900), bytes(4_900), bytes(4_900)];
      const refusal = { type: 'maximum-append-size-exceeded', maxAppendSize: 10_000 };
      for (const options of [{ batchAppendSize: 5_000 }, { credentials: { username: 'a', password: 'b' } }]) {
        await expect(client.appendToStream('one', tooMuch(), options)).rejects.toMatchObject(refusal);
      }
      expect(await eventsOf(client.readStream('one'))).toHaveLength(2);
      const append = (...sizes: number[]) =>
        client.multiStreamAppend(
          sizes.map((size, index) => ({
            streamName: `s${index}`,
            expectedState: 'any',
            events: [bytes(size)],
          })),
        );
      await expect(append(10, 5_000)).rejects.toMatchObject({
        type: 'append-record-size-exceeded',
        stream: 's1',
        maxSize: 5_000,
      });
      await expect(append(4_900, 4_900, 4_900)).rejects.toMatchObject({
        type: 'transaction-max-size-exceeded',
        maxSize: 10_000,
      });
      await expect(eventsOf(client.readStream('s0'))).rejects.toMatchObject(NOT_FOUND);
    }));
});

describe('a server with users', () => {
  test('answers who names one over TLS, and nobody else', async () => {
    const tls = await makeCertificates();
    await withServer(
      { tls, credentials: { user: 'admin', password: 'changeit' } },
      async (client, { url }) => {
        await client.multiStreamAppend(toBoth('one', 'two'));
        await client.appendToStream('one', counted(2));
        expect(await numbersIn(client, 'one')).toEqual([1, 2]);
        const nobody = connected(url.replace('admin:changeit@', ''));
        const wrong = connected(url.replace('changeit', 'guessed'));
        for (const stranger of [nobody, wrong]) {
          for (const call of [
            () => stranger.appendToStream('one', counted(3)),
            () => stranger.multiStreamAppend(toBoth('one', 'two')),
            () => eventsOf(stranger.readStream('one')),
          ]) {
            await expect(call()).rejects.toMatchObject({ type: 'access-denied' });
          }
        }
      },
    ).finally(() => {
      tls.remove();
    });
  });
});

describe('a server process', () => {
  test('ends with its standard input, and listens no more', async () => {
    const server = await startKurrentdbServer();
    await server.stop();
    const socket = connect(server.ports[0]!, '127.0.0.1');
    const error = await new Promise((resolve) => socket.on('error', resolve).on('connect', resolve));
    expect(error).toMatchObject({ code: 'ECONNREFUSED' });
  });
});

describe('told to, a server', () => {
  let server: KurrentdbServer;
  let client: KurrentDBClient;

  beforeAll(async () => {
    server = await startKurrentdbServer();
    client = KurrentDBClient.connectionString(server.url);
  });

  afterEach(async () => {
    await server.control.reset();
  });

  afterAll(async () => {
    await client.dispose();
    await server.stop();
  });

  test('scavenges what streams show no longer, but for the last event of each', async () => {
    const [kept, deleted, truncated, tombstoned] = [freshName(), freshName(), freshName(), freshName()];
    await client.appendToStream(kept, countedUpTo(2));
    await client.appendToStream(deleted, countedUpTo(3));
    await client.deleteStream(deleted);
    await client.appendToStream(truncated, countedUpTo(3));
    await client.setStreamMetadata(truncated, { truncateBefore: 1 });
    await client.appendToStream(tombstoned, countedUpTo(2));
    await client.tombstoneStream(tombstoned);
    const inAll = (stream: string) =>
      eventsOf(client.readAll({ filter: streamNameFilter({ prefixes: [stream] }) }));
    const shown = async () => {
      const events = await Promise.all([kept, deleted, truncated].map(inAll));
      return events.map(numbersOf);
    };
    expect(await shown()).toEqual([
      [1, 2],
      [1, 2, 3],
      [1, 2, 3],
    ]);
    expect(await server.control.scavenge()).toBe(2 + 1 + 2);
    expect(await shown()).toEqual([[1, 2], [3], [2, 3]]);
    expect((await inAll(tombstoned)).map(({ type }) => type)).toEqual(['$streamDeleted']);
    const next = await client.appendToStream(deleted, counted(4));
    expect(next.nextExpectedRevision).toBe(3n);
  });

  test('fails before it does anything, whoever tells it', async () => {
    const stream = freshName();
    await controlAt(server.controlUrl).fail({ calls: 2, on: 'append' });
    await expect(client.appendToStream(stream, counted(1))).rejects.toMatchObject({ type: 'unavailable' });
    const append = client.multiStreamAppend(toBoth(stream, freshName()));
    await expect(append).rejects.toMatchObject({ type: 'unavailable' });
    await client.appendToStream(stream, counted(3), { streamState: 'no_stream' });
  });

  test('refuses a command that is none', async () => {
    const control = server.control as unknown as Record<string, () => Promise<void>>;
    await expect(control['vanish']!()).rejects.toThrow("there is no command 'vanish'");
  });

  test.each([
    ['an append', (stream: string) => client.appendToStream(stream, counted(1))],
    ['an append to several', (stream: string) => client.multiStreamAppend(toBoth(stream, freshName()))],
    ['records', (stream: string) => client.appendRecords(recordIn(stream))],
  ])('loses the answer to %s that it has stored', async (_, append) => {
    const stream = freshName();
    await server.control.loseAnswers({ calls: 1 });
    await expect(append(stream)).rejects.toMatchObject({ type: 'unavailable' });
    expect(await numbersIn(client, stream)).toEqual([1]);
    await client.appendToStream(stream, counted(2), { streamState: 0n });
  });

  test('drops subscriptions with an error, or ends them', async () => {
    const failing = new Followed(() => client.subscribeToAll());
    await failing.until(({ timesCaughtUp }) => timesCaughtUp > 0);
    expect(await server.control.dropSubscriptions('error')).toBe(1);
    await failing.until(({ error }) => error !== undefined);
    expect(failing.error).toMatchObject({ type: 'unavailable' });
    const ended = new Followed(() => client.subscribeToStream(freshName()));
    await ended.until(({ timesCaughtUp }) => timesCaughtUp > 0);
    expect(await server.control.dropSubscriptions('end')).toBe(1);
    await ended.until(({ hasEnded }) => hasEnded);
    expect(await server.control.status()).toMatchObject({ subscriptions: 0 });
  });

  test('lets an append wait, and reads pass', async () => {
    const stream = freshName();
    await client.appendToStream(stream, counted(1));
    await server.control.slow({ ms: 60_000, calls: 1, on: 'append' });
    const append = client.appendToStream(stream, counted(2));
    const dropped = expect(append).rejects.toMatchObject({ type: 'unavailable' });
    expect(await numbersIn(client, stream)).toEqual([1]);
    await server.control.kill(0);
    await dropped;
  });

  test('dies, and comes back with what it has stored', async () => {
    const stream = freshName();
    await client.appendToStream(stream, counted(1));
    const followed = new Followed(() => client.subscribeToAll());
    await followed.until(({ timesCaughtUp }) => timesCaughtUp > 0);
    await server.control.kill(0);
    await followed.until(({ error }) => error !== undefined);
    expect(followed.error).toMatchObject({ type: 'unavailable' });
    await expect(client.appendToStream(stream, counted(2))).rejects.toMatchObject({ code: 14 });
    await server.control.revive(0);
    const again = connected(server.url);
    await again.appendToStream(stream, counted(2), { streamState: 0n });
    expect(await numbersIn(again, stream)).toEqual([1, 2]);
  });

  test('says that another leads', async () => {
    const stream = freshName();
    await server.control.denyLeadership({ calls: 1 });
    const leader = { address: '127.0.0.1', port: server.ports[0] };
    const denied = client.appendToStream(stream, counted(1));
    await expect(denied).rejects.toMatchObject({ type: 'not-leader', leader });
    await client.appendToStream(stream, counted(1), { streamState: 'no_stream' });
  });

  test('holds an append, whose events come after those of later ones', async () => {
    const [held, later] = [freshName(), freshName()];
    const filter = streamNameFilter({ prefixes: [held, later] });
    const followed = new Followed(() => client.subscribeToAll({ filter }));
    await followed.until(({ timesCaughtUp }) => timesCaughtUp > 0);
    await server.control.hold({ calls: 1 });
    const append = client.appendToStream(held, countedUpTo(2));
    while ((await server.control.status()).held === 0);
    await client.appendToStream(later, counted(3));
    await followed.until(({ events }) => events.length === 1);
    expect(await server.control.release('commit')).toBe(1);
    await append;
    await followed.until(({ events }) => events.length === 3);
    expect(numbersOf(followed.events)).toEqual([3, 1, 2]);
    const [third, first, second] = followed.events.map(positionOf);
    expect(first!.prepare).toBeLessThan(third!.prepare);
    expect(first!.commit).toBeGreaterThan(third!.commit);
    expect(second!.commit).toBe(first!.commit);
    const rest = await eventsOf(client.readAll({ fromPosition: second!, filter }));
    expect(numbersOf(rest)).toEqual([2]);
    await followed.stop();
  });

  test('rolls back what it held', async () => {
    const stream = freshName();
    await server.control.hold({ calls: 1 });
    const append = client.appendToStream(stream, counted(1));
    const refused = expect(append).rejects.toMatchObject({ type: 'unavailable' });
    while ((await server.control.status()).held === 0);
    expect(await server.control.release('rollBack')).toBe(1);
    await refused;
    await expect(eventsOf(client.readStream(stream))).rejects.toMatchObject(NOT_FOUND);
  });

  test('nothing, sends a slow subscriber no more than it takes, and all of it in the end', async () => {
    const stream = freshName();
    const event = () => binaryEvent({ type: 'Bytes', data: new Uint8Array(10_000) });
    const subscription = client.subscribeToStream(stream);
    await new Promise<void>((resolve) => subscription.once('confirmation', resolve).resume());
    subscription.pause();
    for (let count = 0; count < 10; count += 1) {
      await client.appendToStream(stream, Array.from({ length: 100 }, event));
    }
    expect((await server.control.status()).unsent).toBeLessThanOrEqual(16);
    const followed = new Followed(() => subscription);
    subscription.resume();
    await followed.until(({ events, timesCaughtUp }) => events.length === 1000 && timesCaughtUp > 0);
    expect(followed.events.map(({ revision }) => Number(revision))).toEqual([...Array(1000).keys()]);
    await followed.stop();
  });
});

describe('a cluster', () => {
  let server: KurrentdbServer;

  beforeAll(async () => {
    server = await startKurrentdbServer({ nodes: 3 });
  });

  afterEach(async () => {
    await server.control.reset();
  });

  afterAll(async () => {
    await server.stop();
  });

  const connectedTo = (node: number) => connected(`kurrentdb://127.0.0.1:${server.ports[node]!}?tls=false`);

  test('is found by all of its nodes, and by the name of one', async () => {
    for (const url of [server.url, `kurrentdb+discover://127.0.0.1:${server.ports[2]!}?tls=false`]) {
      const client = connected(url);
      const stream = freshName();
      // Only the leader takes it.
      await client.multiStreamAppend(toBoth(stream, freshName()));
      expect(await numbersIn(client, stream)).toEqual([1]);
    }
  });

  test('passes an append to a follower on, unless it asks for the leader', async () => {
    const stream = freshName();
    const [passing, asking] = [connectedTo(1), connectedTo(1)];
    await passing.appendToStream(stream, counted(1));
    const refusal = { type: 'not-leader', leader: { address: '127.0.0.1', port: server.ports[0] } };
    const append = () => asking.appendToStream(stream, counted(2), { requiresLeader: true, streamState: 0n });
    await expect(append()).rejects.toMatchObject(refusal);
    // The client has gone over to the leader.
    await append();
    const read = passing.readStream(stream, { requiresLeader: true });
    await expect(eventsOf(read)).rejects.toMatchObject(refusal);
    expect(await numbersIn(passing, stream)).toEqual([1, 2]);
  });

  test('has appends to several streams on its leader alone', async () => {
    await expect(connectedTo(1).multiStreamAppend(toBoth(freshName(), freshName()))).rejects.toMatchObject({
      code: 9,
      message: expect.stringContaining(`127.0.0.1:${server.ports[0]!}`),
    });
  });

  test('goes on with another leader', async () => {
    const client = connected(server.url);
    const stream = freshName();
    await client.multiStreamAppend(toBoth(stream, freshName()));
    await server.control.lead(2);
    await server.control.kill(0);
    await expect(client.multiStreamAppend(toBoth(stream, freshName()))).rejects.toMatchObject({ code: 14 });
    await client.multiStreamAppend(toBoth(stream, freshName()));
    expect(await numbersIn(client, stream)).toEqual([1, 1]);
  });
});
