import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { draft } from '#test/support/event-commits';
import { commandIds, createSealer, SEALER_MODULE } from '#audit/seal';
import { StoreUnavailableError } from '#event-sourcing/errors';
import type { EventStore } from '#event-sourcing/event-store';
import { streamEvents } from '#event-sourcing/event-store';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { openSqliteEventStore } from '#event-store/sqlite/sqlite-event-store';
import { temporaryFolder } from '#test/support/temporary-folder';
import { SharedStream } from './shared-stream.ts';

const STREAM = 'refusals-2026-11-24';

const note = (text: string) => draft(text, { type: 'Noted', data: { text }, state: null, sensitive: [] });

const appending = (stream: SharedStream, ...texts: string[]): Promise<void> => {
  const header = {
    ids: commandIds(randomUUID()),
    name: 'note',
    actor: { subject: 'ann', roles: [] },
    now: Date.parse('2026-11-24T10:00:00.000Z'),
    correlationId: randomUUID(),
  };
  return stream.append(
    header,
    texts.map((text) => note(text)),
  );
};

const manyTo = (stream: SharedStream, count: number, name: string): Promise<void>[] =>
  Array.from({ length: count }, (_, index) => appending(stream, `${name} ${index}`));

/** Returns the texts of the stream. Asserts that its versions are consecutive. */
async function stored(store: EventStore): Promise<string[]> {
  const events = await Array.fromAsync(streamEvents(store, STREAM));
  expect(events.map(({ version }) => version)).toEqual(events.map((_, index) => index + 1));
  return events.map(({ data }) => data['text'] as string);
}

const named = (count: number, name: string): string[] =>
  Array.from({ length: count }, (_, index) => `${name} ${index}`);

let folder: string;
const opened: EventStore[] = [];

beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()));
});

const openings: [name: string, open: () => Promise<EventStore>][] = [
  ['memory', () => Promise.resolve(new MemoryEventStore(createSealer()))],
  [
    'SQLite',
    () => openSqliteEventStore({ path: join(folder, 'log.db'), sealerModule: SEALER_MODULE, create: true }),
  ],
];

const open = async (opening: () => Promise<EventStore>): Promise<EventStore> => {
  const store = await opening();
  opened.push(store);
  return store;
};

describe.each(openings)('a stream in %s', (_, opening) => {
  let store: EventStore;
  beforeEach(async () => {
    store = await open(opening);
  });

  test('given many at once, then each is appended once, in the order of the calls', async () => {
    await Promise.all(manyTo(new SharedStream(store, STREAM), 300, 'one'));
    expect(await stored(store)).toEqual(named(300, 'one'));
  });

  test('given existing events that this process has not read, then it continues after them', async () => {
    await Promise.all(manyTo(new SharedStream(store, STREAM), 20, 'before'));
    const stream = new SharedStream(store, STREAM);
    await Promise.all(manyTo(stream, 40, 'after'));
    await appending(stream, 'last');
    const texts = await stored(store);
    expect(texts.slice(0, 20)).toEqual(named(20, 'before'));
    expect(texts.slice(20, 60).sort()).toEqual(named(40, 'after').sort());
    expect(texts.at(-1)).toBe('last');
  });

  test('given several concurrent writers, then all events of each exist, once', async () => {
    const streams = ['a', 'b', 'c'].map((name) => ({ name, stream: new SharedStream(store, STREAM) }));
    await Promise.all(streams.flatMap(({ name, stream }) => manyTo(stream, 100, name)));
    const all = streams.flatMap(({ name }) => named(100, name));
    expect((await stored(store)).sort()).toEqual(all.sort());
  });

  test('given several events of one command, then they are consecutive', async () => {
    const stream = new SharedStream(store, STREAM);
    const other = new SharedStream(store, STREAM);
    const together = ['x 0', 'x 1', 'x 2'];
    await Promise.all([
      ...manyTo(other, 10, 'other'),
      appending(stream, ...together),
      ...manyTo(stream, 10, 'own'),
    ]);
    const texts = await stored(store);
    expect(texts).toHaveLength(23);
    const first = texts.indexOf('x 0');
    expect(texts.slice(first, first + 3)).toEqual(together);
  });

  test('given a closed store, then the error says that nothing was appended', async () => {
    await store.close();
    await expect(appending(new SharedStream(store, STREAM), 'late')).rejects.toMatchObject({
      code: 'store-unavailable',
    });
  });
});

test('given two processes on one file, each with a writer of its own, then all events of both exist, once', async () => {
  const [, sqlite] = openings[1]!;
  const stores = [await open(sqlite), await open(sqlite)];
  const streams = stores.map((store) => new SharedStream(store, STREAM));
  for (let round = 0; round < 5; round += 1) {
    await Promise.all(streams.flatMap((stream, index) => manyTo(stream, 60, `${round} of ${index}`)));
  }
  const all = Array.from({ length: 5 }, (_, round) =>
    [0, 1].flatMap((index) => named(60, `${round} of ${index}`)),
  ).flat();
  expect((await stored(stores[0]!)).sort()).toEqual(all.sort());
});

test('given an append that the store refuses, then later ones succeed all the same', async () => {
  const memory = await open(() => Promise.resolve(new MemoryEventStore(createSealer())));
  const broken = randomUUID();
  const stream = new SharedStream(
    {
      // The store itself fails this append.
      append: (request) => {
        const isBroken = request.appends[0]?.events[0]?.data['text'] === broken;
        return isBroken
          ? Promise.reject(new StoreUnavailableError('the disk is full'))
          : memory.append(request);
      },
    },
    STREAM,
  );
  const before = manyTo(stream, 5, 'before');
  const failing = appending(stream, broken);
  const after = manyTo(stream, 20, 'after');
  await expect(failing).rejects.toThrow('the disk is full');
  await Promise.all([...before, ...after]);
  const texts = await stored(memory);
  expect(texts.slice(0, 5)).toEqual(named(5, 'before'));
  expect(texts.slice(5).sort()).toEqual(named(20, 'after').sort());
});
