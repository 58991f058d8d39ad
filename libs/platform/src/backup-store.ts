import { stat } from 'node:fs/promises';
import type { EventStore } from '#event-sourcing/event-store';
import type { FileCopying } from '#event-store/store-entry';
import { carryOutRedactions } from '#use-cases/records/eraser';
import type { CopyOptions } from '#use-cases/log/copy-store';
import { lifecycles } from '#state-machines/lifecycles';
import { verifyStore } from '#use-cases/log/verify-store';
import type { Verification } from '#use-cases/log/verify-store';
import { copyBetween } from './copy-between.ts';
import { makeFile } from './new-file.ts';
import { openStore } from './open-store.ts';
import { fileOf, fileStore, storeOf } from './stores.ts';
import type { StoreAddress } from './stores.ts';

export interface WholeCopy extends Verification {
  /** The number of events redacted in the copy, including those that the source was still about to redact. */
  readonly erased: number;
}

/** The copy is incomplete or differs from its source. */
export class NotWholeError extends Error {
  override readonly name = 'NotWholeError';
  readonly divergences: Verification['divergences'];

  constructor(divergences: NotWholeError['divergences']) {
    super('the copy failed verification');
    this.divergences = divergences;
  }
}

/**
 * Copies a store, which may be in use, into a new file: one snapshot, verified, with redactions carried out.
 * The file appears only when it is complete.
 * @throws FileExistsError, NotWholeError, StoreMissingError, StoreUnavailableError; the signal's reason
 */
export async function backupStore(
  address: StoreAddress,
  file: string,
  options: CopyOptions,
): Promise<WholeCopy & { readonly bytes: number }> {
  const outcome = await makeFile(file, async (aside) => {
    const path = fileOf(address);
    if (path === null) await copyInto(address, fileStore(aside), options);
    else await storeOf(address).files?.backUp(path, aside, fileCopying(options));
    return makeWhole(fileStore(aside), options);
  });
  return { ...outcome, bytes: (await stat(file)).size };
}

export const fileCopying = ({ signal, onProgress }: CopyOptions): FileCopying => ({
  signal,
  onProgress: (pages, total) => onProgress?.('copied', pages, total),
});

/**
 * Copies a whole store into another, for a backup or a restore.
 * @throws NotWholeError; the signal's reason
 */
export async function copyInto(
  from: StoreAddress,
  to: StoreAddress,
  options: CopyOptions,
  opening: { readonly restoring?: boolean; readonly readOnly?: boolean } = {},
): Promise<void> {
  const { firstDivergence } = await copyBetween(from, to, options, opening);
  options.signal?.throwIfAborted();
  if (firstDivergence !== null) throw new NotWholeError([firstDivergence]);
}

interface Completing {
  readonly restoring?: boolean;
  /** Records what the copy lacks. */
  readonly recordMissing?: (store: EventStore) => Promise<void>;
}

/**
 * Completes a copy, carries out its redactions, and verifies all of it.
 * @throws NotWholeError; the signal's reason; errors of `recordMissing`
 */
export async function makeWhole(
  copy: StoreAddress,
  options: CopyOptions,
  { restoring = false, recordMissing }: Completing = {},
): Promise<WholeCopy> {
  const store = await openStore(copy, { create: restoring, restoring });
  try {
    await recordMissing?.(store);
    const erased = await carryOutRedactions(store);
    return { ...(await verifyWhole(store, options)), erased };
  } finally {
    await store.close();
  }
}

/**
 * Verifies a store.
 * @throws NotWholeError; the signal's reason
 */
export async function verifyWhole(
  store: EventStore,
  { signal, onProgress }: CopyOptions,
): Promise<Verification> {
  const verified = await verifyStore(store, lifecycles, [], {
    signal,
    onProgress: (events, total) => onProgress?.('verified', events, total),
  });
  if (!verified.ok) throw new NotWholeError(verified.divergences);
  return verified;
}
