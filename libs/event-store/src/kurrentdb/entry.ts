import type { StoreEntry } from '../store-entry.ts';
import { isKurrentdbAddress, parseKurrentdbAddress } from './address.ts';
import type { KurrentdbAddress } from './address.ts';

export const kurrentdbEntry: StoreEntry<{ readonly kind: 'kurrentdb' } & KurrentdbAddress> = {
  words: 'KurrentDB',
  takes: 'kurrentdb://…',
  outlivesProcess: true,
  parse: (text) => (isKurrentdbAddress(text) ? { kind: 'kurrentdb', ...parseKurrentdbAddress(text) } : null),
  ineffective: () => [],
  shown: ({ shown }) => shown,
  name: ({ hosts, prefix }) => `kurrentdb://${hosts.toSorted().join(',')}?prefix=${prefix}`,
  /** Seeds name a cluster: two addresses with a common seed reach the same nodes. */
  isSame: (one, other) =>
    one.prefix === other.prefix &&
    new Set(one.hosts.map(lowerCase)).intersection(new Set(other.hosts.map(lowerCase))).size > 0,
  beside: (_, what) => `sqlite:data/${what.replace('_', '-')}.sqlite`,
  place: ({ shown }) => Promise.resolve({ address: shown, bytes: null, isNew: false }),
  // Imported here, so that a start on another store does not load its client.
  async open(address, { createSealer, ...opening }) {
    const { openKurrentdbEventStore } = await import('./kurrentdb-event-store.ts');
    return openKurrentdbEventStore({ address, sealer: createSealer(), ...opening });
  },
  /** Its streams cannot be renamed. A store of an interrupted restore cannot be opened, and the next restore continues it. */
  async restore(address, { refused, fill }) {
    const { finishRestore, kurrentdbStoreState } = await import('./kurrentdb-event-store.ts');
    if ((await kurrentdbStoreState(address)) === 'store')
      throw refused(`there is a store at ${address.shown} already`);
    const whole = await fill(address, { restoring: true });
    await finishRestore(address);
    return whole;
  },
};

const lowerCase = (host: string): string => host.toLowerCase();
