import type { Commit } from './event-store.ts';

/** What an append ended in: `repeated` where an earlier one under the same key did it, `failed` for what nobody foresaw. */
export type AppendEnd = 'appended' | 'repeated' | 'conflict' | 'unavailable' | 'failed';

/** An append that has been answered. */
export interface ObservedAppend {
  readonly commit: Commit;
  /** How long its caller waited. */
  readonly seconds: number;
  readonly outcome: AppendEnd;
  /** What was thrown; undefined where the events are stored. */
  readonly error?: unknown;
}

/**
 * Why a subscription stood still or ended: the connection that tells of growth was lost, what it asked for could not be
 * read, or its handler threw. After the first two it may go on by itself.
 */
export type SubscriptionDrop = 'connection' | 'read' | 'handler';

/** What a store tells of by itself. Whoever is told is quick, and throws nothing. */
export interface StoreReports {
  /** One transaction was written, with what several callers asked for. */
  groupWritten(commits: number, events: number): void;
  /** A subscription of this process was dropped. */
  subscriptionDropped(reason: SubscriptionDrop): void;
}

/** Is told what becomes of appends, too, which are observed in the same way in every store. */
export interface StoreObserver extends StoreReports {
  appended(append: ObservedAppend): void;
}
