import { MemoryEventStore } from './memory-event-store.ts';
import type { StoreEntry } from './store-entry.ts';

const SCHEME = 'memory:';

export const memoryEntry: StoreEntry<{ readonly kind: 'memory' }> = {
  words: 'Memory: it ends with the process',
  addressForm: SCHEME,
  outlivesProcess: false,
  parse: (text) => (text === SCHEME ? { kind: 'memory' } : null),
  shown: () => SCHEME,
  name: () => SCHEME,
  // Each call of `open` creates another store.
  isSame: () => false,
  beside: () => SCHEME,
  place: () => Promise.resolve({ address: SCHEME, bytes: null, isNew: false }),
  open: (_, { createSealer, reports }) => Promise.resolve(new MemoryEventStore(createSealer(), reports)),
  restore: (_, { refused }) => Promise.reject(refused('an in-memory store exists only inside its process')),
};
