import type { ByBody } from '#lives/figures';
import type { ClosureTimes } from '#lives/closure-times';
import type { DeadlineFigures } from '#lives/deadline-figures';
import type { Interval } from '#lives/intervals';
import { FLOWS } from '#lives/series';
import type { Flow, SeriesItem } from '#lives/series';
import type { Statistics } from '#read-models/register/statistics-query';
import type { ListedOutcome } from '#read-models/deadlines/deadlines-query';
import type { Noun, RecordKind } from '#lifecycle/kind';
import { lifecycles } from '#state-machines/lifecycles';
import { kinds } from '#state-machines/record-streams';
import { listPath } from '../page-paths.ts';
import { OPEN_STATUSES, openStatuses, RECORD, statusesIn, countWords, formatCount } from '../words.ts';
import { inOneSentence } from '#lifecycle/words';
import { OUTCOMES } from '#read-models/deadlines/outcomes';

/** The figures of a page, all for the same records and day. */
export interface Figures {
  /** Null if several kinds are counted. */
  readonly kind: RecordKind | null;
  /** The date of the figures. */
  readonly on: string;
  /** The view of the past; null for now. */
  readonly view: { readonly effectiveOn: string; readonly knownAt: string | null } | null;
  readonly interval: Interval;
  readonly series: readonly SeriesItem[];
  readonly counts: Statistics;
  readonly times: ByBody<ClosureTimes>;
  readonly deadlines: ByBody<DeadlineFigures>;
}

export type Body = string | null;

type OfKind = Pick<Figures, 'kind'>;

/** Returns the selected kind, or the only one; null if several are counted. */
export function selectedKind(params: URLSearchParams): RecordKind | null {
  const named = params.getAll('kind');
  const found = named.length === 0 ? kinds.all : kinds.all.filter(({ name }) => named.includes(name));
  return found.length === 1 ? (found[0] ?? null) : null;
}

export const nounOf = ({ kind }: OfKind): Noun => kind?.noun ?? RECORD;

/** Returns the open and closed statuses. */
export function statusesOf({ kind }: OfKind): Readonly<Record<'open' | 'closed', readonly string[]>> {
  const open = kind === null ? OPEN_STATUSES : openStatuses(kind);
  const all = kind === null ? lifecycles.statuses : statusesIn(kind);
  return { open, closed: all.filter((each) => !open.includes(each)) };
}

type Query = Readonly<Record<string, string | readonly string[] | null | undefined>>;

function address(path: string, params: Query): string {
  const query = Object.entries(params).flatMap(([name, value]) =>
    (value === null || value === undefined ? [] : [value].flat()).map(
      (each) => [name, each] as [string, string],
    ),
  );
  return `${path}?${new URLSearchParams(query).toString()}`;
}

/** The addresses of the lists behind the figures: same body, dates and view. */
export class Lists {
  readonly #params: URLSearchParams;
  readonly #figures: Pick<Figures, 'on' | 'view' | 'kind'>;
  readonly #bodies: readonly string[] | null;

  /** @param bodies those that the viewer can filter by; null for all. */
  constructor(
    params: URLSearchParams,
    figures: Pick<Figures, 'on' | 'view' | 'kind'>,
    bodies: readonly string[] | null,
  ) {
    this.#params = params;
    this.#figures = figures;
    this.#bodies = bodies;
  }

  /**
   * Returns the list of records at the end of a day; the current list if that is today.
   * Null if several kinds are counted, because each has its own list.
   */
  records(filters: Query, on: string = this.#figures.on): string | null {
    const { kind } = this.#figures;
    if (kind === null) return null;
    const [recipient, knownAt] = [this.#params.get('recipient'), this.#params.get('knownAt')];
    const effectiveOn = this.#figures.view === null && on === this.#figures.on ? null : on;
    return address(listPath(kind), { recipient, ...filters, effectiveOn, knownAt });
  }

  /**
   * Returns the list of a body's open records issued in a range; null if the viewer cannot filter by the
   * body.
   */
  ofAge(body: Body, issued: { readonly issuedFrom?: string; readonly issuedTo?: string }): string | null {
    const filters = { ...this.#of(body), status: statusesOf(this.#figures).open, ...issued };
    return this.#mayAsk(body) ? this.records(filters) : null;
  }

  /** Returns the list of a body's records whose closure times are counted. */
  ofClosureTimes(body: Body | undefined, statuses: readonly string[]): string | null {
    const own = body === undefined ? {} : this.#of(body);
    return body === undefined || this.#mayAsk(body)
      ? this.records({ ...own, ...this.#issueFilter(), status: statuses })
      : null;
  }

  /** Returns the list of a body's deadlines with an outcome. */
  fellDue(body: Body | undefined, outcome: ListedOutcome): string | null {
    if (body === null || (body !== undefined && !this.#mayAsk(body))) return null;
    const { on } = this.#figures;
    const recipient = body ?? this.#params.get('recipient');
    const knownAt = this.#params.get('knownAt');
    const recordKind = this.#params.get('kind');
    return address('/deadlines', {
      outcome,
      recordKind,
      recipient,
      ...this.#issueFilter(),
      effectiveOn: on,
      knownAt,
    });
  }

  #issueFilter(): Query {
    return { issuedFrom: this.#params.get('from'), issuedTo: this.#params.get('to') };
  }

  #of(body: Body): Query {
    return body === null ? { without: 'recipient' } : { recipient: body };
  }

  #mayAsk(body: Body): boolean {
    return body === null || this.#bodies === null || this.#bodies.includes(body);
  }
}

// Headlines that state the main result of each plot.

const are = (count: number): string => (count === 1 ? 'is' : 'are');
const countedOf = ({ singular, plural }: Noun, count: number): string => countWords(count, singular, plural);
const openOf = ({ singular, plural }: Noun, count: number): string =>
  countWords(count, `open ${singular}`, `open ${plural}`);
const were = (count: number): string => (count === 1 ? 'was' : 'were');

/** Returns the number of records that were open before the first interval. */
function openAtStart([first]: readonly SeriesItem[]): number {
  if (first === undefined) return 0;
  const { open, issued, reopened, transferredIn, closed, transferredOut } = first;
  return open - issued - reopened - transferredIn + closed + transferredOut;
}

/** Returns the number of open records and its change since the start. */
export function seriesHeadline(series: readonly SeriesItem[], noun: Noun): string {
  const last = series.at(-1);
  if (last === undefined) return 'There is no data for these dates';
  const now = `${countedOf(noun, last.open)} ${are(last.open)} open`;
  const change = last.open - openAtStart(series);
  if (change === 0) return `${now}, as many as at the start`;
  return `${now}, ${formatCount(Math.abs(change))} ${change > 0 ? 'more' : 'fewer'} than at the start`;
}

/** The flows in words. Those of single bodies are left out where there are none. */
export const FLOW_WORDS: Readonly<Record<Flow, string>> = {
  issued: 'issued',
  reopened: 'reopened',
  transferredIn: 'transferred from another body',
  closed: 'closed',
  transferredOut: 'transferred to another body',
};

/** Returns the flows that the figures show. */
export const shownFlows = (series: readonly SeriesItem[]): readonly Flow[] =>
  FLOWS.filter((flow) => !flow.startsWith('transferred') || series.some((item) => item[flow] > 0));

/** Returns the account of the period: what was open at its start, and what changed the number. */
export function flowsSentence(series: readonly SeriesItem[], noun: Noun): string {
  const sum = (flow: Flow) => series.reduce((all, item) => all + item[flow], 0);
  const start = openAtStart(series);
  const flows = shownFlows(series).map((flow) => `${formatCount(sum(flow))} ${FLOW_WORDS[flow]}`);
  return `At the start ${countedOf(noun, start)} ${were(start)} open. Since then there were ${inOneSentence(flows)}.`;
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
  noun: Noun,
): string {
  if (open === 0) return `No ${noun.plural} are open`;
  if (old === 0) return `None of the ${openOf(noun, open)} is older than a year`;
  const share = `${formatCount(old)} of the ${openOf(noun, open)} ${are(old)} older than a year`;
  const worst = most(bodies);
  const [one] = worst;
  if (bodies.length < 2 || one === undefined) return share;
  const figure = `${formatCount(one.figure)}${worst.length > 1 ? ' each' : ''}`;
  return `${share}; ${worst.map(({ name }) => name).join(' and ')} ${worst.length > 1 ? 'have' : 'has'} the most, ${figure}`;
}

/** Returns the median time to closure, and the fastest and slowest body. */
export function timesHeadline(
  { closed, open, days }: ClosureTimes,
  medians: readonly OfBody[],
  noun: Noun,
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
  return `${formatCount(met)} of ${countWords(all, 'deadline')} that fell due ${were(met)} met, ${formatCount(late)} ${were(late)} late and ${formatCount(stillOpen)} ${are(stillOpen)} still open`;
}
