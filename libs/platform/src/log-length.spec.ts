import { describe, expect, it } from '@jest/globals';
import type { Envelope } from '#event-sourcing/envelope';
import { StoreDamagedError, StoreUnavailableError } from '#event-sourcing/errors';
import { measureLog } from './log-length.ts';

const logOf = (first: bigint, last: bigint) => ({
  readAll: () => Promise.resolve([{ position: String(first) } as Envelope]),
  lastPosition: () => Promise.resolve(String(last)),
});

describe('how long a log is, seen on the way', () => {
  it('is exact where positions are given one after another', async () => {
    const length = await measureLog(logOf(1n, 5_000n));
    expect([1, 2, 777, 5_000].map((events) => length(events, String(events)))).toEqual([
      5_000, 5_000, 5_000, 5_000,
    ]);
  });

  it('is near where positions are places in a server’s log, and never less than what was read', async () => {
    const at = (event: number) => (BigInt(event) * 1_500n + 9_000_000n) << 64n;
    const length = await measureLog(logOf(at(1), at(4_000)));
    expect(length(1_000, String(at(1_000)))).toBeGreaterThan(3_900);
    expect(length(1_000, String(at(1_000)))).toBeLessThan(4_100);
    expect(length(4_000, String(at(4_000)))).toBe(4_000);
    // The log has grown since.
    expect(length(4_100, String(at(4_100)))).toBe(4_100);
  });

  it('is told over a first event that is damaged, and not where the store fails otherwise', async () => {
    const failing = (error: Error) =>
      measureLog({ readAll: () => Promise.reject(error), lastPosition: () => Promise.resolve('10') });
    const place = { position: '1', streamId: null, version: null };
    expect((await failing(new StoreDamagedError(place, 'no JSON')))(5, '5')).toBe(10);
    await expect(failing(new StoreUnavailableError('gone'))).rejects.toThrow('gone');
  });

  it('is nothing for an empty log', async () => {
    const length = await measureLog({
      readAll: () => Promise.resolve([]),
      lastPosition: () => Promise.resolve('0'),
    });
    expect(length(0, '0')).toBe(0);
  });
});
