import type { Envelope } from '#event-sourcing/envelope';
import { redactionOf } from '#event-sourcing/erasure';
import type { EventStore } from '#event-sourcing/event-store';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import type { Lifecycles, ReadEvent } from '#lifecycle/lifecycles';
import { lightEvents } from './record-events.ts';
import type { RecordReference } from '#lifecycle/kind';
import { streamOf } from '#lifecycle/kind';

/** A record's events without what people wrote, and its state after them. */
export interface RecordHistory {
  /** As they are stored. */
  readonly stored: readonly Envelope[];
  /** The same as they are read. */
  readonly events: readonly ReadEvent[];
  /** Null where there is no event. */
  readonly state: LifecycleState | null;
  /** Whether something of it was erased, or is to be. */
  readonly isRedacted: boolean;
}

const NOTHING: RecordHistory = { stored: [], events: [], state: null, isRedacted: false };

/** Shorter ones are read as quickly as they are looked up. */
const KEPT_FROM = 500;
/** Of all that are kept, a few kilobytes each. */
const EVENTS_KEPT_MAX = 20_000;

/**
 * Reads records' histories, and keeps the long ones that were read last: of these only what came since is read. That the event that was
 * the last is still there, by its hash, says that all before it are. A record in which something is redacted is read anew each time, so
 * that nothing that is erased stays here.
 */
export class KnownHistories {
  readonly #store: Pick<EventStore, 'readStream'>;
  readonly #lifecycles: Lifecycles;
  /** By stream; the one that was read last is the last. */
  readonly #kept = new Map<string, RecordHistory>();

  readonly #eventsMax: number;

  constructor(store: Pick<EventStore, 'readStream'>, lifecycles: Lifecycles, eventsMax = EVENTS_KEPT_MAX) {
    this.#store = store;
    this.#lifecycles = lifecycles;
    this.#eventsMax = eventsMax;
  }

  /**
   * A record's history as it is stored now.
   * @throws UnknownLifecycleError; IllegalEventError
   */
  async read(reference: RecordReference): Promise<RecordHistory> {
    const stream = streamOf(reference);
    const kept = await this.#keptOf(stream);
    const on = await this.#readOn(reference, kept);
    const history = on.isRedacted && kept !== NOTHING ? await this.#readOn(reference, NOTHING) : on;
    this.#kept.delete(stream);
    if (history.events.length >= KEPT_FROM && !history.isRedacted) this.#keep(stream, history);
    return history;
  }

  /** What is kept of a record, where it still is what is stored. */
  async #keptOf(stream: string): Promise<RecordHistory> {
    const kept = this.#kept.get(stream);
    const last = kept?.stored.at(-1);
    if (kept === undefined || last === undefined) return NOTHING;
    const [stored] = await this.#store.readStream(last.streamId, { after: last.version - 1, limit: 1 });
    return stored?.hash === last.hash ? kept : NOTHING;
  }

  async #readOn(reference: RecordReference, before: RecordHistory): Promise<RecordHistory> {
    const [stored, events] = [[...before.stored], [...before.events]];
    let { state, isRedacted } = before;
    // Folded as they come: between the pages of a long record others have their turn.
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
