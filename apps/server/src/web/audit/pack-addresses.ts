import { pathOf } from '#lifecycle/kind';
import type { RecordReference } from '#lifecycle/kind';
import type { Chosen } from './pack-choices.ts';
import { withholdOf } from './pack-choices.ts';

/** The longest address that browsers and proxies accept. `docket pack` accepts more values. */
export const ADDRESS_LENGTH_MAX = 6_000;

/** The addresses of a record's pack pages, with the withheld values in the query. */
export class PackAddresses {
  readonly #path: string;
  readonly #withhold: readonly string[];

  constructor(record: RecordReference, chosen: Chosen) {
    this.#path = packPath(record);
    this.#withhold = withholdOf(chosen);
  }

  /** A page of events to choose from. */
  form(page = 1): string {
    return this.#with('', page === 1 ? {} : { page: String(page) });
  }

  /** The summary before the pack is made. */
  get check(): string {
    return this.#with('/check', {});
  }

  get make(): string {
    return this.#with('/make', {});
  }

  #with(below: string, more: Readonly<Record<string, string>>): string {
    const query = new URLSearchParams([
      ...this.#withhold.map((choice) => ['withhold', choice] as [string, string]),
      ...Object.entries(more),
    ]);
    return `${this.#path}${below}${query.size === 0 ? '' : `?${query.toString()}`}`;
  }
}

export const packPath = (record: RecordReference): string => `${pathOf(record)}/pack`;
