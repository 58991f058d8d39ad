import { AsyncDisposableStack } from '@whatwg-node/disposablestack';
import { copyStore } from '#use-cases/log/copy-store';
import type { CopyOptions, CopyOutcome } from '#use-cases/log/copy-store';
import { openStore } from './open-store.ts';
import type { StoreAddress } from './stores.ts';

/**
 * Copies a store into an empty one or an earlier copy. Opens the source first, so that a missing source creates no target.
 * @throws StoreMissingError, StoreUnavailableError
 */
export async function copyBetween(
  from: StoreAddress,
  to: StoreAddress,
  options: CopyOptions,
  { restoring = false, readOnly = true } = {},
): Promise<CopyOutcome> {
  await using opened = new AsyncDisposableStack();
  const source = opened.adopt(await openStore(from, { create: false, readOnly }), (each) => each.close());
  const target = opened.adopt(await openStore(to, { create: true, restoring }), (each) => each.close());
  return await copyStore(source, target, options);
}
