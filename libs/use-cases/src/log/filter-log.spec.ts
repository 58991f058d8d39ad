import { StoreDamagedError } from '#event-sourcing/errors';
import { wholePage } from '#test/support/pieces';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Envelope } from '#event-sourcing/envelope';
import { RecordLog } from '#test/support/record-log';
import { filteredLog, matchesFilter } from './filter-log.ts';
import type { LogFilter } from './filter-log.ts';

const ALL: LogFilter = {
  types: null,
  actors: null,
  records: null,
  correlations: null,
  recordedFrom: null,
  recordedTo: null,
};

/** A log that counts the events read from it. */
function counted(events: readonly Envelope[]) {
  let read = 0;
  const streams = Map.groupBy(events, ({ streamId }) => streamId);
  const indices = new Map(events.map(({ position }, index) => [position, index]));
  const page = (all: readonly Envelope[], from: number, limit = 1_000) => {
    const page = all.slice(from, from + limit);
    read += page.length;
    return Promise.resolve(page);
  };
  return {
    events,
    read: () => read,
    lastPosition: () => Promise.resolve(events.at(-1)?.position ?? '0'),
    readAll: ({ after = '0', limit }: { after?: string; limit?: number } = {}) =>
      page(events, (indices.get(after) ?? -1) + 1, limit),
    readStream: (streamId: string, { after = 0, limit }: { after?: number; limit?: number } = {}) =>
      page(streams.get(streamId) ?? [], after, limit),
  };
}

/** Returns all matching events, page by page, with the number of pages. */
async function allPages(log: ReturnType<typeof counted>, filter: LogFilter, limit: number) {
  const found: Envelope[] = [];
  let pages = 0;
  for (let after: string | null = '0'; after !== null;) {
    const page: { items: readonly Envelope[]; next: string | null } = await wholePage(
      filteredLog(log, { after, limit, filter }),
    );
    const { items, next } = page;
    expect(items.length).toBeLessThanOrEqual(limit);
    if (next !== null) expect(BigInt(next)).toBeGreaterThan(BigInt(after));
    found.push(...items);
    pages += 1;
    after = next;
  }
  return { found, pages };
}

function written(): RecordLog {
  const log = new RecordLog();
  for (const id of ['a', 'b', 'c']) log.issue(id);
  log.comment('a', 'one');
  log.add(
    'b',
    'ProgressStarted',
    {},
    {
      ...{ subject: 'bob', correlationId: 'one request' },
      recordedAt: '2026-03-29T00:30:00.000Z',
    },
  );
  log.comment('c', 'two');
  log.append('refusals-2026-01-01', 'CommandRefused', {}, { subject: 'bob' });
  log.comment('a', 'three');
  return log;
}

describe('the log, filtered', () => {
  test.each([
    ['a type', { types: ['CommentAdded'] }, 3],
    ['two types', { types: ['CommentAdded', 'ProgressStarted'] }, 4],
    ['an actor', { actors: ['bob'] }, 2],
    ['a request', { correlations: ['one request'] }, 1],
    ['a record', { records: ['a'] }, 3],
    ['two records', { records: ['b', 'c'] }, 4],
    ['a record and a type', { records: ['a'], types: ['CommentAdded'] }, 2],
    ['an instant on', { recordedFrom: '2026-03-29T00:30:00.000Z' }, 1],
    ['up to an instant', { recordedTo: '2026-01-01T00:00:02.000Z' }, 3],
    ['unknown actors', { actors: ['nobody'] }, 0],
    ['a record that there is not', { records: ['none'] }, 0],
  ])('by %s contains the matching events, in order, with any page sizes', async (_, change, count) => {
    const { events } = written();
    const filter = { ...ALL, ...change };
    const wanted = events.filter((event) => matchesFilter(filter, event));
    expect(wanted).toHaveLength(count);
    for (const limit of [1, 2, 3, 100]) {
      expect((await allPages(counted(events), filter, limit)).found).toEqual(wanted);
    }
  });

  test('contains the same as the manually filtered whole log, for any filter and page', async () => {
    const some = (values: string[]) => fc.option(fc.subarray(values, { minLength: 1 }));
    const filters = fc.record<LogFilter>({
      types: some(['CommentAdded', 'ProgressStarted', 'RecommendationIssued', 'CommandRefused', 'Other']),
      actors: some(['ada', 'bob', 'cy']),
      records: some(['a', 'b', 'c', 'd']),
      correlations: some(['spec', 'one request', 'other']),
      recordedFrom: fc.constantFrom(null, '2026-01-01T00:00:03.000Z', '2026-03-01T00:00:00.000Z'),
      recordedTo: fc.constantFrom(null, '2026-01-01T00:00:05.000Z', '2026-12-01T00:00:00.000Z'),
    });
    const { events } = written();
    await fc.assert(
      fc.asyncProperty(filters, fc.integer({ min: 1, max: 10 }), async (filter, limit) => {
        const wanted = events.filter((event) => matchesFilter(filter, event));
        expect((await allPages(counted(events), filter, limit)).found).toEqual(wanted);
      }),
    );
  });

  describe('of many events', () => {
    const log = new RecordLog();
    log.issue('a');
    for (let index = 0; index < 45_000; index += 1) log.append('refusals-x', 'CommandRefused', {});
    log.comment('a', 'the last');

    test('reads a bounded number of them for a page, and returns the place to continue', async () => {
      const store = counted(log.events);
      const filter = { ...ALL, types: ['CommentAdded'] };
      const first = await wholePage(filteredLog(store, { after: '0', limit: 10, filter }));
      expect(first.items).toEqual([]);
      expect(first.next).not.toBeNull();
      expect(store.read()).toBeLessThanOrEqual(20_000);
      expect(await allPages(store, filter, 10)).toEqual({ found: [log.events.at(-1)], pages: 3 });
    });

    test('finds those of one record without reading the others', async () => {
      const store = counted(log.events);
      const filter = { ...ALL, records: ['a'] };
      expect((await allPages(store, filter, 10)).found).toHaveLength(2);
      expect(store.read()).toBeLessThanOrEqual(4);
    });
  });

  test('of a record continues after its last read event, however large that is', async () => {
    const long = new RecordLog();
    long.issue('a');
    for (let index = 0; index < 21_500; index += 1) long.comment('a', 'x');
    const filter = { ...ALL, records: ['a'] };
    const after = long.events.at(-3)!.position;

    const { items } = await wholePage(filteredLog(counted(long.events), { after, limit: 10, filter }));

    expect(items).toEqual(long.events.slice(-2));
    const none = { ...filter, types: ['ProgressStarted'] };
    expect((await allPages(counted(long.events), none, 10)).pages).toBe(2);
  });

  test.each([ALL, { ...ALL, types: ['CommentAdded'] }])(
    'ends before an event that cannot be read, and is refused from there: %j',
    async (filter) => {
      const long = new RecordLog();
      long.issue('a');
      for (let index = 0; index < 300; index += 1) long.comment('a', 'x');
      const damaged = long.events[200]!;
      const place = { position: damaged.position, streamId: damaged.streamId, version: damaged.version };
      const whole = counted(long.events);
      const store = {
        ...whole,
        async readAll(options: { after?: string; limit?: number } = {}) {
          const page = await whole.readAll(options);
          const at = page.findIndex(({ position }) => position === damaged.position);
          if (at === 0) throw new StoreDamagedError(place, 'it is not an event');
          return at < 0 ? page : page.slice(0, at);
        },
      };
      const { items, next } = await wholePage(filteredLog(store, { after: '0', limit: 1_000, filter }));
      expect(items.at(-1)).toEqual(long.events[199]);
      expect(next).toBe(long.events[199]!.position);
      const rest = wholePage(filteredLog(store, { after: next as string, limit: 1_000, filter }));
      await expect(rest).rejects.toMatchObject({ code: 'store-damaged' });
    },
  );

  test('of a record is refused where damage precedes the requested page, and sends no reader back', async () => {
    const long = new RecordLog();
    long.issue('a');
    for (let index = 0; index < 300; index += 1) long.comment('a', 'x');
    const [damaged, wanted] = [long.events[200]!, long.events[250]!];
    const place = { position: damaged.position, streamId: damaged.streamId, version: damaged.version };
    const whole = counted(long.events);
    const store = {
      ...whole,
      readStream(streamId: string, options: { after?: number; limit?: number } = {}) {
        if (options.after === 200) throw new StoreDamagedError(place, 'it is not an event');
        return whole.readStream(streamId, { ...options, limit: 100 });
      },
    };
    const filter = { ...ALL, records: ['a'] };
    const page = wholePage(filteredLog(store, { after: wanted.position, limit: 10, filter }));
    await expect(page).rejects.toMatchObject({ code: 'store-damaged' });
  });

  test('contains a limited amount of text', async () => {
    const log = new RecordLog();
    log.issue('a');
    for (let index = 0; index < 3_000; index += 1) log.comment('a', 'x'.repeat(10_000));
    const store = counted(log.events);
    const filter = { ...ALL, types: ['CommentAdded'] };
    const { items } = await wholePage(filteredLog(store, { after: '0', limit: 10_000, filter }));
    expect(items.length).toBeLessThan(2_000);
    expect((await allPages(store, filter, 10_000)).found).toHaveLength(3_000);
  });
});
