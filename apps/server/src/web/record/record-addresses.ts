import { pathOf } from '#lifecycle/kind';
import type { RecordReference } from '#lifecycle/kind';
import { recordPath } from '../page-paths.ts';

/** The query of a record's page: a view of the past and the list that the user came from. */
interface RecordQuery {
  readonly effectiveOn?: string;
  readonly knownAt?: string;
  readonly from?: string;
}

/** A point of the history: an event or a view; the current state if empty. */
export interface Position {
  readonly version?: number | undefined;
  readonly effectiveOn?: string | undefined;
  readonly knownAt?: string | undefined;
}

type Values = Readonly<Record<string, string | number | undefined>>;

/** Returns an address without undefined values. */
function withQuery(path: string, values: Values, fragment = ''): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value !== undefined) query.set(name, String(value));
  return `${path}${query.size === 0 ? '' : `?${query.toString()}`}${fragment}`;
}

/** The addresses of a record's pages in the same view, with the same return address. */
export class RecordAddresses {
  readonly #page: string;
  readonly #path: string;
  readonly #query: RecordQuery;

  constructor(record: RecordReference, { effectiveOn, knownAt, from }: RecordQuery) {
    this.#page = recordPath(record);
    this.#path = pathOf(record);
    this.#query = {
      ...(effectiveOn !== undefined && { effectiveOn }),
      ...(knownAt !== undefined && { knownAt }),
      ...(from !== undefined && { from }),
    };
  }

  /** The current state. */
  get now(): string {
    return withQuery(this.#page, { from: this.#query.from });
  }

  /** The history at a point; in this view if none is passed. */
  replay(position: Position = this.#query, more: Values = {}, event?: number): string {
    const { version, effectiveOn, knownAt } = position;
    const values = { version, effectiveOn, knownAt, ...more, from: this.#query.from };
    return withQuery(`${this.#path}/history`, values, event === undefined ? '' : eventAnchor(event));
  }

  history(page: number): string {
    return withQuery(this.#page, { ...this.#query, page: page === 1 ? undefined : page }, '#history');
  }

  /** The page with an entry of the history. */
  event(version: number): string {
    return withQuery(this.#page, { ...this.#query, at: version }, eventAnchor(version));
  }

  /** The page with an entry of the history and its full text. */
  wholeEvent(version: number): string {
    return withQuery(this.#page, { ...this.#query, at: version, whole: version }, eventAnchor(version));
  }

  /** The print view, starting at an entry. */
  print(from?: number): string {
    const { effectiveOn, knownAt } = this.#query;
    return withQuery(`${this.#path}/print`, { effectiveOn, knownAt, at: from });
  }

  get wholeChart(): string {
    const { effectiveOn, knownAt } = this.#query;
    return withQuery(`${this.#path}/statechart.svg`, { effectiveOn, knownAt });
  }

  export(format: string): string {
    return withQuery(`${this.#path}/export`, { format });
  }

  get pack(): string {
    return `${this.#path}/pack`;
  }

  command(name: string, values: Values = {}): string {
    return withQuery(`${this.#path}/commands/${name}`, { ...values, from: this.#query.from });
  }
}

const eventAnchor = (version: number): string => `#event-${version}`;
