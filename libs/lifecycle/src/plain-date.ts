const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** Whether a text is a plain date that exists, as ISO 8601 writes it: `2016-06-30`, never `2016-06-31`. */
export function isPlainDate(text: unknown): boolean {
  if (typeof text !== 'string' || !/^(?!0000)\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/** Whole days from one plain date to another; negative when the second is earlier. */
export const daysBetween = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / DAY_MS;

const FIRST_DATE_MS = Date.parse('0001-01-01');
const LAST_DATE_MS = Date.parse('9999-12-31');

/** A date as the number of its day from 1970-01-01 on: to reckon with many of them. */
export const dayNumber = (date: string): number => Date.parse(date) / DAY_MS;

/** The last day that a plain date can write. */
export const LAST_DAY = LAST_DATE_MS / DAY_MS;

/** The date some days later. Beyond the years that a plain date can write, it is the last that it can, or the first. */
export function addDays(date: string, days: number): string {
  const time = Math.min(Math.max(Date.parse(date) + days * DAY_MS, FIRST_DATE_MS), LAST_DATE_MS);
  return new Date(time).toISOString().slice(0, 10);
}

const london = new Intl.DateTimeFormat('en-CA', {
  timeZone: 'Europe/London',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
});
let hour = Number.NaN;
let dateOfHour = '';

/** The date in Europe/London at an instant (ISO 8601 or milliseconds since 1970). */
export function londonDate(instant: string | number): string {
  const time = typeof instant === 'string' ? Date.parse(instant) : instant;
  const now = Math.floor(time / HOUR_MS);
  // London's offset has been whole hours since 1970, so the date can change only with the hour of UTC.
  if (now !== hour) {
    dateOfHour = london.format(time);
    hour = now;
  }
  return dateOfHour;
}

/**
 * An instant in UTC with milliseconds, from ISO 8601 with an offset or `Z`; null where it is none. A date alone is no
 * instant: it would leave open which moment of the day is meant.
 */
export function parseInstant(text: string): string | null {
  const form = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/.exec(text);
  if (form === null || !isPlainDate(form[1])) return null;
  const time = Date.parse(text);
  if (Number.isNaN(time)) return null;
  const instant = new Date(time).toISOString();
  // An offset can carry it out of the years of four digits, which compare as texts.
  return instant.length === 24 ? instant : null;
}

const startOfLondonDay = (day: Temporal.PlainDate): number =>
  day.toZonedDateTime('Europe/London').epochMilliseconds;

/** The instants at which a day in London begins, and at which its last millisecond does; a day can have 23 or 25 hours. */
export function londonDay(date: string): { readonly from: string; readonly to: string } {
  const day = Temporal.PlainDate.from(date);
  const [from, next] = [day, day.add({ days: 1 })].map(startOfLondonDay) as [number, number];
  return { from: new Date(from).toISOString(), to: new Date(next - 1).toISOString() };
}
