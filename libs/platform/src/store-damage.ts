import { hasCode, messageOf } from '#event-sourcing/errors';
import type { DamagedPlace, StoreDamagedError } from '#event-sourcing/errors';
import type { EventStore } from '#event-sourcing/event-store';
import { storeWith } from '#event-sourcing/store-with';

/** The maximum number of damaged places remembered. More would not help an operator. */
const PLACES_MAX = 100;
/** The number of places checked again per call. */
const LOOKED_AT_MAX = 10;

/** The events of a store that this process could not read. */
export class StoreDamage {
  readonly #store: Pick<EventStore, 'readStream' | 'readAll'>;
  readonly #onFound: (message: string) => void;
  readonly #places = new Map<string, StoreDamagedError>();

  constructor(store: Pick<EventStore, 'readStream' | 'readAll'>, onFound: (message: string) => void) {
    this.#store = store;
    this.#onFound = onFound;
  }

  /** Records an error that names a damaged place. Reports each once, and again if it recurs after a repair. */
  note(error: unknown): void {
    if (!hasCode(error, 'store-damaged')) return;
    const damaged = error as StoreDamagedError;
    const key = JSON.stringify(damaged.place);
    if (this.#places.has(key) || this.#places.size >= PLACES_MAX) return;
    this.#places.set(key, damaged);
    this.#onFound(
      `${messageOf(error)}. Everything else is still served; run docket verify to find further damage`,
    );
  }

  /** Returns the current damage. Forgets places that were repaired. */
  async now(): Promise<readonly string[]> {
    for (const [key, damaged] of [...this.#places].slice(0, LOOKED_AT_MAX)) {
      const isMended = await this.#isReadable(damaged.place);
      this.#places.delete(key);
      // Moved to the end, so that each place is checked in turn.
      if (!isMended) this.#places.set(key, damaged);
    }
    return [...this.#places.values()].map(messageOf);
  }

  async #isReadable({ streamId, version, position }: DamagedPlace): Promise<boolean> {
    try {
      if (streamId !== null && version !== null)
        await this.#store.readStream(streamId, { after: version - 1, limit: 1 });
      else if (position !== null && Number.isSafeInteger(Number(position)))
        await this.#store.readAll({ after: String(Number(position) - 1), limit: 1 });
      else return false;
      return true;
    } catch {
      return false;
    }
  }
}

/** Returns a store that reports reads that failed. */
export function watchForDamage(store: EventStore, onError: (error: unknown) => void): EventStore {
  const reporting = <Result>(result: Promise<Result>): Promise<Result> => {
    result.catch(onError);
    return result;
  };
  return storeWith(store, {
    append: (commit) => reporting(store.append(commit)),
    appendSealed: (events) => reporting(store.appendSealed(events)),
    erase: (streamId, version, pointers) => reporting(store.erase(streamId, version, pointers)),
    readStream: (streamId, options) => reporting(store.readStream(streamId, options)),
    readAll: (options) => reporting(store.readAll(options)),
    findCommand: (commandId) => reporting(store.findCommand(commandId)),
    findEvents: (streamId, eventIds) => reporting(store.findEvents(streamId, eventIds)),
    redactions: (options) => reporting(store.redactions(options)),
    lastPosition: () => reporting(store.lastPosition()),
    lastEvent: () => reporting(store.lastEvent()),
    subscribe: (after, handler) => {
      const subscription = store.subscribe(after, handler);
      subscription.ended.catch(onError);
      return subscription;
    },
  });
}
