import { availableParallelism } from 'node:os';
import type { LogHead } from '#audit/log-head';
import type { RunProgress } from '#projections/verification-runs';
import { lifecycles } from '#state-machines/lifecycles';
import { serve } from '#threads/serve';
import type { TasksOf } from '#threads/serve';
import { verifyStore } from '#use-cases/log/verify-store';
import { openStore } from '../open-store.ts';
import type { StoreAddress } from '../stores.ts';
import { examineOnThreads } from './examine-on-threads.ts';

export type VerifyTasks = TasksOf<typeof openVerified>;

async function openVerified(address: StoreAddress, reach: (reached: RunProgress) => void) {
  const store = await openStore(address, { create: false, readOnly: true });
  return {
    tasks: {
      /** Verifies the store. @param expectedHead the head that the log must extend */
      verify: (expectedHead: LogHead | null) =>
        verifyStore(store, lifecycles, [], {
          expectedHeads: expectedHead === null ? [] : [expectedHead],
          // Leaves one processor for requests.
          examined: examineOnThreads(store, { threads: Math.max(availableParallelism() - 1, 1) }),
          onProgress(events, total) {
            reach({ events, total });
          },
        }),
    },
    close: () => store.close(),
  };
}

// Threads started later inherit this priority.
await serve(openVerified, 'last');
