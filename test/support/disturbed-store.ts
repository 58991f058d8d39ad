import type { AppendResult, Commit, EventStore } from '#event-sourcing/event-store';
import { storeWith } from '#event-sourcing/store-with';
import type { SealedEnvelope } from '#event-sourcing/sealer';

/** What comes between a caller and its append, each time; what it throws is what the caller is told. */
export interface Disturbance {
  readonly before?: (commit: Commit) => Promise<void> | void;
  readonly after?: (commit: Commit) => Promise<void> | void;
  readonly beforeSealed?: (events: readonly SealedEnvelope[]) => Promise<void> | void;
  readonly afterSealed?: (events: readonly SealedEnvelope[]) => Promise<void> | void;
}

/** A real store, whose appends others get ahead of, or whose answers are lost. */
export const disturbed = (store: EventStore, disturbance: Disturbance): EventStore =>
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
