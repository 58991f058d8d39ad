import { createSealer } from '../../libs/audit/src/seal.ts';
import { MemoryEventStore } from '../../libs/event-store/src/memory-event-store.ts';
import { eventStoreContract } from './event-store.contract.ts';

eventStoreContract({
  name: 'memory',
  shared: false,
  makePlace: () => Promise.resolve({ open: () => Promise.resolve(new MemoryEventStore(createSealer())) }),
});
