import type { Metadata } from '@grpc/grpc-js';
import type { Endpoint } from './errors.ts';
import type { CallKind, Faults } from './faults.ts';
import type { LogStore } from './log-store.ts';

interface Admission {
  readonly kind: CallKind;
  /** True if the call always requires the leader. */
  readonly needsLeader?: boolean;
  /** Returns the error of a node that is not the leader. */
  readonly notLeader?: (leader: Endpoint) => Error;
}

/** The context of a node's calls. All nodes share one log, as if replication were immediate. */
export interface Node {
  readonly store: LogStore;
  readonly faults: Faults;
  readonly appendMax: number;
  /** Throws if user or password are wrong. */
  checkLogin(metadata: Metadata): void;
  /** Throws the error with which a call is refused; otherwise lets it continue. */
  admit(metadata: Metadata, admission: Admission): Promise<void>;
}
