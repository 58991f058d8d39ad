import 'reflect-metadata';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { createSealer } from '#audit/seal';
import type { EventStore } from '#event-sourcing/event-store';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { lifecycles } from '#state-machines/lifecycles';
import { append, commit, draft } from '#test/support/event-commits';
import { INSPECTOR, ServiceParts, viewer } from '#test/support/use-cases';
import { KnownHistories } from './known-histories.ts';
import { recordOf } from '#state-machines/record-streams';

const parts = new ServiceParts();
const STREAM = 'recommendation-r-1';
const LONG = 600;

let read: string[];
let histories: KnownHistories;

/** Returns a store that records which versions are read. */
const noting = (store: EventStore): Pick<EventStore, 'readStream'> => ({
  readStream: async (streamId, options) => {
    const events = await store.readStream(streamId, options);
    read.push(...events.map(({ version }) => String(version)));
    return events;
  },
});

const comments = (count: number) => Array.from({ length: count }, (_, index) => draft(`Secret ${index}`));

beforeEach(async () => {
  read = [];
  await parts.issue('r-1', 'avon');
  histories = new KnownHistories(noting(parts.store), lifecycles);
});

const written = (count: number, after = 1) =>
  parts.store.append(commit([append(STREAM, after, ...comments(count))]));

describe('the history of a record', () => {
  test('given a long one, then only its new events are read, with the result of a fresh read', async () => {
    await written(LONG);
    const first = await histories.read(recordOf('r-1'));
    await written(2, LONG + 1);
    read = [];
    const second = await histories.read(recordOf('r-1'));
    expect(read.map(Number)).toEqual([LONG + 1, LONG + 2, LONG + 3]);
    expect(first.events).toHaveLength(LONG + 1);
    expect(second).toEqual(await new KnownHistories(parts.store, lifecycles).read(recordOf('r-1')));
    expect(JSON.stringify(second)).not.toContain('Secret');
  });

  test('given a short history, or none, then it is read again', async () => {
    await written(3);
    await histories.read(recordOf('r-1'));
    await histories.read(recordOf('r-1'));
    expect(read).toHaveLength(8);
    expect(await histories.read(recordOf('r-2'))).toMatchObject({ events: [], state: null });
  });

  test('given a redaction in it, then nothing of it stays cached', async () => {
    await parts.follow();
    await parts.enter({ 'Ann of Avon': 'Ann' });
    await parts.sendCommand(INSPECTOR, 'r-1', 'assign-owner', { owner: 'Ann of Avon' });
    const owner = (await parts.stream('r-1')).at(-1)?.eventId ?? '';
    await written(LONG, 2);
    expect((await histories.read(recordOf('r-1'))).state).toMatchObject({ facts: { owner: 'Ann of Avon' } });
    const body = { eventId: owner, pointers: ['/data/owner'], reason: 'It names her.' };
    await parts.sendCommand(viewer('approver'), 'r-1', 'redact-comment', body);
    const after = await histories.read(recordOf('r-1'));
    expect(JSON.stringify(after)).not.toContain('Ann');
    expect(after.stored[1]?.salts).not.toHaveProperty('/data/owner');
    read = [];
    await histories.read(recordOf('r-1'));
    expect(read.length).toBeGreaterThan(LONG);
  });

  test('given a different log in place of the store’s, then its history is returned', async () => {
    await written(LONG);
    let store: EventStore = parts.store;
    histories = new KnownHistories({ readStream: (...args) => store.readStream(...args) }, lifecycles);
    await histories.read(recordOf('r-1'));
    const other = new MemoryEventStore(createSealer());
    const [issued] = await parts.stream('r-1');
    if (issued === undefined) throw new Error('It was not issued');
    await other.appendSealed([issued]);
    store = other;
    expect((await histories.read(recordOf('r-1'))).events).toHaveLength(1);
    await other.close();
  });

  test('given many long histories, then the least recently read ones are dropped', async () => {
    histories = new KnownHistories(noting(parts.store), lifecycles, 2 * LONG + 10);
    for (const id of ['r-2', 'r-3', 'r-4']) {
      await parts.issue(id, 'avon');
      await parts.store.append(commit([append(`recommendation-${id}`, 1, ...comments(LONG))]));
      await histories.read(recordOf(id));
    }
    const readOf = async (id: string) => {
      read = [];
      await histories.read(recordOf(id));
      return read.length;
    };
    expect(await readOf('r-4')).toBe(1);
    expect(await readOf('r-3')).toBe(1);
    expect(await readOf('r-2')).toBeGreaterThan(LONG);
  });
});
