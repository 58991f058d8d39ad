const DAY_MS = 86_400_000;

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
