import { systemClock } from '#event-sourcing/clock';
import { hasCode } from '#event-sourcing/errors';
import type { AppendResult, Commit, EventStore } from '#event-sourcing/event-store';
import { storeWith } from '#event-sourcing/store-with';
import type { AppendEnd, StoreObserver } from '#event-sourcing/store-observer';

/** Returns a store that calls `admit` before each append, which may throw to refuse it. */
export const guardedStore = (store: EventStore, admit: (commit: Commit) => Promise<void>): EventStore =>
  storeWith(store, {
    append: async (commit) => {
      await admit(commit);
      return store.append(commit);
    },
  });

/** Returns a store that reports each append to an observer when it ends. */
export const observedStore = (store: EventStore, observer: StoreObserver): EventStore =>
  storeWith(store, {
    append: async (commit) => {
      const startedAt = systemClock.elapsed();
      const observe = (outcome: AppendEnd, error?: unknown): void => {
        observer.appended({ outcome, error, seconds: (systemClock.elapsed() - startedAt) / 1_000 });
      };
      let result: AppendResult;
      try {
        result = await store.append(commit);
      } catch (error) {
        observe(failureOf(error), error);
        throw error;
      }
      observe(result.repeated ? 'repeated' : 'appended');
      return result;
    },
  });

function failureOf(error: unknown): AppendEnd {
  if (hasCode(error, 'version-conflict')) return 'conflict';
  return hasCode(error, 'store-unavailable') ? 'unavailable' : 'failed';
}
