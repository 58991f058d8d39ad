import type { RunProgress } from '#projections/verification-runs';
import { lifecycles } from '#state-machines/lifecycles';
import { serve } from '#threads/serve';
import type { TasksOf } from '#threads/serve';
import { verifyStore } from '#use-cases/log/verify-store';
import { openStore } from '../open-store.ts';
import type { StoreAddress } from '../stores.ts';

export type VerifyTasks = TasksOf<typeof openVerified>;

async function openVerified(address: StoreAddress, reach: (reached: RunProgress) => void) {
  const store = await openStore(address, { create: false, readOnly: true });
  return {
    tasks: {
      verify: (_: null) =>
        verifyStore(store, lifecycles, [], {
          onProgress(events, total) {
            reach({ events, total });
          },
        }),
    },
    close: () => store.close(),
  };
}

await serve(openVerified, 'last');
