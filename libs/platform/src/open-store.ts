import { hash } from 'node:crypto';
import { canonicalJson } from '#audit/canonical';
import type { Random } from '#event-sourcing/random';
import { createSealer, SEALER_MODULE } from '#audit/seal';
import { hasCode } from '#event-sourcing/errors';
import type { EventStore } from '#event-sourcing/event-store';
import type { StoreObserver } from '#event-sourcing/store-observer';
import type { Lifecycle } from '#lifecycle/lifecycle';
import { lifecycles } from '#state-machines/lifecycles';
import { observedStore } from './observed-store.ts';
import { storeOf } from './stores.ts';
import type { StoreAddress } from './stores.ts';

export interface OpenStoreOptions {
  readonly create: boolean;
  readonly readOnly?: boolean;
  /** Set for a restore to the store's own address: until it ends, the target is not a store. */
  readonly restoring?: boolean;
  /** Observes this process's calls of the store. */
  readonly observer?: StoreObserver;
  /** The source of salts and nonces if this thread seals. By default, the machine's. */
  readonly random?: Random;
}

/**
 * Opens the store at an address.
 * @throws StoreMissingError if there is none and `create` is false
 * @throws StoreUnavailableError if it cannot be used
 * @throws Error if a lifecycle's digest does not match its definition
 */
export async function openStore(address: StoreAddress, options: OpenStoreOptions): Promise<EventStore> {
  assertDigests(lifecycles.all);
  const { observer, random, create, readOnly = false, restoring = false } = options;
  const opening = {
    create,
    readOnly,
    restoring,
    reports: observer,
    createSealer: () => createSealer(random),
    sealerModule: SEALER_MODULE,
  };
  const store = await storeOf(address).open(address, opening);
  return observer === undefined ? store : observedStore(store, observer);
}

/**
 * Reports whether there is a store at an address.
 * @throws StoreUnavailableError if it cannot be used
 */
export async function isStore(address: StoreAddress): Promise<boolean> {
  try {
    await (await openStore(address, { create: false, readOnly: true })).close();
    return true;
  } catch (error) {
    if (hasCode(error, 'store-missing')) return false;
    throw error;
  }
}

/**
 * Checks that each lifecycle's digest matches its definition. Events name the digest, so a mismatch would
 * record them under rules that cannot be found later.
 * @throws Error that names the lifecycle and both digests
 */
export function assertDigests(all: Iterable<Pick<Lifecycle, 'identity' | 'reference'>>): void {
  for (const { identity, reference } of all) {
    const { name, version, digest } = reference;
    const actualDigest = hash('sha256', canonicalJson(identity), 'hex');
    if (actualDigest === digest) continue;
    throw new Error(
      `${name} v${version} has the digest ${actualDigest}, but declares ${digest}. Nothing was opened. ` +
        'A changed definition needs a new version beside the old one; use a build that includes both',
    );
  }
}
