import { kurrentdbEntry } from '#event-store/kurrentdb/entry';
import { memoryEntry } from '#event-store/memory-entry';
import { postgresqlEntry } from '#event-store/postgresql/entry';
import { sqliteEntry } from '#event-store/sqlite/entry';
import type { StoreEntry } from '#event-store/store-entry';

/** The kinds of store that there are, each under the kind of its addresses, in the order in which people are told of them. */
const ENTRIES = {
  sqlite: sqliteEntry,
  postgresql: postgresqlEntry,
  kurrentdb: kurrentdbEntry,
  memory: memoryEntry,
};

type AddressOf<Entry> = Entry extends StoreEntry<infer Address> ? Address : never;

export type StoreKind = keyof typeof ENTRIES;
/** Where events are stored. */
export type StoreAddress = AddressOf<(typeof ENTRIES)[StoreKind]>;

export const STORES: Readonly<Record<StoreKind, StoreEntry<StoreAddress>>> = ENTRIES;
export const STORE_KINDS = Object.keys(ENTRIES) as StoreKind[];
export const DEFAULT_STORE = 'sqlite:data/docket.sqlite';
/** An address of what is in a file, for whoever has to name one. */
export const FILE_ADDRESS = sqliteEntry.takes;

export const storeOf = (address: StoreAddress): StoreEntry<StoreAddress> => STORES[address.kind];

/** The address of a store in a file; so is every backup. */
export const fileStore = (path: string): StoreAddress => ({ kind: 'sqlite', path });

/** Whether a file begins as a backup does, whatever else is in it. */
export const isBackup = async (file: string): Promise<boolean> =>
  (await import('#event-store/sqlite/backup')).isStoreFile(file);

/** The address of a store as people may see it. */
export const shownStore = (address: StoreAddress): string => storeOf(address).shown(address);

/** What tells a store from its copy elsewhere: its address, without who asks. */
export const storeName = (address: StoreAddress): string => storeOf(address).name(address);

/** Whether what is there is there for other processes, too. */
export const outlivesProcess = (address: StoreAddress): boolean => storeOf(address).outlivesProcess;

export const isSameStore = (one: StoreAddress, other: StoreAddress): boolean =>
  one.kind === other.kind && storeOf(one).isSame(one, other);

/** The file that a store is, which threads can open besides; null for one that is none. */
export const fileOf = (address: StoreAddress): string | null => storeOf(address).files?.path(address) ?? null;
