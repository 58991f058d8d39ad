/** The regions with their own bank holidays. */
export type HolidayRegion = 'england-and-wales' | 'scotland' | 'northern-ireland';

/**
 * The bank holidays (`MM-DD`), with substitute days for those at a weekend, as published by GOV.UK: https://www.gov.uk/bank-holidays.json
 * and its past versions, as of 25 February 2026. Each year is final, including days moved or proclaimed only for that year (2012, 2020,
 * 2022, 2023, Scotland's 15 June 2026). Add years only once GOV.UK has published them, because a day may be proclaimed at short notice.
 */
const BANK_HOLIDAYS: Readonly<Record<HolidayRegion, Readonly<Record<number, string>>>> = {
  'england-and-wales': {
    2012: '01-02 04-06 04-09 05-07 06-04 06-05 08-27 12-25 12-26',
    2013: '01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26',
    2014: '01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26',
    2015: '01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28',
    2016: '01-01 03-25 03-28 05-02 05-30 08-29 12-26 12-27',
    2017: '01-02 04-14 04-17 05-01 05-29 08-28 12-25 12-26',
    2018: '01-01 03-30 04-02 05-07 05-28 08-27 12-25 12-26',
    2019: '01-01 04-19 04-22 05-06 05-27 08-26 12-25 12-26',
    2020: '01-01 04-10 04-13 05-08 05-25 08-31 12-25 12-28',
    2021: '01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28',
    2022: '01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27',
    2023: '01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26',
    2024: '01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26',
    2025: '01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26',
    2026: '01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28',
    2027: '01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28',
    2028: '01-03 04-14 04-17 05-01 05-29 08-28 12-25 12-26',
  },
  scotland: {
    2012: '01-02 01-03 04-06 05-07 06-04 06-05 08-06 11-30 12-25 12-26',
    2013: '01-01 01-02 03-29 05-06 05-27 08-05 12-02 12-25 12-26',
    2014: '01-01 01-02 04-18 05-05 05-26 08-04 12-01 12-25 12-26',
    2015: '01-01 01-02 04-03 05-04 05-25 08-03 11-30 12-25 12-28',
    2016: '01-01 01-04 03-25 05-02 05-30 08-01 11-30 12-26 12-27',
    2017: '01-02 01-03 04-14 05-01 05-29 08-07 11-30 12-25 12-26',
    2018: '01-01 01-02 03-30 05-07 05-28 08-06 11-30 12-25 12-26',
    2019: '01-01 01-02 04-19 05-06 05-27 08-05 12-02 12-25 12-26',
    2020: '01-01 01-02 04-10 05-08 05-25 08-03 11-30 12-25 12-28',
    2021: '01-01 01-04 04-02 05-03 05-31 08-02 11-30 12-27 12-28',
    2022: '01-03 01-04 04-15 05-02 06-02 06-03 08-01 09-19 11-30 12-26 12-27',
    2023: '01-02 01-03 04-07 05-01 05-08 05-29 08-07 11-30 12-25 12-26',
    2024: '01-01 01-02 03-29 05-06 05-27 08-05 12-02 12-25 12-26',
    2025: '01-01 01-02 04-18 05-05 05-26 08-04 12-01 12-25 12-26',
    2026: '01-01 01-02 04-03 05-04 05-25 06-15 08-03 11-30 12-25 12-28',
    2027: '01-01 01-04 03-26 05-03 05-31 08-02 11-30 12-27 12-28',
    2028: '01-03 01-04 04-14 05-01 05-29 08-07 11-30 12-25 12-26',
  },
  'northern-ireland': {
    2012: '01-02 03-19 04-06 04-09 05-07 06-04 06-05 07-12 08-27 12-25 12-26',
    2013: '01-01 03-18 03-29 04-01 05-06 05-27 07-12 08-26 12-25 12-26',
    2014: '01-01 03-17 04-18 04-21 05-05 05-26 07-14 08-25 12-25 12-26',
    2015: '01-01 03-17 04-03 04-06 05-04 05-25 07-13 08-31 12-25 12-28',
    2016: '01-01 03-17 03-25 03-28 05-02 05-30 07-12 08-29 12-26 12-27',
    2017: '01-02 03-17 04-14 04-17 05-01 05-29 07-12 08-28 12-25 12-26',
    2018: '01-01 03-19 03-30 04-02 05-07 05-28 07-12 08-27 12-25 12-26',
    2019: '01-01 03-18 04-19 04-22 05-06 05-27 07-12 08-26 12-25 12-26',
    2020: '01-01 03-17 04-10 04-13 05-08 05-25 07-13 08-31 12-25 12-28',
    2021: '01-01 03-17 04-02 04-05 05-03 05-31 07-12 08-30 12-27 12-28',
    2022: '01-03 03-17 04-15 04-18 05-02 06-02 06-03 07-12 08-29 09-19 12-26 12-27',
    2023: '01-02 03-17 04-07 04-10 05-01 05-08 05-29 07-12 08-28 12-25 12-26',
    2024: '01-01 03-18 03-29 04-01 05-06 05-27 07-12 08-26 12-25 12-26',
    2025: '01-01 03-17 04-18 04-21 05-05 05-26 07-14 08-25 12-25 12-26',
    2026: '01-01 03-17 04-03 04-06 05-04 05-25 07-13 08-31 12-25 12-28',
    2027: '01-01 03-17 03-26 03-29 05-03 05-31 07-12 08-30 12-27 12-28',
    2028: '01-03 03-17 04-14 04-17 05-01 05-29 07-12 08-28 12-25 12-26',
  },
};

const days = new Map<HolidayRegion, ReadonlyMap<string, ReadonlySet<string>>>(
  (['england-and-wales', 'scotland', 'northern-ireland'] as const).map((region) => [
    region,
    new Map(Object.entries(BANK_HOLIDAYS[region]).map(([year, list]) => [year, new Set(list.split(' '))])),
  ]),
);

/** The table has no bank holidays for the year. */
export class HolidaysNotKnown extends RangeError {
  constructor(year: string, region: HolidayRegion, known: readonly string[]) {
    super(`the bank holidays of ${year} in ${region} are unknown; ${known[0]} to ${known.at(-1)} are known`);
  }
}

/**
 * Reports whether a plain date is a bank holiday of the region. Of a holiday at a weekend, only the substitute day counts.
 * @throws HolidaysNotKnown, a RangeError, for a year that is not in the table, with year and region
 */
export const isBankHoliday = (date: string, region: HolidayRegion): boolean =>
  ofYear(date, region).has(date.slice(5));

/** Returns all bank holidays of a region in the table, in order. The years are consecutive. */
export const bankHolidaysOf = (region: HolidayRegion): string[] =>
  [...ofRegion(region)].flatMap(([year, list]) => Array.from(list, (day) => `${year}-${day}`));

/**
 * Throws if a period includes a year that is not in the table.
 * @throws HolidaysNotKnown with the first such year
 */
export function requireKnown(first: string, last: string, region: HolidayRegion): void {
  ofYear(first, region);
  const end = [...ofRegion(region).keys()].at(-1) ?? '';
  if (last.slice(0, 4) > end) ofYear(String(Number(end) + 1), region);
}

function ofRegion(region: HolidayRegion): ReadonlyMap<string, ReadonlySet<string>> {
  const cached = days.get(region);
  if (cached === undefined) throw new RangeError(`there are no bank holidays for the region ${region}`);
  return cached;
}

function ofYear(date: string, region: HolidayRegion): ReadonlySet<string> {
  const years = ofRegion(region);
  const year = date.slice(0, 4);
  const list = years.get(year);
  if (list === undefined) throw new HolidaysNotKnown(year, region, [...years.keys()]);
  return list;
}
