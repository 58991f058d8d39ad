import { pathOf } from '#lifecycle/kind';
import type { RecordReference } from '#lifecycle/kind';
import type { Chosen } from './pack-choices.ts';
import { withholdOf } from './pack-choices.ts';

/** An address that browsers and proxies take; more values than it holds are chosen by `docket pack`. */
export const ADDRESS_LENGTH_MAX = 6_000;

/** Where a record's pack is chosen, looked at and made, with what is left out of it. */
export class PackAddresses {
  readonly #path: string;
  readonly #withhold: readonly string[];

  constructor(record: RecordReference, chosen: Chosen) {
    this.#path = packPath(record);
    this.#withhold = withholdOf(chosen);
  }

  /** A page of the events to choose from. */
  form(page = 1): string {
    return this.#with('', page === 1 ? {} : { page: String(page) });
  }

  /** What will be left out, before it is made. */
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
