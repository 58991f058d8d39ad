import type { ViewPoint } from '#lifecycle/effective-view';
import { isPlainDate, parseInstant } from '#lifecycle/plain-date';
import { londonDate, londonDay } from '#state-machines/london';

/** Why a text names no instant as of which something can be known. */
export type NotKnown = 'no-instant' | 'in-future';

/**
 * The instant up to which a view knows: as it is named, or the end of a day in London; today's date is now.
 * What is to come is unknown to everyone.
 */
export function parseKnownAt(text: string, now: number): { readonly knownAt: string } | NotKnown {
  const knownAt = isPlainDate(text) ? knownByDay(text, now) : parseInstant(text);
  if (knownAt === null) return 'no-instant';
  return Date.parse(knownAt) > now ? 'in-future' : { knownAt };
}

const knownByDay = (day: string, now: number): string =>
  day === londonDate(now) ? new Date(now).toISOString() : londonDay(day).to;

/** A view, both of whose axes somebody may leave out: with an instant alone it is of the day that it was in London. */
export const viewPoint = (effectiveOn: string | null, knownAt: string | null): ViewPoint => ({
  effectiveOn: effectiveOn ?? (knownAt === null ? null : londonDate(knownAt)),
  knownAt,
});
