import type { Stay } from '#lifecycle/travelled-chart';

const count = new Intl.NumberFormat('en-GB');

/** Returns a number of days such as `1 day` or `1,024 days`. */
export const daysInWords = (days: number): string => `${count.format(days)} ${days === 1 ? 'day' : 'days'}`;

/** Formats a plain date. By default, the date is unchanged. */
export type WrittenDate = (date: string) => string;

/** Returns the two lines below a state's name: when the record was in it, and for how long. */
export function stayLines(
  stays: readonly Stay[],
  days: number,
  written: WrittenDate = (date) => date,
): readonly string[] {
  const last = stays.at(-1);
  if (last === undefined) return [];
  const from = written(last.from);
  const span = last.to === null ? `since ${from}` : `${from} to ${written(last.to)}`;
  if (stays.length === 1) return [span, daysInWords(days)];
  return [last.to === null ? span : `last ${span}`, `${daysInWords(days)}, in ${stays.length} stays`];
}
