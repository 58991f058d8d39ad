import { access, constants, copyFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { hasCode, messageOf } from '#event-sourcing/errors';
import {
  dropRestoring,
  finishRestore as finishOnPostgresql,
  restoringAddress,
} from '#event-store/postgresql/restore-schema';
import { isStoreFile } from '#event-store/sqlite/backup';
import { backupFile, copyInto, makeWhole, verifyWhole } from './backup-store.ts';
import type { WholeCopy } from './backup-store.ts';
import type { CopyingOptions } from './copy-between.ts';
import { DATABASE_SUFFIXES, isThere, makeFile } from './new-file.ts';
import { makeFolderOf, openStore } from './open-store.ts';
import { shownStore } from './settings.ts';
import type { StoreAddress } from './settings.ts';

/** What was to be restored is no backup, or what is to be restored is there already; nothing was changed. */
export class RestoreRefusedError extends Error {
  override readonly name = 'RestoreRefusedError';
}

/**
 * Makes a store of a backup: all of it verified, or nothing. On KurrentDB, whose streams cannot be renamed, what an interrupted restore
 * left can be opened by nobody, and the next one goes on with it.
 * @throws RestoreRefusedError, NotWholeError, StoreUnavailableError; the reason of the signal.
 */
export async function restoreStore(
  file: string,
  address: StoreAddress,
  options: CopyingOptions = {},
): Promise<WholeCopy> {
  await assertBackup(file);
  switch (address.kind) {
    case 'sqlite':
      return restoreSqlite(file, address.path, options);
    case 'postgresql':
      return restorePostgresql(file, address, options);
    case 'kurrentdb':
      return restoreKurrentdb(file, address, options);
    case 'memory':
      throw new RestoreRefusedError('a store in memory is gone with its process');
  }
}

async function assertBackup(file: string): Promise<void> {
  let isStore: boolean;
  try {
    isStore = await isStoreFile(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new RestoreRefusedError(
      code === 'ENOENT' ? `there is no file ${file}` : `${file} cannot be read: ${messageOf(error)}`,
    );
  }
  if (!isStore) throw new RestoreRefusedError(`${file} is no backup of a store`);
}

const refused = (what: string): RestoreRefusedError =>
  new RestoreRefusedError(
    `${what}; a restore makes a store where there is none: move that one away, or name another`,
  );

async function restoreSqlite(file: string, path: string, options: CopyingOptions): Promise<WholeCopy> {
  if (await isThere(path)) throw refused(`there is a store at sqlite:${resolve(path)} already`);
  for (const suffix of DATABASE_SUFFIXES) {
    // SQLite would take it for a part of the store that is restored.
    if (await isThere(path + suffix))
      throw refused(`${resolve(path)}${suffix} is left of a store that was there`);
  }
  await makeFolderOf(path);
  return makeFile(path, async (aside) => {
    if (await holdsMore(`${file}-wal`)) await backupFile(file, aside, options);
    else await copyFile(file, aside, constants.COPYFILE_FICLONE);
    options.signal?.throwIfAborted();
    return makeWhole({ kind: 'sqlite', path: aside }, options);
  });
}

async function holdsMore(log: string): Promise<boolean> {
  return (await isThere(log)) && (await stat(log)).size > 0;
}

type PostgresqlStore = Extract<StoreAddress, { kind: 'postgresql' }>;

async function restorePostgresql(
  file: string,
  address: PostgresqlStore,
  options: CopyingOptions,
): Promise<WholeCopy> {
  if (await isStore(address)) throw refused(`there is a store at ${shownStore(address)} already`);
  const restoring: PostgresqlStore = { kind: 'postgresql', ...restoringAddress(address) };
  // What a restore left that was killed.
  await dropRestoring(address);
  const readOnly = await verifyBackup(file, options);
  try {
    await copyInto({ kind: 'sqlite', path: file }, restoring, options, { readOnly });
    const outcome = await makeWhole(restoring, options);
    await finishOnPostgresql(address);
    return outcome;
  } catch (error) {
    await dropRestoring(address).catch(() => undefined);
    throw error;
  }
}

async function isStore(address: StoreAddress): Promise<boolean> {
  try {
    await (await openStore(address, { create: false, readOnly: true })).close();
    return true;
  } catch (error) {
    if (hasCode(error, 'store-missing')) return false;
    throw error;
  }
}

async function restoreKurrentdb(
  file: string,
  address: Extract<StoreAddress, { kind: 'kurrentdb' }>,
  options: CopyingOptions,
): Promise<WholeCopy> {
  const { finishRestore, kurrentdbStoreState } = await import('#event-store/kurrentdb/kurrentdb-event-store');
  if ((await kurrentdbStoreState(address)) === 'store') {
    throw refused(`there is a store at ${shownStore(address)} already`);
  }
  const readOnly = await verifyBackup(file, options);
  await copyInto({ kind: 'sqlite', path: file }, address, options, { restoring: true, readOnly });
  const outcome = await makeWhole(address, options, { restoring: true });
  await finishRestore(address);
  return outcome;
}

/** Verifies a backup before a server is given anything of it, and says whether it can be opened for reading only. */
async function verifyBackup(file: string, options: CopyingOptions): Promise<boolean> {
  // Only who may write a database removes the log that SQLite lays beside it while it is open.
  const readOnly = await access(file, constants.W_OK).then(
    () => false,
    () => true,
  );
  const backup = await openStore({ kind: 'sqlite', path: file }, { create: false, readOnly });
  try {
    await verifyWhole(backup, options);
    return readOnly;
  } finally {
    await backup.close();
  }
}
