import type { EventStore } from '#event-sourcing/event-store';
import type { Sealer } from '#event-sourcing/sealer';
import type { StoreReports } from '#event-sourcing/store-observer';

/** How a store is opened. */
interface StoreOpening {
  /** Whether a store is made where there is none. */
  readonly create: boolean;
  /** Without a writer: appends and erasures reject. */
  readonly readOnly: boolean;
  /** What is made is no store before its restore has ended, where it is filled at its own address. */
  readonly restoring: boolean;
  readonly reports: StoreReports | undefined;
  readonly createSealer: () => Sealer;
  /** The module that exports it, for a writer in a thread. */
  readonly sealerModule: URL;
}

/** Where something is kept. */
export interface Place {
  /** As people may see it: without a password, and a file with its whole path. */
  readonly address: string;
  /** Null where nothing is there yet, or nobody can tell. */
  readonly bytes: number | null;
  readonly isNew: boolean;
}

/** What lies beside a store, by the end of its name. */
export type Beside = 'read_models' | 'outbox';

/** A parameter that an address does not have, and those that it may have. */
interface UnknownParameter {
  readonly name: string;
  readonly known: readonly string[];
}

/** A file that is copied as it is at one moment; `done` counts pages. */
export interface FileCopying {
  /** Ends the work between two pieces, by throwing the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** What a restore of any store is made of. */
interface RestoreSteps<Address, Whole> {
  /** The error for what is there already; nothing was changed. */
  readonly refused: (what: string) => Error;
  readonly isStore: (address: Address) => Promise<boolean>;
  /** Makes a store at an address of the backup, whole and verified. */
  readonly fill: (address: Address, opening?: { readonly restoring: boolean }) => Promise<Whole>;
  /** Makes a file aside and gives it its name when it is whole and on the disk. */
  readonly makeFile: (path: string, make: (aside: string) => Promise<Whole>) => Promise<Whole>;
}

/** All that a kind of store knows of its addresses. A new one is a folder with such an entry, and a line in the list of them. */
export interface StoreEntry<Address> {
  /** What it is, as people read it. */
  readonly words: string;
  /** How its addresses look, shortly. */
  readonly takes: string;
  readonly outlivesProcess: boolean;
  /**
   * Null for a text that is no address of its scheme.
   * @param beside what the address is of, where it is not a store.
   * @throws RangeError for an address of another form; its message holds no password.
   */
  parse(text: string, beside?: Beside): Address | null;
  /** What of an address has no effect, in a sentence or as a parameter. */
  ineffective(text: string): readonly (string | UnknownParameter)[];
  /** The address as people may see it. */
  shown(address: Address): string;
  /** What tells a store from its copy elsewhere: its address, without who asks. */
  name(address: Address): string;
  /** Whether two addresses name one store, as far as can be told without asking a server: a host may have several names. */
  isSame(one: Address, other: Address): boolean;
  /** The address of what lies beside it where no setting says another. */
  beside(address: Address, what: Beside): string;
  place(address: Address): Promise<Place>;
  /** @throws StoreMissingError, StoreUnavailableError */
  open(address: Address, opening: StoreOpening): Promise<EventStore>;
  /** @throws what `refused` gives; what the steps throw. */
  restore<Whole>(address: Address, steps: RestoreSteps<Address, Whole>): Promise<Whole>;
  /** Of stores in files, which threads open besides and which are copied as they are. */
  readonly files?: {
    path(address: Address): string;
    /** The address with its path as somebody else means it. */
    resolved(text: string, resolve: (path: string) => string): string;
    backUp(path: string, to: string, copying: FileCopying): Promise<void>;
    takeBackup(file: string, to: string, copying: FileCopying): Promise<void>;
  };
}
