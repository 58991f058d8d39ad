import { createSealer } from '#audit/seal';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { eventStoreContract } from './event-store.contract.ts';

eventStoreContract({
  name: 'memory',
  shared: false,
  makePlace: () => Promise.resolve({ open: () => Promise.resolve(new MemoryEventStore(createSealer())) }),
});
