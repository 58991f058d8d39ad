import { numberOfDay } from './codes.ts';
import { byBody, isOf, seenIssued } from './figures.ts';
import type { ByBody, IssuedQuery, LivesInView } from './figures.ts';
import { LIFE, SPAN } from './packed-life.ts';

/** Days from issue to closure, by quartile; null if too few records are closed for the quartile. */
export interface ClosureTimes {
  readonly closed: number;
  readonly open: number;
  readonly days: { readonly q1: number | null; readonly median: number | null; readonly q3: number | null };
}

/** A record that was closed after, or has been open for, a number of days. */
interface Observed {
  readonly recipient: string | null;
  readonly isClosed: boolean;
  readonly days: number;
}

/**
 * Returns the times to closure, estimated by the Kaplan–Meier method: open and reopened records count as not closed
 * yet. A closure dated before the issue counts as zero days.
 */
export function closureTimes(view: LivesInView, query: IssuedQuery): ByBody<ClosureTimes> {
  const on = numberOfDay(query.on);
  const observed: Observed[] = [];
  for (const { life, span, recipient } of seenIssued(view, query)) {
    if (!isOf(query, recipient)) continue;
    const closedOn = span.orNull(SPAN.closedOn);
    const days = Math.max(0, (closedOn ?? on) - life.at(LIFE.issuedOn));
    observed.push({ recipient, isClosed: closedOn !== null, days });
  }
  return byBody(observed, timesOf);
}

const QUARTILES = { q1: 1 / 4, median: 1 / 2, q3: 3 / 4 } as const;
/** The tolerance for floating-point errors: a share of exactly one half must count as reached. */
const NEARLY = 1e-9;

export function timesOf(observed: readonly Omit<Observed, 'recipient'>[]): ClosureTimes {
  const closed = observed.filter(({ isClosed }) => isClosed).length;
  const days: Record<keyof typeof QUARTILES, number | null> = { q1: null, median: null, q3: null };
  let [atRisk, unclosed] = [observed.length, 1];
  const byDays = [...Map.groupBy(observed, (each) => each.days)].sort(([one], [other]) => one - other);
  for (const [day, own] of byDays) {
    const closings = own.filter(({ isClosed }) => isClosed).length;
    unclosed *= 1 - closings / atRisk;
    for (const name of Object.keys(QUARTILES) as (keyof typeof QUARTILES)[]) {
      if (closings > 0 && unclosed <= 1 - QUARTILES[name] + NEARLY) days[name] ??= day;
    }
    atRisk -= own.length;
  }
  return { closed, open: observed.length - closed, days };
}
