import { describe, expect, test } from '@jest/globals';
import { recommendation } from '#state-machines/inspection-recommendation/kind';
import {
  agesHeadline,
  deadlinesHeadline,
  flowsSentence,
  seriesHeadline,
  timesHeadline,
} from './figures-shown.ts';

const NOUN = recommendation.noun;
const point = (on: string, open: number) => ({
  ...{ on, open, issued: 3, reopened: 2, transferredIn: 0, closed: 1, transferredOut: 0 },
  byStatus: {},
  byDeadline: { none: open, 'on-track': 0, approaching: 0, overdue: 0, escalated: 0, settled: 0 },
});
const NO_DEADLINES = {
  ...{ met: 0, metOnRecord: 0, metEstablishedLater: 0, late: 0, stillOpen: 0, lateAtEntry: 0 },
  ...{ withdrawn: 0, superseded: 0, enteredInError: 0, recordedLate: 0 },
  ...{ medianDaysLate: null, extensions: 0, extended: 0 },
};
const body = (name: string, figure: number) => ({ name, figure });

describe('the figures over time', () => {
  test.each([
    [[5], '5 recommendations are open, 4 more than at the start'],
    [[0, 1], '1 recommendation is open, 5 more than at the start'],
    [[9, 2, 4], '4 recommendations are open, 1 fewer than at the start'],
    [[7, 3], '3 recommendations are open, as many as at the start'],
  ])('given %p open at the ends of months', (open, headline) => {
    const ends = ['2026-01-31', '2026-02-28', '2026-03-31'];
    expect(
      seriesHeadline(
        open.map((each, index) => point(ends[index] ?? '', each)),
        NOUN,
      ),
    ).toBe(headline);
  });

  test('add up from the start', () => {
    const [first, second] = [point('2026-01-31', 6), point('2026-02-28', 10)];
    expect(flowsSentence([first, second], NOUN)).toBe(
      'At the start 2 recommendations were open. Since then there were 6 issued, 4 reopened and 2 closed.',
    );
    expect(flowsSentence([first, { ...second, open: 9, transferredOut: 1 }], NOUN)).toBe(
      'At the start 2 recommendations were open. Since then there were 6 issued, 4 reopened, 2 closed and 1 transferred to another body.',
    );
  });
});

describe('the figures by body', () => {
  test.each([
    [{ open: 0, old: 0 }, [], 'No recommendations are open'],
    [{ open: 4, old: 0 }, [], 'None of the 4 open recommendations is older than a year'],
    [{ open: 9, old: 1 }, [body('Kent', 1)], '1 of the 9 open recommendations is older than a year'],
    [
      { open: 9, old: 5 },
      [body('Kent', 3), body('Avon', 2)],
      '5 of the 9 open recommendations are older than a year; Kent has the most, 3',
    ],
    [
      { open: 9, old: 4 },
      [body('Kent', 2), body('Avon', 2), body('Essex', 0)],
      '4 of the 9 open recommendations are older than a year; Kent and Avon have the most, 2 each',
    ],
    [
      { open: 9, old: 3 },
      [body('Kent', 1), body('Avon', 1), body('Essex', 1)],
      '3 of the 9 open recommendations are older than a year',
    ],
  ])('of ages, with %p', (counts, bodies, headline) => {
    expect(agesHeadline(counts, bodies, NOUN)).toBe(headline);
  });

  test.each([
    [0, null, [], 'No recommendations were issued between these dates'],
    [4, null, [], 'Fewer than half of the 4 recommendations have been closed'],
    [4, 120, [body('Kent', 120)], 'Half of the recommendations are closed within 120 days'],
    [
      4,
      120,
      [body('Kent', 1_300), body('Avon', 1)],
      'Half of the recommendations are closed within 120 days, from 1 day for Avon to 1,300 days for Kent',
    ],
  ])('of times to close, with %p records and a median of %p', (open, median, medians, headline) => {
    expect(timesHeadline({ closed: 0, open, days: { q1: null, median, q3: null } }, medians, NOUN)).toBe(
      headline,
    );
  });

  test('of deadlines', () => {
    expect(deadlinesHeadline(NO_DEADLINES)).toBe('No deadline has fallen due');
    expect(deadlinesHeadline({ ...NO_DEADLINES, met: 1, late: 2, stillOpen: 1, withdrawn: 1 })).toBe(
      '1 of 5 deadlines that fell due was met, 2 were late and 1 is still open',
    );
  });
});
