import { availableParallelism } from 'node:os';
import type { LogHead } from '#audit/log-head';
import type { RunProgress } from '#projections/verification-runs';
import { lifecycles } from '#state-machines/lifecycles';
import { serve } from '#threads/serve';
import type { TasksOf } from '#threads/serve';
import { verifyStore } from '#use-cases/log/verify-store';
import { measureLog } from '../log-length.ts';
import { openStore } from '../open-store.ts';
import type { StoreAddress } from '../stores.ts';
import { examineOnThreads } from './examine-on-threads.ts';

/** How often it says how far it has come, in events. */
const PROGRESS_EVENTS = 5_000;

export type VerifyTasks = TasksOf<typeof openVerified>;

async function openVerified(address: StoreAddress, reach: (reached: RunProgress) => void) {
  const store = await openStore(address, { create: false, readOnly: true });
  return {
    tasks: {
      /** @param expectedHead what the log has to lead on from. */
      async verify(expectedHead: LogHead | null) {
        const length = await measureLog(store);
        return verifyStore(store, lifecycles, [], {
          expectedHeads: expectedHead === null ? [] : [expectedHead],
          // One processor stays with those who are waited for.
          examined: examineOnThreads(store, { threads: Math.max(availableParallelism() - 1, 1) }),
          onProgress(events, position) {
            if (events % PROGRESS_EVENTS === 0) reach({ events, total: length(events, position) });
          },
        });
      },
    },
    close: () => store.close(),
  };
}

// Its own threads, which are started later, have its priority.
await serve(openVerified, 'last');
