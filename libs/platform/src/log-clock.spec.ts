import { describe, expect, it } from '@jest/globals';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { createSealer } from '#audit/seal';
import { append, commit, draft } from '#test/support/event-commits';
import { LogClock } from './log-clock.ts';

const START = Date.parse('2026-11-25T12:00:00.000Z');

describe('the clock, seen from the log', () => {
  it.each([
    ['an empty log', null],
    ['an event of the past', '2026-11-25T11:00:00.000Z'],
    ['an event of another machine, whose clock is a little ahead', '2026-11-25T12:01:00.000Z'],
  ])('is right by %s', (_, recordedAt) => {
    const clock = new LogClock(recordedAt, () => START);
    expect(clock.secondsBehind).toBe(0);
    expect(clock.trouble).toBeNull();
  });

  it('is behind where the last event is more than a minute ahead, until it has caught up', () => {
    let now = START;
    const clock = new LogClock('2026-11-25T12:02:00.000Z', () => now);
    expect(clock.secondsBehind).toBe(120);
    expect(clock.trouble).toMatch(
      /2026-11-25T12:02:00.000Z, 120 s ahead of this machine's clock \(2026-11-25T12:00/,
    );
    now += 90_000;
    expect(clock.secondsBehind).toBe(30);
    now += 30_000;
    expect(clock.trouble).toBeNull();
    // Whatever is appended from here on is not ahead of the clock that it was recorded by.
    now -= 90_000;
    expect(clock.secondsBehind).toBe(0);
  });

  it('looks at the last event of a store', async () => {
    const store = new MemoryEventStore(createSealer());
    const recordedAt = new Date(Date.now() + 3_600_000).toISOString();
    await store.append({ ...commit([append('s-1', 0, draft())]), recordedAt });
    expect((await LogClock.of(store)).secondsBehind).toBeGreaterThan(3_500);
    await store.close();
  });
});
