import { describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { addDays, daysBetween } from '#lifecycle/plain-date';
import { responseDueOn } from '#state-machines/capabilities/deadlines';
import { bankHolidays, HolidaysNotKnown } from './bank-holidays.ts';
import { afterWeekdays, dueOn, type CountingRule } from './counting-rule.ts';

function isWorkingDay(date: string): boolean {
  if (date < '2012-01-01' || date > '2028-12-31') throw new HolidaysNotKnown(date.slice(0, 4));
  return ![0, 6].includes(new Date(date).getUTCDay()) && !bankHolidays.includes(date);
}

const anyDate = fc
  .date({ min: new Date('1900-01-01'), max: new Date('2199-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));

describe('calendar days', () => {
  test.each([
    ['after', 1, '2016-02-28', '2016-02-29'],
    ['after', 0, '2016-02-28', '2016-02-28'],
    // A response to a coroner's report, from its date (Coroners (Investigations) Regulations 2013, regulation 29).
    ['after', 56, '2015-11-30', '2016-01-25'],
    ['beginning-with', 1, '2016-02-28', '2016-02-28'],
    ['after', 28, '2015-02-01', '2015-03-01'],
    ['beginning-with', 28, '2015-02-01', '2015-02-28'],
    // The clocks change on 29 March and 25 October 2026, but the days are counted whole.
    ['after', 2, '2026-03-28', '2026-03-30'],
    ['after', 2, '2026-10-24', '2026-10-26'],
    ['after', 366, '2015-11-30', '2016-11-30'],
  ] as const)('%s, %d from %s end on %s', (from, count, startOn, expected) => {
    expect(dueOn({ unit: 'days', count, from }, startOn)).toBe(expected);
  });

  test('beginning with the day end a day before those after it', () => {
    fc.assert(
      fc.property(anyDate, fc.integer({ min: 1, max: 4000 }), (startOn, count) => {
        const after = dueOn({ unit: 'days', count, from: 'after' }, startOn);
        expect(daysBetween(startOn, after)).toBe(count);
        expect(addDays(dueOn({ unit: 'days', count, from: 'beginning-with' }, startOn), 1)).toBe(after);
      }),
    );
  });
});

describe('the periods of the law', () => {
  test('a police response is due 55 days after publication, as the lifecycle has it', () => {
    // Before the end of 56 days beginning with the day of publication (Police Act 1996, section 55).
    const response: CountingRule = { unit: 'days', count: 56, from: 'beginning-with' };
    expect(dueOn(response, '2015-11-30')).toBe('2016-01-24');
    fc.assert(
      fc.property(anyDate, (publishedOn) => {
        expect(dueOn(response, publishedOn)).toBe(responseDueOn(publishedOn));
        expect(daysBetween(publishedOn, responseDueOn(publishedOn))).toBe(55);
      }),
    );
  });
});

describe('months and years', () => {
  test.each([
    [{ unit: 'months', count: 6, from: 'after' }, '2015-11-30', '2016-05-30'],
    // There is no such day in the month: its last day is used.
    [{ unit: 'months', count: 6, from: 'after' }, '2014-08-31', '2015-02-28'],
    [{ unit: 'months', count: 6, from: 'after' }, '2015-08-31', '2016-02-29'],
    [{ unit: 'months', count: 1, from: 'after' }, '2016-01-31', '2016-02-29'],
    [{ unit: 'months', count: 1, from: 'after' }, '2016-02-29', '2016-03-29'],
    [{ unit: 'months', count: 12, from: 'after' }, '2016-12-31', '2017-12-31'],
    [{ unit: 'months', count: 0, from: 'after' }, '2016-01-31', '2016-01-31'],
    [{ unit: 'months', count: 6, from: 'beginning-with' }, '2016-03-01', '2016-08-31'],
    [{ unit: 'months', count: 1, from: 'beginning-with' }, '2016-01-01', '2016-01-31'],
    [{ unit: 'months', count: 1, from: 'beginning-with' }, '2016-01-15', '2016-02-14'],
    [{ unit: 'months', count: 6, from: 'beginning-with' }, '2014-08-31', '2015-02-28'],
    [{ unit: 'months', count: 6, from: 'beginning-with' }, '2014-08-29', '2015-02-28'],
    [{ unit: 'years', count: 1, from: 'after' }, '2016-02-29', '2017-02-28'],
    [{ unit: 'years', count: 4, from: 'after' }, '2016-02-29', '2020-02-29'],
    [{ unit: 'years', count: 1, from: 'beginning-with' }, '2016-04-01', '2017-03-31'],
    [{ unit: 'years', count: 9000, from: 'after' }, '2016-04-01', '9999-12-31'],
  ] as const)('%j from %s end on %s', (rule, startOn, expected) => {
    expect(dueOn(rule, startOn)).toBe(expected);
  });

  test('agree with Temporal, which clamps likewise', () => {
    fc.assert(
      fc.property(anyDate, fc.integer({ min: 0, max: 600 }), (startOn, count) => {
        const expected = Temporal.PlainDate.from(startOn).add({ months: count }).toString();
        expect(dueOn({ unit: 'months', count, from: 'after' }, startOn)).toBe(expected);
      }),
    );
  });
});

describe('working days', () => {
  const days = (count: number, from: CountingRule['from']): CountingRule => ({
    unit: 'working-days',
    count,
    from,
  });

  test.each([
    // Good Friday and Easter Monday 2016 were 25 and 28 March.
    [days(1, 'after'), '2016-03-24', '2016-03-29'],
    [days(1, 'beginning-with'), '2016-03-24', '2016-03-24'],
    [days(1, 'beginning-with'), '2016-03-26', '2016-03-29'],
    [days(2, 'beginning-with'), '2016-03-24', '2016-03-29'],
    [days(10, 'after'), '2015-11-30', '2015-12-14'],
    [days(0, 'after'), '2016-03-26', '2016-03-26'],
    // Over Christmas and the New Year.
    [days(5, 'after'), '2016-12-23', '2017-01-04'],
  ] as const)('%j from %s end on %s', (rule, startOn, expected) => {
    expect(dueOn(rule, startOn)).toBe(expected);
  });

  test('end on a working day, after the counted number of working days', () => {
    const start = fc
      .date({ min: new Date('2012-01-01'), max: new Date('2026-12-31'), noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 10));
    fc.assert(
      fc.property(start, fc.integer({ min: 1, max: 250 }), (startOn, count) => {
        const end = dueOn(days(count, 'after'), startOn);
        const passed = Array.from({ length: daysBetween(startOn, end) }, (_, day) =>
          addDays(startOn, day + 1),
        );
        expect(isWorkingDay(end)).toBe(true);
        expect(passed.filter((day) => isWorkingDay(day))).toHaveLength(count);
      }),
    );
  });

  /** Computes the due date by checking each day in turn. */
  function dayByDay(
    startOn: string,
    count: number,
    from: CountingRule['from'],
    counts: (day: string) => boolean,
  ): string {
    let day = startOn;
    let left = from === 'beginning-with' && counts(startOn) ? count - 1 : count;
    while (left > 0 && day !== '9999-12-31') {
      day = addDays(day, 1);
      if (counts(day)) left -= 1;
    }
    return day;
  }
  const outcome = (of: () => string): string => {
    try {
      return of();
    } catch (error) {
      return String(error);
    }
  };

  test('are the same as counted day by day, even across the limits of the known years', () => {
    const start = fc
      .date({ min: new Date('2010-01-01'), max: new Date('2030-12-31'), noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 10));
    const from = fc.constantFrom('after' as const, 'beginning-with' as const);
    const count = fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 4000 }));
    fc.assert(
      fc.property(start, count, from, (startOn, many, dayOne) => {
        const looked = outcome(() => dayByDay(startOn, many, dayOne, isWorkingDay));
        expect(outcome(() => dueOn(days(many, dayOne), startOn))).toBe(looked);
      }),
      { numRuns: 200 },
    );
  });

  test('are weekdays, day by day, in every year that a plain date can write', () => {
    const start = fc
      .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 10));
    const from = fc.constantFrom('after' as const, 'beginning-with' as const);
    const isWeekday = (day: string): boolean => new Date(day).getUTCDay() % 6 !== 0;
    fc.assert(
      fc.property(
        fc.oneof(start, fc.constantFrom('0001-01-01', '9999-12-30', '9999-12-31')),
        fc.integer({ min: 1, max: 600 }),
        from,
        (startOn, many, dayOne) => {
          expect(afterWeekdays(startOn, many, dayOne)).toBe(dayByDay(startOn, many, dayOne, isWeekday));
        },
      ),
      { numRuns: 200 },
    );
  });

  test('cost no more for hundreds of weeks than for one', () => {
    const counted = jest.spyOn(Date, 'parse');
    const callsFor = (count: number): number => {
      dueOn(days(count, 'after'), '2012-03-01');
      counted.mockClear();
      dueOn(days(count, 'after'), '2012-03-01');
      return counted.mock.calls.length;
    };
    try {
      expect(callsFor(4000)).toBe(callsFor(1));
      expect(callsFor(1)).toBeGreaterThan(0);
    } finally {
      counted.mockRestore();
    }
  });

  test('outside the years whose bank holidays are known are an error, not a guess', () => {
    expect(dueOn(days(1, 'after'), '2028-12-28')).toBe('2028-12-29');
    expect(() => dueOn(days(2, 'after'), '2028-12-28')).toThrow(
      new RangeError('the bank holidays of 2029 are unknown; 2012 to 2028 are known'),
    );
    expect(() => dueOn(days(1, 'beginning-with'), '2011-12-30')).toThrow('of 2011');
  });

  test('can be counted as weekdays there, by any author', () => {
    expect(afterWeekdays('2028-12-28', 2, 'after')).toBe('2029-01-01');
    expect(afterWeekdays('9999-12-30', 5, 'after')).toBe('9999-12-31');
  });
});

test.each([
  [{ unit: 'days', count: 1.5, from: 'after' }, '2016-01-01', 'not 1.5'],
  [{ unit: 'days', count: -1, from: 'after' }, '2016-01-01', 'not -1'],
  [{ unit: 'months', count: 0, from: 'beginning-with' }, '2016-01-01', 'must have 1 to 36525 months, not 0'],
  [{ unit: 'years', count: Number.MAX_SAFE_INTEGER, from: 'after' }, '2016-01-01', 'years, not'],
  [{ unit: 'days', count: Number.NaN, from: 'after' }, '2016-01-01', 'not NaN'],
  [{ unit: 'days', count: 1, from: 'after' }, '2016-02-30', 'start on 2016-02-30'],
  [{ unit: 'days', count: 1, from: 'after' }, '30/06/2016', 'start on 30/06/2016'],
] as const)('%j from %s is refused: %s', (rule, startOn, message) => {
  expect(() => dueOn(rule, startOn)).toThrow(RangeError);
  expect(() => dueOn(rule, startOn)).toThrow(message);
});
