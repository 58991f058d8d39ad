import type { Metadata } from '@grpc/grpc-js';
import { notLeader, unauthenticated } from './call-error.ts';
import type { Endpoint } from './call-error.ts';
import type { CallKind, Faults } from './faults.ts';

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** The cluster as a node sees it. */
interface Membership {
  readonly isLeader: boolean;
  readonly leader: Endpoint;
}

interface Admission {
  readonly kind: CallKind;
  /** True if the call always requires the leader. */
  readonly needsLeader?: boolean;
  /** Returns the error of a node that is not the leader. */
  readonly notLeader?: (leader: Endpoint) => Error;
}

/** Checks every call of a node: credentials, leadership and faults. */
export class Gate {
  readonly #membership: () => Membership;
  readonly #faults: Faults;
  readonly #credentials: Credentials | null;

  constructor(membership: () => Membership, faults: Faults, credentials: Credentials | null) {
    this.#membership = membership;
    this.#faults = faults;
    this.#credentials = credentials;
  }

  /** Throws if user or password are wrong. */
  check(metadata: Metadata): void {
    if (this.#credentials === null) return;
    const [authorization] = metadata.get('authorization');
    const { user, password } = this.#credentials;
    const expected = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
    if (authorization?.toString() !== expected) throw unauthenticated();
  }

  /** Throws the error with which a call is refused; otherwise lets it continue. */
  async admit(metadata: Metadata, { kind, needsLeader, ...admission }: Admission): Promise<void> {
    this.check(metadata);
    const refusal = () => (admission.notLeader ?? notLeader)(this.#membership().leader);
    await this.#faults.admit(kind, refusal);
    const requiresLeader = metadata
      .get('requires-leader')
      .some((value) => value.toString().toLowerCase() === 'true');
    if ((requiresLeader || needsLeader === true) && !this.#membership().isLeader) throw refusal();
  }
}
