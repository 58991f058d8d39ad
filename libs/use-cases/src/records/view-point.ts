import type { ViewPoint } from '#lifecycle/effective-view';
import { isPlainDate, parseInstant } from '#lifecycle/plain-date';
import { londonDate, londonDay } from '#state-machines/london';

/** The reason for which a text is not a valid instant of a view. */
export type NotKnown = 'no-instant' | 'in-future';

/**
 * Parses the instant at which a view was known: an instant, or a date, which means the end of that London
 * day. Today's date means now. The future is invalid.
 */
export function parseKnownAt(text: string, now: number): { readonly knownAt: string } | NotKnown {
  const knownAt = isPlainDate(text) ? knownByDay(text, now) : parseInstant(text);
  if (knownAt === null) return 'no-instant';
  return Date.parse(knownAt) > now ? 'in-future' : { knownAt };
}

const knownByDay = (day: string, now: number): string =>
  day === londonDate(now) ? new Date(now).toISOString() : londonDay(day).to;

/** Returns a view; both parameters are optional. With only an instant, the view is effective on that instant's London day. */
export const viewPoint = (effectiveOn: string | null, knownAt: string | null): ViewPoint => ({
  effectiveOn: effectiveOn ?? (knownAt === null ? null : londonDate(knownAt)),
  knownAt,
});
