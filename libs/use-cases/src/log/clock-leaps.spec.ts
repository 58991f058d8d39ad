import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createSealer } from '#audit/seal';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { CLOCK_STREAM, clockConfirmed } from '#state-machines/clock-events';
import { append, commit, draft } from '#test/support/event-commits';
import { clockLeaps } from './clock-leaps.ts';

const NOW = '2026-11-25T12:00:00.000Z';
const FUTURE = '2027-03-05T12:00:00.000Z';

let store: MemoryEventStore;
beforeEach(() => {
  store = new MemoryEventStore(createSealer());
});
afterEach(() => store.close());

const recorded = (recordedAt: string, streamId: string, version = 0) =>
  store.append({ ...commit([append(streamId, version, draft())]), recordedAt });
const confirmed = (latest: string | null, version = 0) =>
  store.append({
    ...commit([append(CLOCK_STREAM, version, clockConfirmed({ now: NOW, latest }))]),
    recordedAt: NOW,
  });
const leaps = () => clockLeaps(store, Date.parse(NOW));

describe('where a clock was wrong', () => {
  test('is reported of a log whose last event is in the future', async () => {
    expect(await leaps()).toEqual([]);
    await recorded('2026-11-25T12:04:00.000Z', 's-1');
    expect(await leaps()).toEqual([]);
    await recorded(FUTURE, 's-2');
    expect(await leaps()).toMatchObject([{ code: 'clock-leap', position: null }]);
  });

  test('is reported at its confirmation from then on, once, also if its stream continues', async () => {
    await recorded(FUTURE, 's-1');
    await confirmed(FUTURE);
    await confirmed(FUTURE, 1);
    await recorded(NOW, 's-1', 1);
    expect(await leaps()).toMatchObject([{ position: '2', detail: expect.stringContaining(FUTURE) }]);
  });

  test('is not reported of a confirmation of a machine that slept', async () => {
    await recorded('2026-11-20T12:00:00.000Z', 's-1');
    await confirmed('2026-11-20T12:00:00.000Z');
    expect(await leaps()).toEqual([]);
  });
});
