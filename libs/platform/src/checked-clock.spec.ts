import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createSealer } from '#audit/seal';
import type { EventStore } from '#event-sourcing/event-store';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { append, commit, draft } from '#test/support/event-commits';
import { collectLog } from '#test/support/event-streams';
import { CheckedClock } from './checked-clock.ts';
import type { SteadyClock } from './steady-clock.ts';
import { readSettings } from './settings.ts';
import { guardWrites } from './write-guard.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.parse('2026-11-25T12:00:00.000Z');
const JUMPED = expect.objectContaining({ code: 'clock-jumped' });

/** A machine whose wall clock can be set and whose steady clock keeps running. */
class Machine implements Pick<SteadyClock, 'now' | 'steady'> {
  #wall = START;
  #steady = 0;

  now = () => this.#wall;
  steady = () => this.#steady;

  pass(ms: number): this {
    this.#wall += ms;
    this.#steady += ms;
    return this;
  }

  jump(ms: number): this {
    this.#wall += ms;
    return this;
  }
}

let store: EventStore;
let reports: string[];
let machine: Machine;
beforeEach(() => {
  store = new MemoryEventStore(createSealer());
  reports = [];
  machine = new Machine();
});
afterEach(() => store.close());

const checked = (clock = machine) =>
  CheckedClock.of(store, {
    clock,
    onWrong: (message) => reports.push(`wrong: ${message}`),
    onRight: (message) => reports.push(`right: ${message}`),
  });
const recorded = (ms: number) =>
  store.append({ ...commit([append('s-1', 0, draft())]), recordedAt: new Date(ms).toISOString() });

describe('a running clock', () => {
  it('is right after any time, awake or asleep, and any number of steps that add up to an hour at most', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(365 * DAY), fc.integer({ min: -2 * HOUR, max: 2 * HOUR }))),
        async (steps) => {
          const stepped = new Machine();
          const clock = await CheckedClock.of(store, { clock: stepped });
          let away = 0;
          for (const [passed, step] of steps) {
            stepped.pass(passed).jump(step);
            away += step;
            expect(clock.trouble() === null).toBe(Math.abs(away) <= HOUR);
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it.each([
    ['forward', 40 * DAY],
    ['back', -40 * DAY],
  ])('that jumped %s is reported once, and is right again when it is corrected', async (direction, leap) => {
    const clock = await checked();
    machine.jump(leap);
    expect(() => {
      clock.assertRight();
    }).toThrow(JUMPED);
    expect(clock.trouble()).toContain(`jumped ${direction} by ${40 * 24 * 60} minutes`);
    machine.jump(-leap);
    clock.assertRight();
    expect(reports).toEqual([
      expect.stringMatching(new RegExp(`^wrong: .*${direction}`)),
      expect.stringMatching(/^right: /),
    ]);
  });

  it('refuses events that were decided while it was ahead, also when it is right again', async () => {
    const clock = await checked();
    machine.jump(DAY);
    const recordedAt = new Date(machine.now()).toISOString();
    machine.jump(-DAY);
    expect(() => {
      clock.assertRight(recordedAt);
    }).toThrow(JUMPED);
    clock.assertRight();
  });
});

describe('a clock at the start', () => {
  it.each([
    ['years ago', START - 1_000 * DAY],
    ['by a machine whose clock is almost an hour ahead', START + 59 * MINUTE],
  ])('is right if the newest event was recorded %s', async (_, recordedAt) => {
    await recorded(recordedAt);
    expect((await checked()).trouble()).toBeNull();
  });

  it('that is behind the newest event is right when it has passed it', async () => {
    await recorded(START + 2 * DAY);
    const clock = await checked();
    expect(clock.trouble()).toMatch(/recorded at 2026-11-27T12:00:00.000Z, 172800 s ahead/);
    machine.pass(DAY);
    expect(() => {
      clock.assertRight();
    }).toThrow(JUMPED);
    machine.pass(DAY);
    clock.assertRight();
  });

  it('that is behind the newest event is right when it is set, and a later jump is found', async () => {
    await recorded(START + 2 * DAY);
    const clock = await checked();
    machine.jump(3 * DAY);
    clock.assertRight();
    machine.jump(-2 * HOUR);
    expect(() => {
      clock.assertRight();
    }).toThrow(JUMPED);
  });
});

describe('a guarded store', () => {
  it('refuses appends while the clock is wrong, and serves reads', async () => {
    await recorded(Date.now() + DAY);
    const errors: string[] = [];
    const { store: guarded } = await guardWrites(store, readSettings({ DOCKET_STORE: 'memory:' }), {
      onError: (message) => errors.push(message),
      onWarning: () => undefined,
    });
    await expect(guarded.append(commit([append('s-2', 0, draft())]))).rejects.toEqual(JUMPED);
    expect(await collectLog(guarded)).toHaveLength(1);
    expect(errors).toHaveLength(1);
  });
});
