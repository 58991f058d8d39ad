import { pathOf } from '#lifecycle/kind';
import type { RecordReference } from '#lifecycle/kind';
import { recordPath } from '../way-back.ts';

/** What a page of a record is asked for with: a view of the past, and the list that one came from. */
interface RecordQuery {
  readonly effectiveOn?: string;
  readonly knownAt?: string;
  readonly from?: string;
  /** As whom else one looks at it. */
  readonly as?: string;
}

/** Where one is in a record's history: after an event of its stream, or in a view; as it stands now where nothing is named. */
export interface Position {
  readonly version?: number | undefined;
  readonly effectiveOn?: string | undefined;
  readonly knownAt?: string | undefined;
}

type Values = Readonly<Record<string, string | number | undefined>>;

/** An address with those of the values that are given. */
function withQuery(path: string, values: Values, fragment = ''): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value !== undefined) query.set(name, String(value));
  return `${path}${query.size === 0 ? '' : `?${query.toString()}`}${fragment}`;
}

/** The addresses of a record's pages, all in the same view, and with the same way back. */
export class RecordAddresses {
  /** Of the page itself, and of what is below the record. */
  readonly #page: string;
  readonly #path: string;
  readonly #query: RecordQuery;

  constructor(record: RecordReference, { effectiveOn, knownAt, from, as }: RecordQuery) {
    this.#page = recordPath(record);
    this.#path = pathOf(record);
    this.#query = {
      ...(effectiveOn !== undefined && { effectiveOn }),
      ...(knownAt !== undefined && { knownAt }),
      ...(from !== undefined && { from }),
      ...(as !== undefined && { as }),
    };
  }

  /** The record as it stands now. */
  get now(): string {
    return withQuery(this.#page, { from: this.#query.from });
  }

  /** The record as it stands now, as somebody of another role sees it. */
  as(role: string): string {
    return withQuery(this.#page, { as: role, from: this.#query.from });
  }

  /** Its history to step through, at a position; in this view where none is named. */
  replay(position: Position = this.#query, more: Values = {}, event?: number): string {
    const { version, effectiveOn, knownAt } = position;
    const values = { version, effectiveOn, knownAt, ...more, from: this.#query.from };
    return withQuery(`${this.#path}/history`, values, event === undefined ? '' : eventAnchor(event));
  }

  /** Two of its points side by side, or it beside another record. */
  compare(asked: Values = {}): string {
    return withQuery(`${this.#path}/compare`, asked);
  }

  /** A page of the history, in this view. */
  history(page: number): string {
    return withQuery(this.#page, { ...this.#query, page: page === 1 ? undefined : page }, '#history');
  }

  /** An entry of the history, wherever it stands. */
  event(version: number): string {
    return withQuery(this.#page, { ...this.#query, at: version }, eventAnchor(version));
  }

  /** The same with all of its text. */
  wholeEvent(version: number): string {
    return withQuery(this.#page, { ...this.#query, at: version, whole: version }, eventAnchor(version));
  }

  /** On paper, from an entry of the history on. */
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

  /** What of it goes into an evidence pack. */
  get pack(): string {
    return `${this.#path}/pack`;
  }

  command(name: string, values: Values = {}): string {
    return withQuery(`${this.#path}/commands/${name}`, { ...values, from: this.#query.from });
  }

  changes(after: number): string {
    return withQuery(`${this.#path}/changes`, { after });
  }
}

const eventAnchor = (version: number): string => `#event-${version}`;
