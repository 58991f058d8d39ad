import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { hasCode } from '#event-sourcing/errors';
import { TIMEOUTS } from '#postgresql/pool';
import { schemaBytes } from '#postgresql/schema-size';
import { openStore } from './open-store.ts';
import { shownStore } from './settings.ts';
import type { Settings, StoreAddress } from './settings.ts';

/** Where something is kept. */
export interface Place {
  /** As people may see it: without a password, and a file with its whole path. */
  readonly address: string;
  /** Null where nothing is there yet, or nobody can tell. */
  readonly bytes: number | null;
  readonly isNew: boolean;
}

export interface Places {
  readonly store: Place;
  readonly readModels: Place;
  /** Null where nobody is told of anything. */
  readonly outbox: Place | null;
}

/** Where a service keeps what it keeps, and how large that is. */
export async function placesOf({ store, readModels, outbox, notifications }: Settings): Promise<Places> {
  const [stored, read, told] = await Promise.all([
    placeOf(store),
    placeOf(readModels),
    outbox === null || notifications === null ? null : placeOf(outbox),
  ]);
  return { store: stored, readModels: read, outbox: told };
}

async function placeOf(address: StoreAddress): Promise<Place> {
  switch (address.kind) {
    case 'sqlite': {
      const bytes = fileBytes(address.path);
      return { address: `sqlite:${resolve(address.path)}`, bytes, isNew: bytes === null };
    }
    case 'postgresql': {
      // A server that does not answer is told of by who needs it.
      const bytes = await schemaBytes(address, TIMEOUTS).catch(() => undefined);
      return { address: shownStore(address), bytes: bytes ?? null, isNew: bytes === null };
    }
    case 'kurrentdb':
    case 'memory':
      return { address: shownStore(address), bytes: null, isNew: false };
  }
}

/** What a database takes on the disk: its file, and the log beside it. */
function fileBytes(path: string): number | null {
  const sizes = [path, `${path}-wal`].map(sizeOfFile);
  return sizes[0] === null ? null : sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
}

function sizeOfFile(path: string): number | null {
  try {
    const found = statSync(path);
    return found.isFile() ? found.size : null;
  } catch {
    return null;
  }
}

/**
 * What to say where a service would make its store anew though what belongs to one is there already; null where there is a
 * store, or nothing at all yet.
 */
export async function newStoreWarning(settings: Settings): Promise<string | null> {
  const { store } = settings;
  if (store.kind === 'memory' || !(await isMissing(store))) return null;
  const [readModels, outbox] = await Promise.all([
    placeOf(settings.readModels),
    // Also where nobody is told any more: it is left from when somebody was.
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

async function isMissing(store: StoreAddress): Promise<boolean> {
  try {
    await (await openStore(store, { create: false, readOnly: true })).close();
    return false;
  } catch (error) {
    // Any other trouble is told by who opens it next.
    return hasCode(error, 'store-missing');
  }
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
