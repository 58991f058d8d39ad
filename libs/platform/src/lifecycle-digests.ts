import { hash } from 'node:crypto';
import { canonicalJson } from '#audit/canonical';
import type { Lifecycle } from '#lifecycle/lifecycle';

/**
 * Sees that each lifecycle has the digest of its definition: events name it, so that with another one they would be recorded
 * under rules that nobody finds again.
 * @throws Error naming the lifecycle, with both digests.
 */
export function assertDigests(all: Iterable<Pick<Lifecycle, 'identity' | 'reference'>>): void {
  for (const { identity, reference } of all) {
    const { name, version, digest } = reference;
    const own = hash('sha256', canonicalJson(identity), 'hex');
    if (own === digest) continue;
    throw new Error(
      `${name} v${version} has the digest ${own}, and says ${digest}. Nothing was opened. ` +
        'A definition that was changed is a new version, beside the old one; use a build that holds both',
    );
  }
}
