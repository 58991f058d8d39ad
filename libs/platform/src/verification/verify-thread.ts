import { availableParallelism } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import type { LogHead } from '#audit/log-head';
import { stepBack } from '#threads/priority';
import { lifecycles } from '#state-machines/lifecycles';
import { verifyStore } from '#use-cases/log/verify-store';
import type { Verification } from '#use-cases/log/verify-store';
import { measureLog } from '../log-length.ts';
import { openStore } from '../open-store.ts';
import type { StoreAddress } from '../settings.ts';
import { examineOnThreads } from './examine-on-threads.ts';

/** What the thread is started with. */
export interface VerifyOptions {
  readonly address: StoreAddress;
  /** What the log has to lead on from. */
  readonly expectedHead: LogHead | null;
}

/** How far it has come, or what it found. */
export type VerifyMessage =
  { readonly events: number; readonly total: number } | { readonly verified: Verification };

/** How often it says how far it has come, in events. */
const PROGRESS_EVENTS = 5_000;

// Before its own threads are started, which have its priority.
stepBack('last');

const port = parentPort;
if (port === null) throw new Error('This module is the main module of a worker thread');
const tell = (message: VerifyMessage): void => {
  port.postMessage(message);
};

const { address, expectedHead } = workerData as VerifyOptions;
const store = await openStore(address, { create: false, readOnly: true });
try {
  const length = await measureLog(store);
  const verified = await verifyStore(store, lifecycles, [], {
    expectedHeads: expectedHead === null ? [] : [expectedHead],
    // One processor stays with those who are waited for.
    examined: examineOnThreads(store, { threads: Math.max(availableParallelism() - 1, 1) }),
    onProgress(events, position) {
      if (events % PROGRESS_EVENTS === 0) tell({ events, total: length(events, position) });
    },
  });
  tell({ verified });
} finally {
  await store.close();
}
