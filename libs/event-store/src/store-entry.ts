import type { EventStore } from '#event-sourcing/event-store';
import type { Sealer } from '#event-sourcing/sealer';
import type { StoreReports } from '#event-sourcing/store-observer';

interface StoreOpening {
  /** Whether to create a missing store. */
  readonly create: boolean;
  /** Without a writer: appends and erasures reject. */
  readonly readOnly: boolean;
  /** Whether the store is being restored: it must not be usable before the restore ends, if it is filled in place. */
  readonly restoring: boolean;
  readonly reports: StoreReports | undefined;
  readonly createSealer: () => Sealer;
  /** The module that exports it, for a writer thread. */
  readonly sealerModule: URL;
}

/** The location of data. */
export interface Place {
  /** The address for display: without a password, and with a file's whole path. */
  readonly address: string;
  /** Null if nothing exists there yet, or the size is unknown. */
  readonly bytes: number | null;
  readonly isNew: boolean;
}

/** The databases beside a store, by the suffix of their names. */
export type Beside = 'read_models' | 'outbox';

/** An unsupported parameter of an address, and the supported ones. */
interface UnknownParameter {
  readonly name: string;
  readonly known: readonly string[];
}

/** A file that is copied as a snapshot; `done` counts pages. */
export interface FileCopying {
  /** Aborts between two batches of pages, by throwing the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** The steps of a restore, the same for any store. */
interface RestoreSteps<Address, Whole> {
  /** Returns the error for an existing target; nothing was changed. */
  readonly refused: (what: string) => Error;
  readonly isStore: (address: Address) => Promise<boolean>;
  /** Creates a store at an address from the backup, complete and verified. */
  readonly fill: (address: Address, opening?: { readonly restoring: boolean }) => Promise<Whole>;
  /** Writes a temporary file, and renames it when it is complete and on disk. */
  readonly makeFile: (path: string, make: (aside: string) => Promise<Whole>) => Promise<Whole>;
}

/** The implementation of one kind of store's addresses. A new kind is a folder with such an entry, and a line in the list of entries. */
export interface StoreEntry<Address> {
  /** The kind's name for display. */
  readonly words: string;
  /** A short form of its addresses. */
  readonly addressForm: string;
  readonly outlivesProcess: boolean;
  /**
   * Returns null for a text of another scheme.
   * @param beside the database that the address is for, if not the store.
   * @throws RangeError for an invalid address; its message contains no password.
   */
  parse(text: string, beside?: Beside): Address | null;
  /** Returns the parts of an address that have no effect: a sentence, or a parameter. */
  ineffective(text: string): readonly (string | UnknownParameter)[];
  /** Returns the address for display. */
  shown(address: Address): string;
  /** Returns what distinguishes a store from its copy elsewhere: its address without the user. */
  name(address: Address): string;
  /** Whether two addresses name one store, without connecting to a server: a host may have several names. */
  isSame(one: Address, other: Address): boolean;
  /** Returns the default address of a database beside the store. */
  beside(address: Address, what: Beside): string;
  place(address: Address): Promise<Place>;
  /** @throws StoreMissingError, StoreUnavailableError */
  open(address: Address, opening: StoreOpening): Promise<EventStore>;
  /** @throws the error of `refused`, and those of the steps. */
  restore<Whole>(address: Address, steps: RestoreSteps<Address, Whole>): Promise<Whole>;
  /** Only for stores in files, which threads also open, and which are copied as files. */
  readonly files?: {
    path(address: Address): string;
    /** Returns the address with its path resolved by `resolve`. */
    resolved(text: string, resolve: (path: string) => string): string;
    backUp(path: string, to: string, copying: FileCopying): Promise<void>;
    importBackup(file: string, to: string, copying: FileCopying): Promise<void>;
  };
}
