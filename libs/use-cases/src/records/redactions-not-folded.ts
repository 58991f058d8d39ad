import type { EventStore, Redaction } from '#event-sourcing/event-store';
import { READ_LIMIT } from '#event-sourcing/event-store';
import { comparePositions } from '#projections/position';

/**
 * The log's redactions after where read models stand. What was seen before is kept, so that each ask is one look for what
 * came since.
 */
export class RedactionsNotFolded {
  readonly #store: Pick<EventStore, 'redactions'>;
  /** Those after `#from`, in order, as far as they were seen. */
  #seen: readonly Redaction[] = [];
  #from = '0';

  constructor(store: Pick<EventStore, 'redactions'>) {
    this.#store = store;
  }

  /** All that the log has now. */
  async after(position: string): Promise<readonly Redaction[]> {
    const known = comparePositions(position, this.#from) < 0 ? [] : this.#seen;
    const redactions = known.filter((each) => comparePositions(each.position, position) > 0);
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
