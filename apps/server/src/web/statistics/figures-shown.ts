import type { ByBody } from '#read-models/history/figures';
import type { ClosureTimes } from '#read-models/history/closure-times-query';
import type { DeadlineFigures } from '#read-models/history/deadline-figures-query';
import type { Interval } from '#read-models/history/series-points';
import type { SeriesItem } from '#read-models/history/series-query';
import type { Statistics } from '#read-models/register/statistics-query';
import type { ListedOutcome } from '#read-models/deadlines/deadlines-query';
import type { Noun, RecordKind } from '#lifecycle/kind';
import { lifecycles } from '#state-machines/lifecycles';
import { kinds } from '#state-machines/record-streams';
import { listPath } from '../list-paths.ts';
import { OPEN_STATUSES, openStatuses, RECORD, statusesIn } from '../words.ts';

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
