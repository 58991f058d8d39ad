import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addDays, daysBetween } from '#lifecycle/plain-date';
import { DEADLINE_STATES, dateState, responseDueOn, thresholds } from '../../capabilities/deadlines.ts';
import { deadlinesOn, isOpen, stateOn } from './deadlines.ts';
import type { Deadline } from '../../capabilities/deadlines.ts';
import type { StateValue } from '#event-sourcing/envelope';
import { STATUSES } from './machine.ts';

const value = (progress = 'being-progressed', response = 'not-required') => ({
  progress,
  closure: 'none',
  evidence: 'none',
  response,
});
const deadline = (dueOn: string, more: Partial<Deadline> = {}): Deadline => ({
  id: 'd1',
  kind: 'action',
  dueOn,
  firstDueOn: dueOn,
  dueSince: '2010-01-01',
  setBy: null,
  ...more,
});

const deadlineState = (of: StateValue, deadlines: readonly Deadline[], day: string) =>
  stateOn({ value: of, facts: { deadlines } }, day)['deadline'];
const singleDeadlineState = (of: StateValue, each: Deadline, day: string) =>
  deadlinesOn({ value: of, facts: { deadlines: [each] } }, day)[0]?.state;

/** The state on a number of days after the date, on both sides of every boundary. */
const BOUNDARIES = [
  [-400, 'on-track'],
  [-15, 'on-track'],
  [-14, 'approaching'],
  [-13, 'approaching'],
  [-1, 'approaching'],
  [0, 'approaching'],
  [1, 'overdue'],
  [2, 'overdue'],
  [29, 'overdue'],
  [30, 'escalated'],
  [31, 'escalated'],
  [4_000, 'escalated'],
] as const;
const DUE = '2026-03-31';

describe('a date', () => {
  test.each(BOUNDARIES)('at the end of day %d is %s', (over, state) => {
    expect(dateState(DUE, addDays(DUE, over))).toBe(state);
  });

  test('goes from on-track to escalated and never back as days pass', () => {
    const order = ['on-track', 'approaching', 'overdue', 'escalated'];
    const day = fc.integer({ min: -100, max: 100 });
    fc.assert(
      fc.property(day, day, (a, b) => {
        const [earlier, later] = [Math.min(a, b), Math.max(a, b)].map((over) =>
          order.indexOf(dateState(DUE, addDays(DUE, over))),
        );
        expect(earlier).toBeLessThanOrEqual(later!);
      }),
    );
  });

  test('crosses its thresholds where the definition has them, over leap days and clock changes', () => {
    expect(thresholds).toEqual({ approachingDays: 14, escalatedDays: 30 });
    expect(dateState('2028-03-01', '2028-02-16')).toBe('approaching');
    expect(dateState('2028-03-01', '2028-02-15')).toBe('on-track');
    expect(dateState('2026-03-20', '2026-04-18')).toBe('overdue');
    expect(dateState('2026-03-20', '2026-04-19')).toBe('escalated');
  });
});

describe("a record's deadline state", () => {
  test.each(BOUNDARIES)('at the end of day %d after its one deadline is %s', (over, state) => {
    expect(deadlineState(value(), [deadline(DUE)], addDays(DUE, over))).toBe(state);
  });

  test.each(STATUSES)('without a deadline is none, in status %s', (status) => {
    expect(deadlineState(value(status), [], '2026-03-31')).toBe('none');
  });

  test('does not look at response deadlines', () => {
    const response = deadline('2020-01-01', { id: 'd2', kind: 'response' });
    expect(deadlineState(value(), [response], DUE)).toBe('none');
    expect(deadlineState(value(), [response, deadline('2027-01-01')], DUE)).toBe('on-track');
  });

  test('is that of the earliest date, in any order', () => {
    const [early, late] = [deadline('2017-03-31'), deadline('2017-09-30', { id: 'd2' })];
    for (const deadlines of [
      [early, late],
      [late, early],
    ]) {
      expect(deadlineState(value(), deadlines, '2017-04-05')).toBe('overdue');
    }
    // The first is extended to the end of the year, so the second is the earlier one.
    const extended = [{ ...early, dueOn: '2017-12-31' }, late];
    expect(deadlineState(value(), extended, '2017-04-10')).toBe('on-track');
    expect(deadlineState(value(), extended, '2017-10-01')).toBe('overdue');
  });

  test.each([
    ['awaiting-review', 'overdue'],
    ['being-progressed', 'overdue'],
    ['complete', 'settled'],
    ['no-further-action-needed', 'settled'],
  ])('in status %s, a day late, is %s', (status, state) => {
    expect(deadlineState(value(status), [deadline(DUE)], addDays(DUE, 1))).toBe(state);
  });

  test('is settled by closure however late it came, and before the date too', () => {
    for (const over of [-100, 0, 100]) {
      expect(deadlineState(value('complete'), [deadline(DUE)], addDays(DUE, over))).toBe('settled');
    }
  });

  test('leaves the deadlines in their order', () => {
    const deadlines = [deadline('2027-01-01'), deadline('2026-01-01', { id: 'd2' })];
    deadlineState(value(), deadlines, DUE);
    expect(deadlines.map(({ dueOn }) => dueOn)).toEqual(['2027-01-01', '2026-01-01']);
  });

  test('is always one of the states that the interface names', () => {
    const anyDeadline = fc.record({
      kind: fc.constantFrom('action' as const, 'response' as const),
      over: fc.integer({ min: -60, max: 60 }),
    });
    fc.assert(
      fc.property(fc.array(anyDeadline), fc.constantFrom(...STATUSES), (made, status) => {
        const deadlines = made.map(({ kind, over }, index) =>
          deadline(addDays(DUE, -over), { id: `d${index}`, kind }),
        );
        const state = deadlineState(value(status), deadlines, DUE);
        expect(DEADLINE_STATES).toContain(state);
        expect(state === 'none').toBe(!made.some(({ kind }) => kind === 'action'));
      }),
    );
  });
});

describe("one deadline's own state", () => {
  test.each(BOUNDARIES)(
    'at the end of day %d is %s, for an action and for a response that is due',
    (over, state) => {
      const day = addDays(DUE, over);
      expect(singleDeadlineState(value(), deadline(DUE), day)).toBe(state);
      expect(
        singleDeadlineState(value('awaiting-review', 'due'), deadline(DUE, { kind: 'response' }), day),
      ).toBe(state);
    },
  );

  test('of an action is settled by closure, not by the response', () => {
    expect(singleDeadlineState(value('complete', 'due'), deadline(DUE), '2026-05-31')).toBe('settled');
    expect(singleDeadlineState(value('being-progressed', 'published'), deadline(DUE), '2026-05-31')).toBe(
      'escalated',
    );
  });

  test('of a response is settled by the response, not by closure', () => {
    const response = deadline(DUE, { kind: 'response' });
    expect(singleDeadlineState(value('complete', 'published'), response, '2026-05-31')).toBe('settled');
    expect(singleDeadlineState(value('complete', 'due'), response, '2026-05-31')).toBe('escalated');
  });
});

describe('a response', () => {
  test.each([
    ['2026-01-01', '2026-02-25'],
    ['2024-01-05', '2024-02-29'],
    ['2026-11-24', '2027-01-18'],
  ])('to a report of %s is due on %s, the 56th day', (publishedOn, dueOn) => {
    expect(responseDueOn(publishedOn)).toBe(dueOn);
    expect(daysBetween(publishedOn, dueOn) + 1).toBe(56);
  });
});

test.each([
  ['awaiting-review', true],
  ['being-progressed', true],
  ['complete', false],
  ['no-further-action-needed', false],
])('a record in status %s is open: %s', (status, open) => {
  expect(isOpen(value(status))).toBe(open);
});
