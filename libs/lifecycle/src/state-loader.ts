import type { EventStore } from '#event-sourcing/event-store';
import { streamEvents } from '#event-sourcing/event-store';
import type { Lifecycle } from './lifecycle.ts';
import type { LifecycleState } from './lifecycle-definition.ts';

/** A stream's state at a version. */
export interface Loaded<Facts> {
  readonly version: number;
  readonly state: LifecycleState<Facts>;
}

/**
 * The states of recently used streams. What is remembered may be behind the store, since other processes write too: an
 * append at a stale version conflicts, and a refusal is given only after `reload`.
 */
export class StateLoader<Facts> {
  readonly #store: EventStore;
  readonly #lifecycle: Lifecycle<Facts>;
  readonly #limit: number;
  readonly #states = new Map<string, Loaded<Facts>>();

  constructor(store: EventStore, lifecycle: Lifecycle<Facts>, limit = 20_000) {
    this.#store = store;
    this.#lifecycle = lifecycle;
    this.#limit = limit;
  }

  /** The state as remembered, else as stored; null where the stream does not exist. */
  async load(streamId: string): Promise<Loaded<Facts> | null> {
    return this.#states.get(streamId) ?? this.reload(streamId);
  }

  /** The state as stored now. */
  async reload(streamId: string): Promise<Loaded<Facts> | null> {
    const known = this.#states.get(streamId);
    let { version, state }: { version: number; state: LifecycleState<Facts> | null } = known ?? {
      version: 0,
      state: null,
    };
    for await (const event of streamEvents(this.#store, streamId, version)) {
      state = this.#lifecycle.evolve(state, event);
      version = event.version;
    }
    if (state === null) return null;
    return this.remember(streamId, { version, state });
  }

  /** Keeps what an append has just made, and forgets what was used longest ago. */
  remember(streamId: string, loaded: Loaded<Facts>): Loaded<Facts> {
    this.#states.delete(streamId);
    this.#states.set(streamId, loaded);
    if (this.#states.size > this.#limit) {
      const [oldest] = this.#states.keys();
      this.#states.delete(oldest as string);
    }
    return loaded;
  }
}
