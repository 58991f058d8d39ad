const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const london = new Intl.DateTimeFormat('en-CA', {
  timeZone: 'Europe/London',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
});
/** A cache of one hour, within which the date does not change. */
let hour = Number.NaN;
let dateOfHour = '';

/** Returns the date in Europe/London at an instant (ISO 8601 or milliseconds since 1970). */
export function londonDate(instant: string | number): string {
  const time = typeof instant === 'string' ? Date.parse(instant) : instant;
  const now = Math.floor(time / HOUR_MS);
  // London's offset has been whole hours since 1970, so the date changes only when the hour of UTC does.
  if (now !== hour) {
    // Intl writes years below 1000 without leading zeros.
    dateOfHour = london.format(time).padStart('0000-00-00'.length, '0');
    hour = now;
  }
  return dateOfHour;
}

/**
 * Returns the first instant of a day. London's clocks are up to an hour ahead of UTC; two in the summers of the 1940s.
 */
function startOfLondonDay(date: string, midnight: number): number {
  const starts = [2, 1, 0].map((ahead) => midnight - ahead * HOUR_MS);
  return starts.find((start) => londonDate(start) === date) ?? midnight;
}

/** Returns the first instant and the last millisecond of a day in London, which can have 23 or 25 hours. */
export function londonDay(date: string): { readonly from: string; readonly to: string } {
  const midnight = Date.parse(date);
  const nextDate = new Date(midnight + DAY_MS).toISOString().slice(0, 10);
  const [from, next] = [startOfLondonDay(date, midnight), startOfLondonDay(nextDate, midnight + DAY_MS)];
  return { from: new Date(from).toISOString(), to: new Date(next - 1).toISOString() };
}
