import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createSealer, SEALER_MODULE } from '#audit/seal';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { openSqliteEventStore } from '#event-store/sqlite/sqlite-event-store';
import type { EventStore } from '#event-sourcing/event-store';
import type { StoreObserver } from '#event-sourcing/store-observer';
import { lifecycles } from '#state-machines/lifecycles';
import { assertDigests } from './lifecycle-digests.ts';
import { observedStore } from './observed-store.ts';
import type { StoreAddress } from './settings.ts';

export interface OpenStoreOptions {
  readonly create: boolean;
  readonly readOnly?: boolean;
  /** Of a store on KurrentDB: what is made is no store before its restore has ended. */
  readonly restoring?: boolean;
  /** Told what the store does for this process. */
  readonly observer?: StoreObserver;
}

/**
 * Opens the store at an address.
 * @throws StoreMissingError when there is none and `create` is false.
 * @throws StoreUnavailableError when what is there cannot be used.
 * @throws Error for a lifecycle of this build whose digest is not that of its definition.
 */
export async function openStore(address: StoreAddress, options: OpenStoreOptions): Promise<EventStore> {
  assertDigests(lifecycles.all);
  const store = await openAdapter(address, options);
  return options.observer === undefined ? store : observedStore(store, options.observer);
}

async function openAdapter(
  address: StoreAddress,
  { create, readOnly = false, restoring = false, observer: reports }: OpenStoreOptions,
): Promise<EventStore> {
  switch (address.kind) {
    case 'memory':
      return new MemoryEventStore(createSealer(), reports);
    case 'kurrentdb': {
      // A start on another store does not wait for its client to be loaded.
      const { openKurrentdbEventStore } = await import('#event-store/kurrentdb/kurrentdb-event-store');
      return openKurrentdbEventStore({
        address,
        sealer: createSealer(),
        create,
        readOnly,
        restoring,
        reports,
      });
    }
    case 'postgresql': {
      const { openPostgresqlEventStore } = await import('#event-store/postgresql/postgresql-event-store');
      return openPostgresqlEventStore({ address, sealer: createSealer(), create, readOnly, reports });
    }
    case 'sqlite':
      if (create) await makeFolderOf(address.path);
      return openSqliteEventStore({
        path: address.path,
        sealerModule: SEALER_MODULE,
        create,
        readOnly,
        reports,
      });
  }
}

/** Makes the folder that a file is to lie in. Where that cannot be done, opening the file says why. */
export async function makeFolderOf(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true }).catch(() => undefined);
}
