import type { AppendResult, Commit, EventStore } from '#event-sourcing/event-store';
import { storeWith } from '#event-sourcing/store-with';
import type { SealedEnvelope } from '#event-sourcing/sealer';

/** Functions that run before and after each append. Their errors reach the caller. */
interface Disturbance {
  readonly before?: (commit: Commit) => Promise<void> | void;
  readonly after?: (commit: Commit) => Promise<void> | void;
  readonly beforeSealed?: (events: readonly SealedEnvelope[]) => Promise<void> | void;
  readonly afterSealed?: (events: readonly SealedEnvelope[]) => Promise<void> | void;
}

/** Returns the store with the functions run around each append, for example to append something else first or to lose the result. */
export const disturbedStore = (store: EventStore, disturbance: Disturbance): EventStore =>
  storeWith(store, {
    async append(commit): Promise<AppendResult> {
      await disturbance.before?.(commit);
      const result = await store.append(commit);
      await disturbance.after?.(commit);
      return result;
    },
    async appendSealed(events): Promise<void> {
      await disturbance.beforeSealed?.(events);
      await store.appendSealed(events);
      await disturbance.afterSealed?.(events);
    },
  });
