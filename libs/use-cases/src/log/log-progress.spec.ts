import { describe, expect, test } from '@jest/globals';
import type { Envelope } from '#event-sourcing/envelope';
import { StoreDamagedError, StoreUnavailableError } from '#event-sourcing/errors';
import { progressThrough } from './log-progress.ts';

const logOf = (first: bigint, last: bigint) => ({
  readAll: () => Promise.resolve([{ position: String(first) } as Envelope]),
  lastPosition: () => Promise.resolve(String(last)),
});

/** Returns the reports of progress for a sequence of events. */
async function reportsOf(
  log: Parameters<typeof progressThrough>[0],
  read: readonly (readonly [events: number, position: bigint])[],
): Promise<(readonly [events: number, total: number])[]> {
  const reports: (readonly [number, number])[] = [];
  const reach = await progressThrough(log, (...each) => reports.push(each));
  for (const [events, position] of read) reach(events, String(position));
  return reports;
}

describe('progress through a log', () => {
  test('given consecutive positions, then its length is exact, and reported at intervals and at the end', async () => {
    const read = [1, 999, 1_000, 1_500, 2_000, 4_999, 5_000].map((at) => [at, BigInt(at)] as const);
    expect(await reportsOf(logOf(1n, 5_000n), read)).toEqual(
      [1_000, 2_000, 4_999, 5_000].map((at) => [at, 5_000]),
    );
  });

  test('given pages of events, then each long one is reported, whatever its length', async () => {
    const read = [2_048, 4_096, 6_144].map((at) => [at, BigInt(at)] as const);
    expect(await reportsOf(logOf(1n, 9_000n), read)).toEqual(read.map(([at]) => [at, 9_000]));
  });

  test('given a second walk after the first, then it is reported from its beginning', async () => {
    const read = [5_000, 256, 1_256].map((at) => [at, BigInt(at)] as const);
    expect(await reportsOf(logOf(1n, 5_000n), read)).toEqual(read.map(([at]) => [at, 5_000]));
  });

  test('given places in a server’s log, then its length is near, and never less than the read part', async () => {
    const at = (event: number) => (BigInt(event) * 1_500n + 9_000_000n) << 64n;
    // The log has grown in the meantime.
    const read = [1_000, 4_000, 5_100].map((event) => [event, at(event)] as const);
    const [early, atEnd, later] = await reportsOf(logOf(at(1), at(4_000)), read);
    expect(early?.[1]).toBeGreaterThan(3_900);
    expect(early?.[1]).toBeLessThan(4_100);
    expect([atEnd, later]).toEqual([
      [4_000, 4_000],
      [5_100, 5_100],
    ]);
  });

  test('given a damaged first event, then it is reported, but not if the store fails for a different reason', async () => {
    const failing = (error: Error) =>
      reportsOf({ readAll: () => Promise.reject(error), lastPosition: () => Promise.resolve('10') }, [
        [10, 10n],
      ]);
    const place = { position: '1', streamId: null, version: null };
    expect(await failing(new StoreDamagedError(place, 'no JSON'))).toEqual([[10, 10]]);
    await expect(failing(new StoreUnavailableError('gone'))).rejects.toThrow('gone');
  });
});
