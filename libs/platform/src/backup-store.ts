import { stat } from 'node:fs/promises';
import type { EventStore } from '../../event-sourcing/src/event-store.ts';
import { backupSqliteStore } from '../../event-store/src/sqlite/backup.ts';
import { carryOutRedactions } from '../../use-cases/src/carry-out-redactions.ts';
import { copyStore } from '../../use-cases/src/copy-store.ts';
import type { CopyPhase } from '../../use-cases/src/copy-store.ts';
import type { CopyDivergence } from '../../use-cases/src/compare-logs.ts';
import { verifyStore } from '../../use-cases/src/verify-store.ts';
import type { Verification } from '../../use-cases/src/verify-store.ts';
import { measureLog } from './log-length.ts';
import { makeFile } from './new-file.ts';
import { openStore } from './open-store.ts';
import type { StoreAddress } from './settings.ts';

/** What a backup or a restore is at; `done` counts pages, events or positions, as `total` does. */
export type OnProgress = (phase: CopyPhase, done: number, total: number) => void;

export interface CopyingOptions {
  /** Ends the work by throwing the signal's reason; nothing is left of it. */
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
}

export interface WholeCopy extends Verification {
  /** How many events lost in the copy what redactions name, and what its source was still about to erase. */
  readonly erased: number;
}

/** A copy does not hold what history has to hold, or is not what its source has. */
export class NotWholeError extends Error {
  override readonly name = 'NotWholeError';
  readonly divergences: readonly (Verification['divergences'][number] | CopyDivergence)[];

  constructor(divergences: NotWholeError['divergences']) {
    super('what was copied does not hold');
    this.divergences = divergences;
  }
}

/**
 * Copies a store that may be in use into a file of its own: as it is at one moment, verified, and without what its redactions name.
 * The file is there when all of that is done, and else not.
 * @throws FileExistsError, NotWholeError, StoreMissingError, StoreUnavailableError; the reason of the signal.
 */
export async function backupStore(
  address: StoreAddress,
  file: string,
  options: CopyingOptions = {},
): Promise<WholeCopy & { readonly bytes: number }> {
  const outcome = await makeFile(file, async (aside) => {
    if (address.kind === 'sqlite') {
      await backupFile(address.path, aside, options);
    } else {
      await copyInto(address, { kind: 'sqlite', path: aside }, options);
    }
    return makeWhole({ kind: 'sqlite', path: aside }, options);
  });
  return { ...outcome, bytes: (await stat(file)).size };
}

/** Copies a store's file as it is at one moment. */
export const backupFile = (path: string, to: string, { signal, onProgress }: CopyingOptions): Promise<void> =>
  backupSqliteStore(path, to, {
    signal,
    onProgress: (pages, total) => onProgress?.('copied', pages, total),
  });

/**
 * Copies a store into another that is empty, or was begun from it.
 * @throws NotWholeError; the reason of the signal.
 */
export async function copyInto(
  from: StoreAddress,
  to: StoreAddress,
  { signal, onProgress }: CopyingOptions,
  { restoring = false, readOnly = true } = {},
): Promise<void> {
  await using opened = new AsyncDisposableStack();
  const source = opened.adopt(await openStore(from, { create: false, readOnly }), (each) => each.close());
  const target = opened.adopt(await openStore(to, { create: true, restoring }), (each) => each.close());
  const last = Number(await source.lastPosition());
  const { firstDivergence } = await copyStore(source, target, {
    ...(signal && { signal }),
    onProgress: (phase, position) => onProgress?.(phase, Number(position), Math.max(last, Number(position))),
  });
  signal?.throwIfAborted();
  if (firstDivergence !== null) throw new NotWholeError([firstDivergence]);
}

/**
 * Erases from a copy what its redactions name, and verifies all of it.
 * @throws NotWholeError; the reason of the signal.
 */
export async function makeWhole(
  copy: StoreAddress,
  options: CopyingOptions,
  { restoring = false } = {},
): Promise<WholeCopy> {
  const store = await openStore(copy, { create: restoring, restoring });
  try {
    const erased = await carryOutRedactions(store);
    return { ...(await verifyWhole(store, options)), erased };
  } finally {
    await store.close();
  }
}

/**
 * Verifies a store as it is.
 * @throws NotWholeError; the reason of the signal.
 */
export async function verifyWhole(
  store: EventStore,
  { signal, onProgress }: CopyingOptions,
): Promise<Verification> {
  const length = await measureLog(store);
  const verified = await verifyStore(store, [], {
    onProgress: (events, position) => {
      signal?.throwIfAborted();
      onProgress?.('verified', events, length(events, position));
    },
  });
  if (!verified.ok) throw new NotWholeError(verified.divergences);
  return verified;
}
