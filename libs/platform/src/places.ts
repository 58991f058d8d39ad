import type { Place } from '#event-store/store-entry';
import { isStore } from './open-store.ts';
import type { Settings } from './settings.ts';
import { outlivesProcess, storeOf } from './stores.ts';
import type { StoreAddress } from './stores.ts';

export interface Places {
  readonly store: Place;
  readonly readModels: Place;
  /** Null where another process sends messages. */
  readonly outbox: Place | null;
}

/** Where a service keeps what it keeps, and how large that is. */
export async function placesOf({ store, readModels, outbox }: Settings): Promise<Places> {
  const [stored, read, told] = await Promise.all([
    placeOf(store),
    placeOf(readModels),
    outbox === null ? null : placeOf(outbox),
  ]);
  return { store: stored, readModels: read, outbox: told };
}

const placeOf = (address: StoreAddress): Promise<Place> => storeOf(address).place(address);

/**
 * What to say where a service would make its store anew though what belongs to one is there already; null where there is a
 * store, or nothing at all yet.
 */
export async function newStoreWarning(settings: Settings): Promise<string | null> {
  const { store } = settings;
  // Any other trouble is told by who opens it next.
  if (!outlivesProcess(store) || (await isStore(store).catch(() => true))) return null;
  const [readModels, outbox] = await Promise.all([
    placeOf(settings.readModels),
    settings.outbox === null ? null : placeOf(settings.outbox),
  ]);
  const left = [
    ...(readModels.bytes === null ? [] : [`read models at ${readModels.address}`]),
    ...(outbox?.bytes == null ? [] : [`an outbox at ${outbox.address}`]),
  ];
  if (left.length === 0) return null;
  return (
    `The store ${(await placeOf(store)).address} is new and empty, though there are ${left.join(' and ')} already: ` +
    'was its file moved or lost, or is DOCKET_STORE another one than before?'
  );
}

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const;

/** A size as people read it. */
export function shownBytes(bytes: number): string {
  const power = Math.min(UNITS.length - 1, bytes < 1_000 ? 0 : Math.floor(Math.log10(bytes) / 3));
  return `${power === 0 ? bytes : (bytes / 1_000 ** power).toFixed(1)} ${UNITS[power] ?? ''}`;
}

/** The places in a sentence. */
export function shownPlaces({ store, readModels, outbox }: Places): string {
  const shown = ({ address, bytes, isNew }: Place): string => {
    if (isNew) return `${address} (new)`;
    return bytes === null ? address : `${address} (${shownBytes(bytes)})`;
  };
  return `store ${shown(store)}, read models ${shown(readModels)}, outbox ${outbox === null ? 'none' : shown(outbox)}`;
}
