import type { Metadata } from '@grpc/grpc-js';
import { accessDenied, notLeader, unauthenticated } from './call-error.ts';
import type { Endpoint } from './call-error.ts';
import type { CallKind, Faults } from './faults.ts';

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** What a node knows of its cluster. */
export interface Membership {
  readonly isLeader: boolean;
  readonly leader: Endpoint;
}

export interface Admission {
  readonly kind: CallKind;
  /** Whether only the leader does it, whatever the call says. */
  readonly needsLeader?: boolean;
  /** What who is not the leader answers. */
  readonly notLeader?: (leader: Endpoint) => Error;
}

/** What stands before every call of a node: who may call, what only the leader does, and the faults. */
export class Gate {
  readonly #membership: () => Membership;
  readonly #faults: Faults;
  readonly #credentials: Credentials | null;

  constructor(membership: () => Membership, faults: Faults, credentials: Credentials | null) {
    this.#membership = membership;
    this.#faults = faults;
    this.#credentials = credentials;
  }

  /** Whether a call names a user; throws where user or password are wrong. */
  isKnown(metadata: Metadata): boolean {
    if (this.#credentials === null) return true;
    const [authorization] = metadata.get('authorization');
    if (authorization === undefined) return false;
    const { user, password } = this.#credentials;
    const expected = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
    if (authorization.toString() !== expected) throw unauthenticated();
    return true;
  }

  /** Throws what a call is refused with, after it has waited where the server is slow. */
  async admit(metadata: Metadata, admission: Admission): Promise<void> {
    if (!this.isKnown(metadata)) throw accessDenied();
    await this.admitKnown(metadata, admission);
  }

  async admitKnown(metadata: Metadata, { kind, needsLeader, ...admission }: Admission): Promise<void> {
    const refusal = () => (admission.notLeader ?? notLeader)(this.#membership().leader);
    await this.#faults.admit(kind, refusal);
    const isAsked = metadata
      .get('requires-leader')
      .some((value) => value.toString().toLowerCase() === 'true');
    if ((isAsked || needsLeader === true) && !this.#membership().isLeader) throw refusal();
  }
}
