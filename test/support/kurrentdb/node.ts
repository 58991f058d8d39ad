import type { AppendLimits } from './append-limits.ts';
import type { Faults } from './faults.ts';
import type { Gate } from './gate.ts';
import type { LogStore } from './log-store.ts';
import type { Subscriptions } from './subscriptions.ts';

/** What the calls of a node work on. The nodes of a cluster have one log, as where all is replicated at once. */
export interface Node {
  readonly store: LogStore;
  readonly gate: Gate;
  readonly faults: Faults;
  readonly limits: AppendLimits;
  readonly subscriptions: Subscriptions;
}
