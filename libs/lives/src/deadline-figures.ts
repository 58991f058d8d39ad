import { OUTCOMES } from '#read-models/deadlines/outcomes';
import type { DeadlineOutcome } from '#read-models/deadlines/outcomes';
import { numberOfDay } from './codes.ts';
import { byBody, isOf, seenIssued } from './figures.ts';
import type { ByBody, IssuedQuery, LivesInView } from './figures.ts';
import { daysLate, isOnRecord, outcomeOn } from './outcome.ts';
import { DEADLINE, PASSING } from './packed-life.ts';

/** The outcomes of the deadlines that fell due, each counted once. */
export interface DeadlineFigures extends Readonly<Record<DeadlineOutcome, number>> {
  /** The number of met deadlines whose settlement was also recorded in time. */
  readonly metOnRecord: number;
  /** The median number of days between the date in force and the settlement of late deadlines; null if there are none. */
  readonly medianDaysLate: number | null;
  /** The total number of extensions. */
  readonly extensions: number;
  /** The number of extended deadlines, without withdrawn ones. */
  readonly extended: number;
  /**
   * The number of deadlines that were recorded as passed after they were entered, regardless of what followed, for each
   * body responsible at the time. Includes deadlines that have since been moved to a later date.
   */
  readonly recordedLate: number;
}

interface Outcome {
  readonly outcome: DeadlineOutcome;
  readonly isOnRecord: boolean;
  readonly daysLate: number | null;
  readonly extensions: number;
}

/** A deadline that fell due, or that was recorded as passed after its entry under the body of that time. */
interface Found {
  readonly recipient: string | null;
  readonly outcome?: Outcome;
  /** The deadline that was recorded as passed. */
  readonly late?: string;
}

/** Counts the outcomes of the deadlines of records issued in a period. */
export function deadlineFigures(view: LivesInView, query: IssuedQuery): ByBody<DeadlineFigures> {
  const on = numberOfDay(query.on);
  const { lives } = view;
  const found: Found[] = [];
  for (const { stream, life, span, recipient } of seenIssued(view, query)) {
    for (const passing of life.passingsBy(on)) {
      const body = lives.codes.text(passing.at(PASSING.body));
      const late = `${stream}/${passing.at(PASSING.deadlineId)}`;
      if (isOf(query, body)) found.push({ recipient: body, late });
    }
    for (const deadline of isOf(query, recipient) ? life.deadlinesOn(on) : []) {
      const each = lives.onDay(deadline, span);
      const outcome = outcomeOn(each, on);
      if (outcome === null) continue;
      const extensions = deadline.at(DEADLINE.extensions);
      const dates = { isOnRecord: isOnRecord(each), daysLate: daysLate(each) };
      found.push({ recipient, outcome: { outcome, extensions, ...dates } });
    }
  }
  return byBody(found, figuresOf);
}

function figuresOf(found: readonly Found[]): DeadlineFigures {
  const outcomes = found.flatMap(({ outcome }) => outcome ?? []);
  const count = (is: (outcome: Outcome) => boolean) => outcomes.filter(is).length;
  const byOutcome = Object.fromEntries(
    OUTCOMES.map((name) => [name, count(({ outcome }) => outcome === name)]),
  ) as Record<DeadlineOutcome, number>;
  const late = outcomes.flatMap(({ outcome, daysLate: days }) => (outcome === 'late' ? (days ?? []) : []));
  return {
    ...byOutcome,
    metOnRecord: count((each) => each.outcome === 'met' && each.isOnRecord),
    medianDaysLate: medianOf(late),
    extensions: outcomes.reduce((sum, { extensions }) => sum + extensions, 0),
    extended: count(({ outcome, extensions }) => outcome !== 'withdrawn' && extensions > 0),
    recordedLate: new Set(found.flatMap((each) => each.late ?? [])).size,
  };
}

/** Returns the median; for an even count, the mean of the two middle values. */
function medianOf(days: readonly number[]): number | null {
  const sorted = days.toSorted((one, other) => one - other);
  const [lower, upper] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return lower === undefined || upper === undefined ? null : (lower + upper) / 2;
}
