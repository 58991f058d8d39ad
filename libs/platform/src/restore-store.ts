import type { EventStore } from '#event-sourcing/event-store';
import type { CopyOptions } from '#use-cases/log/copy-store';
import { access, constants } from 'node:fs/promises';
import { copyInto, fileCopying, makeWhole, verifyWhole } from './backup-store.ts';
import type { WholeCopy } from './backup-store.ts';
import { makeFile } from './new-file.ts';
import { isStore, openStore } from './open-store.ts';
import { fileOf, fileStore, isBackup, storeOf } from './stores.ts';
import type { StoreAddress } from './stores.ts';

/** The file is not a backup, or the target already exists. Nothing was changed. */
export class RestoreRefusedError extends Error {
  override readonly name = 'RestoreRefusedError';
}

/**
 * Restores a backup into a store, completely and verified, or not at all.
 * @param recordMissing records what the backup lacks, before the store appears.
 * @throws RestoreRefusedError, NotWholeError, StoreUnavailableError; the signal's reason
 */
export async function restoreStore(
  file: string,
  address: StoreAddress,
  options: CopyOptions,
  recordMissing: (store: EventStore) => Promise<void>,
): Promise<WholeCopy> {
  await assertBackup(file);
  const fill = async (target: StoreAddress, { restoring } = { restoring: false }): Promise<WholeCopy> => {
    const path = fileOf(target);
    if (path === null) {
      const readOnly = await verifyBackup(file, options);
      await copyInto(fileStore(file), target, options, { restoring, readOnly });
    } else {
      await storeOf(target).files?.importBackup(file, path, fileCopying(options));
      options.signal?.throwIfAborted();
    }
    return makeWhole(target, options, { restoring, recordMissing });
  };
  return storeOf(address).restore(address, { refused: refusal, isStore, fill, makeFile });
}

async function assertBackup(file: string): Promise<void> {
  if (!(await isBackup(file))) throw new RestoreRefusedError(`${file} is not a backup of a store`);
}

const refusal = (what: string): RestoreRefusedError =>
  new RestoreRefusedError(
    `${what}. A restore creates a new store: move the existing store away, or name a different one`,
  );

/** Verifies a backup before anything is written to a server. Returns whether the backup must be opened read-only. */
async function verifyBackup(file: string, options: CopyOptions): Promise<boolean> {
  // Only a process with write access can remove the log that SQLite creates beside an open database.
  const readOnly = await access(file, constants.W_OK).then(
    () => false,
    () => true,
  );
  const backup = await openStore(fileStore(file), { create: false, readOnly });
  try {
    await verifyWhole(backup, options);
    return readOnly;
  } finally {
    await backup.close();
  }
}
