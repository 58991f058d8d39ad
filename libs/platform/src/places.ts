import { statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Place } from '#event-store/store-entry';
import { isStore } from './open-store.ts';
import type { Settings } from './settings.ts';
import { fileOf, outlivesProcess, storeOf } from './stores.ts';
import type { StoreAddress } from './stores.ts';

interface Places {
  readonly store: Place;
  readonly readModels: Place;
  readonly outbox: Place;
}

/** Returns the locations of a service's data, and their sizes. */
export async function placesOf({ store, readModels, outbox }: Settings): Promise<Places> {
  const [stored, read, sent] = await Promise.all([
    placeOf(store),
    placeOfModels(readModels),
    placeOf(outbox),
  ]);
  return { store: stored, readModels: read, outbox: sent };
}

const placeOf = (address: StoreAddress): Promise<Place> => storeOf(address).place(address);

/** Returns the place of read models with the bytes of their sets, which are in files beside the address. */
async function placeOfModels(address: StoreAddress): Promise<Place> {
  const place = await placeOf(address);
  const path = fileOf(address);
  if (path === null || place.bytes === null) return place;
  const names = (await readdir(dirname(path))).filter((name) => name.startsWith(`${basename(path)}.`));
  const sizes = names.map(
    (name) => statSync(join(dirname(path), name), { throwIfNoEntry: false })?.size ?? 0,
  );
  return { ...place, bytes: sizes.reduce((all, size) => all + size, place.bytes) };
}

/** Returns a warning if a service would create a new store although related files exist; null if there is a store, or no related file. */
export async function newStoreWarning(settings: Settings): Promise<string | null> {
  const { store } = settings;
  // Opening the store reports any other problem.
  if (!outlivesProcess(store) || (await isStore(store).catch(() => true))) return null;
  const [readModels, outbox] = await Promise.all([placeOf(settings.readModels), placeOf(settings.outbox)]);
  const existing = [
    ...(readModels.bytes === null ? [] : [`read models at ${readModels.address}`]),
    ...(outbox.bytes === null ? [] : [`an outbox at ${outbox.address}`]),
  ];
  if (existing.length === 0) return null;
  return (
    `The store ${(await placeOf(store)).address} is new and empty, but there already are ${existing.join(' and ')}: ` +
    "check whether the store's file was moved or lost, or whether DOCKET_STORE was changed"
  );
}

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const;

export function shownBytes(bytes: number): string {
  const power = Math.min(UNITS.length - 1, bytes < 1_000 ? 0 : Math.floor(Math.log10(bytes) / 3));
  return `${power === 0 ? bytes : (bytes / 1_000 ** power).toFixed(1)} ${UNITS[power] ?? ''}`;
}

export function shownPlaces({ store, readModels, outbox }: Places): string {
  const shown = ({ address, bytes, isNew }: Place): string => {
    if (isNew) return `${address} (new)`;
    return bytes === null ? address : `${address} (${shownBytes(bytes)})`;
  };
  return `store ${shown(store)}, read models ${shown(readModels)}, outbox ${shown(outbox)}`;
}
