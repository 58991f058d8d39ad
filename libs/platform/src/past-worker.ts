import { PastReader } from '#lives/past-reader';
import { serve } from '#threads/serve';
import { openStore } from './open-store.ts';
import type { StoreAddress } from './stores.ts';

export interface PastOptions {
  readonly store: StoreAddress;
}

async function open({ store: address }: PastOptions) {
  const store = await openStore(address, { create: false, readOnly: true });
  return { tasks: new PastReader(store).tasks, close: () => store.close() };
}

await serve(open, 'last');
