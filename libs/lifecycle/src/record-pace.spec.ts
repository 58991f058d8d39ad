import { beforeEach, describe, expect, test } from '@jest/globals';
import { book } from '#test/support/book-lifecycle';
import { VirtualClock } from '#test/support/virtual-clock';
import type { EffectiveDays } from './lifecycle-definition.ts';
import { eventsRefolded, RecordPace } from './record-pace.ts';

describe('an entry of an earlier day', () => {
  const days = ['2026-01-01', '2026-03-01', '2026-02-01', '2026-03-01'].reduce<EffectiveDays | null>(
    (before, on) => ({ on, latest: before !== null && before.latest > on ? before.latest : on, before }),
    null,
  );
  const refoldedBy = (on: string, type = 'Worn', own = days) =>
    eventsRefolded(book.code, { days: own }, [{ type }], on);

  test('counts the refolded later events, in any order of the stream', () => {
    expect(refoldedBy('2025-12-31')).toBe(4);
    expect(refoldedBy('2026-01-15')).toBe(3);
    expect(refoldedBy('2026-02-01')).toBe(2);
  });

  test('refolds no events if it is on the latest day or later, the first of its record, or an aside', () => {
    expect(refoldedBy('2026-03-01')).toBe(0);
    expect(eventsRefolded(book.code, null, [{ type: 'Worn' }], '2026-01-15')).toBe(0);
    expect(refoldedBy('2026-01-15', 'Praised')).toBe(0);
  });

  test('counts from the earliest of its events, and once', () => {
    const events = [{ type: 'Worn', effectiveOn: '2026-02-15' }, { type: 'Worn' }];
    expect(eventsRefolded(book.code, { days }, events, '2026-01-15')).toBe(3);
    expect(eventsRefolded(book.code, { days }, events, '2026-03-15')).toBe(2);
  });
});

describe('the pace of a record', () => {
  let clock: VirtualClock;
  let pace: RecordPace;
  let appended: string[];

  beforeEach(() => {
    clock = new VirtualClock();
    pace = new RecordPace({ atOnce: 100, perSecond: 100, waitMsMax: 3_000, waitingMax: 3 }, clock);
    appended = [];
  });

  const append = (name: string, refolded: number, stream = 's') =>
    pace.run(stream, (isInTurn) => {
      pace.begin(stream, refolded, isInTurn);
      appended.push(name);
      return Promise.resolve(name);
    });

  test('admits simultaneous imports, and one more, with any cost', async () => {
    await append('a', 60);
    await append('b', 250);
    expect(appended).toEqual(['a', 'b']);
  });

  test('delays later imports until that cost is worked off, in their order', async () => {
    await append('a', 200);
    const waiting = [append('b', 100), append('c', 100), append('d', 1)];
    await clock.moveTo(999);
    expect(appended).toEqual(['a']);
    await clock.moveTo(1_000);
    expect(appended).toEqual(['a', 'b']);
    await clock.moveTo(1_999);
    expect(appended).toEqual(['a', 'b']);
    await clock.moveTo(2_000);
    await clock.moveTo(3_000);
    expect(await Promise.all(waiting)).toEqual(['b', 'c', 'd']);
    expect(appended).toEqual(['a', 'b', 'c', 'd']);
  });

  test('never delays imports that refold nothing, nor another record', async () => {
    await append('a', 200);
    const waiting = append('b', 1);
    await append('today', 0);
    await append('elsewhere', 100, 't');
    expect(appended).toEqual(['a', 'today', 'elsewhere']);
    await clock.moveTo(1_000);
    await waiting;
    expect(appended.at(-1)).toBe('b');
  });

  test('refuses imports that would wait too long, with the time to retry', async () => {
    await append('a', 450);
    await expect(append('b', 1)).rejects.toMatchObject({ code: 'too-busy', retryAfter: 4 });
    await clock.moveTo(500);
    const patient = append('c', 300);
    const late = expect(append('d', 1)).rejects.toMatchObject({ code: 'too-busy', retryAfter: 3 });
    await clock.moveTo(3_500);
    expect(await patient).toBe('c');
    await late;
    expect(appended).toEqual(['a', 'c']);
  });

  test('refuses more imports than may wait', async () => {
    await append('a', 200);
    const waiting = [append('b', 1), append('c', 1), append('d', 1)];
    await expect(append('e', 1)).rejects.toMatchObject({ code: 'too-busy' });
    for (let now = 1_000; now < 1_100; now += 10) await clock.moveTo(now);
    await Promise.all(waiting);
    expect(appended).toEqual(['a', 'b', 'c', 'd']);
  });

  test('continues after a task that failed', async () => {
    await append('a', 200);
    const failing = pace.run('s', (isInTurn) => {
      pace.begin('s', 1, isInTurn);
      return Promise.reject(new Error('refused'));
    });
    const next = append('b', 1);
    await Promise.all([
      expect(failing).rejects.toThrow('refused'),
      (async () => {
        for (let now = 1_000; now < 1_100; now += 10) await clock.moveTo(now);
      })(),
    ]);
    expect(await next).toBe('b');
  });
});
