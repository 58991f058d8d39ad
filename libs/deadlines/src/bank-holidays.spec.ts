import { describe, expect, test } from '@jest/globals';
import { addDays } from '#lifecycle/plain-date';
import { bankHolidays } from './bank-holidays.ts';

const holidaysOf = (year: number): readonly string[] =>
  bankHolidays.filter((day) => day.startsWith(`${year}-`)).map((day) => day.slice(5));

describe('the bank holidays that GOV.UK lists', () => {
  test.each([
    // The Queen's Diamond Jubilee: the spring holiday moved to 4 June, and 5 June added.
    [2012, '01-02 04-06 04-09 05-07 06-04 06-05 08-27 12-25 12-26'],
    // Boxing Day and 12 July at a weekend.
    [2015, '01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28'],
    // Christmas Day on a Sunday: its substitute day is the Tuesday, after Boxing Day. 2 January on a Saturday.
    [2016, '01-01 03-25 03-28 05-02 05-30 08-29 12-26 12-27'],
    // The early May holiday moved to VE Day.
    [2020, '01-01 04-10 04-13 05-08 05-25 08-31 12-25 12-28'],
    // The Platinum Jubilee moved the spring holiday to 2 June and added 3 June. 19 September was the Queen's funeral.
    [2022, '01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27'],
    // 8 May: the King's coronation.
    [2023, '01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26'],
    [2026, '01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28'],
  ])('of %d are known', (year, expected) => {
    expect(holidaysOf(year).join(' ')).toBe(expected);
  });

  test('are, in every year, those of the statutes with the moved and proclaimed days', () => {
    for (let year = 2012; year <= 2028; year += 1)
      expect([year, ...holidaysOf(year)]).toEqual([year, ...byStatute(year)]);
  });
});

// An independent computation: the rules of the Banking and Financial Dealings Act 1971 and the proclamations.

const PROCLAIMED: Record<number, { moved: Record<string, string>; added: string[] }> = {
  2012: { moved: { '05-28': '06-04' }, added: ['06-05'] },
  2020: { moved: { '05-04': '05-08' }, added: [] },
  2022: { moved: { '05-30': '06-02' }, added: ['06-03', '09-19'] },
  2023: { moved: {}, added: ['05-08'] },
};

const weekday = (date: string): number => new Date(date).getUTCDay();

function monday(year: number, month: string, which: 'first' | 'last'): string {
  let day = which === 'first' ? `${year}-${month}-01` : `${year}-${month}-31`;
  while (weekday(day) !== 1) day = addDays(day, which === 'first' ? 1 : -1);
  return day;
}

function easterSunday(year: number): string {
  const century = Math.floor(year / 100);
  const golden = year % 19;
  const epact =
    (19 * golden + century - Math.floor(century / 4) - Math.floor((8 * century + 13) / 25) + 15) % 30;
  const moon = epact - Math.floor((epact + Math.floor(golden / 11)) / 29);
  const after = ((year + Math.floor(year / 4) + moon + 2 - century + Math.floor(century / 4)) % 7) - moon;
  return addDays(`${year}-03-28`, -after);
}

/** Returns fixed holidays in order. One at a weekend moves to the next weekday that is not another of them. */
function substituted(fixed: string[]): string[] {
  const holidays = new Set(fixed.filter((day) => ![0, 6].includes(weekday(day))));
  for (const day of fixed.filter((date) => [0, 6].includes(weekday(date)))) {
    let next = day;
    while ([0, 6].includes(weekday(next)) || holidays.has(next)) next = addDays(next, 1);
    holidays.add(next);
  }
  return [...holidays];
}

function byStatute(year: number): string[] {
  const on = (day: string): string => `${year}-${day}`;
  const easter = easterSunday(year);
  const { moved, added } = PROCLAIMED[year] ?? { moved: {}, added: [] };
  return [
    ...substituted([on('01-01')]),
    addDays(easter, -2),
    addDays(easter, 1),
    monday(year, '05', 'first'),
    monday(year, '05', 'last'),
    monday(year, '08', 'last'),
    ...substituted([on('12-25'), on('12-26')]),
  ]
    .map((day) => moved[day.slice(5)] ?? day.slice(5))
    .concat(added)
    .sort();
}
