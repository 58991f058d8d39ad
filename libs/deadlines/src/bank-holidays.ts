/**
 * The bank holidays of England and Wales (`MM-DD`), with substitute days for those at a weekend, as published by GOV.UK:
 * https://www.gov.uk/bank-holidays.json and its past versions, as of 25 February 2026. Each year is final, including days moved or
 * proclaimed only for that year (2012, 2020, 2022, 2023). Add years only once GOV.UK has published them, because a day may be proclaimed
 * at short notice.
 */
const BANK_HOLIDAYS: Readonly<Record<string, string>> = {
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
};
const YEARS = Object.keys(BANK_HOLIDAYS);
const [FIRST = '', LAST = ''] = [YEARS.at(0), YEARS.at(-1)];

/** The table has no bank holidays for the year. */
export class HolidaysNotKnown extends RangeError {
  constructor(year: string) {
    super(`the bank holidays of ${year} are unknown; ${FIRST} to ${LAST} are known`);
  }
}

/** All bank holidays in the table, in order. The years are consecutive. */
export const bankHolidays: readonly string[] = Object.entries(BANK_HOLIDAYS).flatMap(([year, days]) =>
  days.split(' ').map((day) => `${year}-${day}`),
);

/**
 * Throws if a period includes a year that is not in the table.
 * @throws HolidaysNotKnown with the first such year
 */
export function requireKnown(first: string, last: string): void {
  const year = first.slice(0, 4);
  if (year < FIRST || year > LAST) throw new HolidaysNotKnown(year);
  if (last.slice(0, 4) > LAST) throw new HolidaysNotKnown(String(Number(LAST) + 1));
}
