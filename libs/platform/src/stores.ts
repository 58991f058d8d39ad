import { hash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { kurrentdbEntry } from '#event-store/kurrentdb/entry';
import { memoryEntry } from '#event-store/memory-entry';
import { postgresqlEntry } from '#event-store/postgresql/entry';
import { sqliteEntry } from '#event-store/sqlite/entry';
import type { StoreEntry } from '#event-store/store-entry';

/** The kinds of store by kind of address, in display order. */
const ENTRIES = {
  sqlite: sqliteEntry,
  postgresql: postgresqlEntry,
  kurrentdb: kurrentdbEntry,
  memory: memoryEntry,
};

type AddressOf<Entry> = Entry extends StoreEntry<infer Address> ? Address : never;

export type StoreKind = keyof typeof ENTRIES;
export type StoreAddress = AddressOf<(typeof ENTRIES)[StoreKind]>;

export const STORES: Readonly<Record<StoreKind, StoreEntry<StoreAddress>>> = ENTRIES;
export const STORE_KINDS = Object.keys(ENTRIES) as StoreKind[];
export const DEFAULT_STORE = 'sqlite:data/docket.sqlite';
/** The form of a file's address, for messages. */
export const FILE_ADDRESS = sqliteEntry.addressForm;

export const storeOf = (address: StoreAddress): StoreEntry<StoreAddress> => STORES[address.kind];

/** Returns the address of a store in a file, such as a backup. */
export const fileStore = (path: string): StoreAddress => ({ kind: 'sqlite', path });

/** Reports whether a file starts like a backup, whatever else it contains. */
export const isBackup = async (file: string): Promise<boolean> =>
  (await import('#event-store/sqlite/backup')).isStoreFile(file);

/** Returns a store's address without secrets. */
export const shownStore = (address: StoreAddress): string => storeOf(address).shown(address);

/** Returns a store's address without credentials, which distinguishes it from its copies. */
export const storeName = (address: StoreAddress): string => storeOf(address).name(address);

/** Reports whether other processes can read the store. */
export const outlivesProcess = (address: StoreAddress): boolean => storeOf(address).outlivesProcess;

export const isSameStore = (one: StoreAddress, other: StoreAddress): boolean =>
  one.kind === other.kind && storeOf(one).isSame(one, other);

/** Returns the path of a file that belongs to a store: in its folder, or in a folder for its address. */
export function besideStore(address: StoreAddress, name: string): string {
  const file = fileOf(address);
  const folder =
    file === null ? join('data', hash('sha256', storeName(address)).slice(0, 16)) : dirname(file);
  return join(folder, name);
}

/** Returns the beginning of the names of files of which each store in a folder needs its own. */
export function nameBeside(address: StoreAddress): string {
  const file = fileOf(address);
  return file === null ? '' : `${basename(file).replace(/\.(sqlite|db)$/, '')}.`;
}

/** Returns the path of the store's file, which threads can open too; null if it is not in a file. */
export const fileOf = (address: StoreAddress): string | null => storeOf(address).files?.path(address) ?? null;
