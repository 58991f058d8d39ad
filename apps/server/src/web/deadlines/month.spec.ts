import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { monthBeside, monthInWords, monthNamed, weeksOf } from './deadlines-view.tsx';

describe('a month', () => {
  test('given 2026-11, then it begins on a Sunday and has its days in weeks from Monday', () => {
    const month = monthNamed('2026-11')!;
    expect(month).toMatchObject({ from: '2026-11-01', to: '2026-11-30' });
    expect(monthInWords(month)).toBe('November 2026');
    const weeks = weeksOf(month);
    expect(weeks[0]).toEqual([null, null, null, null, null, null, '2026-11-01']);
    expect(weeks.at(-1)).toEqual(['2026-11-30', null, null, null, null, null, null]);
  });

  test.each(['', '2026', '2026-13', '2026-00', '2026-1', '0000-01', '2026-11-01'])('is not %j', (name) => {
    expect(monthNamed(name)).toBeNull();
  });

  test.each(['0001-01', '9999-12'])(
    'given %s, the first or last month of valid dates, then its weeks end',
    (name) => {
      const month = monthNamed(name)!;
      const days = weeksOf(month)
        .flat()
        .filter((day) => day !== null);
      expect([days.length, days[0], days.at(-1)]).toEqual([31, `${name}-01`, `${name}-31`]);
    },
  );

  test('has each of its days once, and is the month after its previous month', () => {
    const months = fc.tuple(fc.integer({ min: 1900, max: 2200 }), fc.integer({ min: 1, max: 12 }));
    fc.assert(
      fc.property(months, ([year, number]) => {
        const month = monthNamed(`${year}-${String(number).padStart(2, '0')}`)!;
        const days = weeksOf(month)
          .flat()
          .filter((day) => day !== null);
        expect(days).toHaveLength(new Date(Date.UTC(year, number, 0)).getUTCDate());
        expect([days[0], days.at(-1)]).toEqual([month.from, month.to]);
        expect(monthBeside(monthBeside(month, -1), 1)).toEqual(month);
      }),
    );
  });
});
