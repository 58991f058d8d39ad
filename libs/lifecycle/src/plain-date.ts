const DAY_MS = 86_400_000;

/** Returns whether a text is an existing ISO 8601 date: `2016-06-30`, never `2016-06-31`. */
export function isPlainDate(text: unknown): boolean {
  if (typeof text !== 'string' || !/^(?!0000)\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/** Returns whole days from one plain date to another; negative if the second is earlier. */
export const daysBetween = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / DAY_MS;

const FIRST_DATE_MS = Date.parse('0001-01-01');
const LAST_DATE_MS = Date.parse('9999-12-31');

/** Returns a date as days since 1970-01-01. */
export const dayNumber = (date: string): number => Date.parse(date) / DAY_MS;

/** The last day that a plain date can express. */
export const LAST_DAY = LAST_DATE_MS / DAY_MS;

/** Returns the date a number of days later, limited to the first and last plain date. */
export function addDays(date: string, days: number): string {
  const time = Math.min(Math.max(Date.parse(date) + days * DAY_MS, FIRST_DATE_MS), LAST_DATE_MS);
  return new Date(time).toISOString().slice(0, 10);
}

/**
 * Returns an instant in UTC with milliseconds, from ISO 8601 with an offset or `Z`; null if invalid. A date alone is
 * refused: the time would be ambiguous.
 */
export function parseInstant(text: string): string | null {
  const form = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/.exec(text);
  if (form === null || !isPlainDate(form[1])) return null;
  const time = Date.parse(text);
  if (Number.isNaN(time)) return null;
  const instant = new Date(time).toISOString();
  // An offset can move the year beyond four digits, and such texts do not sort by time.
  return instant.length === 24 ? instant : null;
}
