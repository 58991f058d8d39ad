import type { EventStore } from '#event-sourcing/event-store';
import { streamEvents } from '#event-sourcing/event-store';
import type { CommandedLifecycle, Lifecycles } from './lifecycles.ts';
import type { LifecycleState } from './lifecycle-definition.ts';

/** A stream's state at a version. */
export interface LoadedState<Facts = unknown> {
  readonly version: number;
  readonly state: LifecycleState<Facts>;
  /** The lifecycle that the record follows from this version on. */
  readonly lifecycle: CommandedLifecycle<Facts>;
}

const STATES_MAX = 20_000;

/**
 * Caches the states of recently used streams. The cache may be behind the store, because other processes append too: an
 * append at a stale version conflicts, and a refusal is final only after `reload`.
 */
export class StateLoader<Facts = unknown> {
  readonly #store: EventStore;
  readonly #lifecycles: Lifecycles<Facts>;
  readonly #states = new Map<string, LoadedState<Facts>>();

  constructor(store: EventStore, lifecycles: Lifecycles<Facts>) {
    this.#store = store;
    this.#lifecycles = lifecycles;
  }

  /** Returns the cached state, or else the stored one; null if the stream does not exist. */
  async load(streamId: string): Promise<LoadedState<Facts> | null> {
    return this.#states.get(streamId) ?? this.reload(streamId);
  }

  /**
   * Returns the stored state; null if the stream does not exist.
   * @throws UnknownLifecycleError for an event recorded under a lifecycle that this build does not have.
   */
  async reload(streamId: string): Promise<LoadedState<Facts> | null> {
    const cached = this.#states.get(streamId) ?? null;
    const loaded = await this.fold(streamId, cached, Infinity);
    return loaded === null ? null : this.remember(streamId, loaded);
  }

  /** Returns the state of a stream at a version, starting from an earlier state; null if the stream is empty. */
  async fold(
    streamId: string,
    cached: LoadedState<Facts> | null,
    upTo: number,
  ): Promise<LoadedState<Facts> | null> {
    let loaded = cached;
    for await (const event of streamEvents(this.#store, streamId, cached?.version ?? 0)) {
      const { version } = event;
      if (version > upTo) break;
      const state = this.#lifecycles.evolve(loaded && loaded.state, event);
      loaded = { version, lifecycle: this.#lifecycles.of(event), state };
    }
    return loaded;
  }

  /** Caches a state, and evicts the least recently used one if the cache is full. */
  remember(streamId: string, loaded: LoadedState<Facts>): LoadedState<Facts> {
    this.#states.delete(streamId);
    this.#states.set(streamId, loaded);
    if (this.#states.size > STATES_MAX) {
      const [oldest] = this.#states.keys();
      this.#states.delete(oldest as string);
    }
    return loaded;
  }
}
