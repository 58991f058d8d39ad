/** The result of an append: `repeated` if an earlier one had the same key, `failed` after an unexpected error. */
export type AppendEnd = 'appended' | 'repeated' | 'conflict' | 'unavailable' | 'failed';

/** A completed append. */
export interface ObservedAppend {
  /** How long the caller waited. */
  readonly seconds: number;
  readonly outcome: AppendEnd;
  /** The error; undefined if the events were stored. */
  readonly error?: unknown;
}

/** The reason for which a subscription stalled or ended: it could not read, after which it may recover, or its handler threw. */
export type SubscriptionDrop = 'read' | 'handler';

/** Callbacks for events in a store. Implementations must be fast and never throw. */
export interface StoreReports {
  /** Called when one transaction with the commits of several callers was written. */
  groupWritten(commits: number, events: number): void;
  /** Called when a subscription of this process was dropped. */
  subscriptionDropped(reason: SubscriptionDrop): void;
}

/** Callbacks for events in a store, including the results of appends, which are the same for every store. */
export interface StoreObserver extends StoreReports {
  appended(append: ObservedAppend): void;
}
