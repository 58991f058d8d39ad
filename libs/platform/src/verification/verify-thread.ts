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
      /** @param expectedHead what the log has to lead on from. */
      verify: (expectedHead: LogHead | null) =>
        verifyStore(store, lifecycles, [], {
          expectedHeads: expectedHead === null ? [] : [expectedHead],
          // One processor stays with those who are waited for.
          examined: examineOnThreads(store, { threads: Math.max(availableParallelism() - 1, 1) }),
          onProgress(events, total) {
            reach({ events, total });
          },
        }),
    },
    close: () => store.close(),
  };
}

// Its own threads, which are started later, have its priority.
await serve(openVerified, 'last');
