import { describe, expect, test } from '@jest/globals';
import { addDays } from '#lifecycle/plain-date';
import { isBankHoliday, type HolidayRegion } from './bank-holidays.ts';

const REGIONS = ['england-and-wales', 'scotland', 'northern-ireland'] as const;

function holidaysOf(year: number, region: HolidayRegion): string[] {
  const found: string[] = [];
  for (let day = `${year}-01-01`; day.startsWith(`${year}-`); day = addDays(day, 1)) {
    if (isBankHoliday(day, region)) found.push(day.slice(5));
  }
  return found;
}

describe('the bank holidays that GOV.UK lists', () => {
  test.each<[number, HolidayRegion, string]>([
    // The Queen's Diamond Jubilee: the spring holiday moved to 4 June, and 5 June added.
    [2012, 'england-and-wales', '01-02 04-06 04-09 05-07 06-04 06-05 08-27 12-25 12-26'],
    [2012, 'scotland', '01-02 01-03 04-06 05-07 06-04 06-05 08-06 11-30 12-25 12-26'],
    [2012, 'northern-ireland', '01-02 03-19 04-06 04-09 05-07 06-04 06-05 07-12 08-27 12-25 12-26'],
    // Boxing Day and 12 July at a weekend.
    [2015, 'england-and-wales', '01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28'],
    [2015, 'scotland', '01-01 01-02 04-03 05-04 05-25 08-03 11-30 12-25 12-28'],
    [2015, 'northern-ireland', '01-01 03-17 04-03 04-06 05-04 05-25 07-13 08-31 12-25 12-28'],
    // Christmas Day on a Sunday: its substitute day is the Tuesday, after Boxing Day. 2 January on a Saturday.
    [2016, 'england-and-wales', '01-01 03-25 03-28 05-02 05-30 08-29 12-26 12-27'],
    [2016, 'scotland', '01-01 01-04 03-25 05-02 05-30 08-01 11-30 12-26 12-27'],
    [2016, 'northern-ireland', '01-01 03-17 03-25 03-28 05-02 05-30 07-12 08-29 12-26 12-27'],
    // The early May holiday moved to VE Day.
    [2020, 'england-and-wales', '01-01 04-10 04-13 05-08 05-25 08-31 12-25 12-28'],
    [2020, 'scotland', '01-01 01-02 04-10 05-08 05-25 08-03 11-30 12-25 12-28'],
    [2020, 'northern-ireland', '01-01 03-17 04-10 04-13 05-08 05-25 07-13 08-31 12-25 12-28'],
    // The Platinum Jubilee moved the spring holiday to 2 June and added 3 June. 19 September was the Queen's funeral.
    [2022, 'england-and-wales', '01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27'],
    [2022, 'scotland', '01-03 01-04 04-15 05-02 06-02 06-03 08-01 09-19 11-30 12-26 12-27'],
    [2022, 'northern-ireland', '01-03 03-17 04-15 04-18 05-02 06-02 06-03 07-12 08-29 09-19 12-26 12-27'],
    // 8 May: the King's coronation.
    [2023, 'england-and-wales', '01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26'],
    [2023, 'scotland', '01-02 01-03 04-07 05-01 05-08 05-29 08-07 11-30 12-25 12-26'],
    [2023, 'northern-ireland', '01-02 03-17 04-07 04-10 05-01 05-08 05-29 07-12 08-28 12-25 12-26'],
    // 15 June, only in Scotland: proclaimed in February of that year for the World Cup.
    [2026, 'england-and-wales', '01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28'],
    [2026, 'scotland', '01-01 01-02 04-03 05-04 05-25 06-15 08-03 11-30 12-25 12-28'],
    [2026, 'northern-ireland', '01-01 03-17 04-03 04-06 05-04 05-25 07-13 08-31 12-25 12-28'],
  ])('of %d in %s are known', (year, region, expected) => {
    expect(holidaysOf(year, region).join(' ')).toBe(expected);
  });

  test('are, in every year, those of the statutes with the moved and proclaimed days', () => {
    for (let year = 2012; year <= 2028; year += 1) {
      for (const region of REGIONS) {
        expect([year, region, ...holidaysOf(year, region)]).toEqual([
          year,
          region,
          ...byStatute(year, region),
        ]);
      }
    }
  });
});

describe('a year whose bank holidays are unknown', () => {
  test.each([
    ['2011-12-26', 'england-and-wales'],
    ['2029-01-01', 'scotland'],
    ['9999-12-25', 'northern-ireland'],
  ] as const)('is an error that names year and region: %s in %s', (date, region) => {
    expect(() => isBankHoliday(date, region)).toThrow(RangeError);
    expect(() => isBankHoliday(date, region)).toThrow(`of ${date.slice(0, 4)} in ${region} are unknown`);
    expect(() => isBankHoliday(date, region)).toThrow('2012 to 2028');
  });

  test('names an unknown region', () => {
    expect(() => isBankHoliday('2016-01-01', 'mercia' as HolidayRegion)).toThrow('the region mercia');
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

function byStatute(year: number, region: HolidayRegion): string[] {
  const on = (day: string): string => `${year}-${day}`;
  const easter = easterSunday(year);
  const common = [
    ...substituted(region === 'scotland' ? [on('01-01'), on('01-02')] : [on('01-01')]),
    addDays(easter, -2),
    monday(year, '05', 'first'),
    monday(year, '05', 'last'),
    ...substituted([on('12-25'), on('12-26')]),
  ];
  const own = {
    'england-and-wales': [addDays(easter, 1), monday(year, '08', 'last')],
    scotland: [monday(year, '08', 'first'), ...substituted([on('11-30')])],
    'northern-ireland': [
      addDays(easter, 1),
      monday(year, '08', 'last'),
      ...substituted([on('03-17')]),
      ...substituted([on('07-12')]),
    ],
  }[region];
  const { moved, added } = PROCLAIMED[year] ?? { moved: {}, added: [] };
  const worldCup = year === 2026 && region === 'scotland' ? ['06-15'] : [];
  return [...common, ...own]
    .map((day) => moved[day.slice(5)] ?? day.slice(5))
    .concat(added, worldCup)
    .sort();
}
