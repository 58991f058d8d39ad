import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { createSealer } from '#audit/seal';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { append, commit, draft } from '#test/support/event-commits';
import { StoreUnavailableError, VersionConflictError } from './errors.ts';
import { PAUSE_MS_MAX, RETRIES_MS_MAX, retryConflicts } from './retry-conflicts.ts';

const STREAM = 's';

let store: MemoryEventStore;

beforeEach(() => {
  jest.useFakeTimers();
  store = new MemoryEventStore(createSealer());
});
afterEach(() => {
  jest.useRealTimers();
});

const texts = async () => (await store.readStream(STREAM)).map(({ data }) => data['text']);
const say = (text: string, version: number) => store.append(commit([append(STREAM, version, draft(text))]));
const versionNow = async () => (await store.readStream(STREAM)).length;

/** Runs pending timers until the work settles. */
async function settled<T>(work: Promise<T>): Promise<PromiseSettledResult<T>> {
  const all = Promise.allSettled([work]);
  await jest.runAllTimersAsync();
  return (await all)[0];
}

describe('an append that meets conflicts', () => {
  test('given other writers who are faster a few times, then each attempt reads and decides again, and one appends', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(12), async (conflicts) => {
        store = new MemoryEventStore(createSealer());
        const attempts: { isAgain: boolean; version: number }[] = [];
        const work = retryConflicts(async (isAgain) => {
          const version = await versionNow();
          attempts.push({ isAgain, version });
          if (attempts.length <= conflicts) await say('another', version);
          await say(`after ${version}`, version);
          return version;
        });
        expect(await settled(work)).toEqual({ status: 'fulfilled', value: conflicts });
        expect(attempts).toEqual(
          Array.from({ length: conflicts + 1 }, (_, version) => ({ isAgain: version > 0, version })),
        );
        expect(await texts()).toEqual([...Array<string>(conflicts).fill('another'), `after ${conflicts}`]);
      }),
      { numRuns: 20 },
    );
  });

  test('given endless conflicts, then the last conflict is thrown when the time is over, and nothing is appended', async () => {
    const startedAt = performance.now();
    const startsOf: number[] = [];
    let version = 0;
    const work = retryConflicts(async () => {
      startsOf.push(performance.now() - startedAt);
      version += 1;
      await say('another', version - 1);
      await say('mine', version - 1);
    });
    const end = await settled(work);
    expect(end).toEqual({
      status: 'rejected',
      reason: new VersionConflictError(STREAM, version - 1, version),
    });
    expect(new Set(await texts())).toEqual(new Set(['another']));
    const pauses = startsOf.slice(1).map((start, index) => start - startsOf[index]!);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(PAUSE_MS_MAX);
    const last = startsOf.at(-1)!;
    expect(last).toBeGreaterThan(RETRIES_MS_MAX);
    expect(last).toBeLessThanOrEqual(RETRIES_MS_MAX + PAUSE_MS_MAX);
  });

  test('given pauses, then they grow: fast writers retry soon, and slow ones rarely', async () => {
    jest.spyOn(Math, 'random').mockReturnValue(1);
    try {
      const startsOf: number[] = [];
      await settled(
        retryConflicts(() => {
          startsOf.push(performance.now());
          return Promise.reject(new VersionConflictError(STREAM, 0, 1));
        }),
      );
      const pauses = startsOf.slice(1).map((start, index) => Math.round(start - startsOf[index]!));
      expect(pauses.slice(0, 9)).toEqual([1, 2, 4, 8, 16, 32, 64, 100, 100]);
    } finally {
      jest.restoreAllMocks();
    }
  });
});

describe('an attempt that fails otherwise', () => {
  const failures = [new StoreUnavailableError('away'), new TypeError('a mistake')];

  test.each(failures)('given %s at first, then it is thrown at once', async (failure) => {
    let attempts = 0;
    const work = retryConflicts(() => {
      attempts += 1;
      return Promise.reject(failure);
    });
    await expect(work).rejects.toBe(failure);
    expect(attempts).toBe(1);
  });

  test.each(failures)('given %s after a conflict, then it is thrown then', async (failure) => {
    let attempts = 0;
    const work = retryConflicts(() => {
      attempts += 1;
      return Promise.reject(attempts === 1 ? new VersionConflictError(STREAM, 0, 1) : failure);
    });
    expect(await settled(work)).toEqual({ status: 'rejected', reason: failure });
    expect(attempts).toBe(2);
  });
});
