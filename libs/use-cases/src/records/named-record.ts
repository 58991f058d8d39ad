import { hasCode } from '#event-sourcing/errors';
import type { EventStore } from '#event-sourcing/event-store';
import { streamOf } from '#lifecycle/kind';
import type { RecordKinds, RecordReference } from '#lifecycle/kind';

/** Returns the records that a name can mean, in the order of kinds: a name is an id, or a stream's name such as `letter-1`. */
export function referencesOf(
  kinds: Pick<RecordKinds, 'all' | 'ofStream'>,
  name: string,
): readonly RecordReference[] {
  const byId = kinds.all.map((kind) => ({ kind, id: name }));
  const byStream = kinds.ofStream(name);
  return byStream === null ? byId : [...byId, byStream];
}

/** Reports whether a stream belongs to a record with this name. */
export function isStreamOf(kinds: Pick<RecordKinds, 'ofStream'>, name: string, streamId: string): boolean {
  const record = kinds.ofStream(streamId);
  return record !== null && (record.id === name || streamId === name);
}

/** Returns the stored records with a name: several if records of different kinds share an id. */
export async function recordsNamed(
  store: Pick<EventStore, 'readStream'>,
  kinds: Pick<RecordKinds, 'all' | 'ofStream'>,
  name: string,
): Promise<readonly RecordReference[]> {
  const references = referencesOf(kinds, name);
  const areThere = await Promise.all(references.map((each) => isThere(store, streamOf(each))));
  return references.filter((_, index) => areThere[index]);
}

/** Reports whether a stream has events. An unreadable stream has. */
export async function isThere(store: Pick<EventStore, 'readStream'>, streamId: string): Promise<boolean> {
  try {
    return (await store.readStream(streamId, { limit: 1 })).length > 0;
  } catch (error) {
    if (hasCode(error, 'store-damaged')) return true;
    throw error;
  }
}
