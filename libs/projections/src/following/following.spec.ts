import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createSealer } from '#audit/seal';
import type { Envelope } from '#event-sourcing/envelope';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { append, commit, draft } from '#test/support/event-commits';
import { untilTrue } from '#test/support/event-streams';
import type { Follower, FollowerBookmark, Positioned } from './follower.ts';
import { Following } from './following.ts';
import type { FollowingOptions } from './following.ts';
import { polledPart } from './log-part.ts';
import type { LogPart } from './log-part.ts';

const WAIT_MS = 10_000;
const RETRY_MS = { first: 1, max: 4 };

let store: MemoryEventStore;
let errors: unknown[];
let started: Following<Positioned>[];

beforeEach(() => {
  store = new MemoryEventStore(createSealer());
  errors = [];
  started = [];
});
afterEach(async () => {
  await Promise.all(started.map((following) => following.stop()));
  await store.close();
});

let version = 0;
beforeEach(() => {
  version = 0;
});
async function appendEvents(count = 1): Promise<string> {
  for (let index = 0; index < count; index += 1) {
    await store.append(commit([append('s', version, draft(`event ${version}`))]));
    version += 1;
  }
  return store.lastPosition();
}

/** Returns a stored bookmark, which keeps its position after the following ends. */
function makeBookmark(from = '0'): FollowerBookmark & { position: string } {
  const bookmark = {
    position: from,
    read: () => Promise.resolve(bookmark.position),
    save(position: string) {
      bookmark.position = position;
      return Promise.resolve();
    },
  };
  return bookmark;
}

function follow<Item extends Positioned>(
  follower: Omit<Follower<Item>, 'name'>,
  options: Omit<FollowingOptions<Item>, 'follower' | 'onError'>,
): Following<Item> {
  const following = new Following<Item>({
    pollMs: 5,
    retryMs: RETRY_MS,
    onError: (error) => errors.push(error),
    ...options,
    follower: { name: 'watched', ...follower },
  });
  started.push(following);
  return following;
}

/** Returns the part of the log that contains every second event, as an index would find it. */
const evenEvents = (): LogPart<Envelope> =>
  polledPart({
    lastPosition: () => store.lastPosition(),
    next: async (after) =>
      (await store.readAll({ after })).filter((event) => event.version % 2 === 0).slice(0, 2),
  });

const versions = (events: readonly Envelope[]) => events.map((event) => event.version);

describe('a follower of the log', () => {
  test('receives the events after its bookmark, in order, and later appends', async () => {
    await appendEvents(3);
    const seen: number[] = [];
    const bookmark = makeBookmark('1');
    const following = follow<Envelope>(
      {
        bookmark,
        handle: (batch) => {
          seen.push(...versions(batch));
          return Promise.resolve();
        },
      },
      { log: store },
    );
    following.start();
    expect(await following.whenHandled('3', WAIT_MS)).toBe(true);
    expect(await following.whenHandled(await appendEvents(2), WAIT_MS)).toBe(true);
    expect(seen).toEqual([2, 3, 4, 5]);
    expect(bookmark.position).toBe('5');
    expect(errors).toEqual([]);
  });

  test.each(['handling', 'saving'] as const)(
    'that fails while %s is reported, and handles the batch again from its bookmark on',
    async (what) => {
      await appendEvents(2);
      const seen: number[][] = [];
      let failures = 2;
      const fail = (now: boolean) =>
        now && failures-- > 0 ? Promise.reject(new Error(what)) : Promise.resolve();
      const bookmark = makeBookmark();
      const following = follow<Envelope>(
        {
          bookmark: {
            read: () => bookmark.read(),
            async save(position) {
              await fail(what === 'saving');
              bookmark.position = position;
            },
          },
          handle(batch) {
            seen.push(versions(batch));
            return fail(what === 'handling');
          },
        },
        { log: store },
      );
      following.start();
      expect(await following.whenHandled('2', WAIT_MS)).toBe(true);
      expect(seen).toEqual([
        [1, 2],
        [1, 2],
        [1, 2],
      ]);
      expect(errors).toEqual([new Error(what), new Error(what)]);
    },
  );

  test('given a pause after a failure, when a caller begins to wait, then the batch is retried at once', async () => {
    await appendEvents(1);
    let failures = 0;
    const following = follow<Envelope>(
      {
        bookmark: makeBookmark(),
        handle: () => (failures++ === 0 ? Promise.reject(new Error('once')) : Promise.resolve()),
      },
      { log: store, retryMs: { first: 3_600_000, max: 3_600_000 } },
    );
    following.start();
    await untilTrue(() => errors.length > 0);
    expect(await following.whenHandled('1', WAIT_MS)).toBe(true);
    expect(errors).toEqual([new Error('once')]);
  });
});

describe('a follower of a part of the log', () => {
  test('receives that part page by page', async () => {
    await appendEvents(7);
    const done: unknown[] = [];
    const following = follow<Envelope>(
      {
        bookmark: makeBookmark(),
        handle: (batch) => Promise.resolve(void done.push(versions(batch))),
      },
      { log: evenEvents() },
    );
    await following.look();
    expect(done).toEqual([[2, 4], [6]]);
    await following.look();
    expect(done).toEqual([[2, 4], [6]]);
  });

  test('handles events after its last item as well, and nothing beyond the log’s end', async () => {
    await appendEvents(3);
    const bookmark = makeBookmark();
    const following = follow<Envelope>({ bookmark, handle: () => Promise.resolve() }, { log: evenEvents() });
    following.start();
    expect(await following.whenHandled('3', WAIT_MS)).toBe(true);
    expect(bookmark.position).toBe('2');
    expect(await following.whenHandled('4', 50)).toBe(false);
    await expect(following.whenHandled('soon', 50)).rejects.toThrow(RangeError);
  });

  test('leaves out events that another process has handled with the same bookmark', async () => {
    await appendEvents(2);
    const seen: number[] = [];
    const bookmark = makeBookmark();
    const following = follow<Envelope>(
      { bookmark, handle: (batch) => Promise.resolve(void seen.push(...versions(batch))) },
      { log: evenEvents() },
    );
    await following.look();
    await appendEvents(4);
    bookmark.position = '4';
    await following.look();
    expect(seen).toEqual([2, 6]);
  });
});

describe('a stop', () => {
  test('waits for the batch that is being handled, and its bookmark is saved', async () => {
    await appendEvents(1);
    const begun = Promise.withResolvers<undefined>();
    const bookmark = makeBookmark();
    const following = follow<Envelope>(
      {
        bookmark,
        async handle(_, { stopping }) {
          begun.resolve(undefined);
          await untilTrue(() => stopping.aborted);
        },
      },
      { log: store },
    );
    following.start();
    await begun.promise;
    const waiting = following.whenHandled('9', WAIT_MS);
    await following.stop();
    expect(bookmark.position).toBe('1');
    expect(await waiting).toBe(false);
    expect(errors).toEqual([]);
  });

  test('abandons a batch that does not end, reports that, and the batch is handled again later', async () => {
    await appendEvents(1);
    const begun = Promise.withResolvers<undefined>();
    const never = Promise.withResolvers<undefined>();
    const bookmark = makeBookmark();
    const handle = async () => {
      begun.resolve(undefined);
      await never.promise;
    };
    const following = follow<Envelope>({ bookmark, handle }, { log: store, stopMs: 20 });
    following.start();
    await begun.promise;
    await following.stop();
    expect(errors).toMatchObject([
      { message: expect.stringMatching(/"watched" .* handled again/) as unknown },
    ]);
    expect(bookmark.position).toBe('0');
    never.resolve(undefined);
  });

  test.each([
    ['fails', 'is reported', new Error('the disk is full'), 1],
    ['is cancelled', 'is not', new DOMException('', 'AbortError'), 0],
  ])('given that the awaited batch %s, then the stop %s', async (_, __, why, expected) => {
    await appendEvents(1);
    const begun = Promise.withResolvers<undefined>();
    const following = follow<Envelope>(
      {
        bookmark: makeBookmark(),
        async handle(_batch, { stopping }) {
          begun.resolve(undefined);
          await untilTrue(() => stopping.aborted);
          throw why;
        },
      },
      { log: store },
    );
    following.start();
    await begun.promise;
    await following.stop();
    expect(errors).toEqual([why].slice(0, expected));
  });

  test('does not wait for a pause', async () => {
    const following = follow<Envelope>(
      { bookmark: makeBookmark(), handle: () => Promise.resolve() },
      { log: evenEvents(), pollMs: 3_600_000 },
    );
    following.start();
    expect(await following.whenHandled('0', WAIT_MS)).toBe(true);
    await following.stop();
  });
});

test('pauses after failures grow, up to a bound', async () => {
  await appendEvents(1);
  const begun: number[] = [];
  const handle = () => {
    begun.push(performance.now());
    return Promise.reject(new Error('always'));
  };
  const retryMs = { first: 10, max: 40 };
  follow<Envelope>({ bookmark: makeBookmark(), handle }, { log: store, retryMs }).start();
  await untilTrue(() => begun.length === 5);
  // Timers may fire a millisecond early, or late by any time.
  for (const [index, least] of [10, 20, 40, 40].entries())
    expect((begun[index + 1] ?? 0) - (begun[index] ?? 0) + 1).toBeGreaterThanOrEqual(least);
});

test('with any failures and ends: each item is handled at least once, and never before an earlier one', async () => {
  const total = 12;
  await appendEvents(total);
  const outcome = fc.constantFrom('holds', 'holds', 'holds', 'handling', 'saving', 'ends');
  const parts = { 'the log': () => store, 'a part of it': evenEvents };
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Object.values(parts)),
      fc.array(outcome, { maxLength: 12 }),
      async (part, outcomes) => {
        const bookmark = makeBookmark();
        const seen: number[] = [];
        const left = [...outcomes];
        const run = async (): Promise<void> => {
          const before = errors.length;
          const now = left.shift() ?? 'holds';
          const following: Following<Envelope> = follow<Envelope>(
            {
              bookmark: {
                read: () => bookmark.read(),
                async save(position) {
                  // This failure is between handling and saving, so the bookmark does not move.
                  if (now === 'saving' || now === 'ends') throw new Error(now);
                  await bookmark.save?.(position);
                },
              },
              handle(batch) {
                seen.push(...versions(batch.slice(0, now === 'handling' ? 1 : undefined)));
                return now === 'handling' ? Promise.reject(new Error(now)) : Promise.resolve();
              },
            },
            { log: part() },
          );
          following.start();
          if (now === 'holds') await following.whenHandled(String(total), WAIT_MS);
          else await untilTrue(() => errors.length > before || bookmark.position === String(total));
          await following.stop();
        };
        do await run();
        while (left.length > 0);
        await run();
        const wanted = versions(await store.readAll()).filter(
          (each) => part !== evenEvents || each % 2 === 0,
        );
        const first = [...new Set(seen)];
        expect(first).toEqual(wanted);
      },
    ),
    { numRuns: 40 },
  );
});
