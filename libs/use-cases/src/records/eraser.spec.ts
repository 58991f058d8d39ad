import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createSealer } from '#audit/seal';
import { StoreUnavailableError } from '#event-sourcing/errors';
import type { EventDraft, EventStore } from '#event-sourcing/event-store';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { openSqliteReadModels } from '#projections/sqlite/open-read-models';
import { followerBookmark, saveFollowerBookmark } from '#projections/following/follower-bookmark';
import type { ReadModelDatabase } from '#projections/read-model-database';
import type { Projection } from '#projections/projection';
import { ProjectionRunner } from '#projections/runner';
import { Eraser } from './eraser.ts';

const STREAM = 'recommendation-r-1';
const WAIT_MS = 10_000;

/** A projection that can be stopped. */
let isStopped = false;
const projection: Projection = {
  name: 'followed',
  version: 1,
  tables: [],
  apply: () => (isStopped ? Promise.reject(new Error('stopped')) : Promise.resolve()),
};

let store: MemoryEventStore;
let database: ReadModelDatabase;
let runner: ProjectionRunner;
let errors: unknown[];
let eraser: Eraser | undefined;

beforeEach(async () => {
  store = new MemoryEventStore(createSealer());
  database = openSqliteReadModels(':memory:', [projection]);
  runner = new ProjectionRunner({ store, database });
  errors = [];
  isStopped = false;
  await runner.start();
});

afterEach(async () => {
  await eraser?.stop();
  eraser = undefined;
  await runner.stop();
  await database.close();
  await store.close();
});

function startEraser(on: EventStore = store): Eraser {
  eraser = new Eraser({
    store: on,
    database,
    onError: (error) => errors.push(error),
    pollMs: 20,
  });
  eraser.start();
  return eraser;
}

async function append(...events: readonly Pick<EventDraft, 'type' | 'data'>[]) {
  const { length: expectedVersion } = await store.readStream(STREAM);
  const { events: appended } = await store.append({
    command: { id: randomUUID(), name: 'a-command', request: null },
    actor: { subject: 's-1', roles: [] },
    decision: null,
    correlationId: 'c-1',
    causationId: null,
    origin: 'command',
    lifecycle: null,
    recordedAt: '2026-11-24T10:00:00.000Z',
    appends: [
      {
        streamId: STREAM,
        expectedVersion,
        events: events.map((event) => ({
          ...event,
          schemaVersion: 1,
          effectiveOn: '2026-11-24',
          state: null,
          sensitive: ['/data/text', '/data/reason'],
        })),
      },
    ],
  });
  return appended.map(({ eventId, position }) => ({ eventId, position }));
}

const redaction = (eventId: string) => ({
  type: 'CommentRedacted',
  data: { eventId, erased: ['/data/text'], reason: 'r' },
});

const texts = async () => (await store.readStream(STREAM)).map(({ data }) => data['text']);

describe('the eraser', () => {
  test('erases the values that a redaction names, and nothing else', async () => {
    const [first] = await append(
      { type: 'CommentAdded', data: { text: 'one' } },
      { type: 'CommentAdded', data: { text: 'two' } },
    );
    const [redacted] = await append(redaction(first!.eventId));
    expect(await startEraser().whenHandled(redacted!.position, WAIT_MS)).toBe(true);
    expect(await texts()).toEqual([undefined, 'two', undefined]);
    expect(errors).toEqual([]);
  });

  test('continues where another one has ended, and erases the redactions in between', async () => {
    const [first, second] = await append(
      { type: 'CommentAdded', data: { text: 'one' } },
      { type: 'CommentAdded', data: { text: 'two' } },
    );
    const [redacted] = await append(redaction(first!.eventId));
    const before = startEraser();
    await before.whenHandled(redacted!.position, WAIT_MS);
    await before.stop();
    const [later] = await append(redaction(second!.eventId));
    const erased: number[] = [];
    const watched: EventStore = Object.assign(Object.create(store) as EventStore, {
      readStream: (...args: Parameters<EventStore['readStream']>) => store.readStream(...args),
      findEvents: (...args: Parameters<EventStore['findEvents']>) => store.findEvents(...args),
      redactions: (...args: Parameters<EventStore['redactions']>) => store.redactions(...args),
      lastPosition: () => store.lastPosition(),
      erase(...args: Parameters<EventStore['erase']>) {
        erased.push(args[1]);
        return store.erase(...args);
      },
    });
    expect(await startEraser(watched).whenHandled(later!.position, WAIT_MS)).toBe(true);
    expect(await texts()).toEqual([undefined, undefined, undefined, undefined]);
    expect(erased).toEqual([2]);
  });

  test('tries again after the store could not be reached, and reports that', async () => {
    const [first] = await append({ type: 'CommentAdded', data: { text: 'one' } });
    const [redacted] = await append(redaction(first!.eventId));
    let failures = 1;
    const failing: EventStore = Object.assign(Object.create(store) as EventStore, {
      readStream: (...args: Parameters<EventStore['readStream']>) => store.readStream(...args),
      findEvents: (...args: Parameters<EventStore['findEvents']>) => store.findEvents(...args),
      redactions: (...args: Parameters<EventStore['redactions']>) => store.redactions(...args),
      lastPosition: () => store.lastPosition(),
      erase: (...args: Parameters<EventStore['erase']>) =>
        failures-- > 0 ? Promise.reject(new StoreUnavailableError('away')) : store.erase(...args),
    });
    expect(await startEraser(failing).whenHandled(redacted!.position, WAIT_MS)).toBe(true);
    expect(await texts()).toEqual([undefined, undefined]);
    expect(errors).toEqual([new StoreUnavailableError('away')]);
  });

  test('reports that an event is missing, and continues with the next', async () => {
    const [first] = await append({ type: 'CommentAdded', data: { text: 'one' } });
    await append(redaction(randomUUID()));
    const [redacted] = await append(redaction(first!.eventId));
    expect(await startEraser().whenHandled(redacted!.position, WAIT_MS)).toBe(true);
    expect(await texts()).toEqual([undefined, undefined, undefined]);
    expect(errors).toHaveLength(1);
  });

  test('that has not come so far in time reports that, and the reason', async () => {
    isStopped = true;
    const [first] = await append({ type: 'CommentAdded', data: { text: 'one' } });
    const [redacted] = await append(redaction(first!.eventId));
    expect(await startEraser().whenHandled(redacted!.position, 300)).toBe(false);
    expect(await eraser?.pending()).toEqual([{ position: redacted!.position, waitsFor: 'read-models' }]);
    expect(await texts()).toEqual([undefined, undefined]);

    isStopped = false;
    expect(await eraser?.whenHandled(redacted!.position, WAIT_MS)).toBe(true);
    expect(await eraser?.pending()).toEqual([]);
  });

  test('begins anew where its bookmark is of a log that went on further', async () => {
    await saveFollowerBookmark(database, 'eraser', '1000');
    const [first] = await append({ type: 'CommentAdded', data: { text: 'one' } });
    const [redacted] = await append(redaction(first!.eventId));
    expect(await startEraser().whenHandled(redacted!.position, WAIT_MS)).toBe(true);
    expect(await followerBookmark(database, 'eraser')).toBe(redacted!.position);
  });
});
