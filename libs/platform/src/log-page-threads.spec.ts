import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import type { EventStore } from '#event-sourcing/event-store';
import { withReadContext } from '#projections/limited-reads';
import { append, commit, draft } from '#test/support/event-commits';
import type { LogPageRequest, LogFilter } from '#use-cases/log/filter-log';
import { logPage } from '#use-cases/log/filter-log';
import { temporaryFolder } from '#test/support/temporary-folder';
import { LogPageThreads } from './log-page-threads.ts';
import { openStore } from './open-store.ts';

const ALL: LogFilter = {
  types: null,
  actors: null,
  records: null,
  correlations: null,
  recordedFrom: null,
  recordedTo: null,
};
/** Limits that even a busy machine does not exceed. */
const PATIENT = { limitMs: 60_000 };

let folder: string;
let path: string;
let store: EventStore;
let met: Error[];
let replaced: string[];
const opened: LogPageThreads[] = [];

beforeEach(async () => {
  folder = temporaryFolder();
  path = join(folder, 'docket.sqlite');
  store = await openStore({ kind: 'sqlite', path }, { create: true });
  met = [];
  replaced = [];
});
afterEach(async () => {
  jest.restoreAllMocks();
  await Promise.all(opened.splice(0).map((pages) => pages.close()));
  await store.close();
});

function open(limits: ConstructorParameters<typeof LogPageThreads>[2] = PATIENT): LogPageThreads {
  const reports = {
    met: (error: Error) => met.push(error),
    onReplaced: (message: string) => replaced.push(message),
  };
  const pages = new LogPageThreads(path, reports, limits);
  opened.push(pages);
  return pages;
}

/** Appends events of a few records, of two types and by two people, each with a text of this length. */
async function write(count: number, length = 10): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const text = `– ${'é'.repeat(length)} ${index}`;
    const type = index % 3 === 0 ? 'CommentAdded' : 'ProgressStarted';
    const actor = { subject: index % 2 === 0 ? 'ada' : 'bob', roles: ['inspector'] };
    const event = append(`recommendation-r-${index % 5}`, Math.floor(index / 5), draft(text, { type }));
    await store.append({ ...commit([event]), actor });
  }
}

const pageRequest = (more: Partial<LogPageRequest> = {}): LogPageRequest => ({
  after: '0',
  limit: 1_000,
  filter: ALL,
  ...more,
});

const textOf = async (pieces: AsyncIterable<Uint8Array>): Promise<string> =>
  Buffer.concat(await Array.fromAsync(pieces)).toString();

const pageOf = (text: string) =>
  JSON.parse(text) as { items: { position: string; data: { text?: string } }[]; next: string | null };

/** Returns a function that returns the threads started so far. */
function startedThreads(): () => Worker[] {
  const asking = jest.spyOn(Worker.prototype, 'ref');
  return () => [...new Set(asking.mock.contexts as Worker[])];
}

describe('a page that a thread reads', () => {
  test('is byte for byte a page of the main thread, for any request', async () => {
    await write(40, 20);
    const pages = open();
    const some = (values: string[]) => fc.option(fc.subarray(values, { minLength: 1 }));
    const events = await store.readAll();
    const instants = events.map(({ recordedAt }) => recordedAt);
    const requests = events.map(({ correlationId }) => correlationId);
    const filter = fc.record<LogFilter>({
      types: some(['CommentAdded', 'ProgressStarted', 'Other']),
      actors: some(['ada', 'bob', 'cy']),
      records: some(['r-0', 'r-1', 'r-9']),
      correlations: some([...new Set(requests), 'other']),
      recordedFrom: fc.constantFrom(null, ...instants),
      recordedTo: fc.constantFrom(null, ...instants),
    });
    const after = fc.integer({ min: 0, max: 41 }).map(String);
    await fc.assert(
      fc.asyncProperty(filter, after, fc.integer({ min: 1, max: 50 }), async (...[by, from, limit]) => {
        const question = pageRequest({ filter: by, after: from, limit });
        expect(await textOf(pages.page(question))).toBe(await textOf(logPage(store, question)));
      }),
      { numRuns: 30 },
    );
    expect(pages.counts).toEqual({ busy: 0, waiting: 0, tooSlow: 0, replaced: 0, left: 0 });
  }, 60_000);

  test('is read as it is consumed: values erased before a slow reader reaches them are not sent', async () => {
    await write(20, 100_000);
    const pieces = open().page(pageRequest());
    const first = await pieces.next();
    await store.erase('recommendation-r-4', 4, ['/data/text']);

    const rest = await textOf(pieces);

    const { items } = pageOf(Buffer.from(first.value as Uint8Array).toString() + rest);
    expect(items).toHaveLength(20);
    expect(items.map(({ data }) => data.text === undefined)).toEqual(items.map((_, at) => at === 24 - 5));
  });

  test('is read concurrently with others', async () => {
    await write(20, 50_000);
    const pages = open();
    const whole = await textOf(logPage(store, pageRequest()));
    const read = Array.from({ length: 10 }, (_, index) =>
      withReadContext(undefined, () => textOf(pages.page(pageRequest())), `reader-${index}`),
    );
    expect(new Set(await Promise.all(read))).toEqual(new Set([whole]));
  });

  test('ends when its time is up, and returns the place to continue', async () => {
    await write(10, 200_000);
    const pages = open({ limitMs: 0, graceMs: 60_000 });
    const found: string[] = [];
    const filter = { ...ALL, types: ['Other', 'CommentAdded'] };
    let count = 0;
    for (let after: string | null = '0'; after !== null; count += 1) {
      const { items, next } = pageOf(await textOf(pages.page(pageRequest({ after, filter }))));
      found.push(...items.map(({ position }) => position));
      after = next;
    }
    expect(found).toEqual(['1', '4', '7', '10']);
    expect(count).toBeGreaterThan(1);
  });

  test('is cancelled when its reader disconnects', async () => {
    await write(20, 100_000);
    const pages = open();
    const gone = new AbortController();
    const pieces = withReadContext(gone.signal, () => pages.page(pageRequest()), 'ann');
    await pieces.next();
    gone.abort();
    await expect(pieces.next()).rejects.toMatchObject({ code: 'read-abandoned' });
    expect(pages.counts).toMatchObject({ busy: 0, replaced: 0 });
  });
});

describe('an event that cannot be read', () => {
  beforeEach(async () => {
    await write(12);
    const file = new Database(path);
    file.exec("UPDATE events SET envelope = '{' WHERE position = 7");
    file.close();
  });

  test('ends the page before that event, and is reported', async () => {
    const pages = open();
    for (const filter of [ALL, { ...ALL, actors: ['ada'] }, { ...ALL, records: ['r-1'] }]) {
      const text = await textOf(pages.page(pageRequest({ filter })));
      expect(text).toBe(await textOf(logPage(store, pageRequest({ filter }))));
      expect(met.splice(0)).toMatchObject([{ code: 'store-damaged', place: { position: '7', version: 2 } }]);
    }
  });

  test('refuses a page that begins with it, as the main thread does', async () => {
    const question = pageRequest({ after: '6' });
    const here = await textOf(logPage(store, question)).catch((error: unknown) => error);
    const { code, message } = here as Error & { code: string };
    const pages = open();
    await expect(textOf(pages.page(question))).rejects.toMatchObject({ code, message });
    expect(pageOf(await textOf(pages.page(pageRequest({ after: '7' })))).items).toHaveLength(5);
  });
});

describe('a file that was moved', () => {
  test.each(['before', 'after'])('is read no further where that was %s the thread started', async (when) => {
    await write(3);
    const pages = open();
    if (when === 'after') await textOf(pages.page(pageRequest()));
    renameSync(path, `${path}.away`);
    const other = await openStore({ kind: 'sqlite', path }, { create: true });
    const { message } = (await store.lastPosition().catch((error: unknown) => error)) as Error;
    await expect(textOf(pages.page(pageRequest()))).rejects.toMatchObject({
      code: 'store-unavailable',
      message,
    });
    await other.close();
  });
});

describe('a thread', () => {
  test('that ends loses its current pages, and another reads the next', async () => {
    await write(20, 100_000);
    const pages = open();
    const threads = startedThreads();
    const pieces = pages.page(pageRequest());
    await pieces.next();
    await threads()[0]?.terminate();
    await expect(pieces.next()).rejects.toMatchObject({ code: 'store-unavailable' });
    expect(await textOf(pages.page(pageRequest()))).toBe(await textOf(logPage(store, pageRequest())));
    expect(threads()).toHaveLength(2);
    expect(pages.counts).toEqual({ busy: 0, waiting: 0, tooSlow: 0, replaced: 1, left: 0 });
    expect(replaced).toEqual(['A log reader thread was replaced: it has ended']);
  });

  test('ends when its reader closes it, even in the middle of a page', async () => {
    await write(20, 100_000);
    const pages = open();
    const threads = startedThreads();
    const pieces = pages.page(pageRequest());
    await pieces.next();
    await pages.close();
    expect(threads().map(({ threadId }) => threadId)).toEqual([-1]);
    await expect(pieces.next()).rejects.toMatchObject({ code: 'read-abandoned' });
    await expect(textOf(pages.page(pageRequest()))).rejects.toMatchObject({ code: 'read-abandoned' });
    expect(replaced).toEqual([]);
  });
});
