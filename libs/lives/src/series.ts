import { DEADLINE_STATES, thresholds } from '#state-machines/capabilities/deadlines';
import type { DeadlineState } from '#state-machines/capabilities/deadlines';
import { lifecycles } from '#state-machines/lifecycles';
import { numberOfDay } from './codes.ts';
import { isOf, seenLives } from './figures.ts';
import type { FiguresQuery, LivesInView } from './figures.ts';
import { intervalEnds, placeOf } from './intervals.ts';
import type { Interval } from './intervals.ts';
import type { Lives } from './lives.ts';
import { LIFE, SPAN } from './packed-life.ts';
import type { Part } from './packed-life.ts';

export interface SeriesQuery extends FiguresQuery {
  readonly from: string;
  readonly to: string;
  readonly interval: Interval;
}

/** What changes the number of open records. */
export const FLOWS = ['issued', 'reopened', 'transferredIn', 'closed', 'transferredOut'] as const;
export type Flow = (typeof FLOWS)[number];

/**
 * The number of records by state at the end of an interval, and what changed the number of open ones within it: open at
 * its start + issued + reopened + transferred in − closed − transferred out = open at its end.
 */
export interface SeriesItem extends Readonly<Record<Flow, number>> {
  readonly on: string;
  readonly open: number;
  readonly byStatus: Readonly<Record<string, number>>;
  readonly byDeadline: Readonly<Record<DeadlineState, number>>;
}

/** Returns the register's figures at the ends of calendar intervals. */
export function seriesOf(view: LivesInView, query: SeriesQuery): readonly SeriesItem[] {
  const { lives } = view;
  const series = new Series(query);
  for (const { life } of seenLives(view, query)) {
    let before: { readonly isOpen: boolean; readonly isShown: boolean } | null = null;
    for (let index = 0; index < life.at(LIFE.spans); index += 1) {
      const span = life.span(index);
      const isShown = isOf(query, lives.codes.text(span.at(SPAN.recipient)));
      const [from, until, closedOn] = [span.at(SPAN.from), life.beginOf(index + 1), span.at(SPAN.closedOn)];
      const isOpen = lives.standingOf(span).closed === 0;
      // A span begins on the day of each closure.
      const isClosure = from === closedOn;
      if (isShown) {
        series.addStock(lives, span, until);
        if (before === null) series.addFlow('issued', from);
        if (isClosure) series.addFlow('closed', from);
        if (before?.isOpen === false && (isOpen || isClosure)) series.addFlow('reopened', from);
      }
      if (before?.isOpen === true && before.isShown !== isShown)
        series.addFlow(isShown ? 'transferredIn' : 'transferredOut', from);
      before = { isOpen, isShown };
    }
  }
  return series.items();
}

/** Counts what comes and goes at each end of an interval. */
class Series {
  readonly #days: readonly string[];
  readonly #ends: readonly number[];
  readonly #from: number;
  readonly #changes = new Map<string, Int32Array>();

  constructor({ from, to, interval }: SeriesQuery) {
    this.#days = intervalEnds(from, to, interval);
    this.#ends = this.#days.map(numberOfDay);
    this.#from = numberOfDay(from);
  }

  /** Adds a record in a span. */
  addStock(lives: Lives, span: Part, until: number): void {
    const begin = placeOf(span.at(SPAN.from), this.#ends);
    const end = placeOf(until, this.#ends);
    if (begin >= end) return;
    const { status, closed, settled } = lives.standingOf(span);
    this.#add(`status ${status}`, begin, end);
    if (closed === 0) this.#add('open', begin, end);
    const dueOn = span.orNull(SPAN.dueOn);
    if (dueOn === null) this.#add('deadline none', begin, end);
    else if (settled === 1) this.#add('deadline settled', begin, end);
    else this.#addUnsettled(dueOn, begin, end);
  }

  #addUnsettled(dueOn: number, begin: number, end: number): void {
    const within = (day: number) => Math.min(end, Math.max(begin, placeOf(day, this.#ends)));
    const near = within(dueOn - thresholds.approachingDays);
    const [over, far] = [within(dueOn + 1), within(dueOn + thresholds.escalatedDays)];
    this.#add('deadline on-track', begin, near);
    this.#add('deadline approaching', near, over);
    this.#add('deadline overdue', over, far);
    this.#add('deadline escalated', far, end);
  }

  addFlow(name: Flow, day: number): void {
    const place = placeOf(day, this.#ends);
    if (day >= this.#from && place < this.#ends.length) this.#add(name, place, place + 1);
  }

  #add(name: string, begin: number, end: number): void {
    if (begin >= end) return;
    const changes = this.#changes.get(name) ?? new Int32Array(this.#ends.length + 1);
    this.#changes.set(name, changes);
    changes[begin] = (changes[begin] ?? 0) + 1;
    changes[end] = (changes[end] ?? 0) - 1;
  }

  items(): SeriesItem[] {
    const counts = new Map([...this.#changes.keys()].map((name) => [name, 0]));
    const count = (name: string) => counts.get(name) ?? 0;
    const all = <Name extends string>(what: string, names: readonly Name[]) =>
      Object.fromEntries(names.map((name) => [name, count(`${what} ${name}`)])) as Record<Name, number>;
    return this.#days.map((on, index) => {
      for (const [name, changes] of this.#changes) counts.set(name, count(name) + (changes[index] ?? 0));
      return {
        ...{ on, open: count('open') },
        ...(Object.fromEntries(FLOWS.map((flow) => [flow, count(flow)])) as Record<Flow, number>),
        ...{ byStatus: all('status', this.#statuses), byDeadline: all('deadline', DEADLINE_STATES) },
      };
    });
  }

  /** Returns all statuses, including those of lifecycles that are no longer current. */
  get #statuses(): readonly string[] {
    const own = [...this.#changes.keys()].filter((name) => name.startsWith('status '));
    return [...new Set([...lifecycles.statuses, ...own.map((name) => name.slice('status '.length))])];
  }
}
