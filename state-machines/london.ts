const HOUR_MS = 3_600_000;

const london = new Intl.DateTimeFormat('en-CA', {
  timeZone: 'Europe/London',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
});
/** A cache of one hour, in which the date cannot change. */
let hour = Number.NaN;
let dateOfHour = '';

/** Returns the date in Europe/London at an instant (ISO 8601 or milliseconds since 1970). */
export function londonDate(instant: string | number): string {
  const time = typeof instant === 'string' ? Date.parse(instant) : instant;
  const now = Math.floor(time / HOUR_MS);
  // London's offset has been whole hours since 1970, so the date can change only with the hour of UTC.
  if (now !== hour) {
    // Intl writes years below 1000 without leading zeros.
    dateOfHour = london.format(time).padStart('0000-00-00'.length, '0');
    hour = now;
  }
  return dateOfHour;
}

const startOfLondonDay = (day: Temporal.PlainDate): number =>
  day.toZonedDateTime('Europe/London').epochMilliseconds;

/**
 * Returns the first instant and the start of the last millisecond of a day in London, which can have 23 or 25 hours.
 */
export function londonDay(date: string): { readonly from: string; readonly to: string } {
  const day = Temporal.PlainDate.from(date);
  const [from, next] = [day, day.add({ days: 1 })].map(startOfLondonDay) as [number, number];
  return { from: new Date(from).toISOString(), to: new Date(next - 1).toISOString() };
}
