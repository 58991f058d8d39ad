import type { ClosureTimes } from '#read-models/history/closure-times-query';
import type { DeadlineFigures } from '#read-models/history/deadline-figures-query';
import { OUTCOMES } from '#read-models/history/deadline-outcome';
import type { SeriesItem } from '#read-models/history/series-query';
import { longDate } from '../dates.ts';
import type { Noun } from '#lifecycle/kind';
import { countWords, RECORD } from '../words.ts';

// Headlines that state the main result of each plot.

const are = (count: number): string => (count === 1 ? 'is' : 'are');
const countedOf = ({ singular, plural }: Noun, count: number): string => countWords(count, singular, plural);
const openOf = ({ singular, plural }: Noun, count: number): string =>
  countWords(count, `open ${singular}`, `open ${plural}`);
const were = (count: number): string => (count === 1 ? 'was' : 'were');

/** Returns the number of open records and its change since the first point. */
export function seriesHeadline(series: readonly SeriesItem[], noun: Noun = RECORD): string {
  const [first, last] = [series.at(0), series.at(-1)];
  if (first === undefined || last === undefined) return 'There is no data for these dates';
  const now = `${countedOf(noun, last.open)} ${are(last.open)} open`;
  if (series.length === 1) return now;
  const since = longDate(first.on);
  const change = last.open - first.open;
  if (change === 0) return `${now}, as many as on ${since}`;
  return `${now}, ${countWords(Math.abs(change), change > 0 ? 'more' : 'fewer', change > 0 ? 'more' : 'fewer')} than on ${since}`;
}

export function flowsSentence(series: readonly SeriesItem[], noun: Noun = RECORD): string {
  const sum = (of: (item: SeriesItem) => number) => series.reduce((all, item) => all + of(item), 0);
  const [issued, closed] = [sum((item) => item.issued), sum((item) => item.closed)];
  return `In this period ${countedOf(noun, issued)} ${were(issued)} issued, and ${closed.toLocaleString('en-GB')} closed.`;
}

interface OfBody {
  readonly name: string;
  readonly figure: number;
}

/** Returns the bodies with the highest figure; none if more than two share it. */
function most(bodies: readonly OfBody[]): readonly OfBody[] {
  const highest = Math.max(0, ...bodies.map(({ figure }) => figure));
  const best = bodies.filter(({ figure }) => figure === highest);
  return best.length > 2 ? [] : best;
}

/** Returns how many open records are older than a year, and which body has most of them. */
export function agesHeadline(
  { open, old }: { readonly open: number; readonly old: number },
  bodies: readonly OfBody[],
  noun: Noun = RECORD,
): string {
  if (open === 0) return `No ${noun.plural} are open`;
  if (old === 0) return `None of the ${openOf(noun, open)} is older than a year`;
  const share = `${old.toLocaleString('en-GB')} of the ${openOf(noun, open)} ${are(old)} older than a year`;
  const worst = most(bodies);
  const [one] = worst;
  if (bodies.length < 2 || one === undefined) return share;
  const figure = `${one.figure.toLocaleString('en-GB')}${worst.length > 1 ? ' each' : ''}`;
  return `${share}; ${worst.map(({ name }) => name).join(' and ')} ${worst.length > 1 ? 'have' : 'has'} the most, ${figure}`;
}

/** Returns the median time to closure, and the fastest and slowest body. */
export function timesHeadline(
  { closed, open, days }: ClosureTimes,
  medians: readonly OfBody[],
  noun: Noun = RECORD,
): string {
  if (closed + open === 0) return `No ${noun.plural} were issued between these dates`;
  if (days.median === null)
    return `Fewer than half of the ${countedOf(noun, closed + open)} have been closed`;
  const all = `Half of the ${noun.plural} are closed within ${countWords(days.median, 'day')}`;
  const [first, ...others] = medians.toSorted((one, other) => one.figure - other.figure);
  const last = others.at(-1);
  if (first === undefined || last === undefined || first.figure === last.figure) return all;
  return `${all}, from ${countWords(first.figure, 'day')} for ${first.name} to ${countWords(last.figure, 'day')} for ${last.name}`;
}

const fellDue = (figures: DeadlineFigures): number =>
  OUTCOMES.reduce((sum, outcome) => sum + figures[outcome], 0);

/** Returns how many deadlines were met. */
export function deadlinesHeadline(figures: DeadlineFigures): string {
  const { met, late, stillOpen } = figures;
  const all = fellDue(figures);
  if (all === 0) return 'No deadline has fallen due';
  const formatCount = (count: number) => count.toLocaleString('en-GB');
  return `${formatCount(met)} of ${countWords(all, 'deadline')} that fell due ${were(met)} met, ${formatCount(late)} ${were(late)} late and ${formatCount(stillOpen)} ${are(stillOpen)} still open`;
}

/** Returns how many deadlines were extended, and how often. */
export function extensionsHeadline(figures: DeadlineFigures): string {
  const { extended, extensions } = figures;
  if (extensions === 0) return 'No deadline that fell due had been extended';
  const often = extensions === 1 ? 'once' : countWords(extensions, 'time');
  return `${countWords(extended, 'deadline')} that fell due had been extended, ${often} in total`;
}
