import type { EventStore, Redaction } from '#event-sourcing/event-store';
import { READ_LIMIT } from '#event-sourcing/event-store';
import { comparePositions } from '#projections/position';

/** Caches the log's redactions after the read models' position, so that each call reads only new ones. */
export class RedactionsNotFolded {
  readonly #store: Pick<EventStore, 'redactions'>;
  /** The redactions after `#from` seen so far, in order. */
  #seen: readonly Redaction[] = [];
  #from = '0';

  constructor(store: Pick<EventStore, 'redactions'>) {
    this.#store = store;
  }

  /** Returns all current redactions after a position. */
  async after(position: string): Promise<readonly Redaction[]> {
    const cached = comparePositions(position, this.#from) < 0 ? [] : this.#seen;
    const redactions = cached.filter((each) => comparePositions(each.position, position) > 0);
    for (;;) {
      const last = redactions.at(-1)?.position ?? position;
      const page = await this.#store.redactions({ after: last, limit: READ_LIMIT });
      redactions.push(...page);
      if (page.length < READ_LIMIT) break;
    }
    this.#seen = redactions;
    this.#from = position;
    return redactions;
  }
}
