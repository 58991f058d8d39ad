import type { EventStore } from '#event-sourcing/event-store';
import type { Sealer } from '#event-sourcing/sealer';
import type { StoreReports } from '#event-sourcing/store-observer';

interface StoreOpening {
  /** True to create a missing store. */
  readonly create: boolean;
  /** True to open without a writer: appends and erasures reject. */
  readonly readOnly: boolean;
  /** True if the store is being restored in place. It must not be usable before the restore ends. */
  readonly restoring: boolean;
  readonly reports: StoreReports | undefined;
  readonly createSealer: () => Sealer;
  /** The module that exports `createSealer`, for a writer thread. */
  readonly sealerModule: URL;
}

/** How a store is opened; by default for writing, and without reports. */
export type Opening = Pick<StoreOpening, 'create'> &
  Partial<Pick<StoreOpening, 'readOnly' | 'restoring' | 'reports'>>;

/** The location of data. */
export interface Place {
  /** The address for display: without a password, and with the absolute path of a file. */
  readonly address: string;
  /** The size; null if nothing exists there yet, or the size is unknown. */
  readonly bytes: number | null;
  readonly isNew: boolean;
}

/** The databases beside a store, by the suffix of their names. */
export type Beside = 'read_models' | 'outbox';

/** A snapshot copy of a file; `done` counts pages. */
export interface FileCopying {
  /** Aborts between two batches of pages. The call then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** The steps of a restore, the same for any store. */
interface RestoreSteps<Address, Whole> {
  /** Returns the error for an existing target, which is not changed. */
  readonly refused: (what: string) => Error;
  readonly isStore: (address: Address) => Promise<boolean>;
  /** Creates a complete and verified store at an address from the backup. */
  readonly fill: (address: Address, opening?: { readonly restoring: boolean }) => Promise<Whole>;
  /** Writes a temporary file, and renames it when it is complete and on disk. */
  readonly makeFile: (path: string, make: (aside: string) => Promise<Whole>) => Promise<Whole>;
}

/** The addresses of one kind of store. A new kind is a folder with such an entry, and a line in the list of entries. */
export interface StoreEntry<Address> {
  /** The kind's name for display. */
  readonly words: string;
  /** A short form of its addresses. */
  readonly addressForm: string;
  readonly outlivesProcess: boolean;
  /**
   * Returns the parsed address; null for a text of another scheme.
   * @param beside the database that the address is for, if not the store.
   * @throws RangeError for an invalid address; its message contains no password.
   */
  parse(text: string, beside?: Beside): Address | null;
  /** Returns the address for display. */
  shown(address: Address): string;
  /** Returns what distinguishes a store from its copy at another address: the address without the user. */
  name(address: Address): string;
  /** Returns whether two addresses are of one store, without connecting to a server. A host can have several names. */
  isSame(one: Address, other: Address): boolean;
  /** Returns the default address of a database beside the store. */
  beside(address: Address, what: Beside): string;
  place(address: Address): Promise<Place>;
  /**
   * Opens the store.
   * @throws StoreMissingError, StoreUnavailableError
   */
  open(address: Address, opening: StoreOpening): Promise<EventStore>;
  /**
   * Restores a store.
   * @throws the error of `refused`; errors of the steps.
   */
  restore<Whole>(address: Address, steps: RestoreSteps<Address, Whole>): Promise<Whole>;
  /** The functions for stores in files, which threads also open and which are copied as files; absent for others. */
  readonly files?: {
    path(address: Address): string;
    /** Returns the address with its path resolved by `resolve`. */
    resolved(text: string, resolve: (path: string) => string): string;
    backUp(path: string, to: string, copying: FileCopying): Promise<void>;
    importBackup(file: string, to: string, copying: FileCopying): Promise<void>;
  };
}
