import { CallIsOver } from './calls.ts';
import type { LogStore } from './log-store.ts';

/** Resolves after the next commit; throws if the call ends before. */
export function nextCommit(store: LogStore, over: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const isOver = () => {
      unwatch();
      reject(new CallIsOver());
    };
    const unwatch = store.watch(() => {
      unwatch();
      over.removeEventListener('abort', isOver);
      resolve();
    });
    over.addEventListener('abort', isOver);
    if (over.aborted) isOver();
  });
}
