import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createSealer } from '#audit/seal';
import { WritesRefusedError } from '#event-sourcing/errors';
import type { EventStore } from '#event-sourcing/event-store';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { CLOCK_STREAM } from '#state-machines/clock-events';
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
const CALL = { actor: { subject: 'ada', roles: ['administrator'] }, correlationId: 'c-1' };

/** A machine whose wall clock can be set and whose steady clock keeps running. */
class Machine implements Pick<SteadyClock, 'now' | 'steady'> {
  #wall: number;
  #steady = 0;

  constructor(wall = START) {
    this.#wall = wall;
  }

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
beforeEach(() => {
  store = new MemoryEventStore(createSealer());
  reports = [];
});
afterEach(() => store.close());

const checked = (machine: Machine, toleranceMs = HOUR) =>
  CheckedClock.of(store, {
    toleranceMs,
    clock: machine,
    onJumped: (message) => reports.push(`jumped: ${message}`),
    onRight: (message) => reports.push(`right: ${message}`),
  });
const recorded = (ms: number, streamId = 's-1', version = 0) =>
  store.append({
    ...commit([append(streamId, version, draft())]),
    recordedAt: new Date(ms).toISOString(),
  });
const refused = (clock: CheckedClock) =>
  clock.assertRight().then(
    () => null,
    (error: unknown) => (error instanceof WritesRefusedError ? error.code : error),
  );

describe('a running clock', () => {
  it('is right after a year, a sleep, and steps of less than the tolerance', async () => {
    const machine = new Machine();
    const clock = await checked(machine);
    machine.pass(365 * DAY).jump(30 * MINUTE);
    expect(await refused(clock)).toBeNull();
    expect(clock.now()).toBe(START + 365 * DAY + 30 * MINUTE);
    expect(reports).toEqual([]);
  });

  it('differs from the steady clock by more than the tolerance, in one step or in many, and is refused', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: -3 * 60, max: 3 * 60 }), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 120 }),
        async (steps, tolerance) => {
          const machine = new Machine();
          const clock = await checked(machine, tolerance * MINUTE);
          let away = 0;
          for (const step of steps) {
            machine.pass(DAY).jump(step * MINUTE);
            away += step;
            expect(await refused(clock)).toBe(Math.abs(away) > tolerance ? 'clock-jumped' : null);
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('a clock that jumped', () => {
  it.each([
    ['forward', 40 * DAY],
    ['back', -40 * DAY],
  ])('%s is reported once, and is right again when it is corrected', async (direction, leap) => {
    const machine = new Machine();
    const clock = await checked(machine);
    machine.jump(leap);
    expect(await refused(clock)).toBe('clock-jumped');
    expect(await refused(clock)).toBe('clock-jumped');
    expect(clock.jump).toContain(`jumped ${direction} by ${40 * 24 * 60} minutes`);
    machine.jump(-leap);
    expect(await refused(clock)).toBeNull();
    expect(reports).toEqual([
      expect.stringMatching(new RegExp(`^jumped: .*${direction}`)),
      expect.stringMatching(/^right: /),
    ]);
  });

  it("continues after an administrator's confirmation, which is recorded", async () => {
    const machine = new Machine();
    const clock = await checked(machine);
    await recorded(START - HOUR);
    machine.jump(3 * HOUR);
    expect(await refused(clock)).toBe('clock-jumped');
    await clock.confirm(CALL);
    expect(await refused(clock)).toBeNull();
    const [event] = await store.readStream(CLOCK_STREAM);
    expect(event).toMatchObject({
      type: 'ClockConfirmed',
      actor: CALL.actor,
      data: { now: '2026-11-25T15:00:00.000Z', latest: '2026-11-25T11:00:00.000Z' },
    });
    machine.jump(2 * HOUR);
    expect(await refused(clock)).toBe('clock-jumped');
  });

  it('is accepted if another process at the same time confirmed it, and not if a process at a different time did', async () => {
    const [machine, other] = [new Machine(), new Machine()];
    const clock = await checked(machine);
    const elsewhere = await checked(other);
    machine.jump(DAY);
    expect(await refused(clock)).toBe('clock-jumped');
    await elsewhere.confirm(CALL);
    expect(await refused(clock)).toBe('clock-jumped');
    other.jump(DAY);
    machine.pass(5 * MINUTE);
    await elsewhere.confirm(CALL);
    expect(await refused(clock)).toBeNull();
  });

  it('refuses events that were decided while it was ahead, also when it is right again', async () => {
    const machine = new Machine();
    const clock = await checked(machine);
    machine.jump(DAY);
    const recordedAt = new Date(machine.now()).toISOString();
    machine.jump(-DAY);
    await expect(clock.assertRight(recordedAt)).rejects.toMatchObject({ code: 'clock-jumped' });
    expect(await refused(clock)).toBeNull();
  });
});

describe('a log when the service starts', () => {
  it.each([
    ['of which nothing was heard for years', START - 1_000 * DAY, 0],
    ['written by a machine whose clock is a little ahead', START + MINUTE, 0],
    ['written by a machine whose clock is ahead, within the tolerance', START + 2 * MINUTE, 120],
  ])('%s does not prove a jump', async (_, recordedAt, secondsBehind) => {
    await recorded(recordedAt);
    const clock = await checked(new Machine());
    expect(await refused(clock)).toBeNull();
    expect(clock.secondsBehind).toBe(secondsBehind);
    expect(clock.behind === null).toBe(secondsBehind === 0);
  });

  it('with events of the future is refused until the clock has passed them', async () => {
    await recorded(START + 2 * DAY);
    const machine = new Machine();
    const clock = await checked(machine);
    expect(clock.jump).toMatch(/recorded at 2026-11-27T12:00:00.000Z, 172800 s ahead/);
    machine.pass(DAY);
    expect(await refused(clock)).toBe('clock-jumped');
    machine.pass(DAY);
    expect(await refused(clock)).toBeNull();
    expect(clock.secondsBehind).toBe(0);
  });

  it('of the future is accepted once it was confirmed, also by later starts, and after it was appended to', async () => {
    await recorded(START + 100 * DAY);
    await (await checked(new Machine())).confirm(CALL);
    expect(await refused(await checked(new Machine()))).toBeNull();
    // A stream's instants stay in order, so this one is raised to the previous one.
    await recorded(START, 's-1', 1);
    expect((await store.lastEvent())?.recordedAt).toBe(new Date(START + 100 * DAY).toISOString());
    expect(await refused(await checked(new Machine()))).toBeNull();
    await recorded(START + 101 * DAY, 's-2');
    expect(await refused(await checked(new Machine()))).toBe('clock-jumped');
  });
});

describe('a guarded store', () => {
  it('refuses appends while the clock is wrong, and serves reads', async () => {
    await recorded(Date.now() + DAY);
    const errors: string[] = [];
    const { store: guarded, clock } = await guardWrites(store, readSettings({ DOCKET_STORE: 'memory:' }), {
      onError: (message) => errors.push(message),
      onWarning: () => undefined,
    });
    const attempt = () => guarded.append(commit([append('s-2', 0, draft())]));
    await expect(attempt()).rejects.toMatchObject({ code: 'clock-jumped' });
    expect(await collectLog(guarded)).toHaveLength(1);
    // Confirming the clock requires a sign-in.
    const signIn = commit([append('person-ada', 0, draft())]);
    await guarded.append({ ...signIn, command: { ...signIn.command, name: 'start-session' } });
    expect(errors).toHaveLength(1);
    await clock.confirm(CALL);
    await attempt();
    expect(await collectLog(guarded)).toHaveLength(4);
  });
});
