import type { Envelope } from '#event-sourcing/envelope';
import { redactionOf } from '#event-sourcing/erasure';
import type { EventStore } from '#event-sourcing/event-store';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import type { Lifecycles, ReadEvent } from '#lifecycle/lifecycles';
import { lightEvents } from './record-events.ts';
import type { RecordReference } from '#lifecycle/kind';
import { streamOf } from '#lifecycle/kind';

/** A record's events without free text, and the state after them. */
export interface RecordHistory {
  /** The events as stored. */
  readonly stored: readonly Envelope[];
  /** The events as they are read. */
  readonly events: readonly ReadEvent[];
  /** Null if there are no events. */
  readonly state: LifecycleState | null;
  /** Whether a value was erased or is to be erased. */
  readonly isRedacted: boolean;
}

const NOTHING: RecordHistory = { stored: [], events: [], state: null, isRedacted: false };

/** The number of events from which histories are cached. Shorter ones are read as fast as they are looked up. */
const KEPT_FROM = 500;
/** The maximum number of events in all cached histories, a few kilobytes each. */
const EVENTS_KEPT_MAX = 20_000;

/**
 * Reads records' histories and caches long ones that were read recently, of which it then reads only new
 * events. If the hash of the last cached event still matches, all earlier ones do. A record with redactions
 * is read in full each time, so the cache never contains erased values.
 */
export class KnownHistories {
  readonly #store: Pick<EventStore, 'readStream'>;
  readonly #lifecycles: Lifecycles;
  /** By stream, in order of last use. */
  readonly #kept = new Map<string, RecordHistory>();

  readonly #eventsMax: number;

  constructor(store: Pick<EventStore, 'readStream'>, lifecycles: Lifecycles, eventsMax = EVENTS_KEPT_MAX) {
    this.#store = store;
    this.#lifecycles = lifecycles;
    this.#eventsMax = eventsMax;
  }

  /** Returns a record's current history. @throws UnknownLifecycleError; IllegalEventError */
  async read(reference: RecordReference): Promise<RecordHistory> {
    const stream = streamOf(reference);
    const cached = await this.#cachedHistory(stream);
    const current = await this.#readOn(reference, cached);
    const history =
      current.isRedacted && cached !== NOTHING ? await this.#readOn(reference, NOTHING) : current;
    this.#kept.delete(stream);
    if (history.events.length >= KEPT_FROM && !history.isRedacted) this.#keep(stream, history);
    return history;
  }

  /** Returns the cached history of a record if it still matches the store. */
  async #cachedHistory(stream: string): Promise<RecordHistory> {
    const cached = this.#kept.get(stream);
    const last = cached?.stored.at(-1);
    if (cached === undefined || last === undefined) return NOTHING;
    const [stored] = await this.#store.readStream(last.streamId, { after: last.version - 1, limit: 1 });
    return stored?.hash === last.hash ? cached : NOTHING;
  }

  async #readOn(reference: RecordReference, before: RecordHistory): Promise<RecordHistory> {
    const [stored, events] = [[...before.stored], [...before.events]];
    let { state, isRedacted } = before;
    // Folds in batches, to yield to other work between the pages of a long record.
    for await (const event of lightEvents(this.#store, reference, stored.length)) {
      state = this.#lifecycles.evolve(state, event);
      isRedacted ||= redactionOf(event) !== null;
      stored.push(event);
      events.push(this.#lifecycles.read(event));
    }
    return { stored, events, state, isRedacted };
  }

  #keep(stream: string, history: RecordHistory): void {
    this.#kept.set(stream, history);
    let count = [...this.#kept.values()].reduce((sum, { events }) => sum + events.length, 0);
    for (const [oldest, { events }] of this.#kept) {
      if (count <= this.#eventsMax) break;
      this.#kept.delete(oldest);
      count -= events.length;
    }
  }
}
