import { StoreUnavailableError } from '#event-sourcing/errors';
import type { StoreEntry } from '../store-entry.ts';
import { isKurrentdbAddress, parseKurrentdbAddress } from './address.ts';
import type { KurrentdbAddress } from './address.ts';

export const kurrentdbEntry: StoreEntry<{ readonly kind: 'kurrentdb' } & KurrentdbAddress> = {
  words: 'KurrentDB',
  addressForm: 'kurrentdb://…',
  outlivesProcess: true,
  parse: (text) => (isKurrentdbAddress(text) ? { kind: 'kurrentdb', ...parseKurrentdbAddress(text) } : null),
  shown: ({ shown }) => shown,
  name: ({ hosts, prefix }) => `kurrentdb://${hosts.toSorted().join(',')}?prefix=${prefix}`,
  /** Seeds identify a cluster: two addresses with a common seed reach the same nodes. */
  isSame: (one, other) =>
    one.prefix === other.prefix &&
    new Set(one.hosts.map(lowerCase)).intersection(new Set(other.hosts.map(lowerCase))).size > 0,
  beside: (_, what) => `sqlite:data/${what.replace('_', '-')}.sqlite`,
  place: ({ shown }) => Promise.resolve({ address: shown, bytes: null, isNew: false }),
  // The store is imported here, so that a start with another store does not load the client.
  async open(address, { createSealer, ...opening }) {
    const { openKurrentdbEventStore } = await loadStore();
    return openKurrentdbEventStore({ address, sealer: createSealer(), ...opening });
  },
  /**
   * Restores in place, because streams cannot be renamed. The store of an interrupted restore cannot be opened, and the
   * next restore continues it.
   */
  async restore(address, { refused, fill }) {
    const { finishRestore, kurrentdbStoreState } = await loadStore();
    if ((await kurrentdbStoreState(address)) === 'store')
      throw refused(`there is already a store at ${address.shown}`);
    const whole = await fill(address, { restoring: true });
    await finishRestore(address);
    return whole;
  },
};

/**
 * Loads the store with its client, which is not installed with Docket.
 * @throws StoreUnavailableError if the client is not installed.
 */
async function loadStore() {
  try {
    return await import('./kurrentdb-event-store.ts');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new StoreUnavailableError(
      'the client of KurrentDB is not installed: run npm install -g @kurrent/kurrentdb-client@1.3.1',
      { cause: error },
    );
  }
}

const lowerCase = (host: string): string => host.toLowerCase();
