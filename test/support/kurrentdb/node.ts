import type { AppendLimits } from './append-limits.ts';
import type { Faults } from './faults.ts';
import type { Gate } from './gate.ts';
import type { LogStore } from './log-store.ts';
import type { Subscriptions } from './subscriptions.ts';

/** The context of a node's calls. All nodes share one log, as if replication were immediate. */
export interface Node {
  readonly store: LogStore;
  readonly gate: Gate;
  readonly faults: Faults;
  readonly limits: AppendLimits;
  readonly subscriptions: Subscriptions;
}
