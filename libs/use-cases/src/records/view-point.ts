import type { ViewPoint } from '#lifecycle/effective-view';
import { isPlainDate, parseInstant } from '#lifecycle/plain-date';
import { londonDate, londonDay } from '#state-machines/london';

/** Why a text is not a valid instant of knowledge. */
export type NotKnown = 'no-instant' | 'in-future';

/**
 * Parses the instant up to which a view knows: an instant, or a date for the end of that London day; today's date means now. The future is
 * refused.
 */
export function parseKnownAt(text: string, now: number): { readonly knownAt: string } | NotKnown {
  const knownAt = isPlainDate(text) ? knownByDay(text, now) : parseInstant(text);
  if (knownAt === null) return 'no-instant';
  return Date.parse(knownAt) > now ? 'in-future' : { knownAt };
}

const knownByDay = (day: string, now: number): string =>
  day === londonDate(now) ? new Date(now).toISOString() : londonDay(day).to;

/** Returns a view; each axis is optional. With only an instant, the view is of that instant's London day. */
export const viewPoint = (effectiveOn: string | null, knownAt: string | null): ViewPoint => ({
  effectiveOn: effectiveOn ?? (knownAt === null ? null : londonDate(knownAt)),
  knownAt,
});
