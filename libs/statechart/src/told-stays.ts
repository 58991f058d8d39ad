import type { Stay } from '#lifecycle/travelled-chart';

const count = new Intl.NumberFormat('en-GB');

/** `1 day`, `1,024 days`. */
export const daysInWords = (days: number): string => `${count.format(days)} ${days === 1 ? 'day' : 'days'}`;

/** What stands below a state that a record was in: when, and how long; two lines. */
export function toldStays(stays: readonly Stay[], days: number): readonly string[] {
  const last = stays.at(-1);
  if (last === undefined) return [];
  const span = last.to === null ? `since ${last.from}` : `${last.from} to ${last.to}`;
  if (stays.length === 1) return [span, daysInWords(days)];
  return [last.to === null ? span : `last ${span}`, `${daysInWords(days)}, in ${stays.length} stays`];
}
