import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Statechart } from '#lifecycle/statechart';

/** Returns the digest of a lifecycle: SHA-256 of the canonical JSON of its definition, in hex. */
export const digestOf = ({ identity }: Pick<Statechart, 'identity'>): string =>
  createHash('sha256').update(canonicalize(identity)!).digest('hex');
