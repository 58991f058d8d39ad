import { hasCode } from '#event-sourcing/errors';
import type { EventStore } from '#event-sourcing/event-store';
import { streamOf } from '#lifecycle/kind';
import type { RecordKinds, RecordReference } from '#lifecycle/kind';

/** The records that a name can mean, by the order of their kinds: a name is an id, or the name of a stream, as `letter-1`. */
export function meantBy(
  kinds: Pick<RecordKinds, 'all' | 'ofStream'>,
  name: string,
): readonly RecordReference[] {
  const byId = kinds.all.map((kind) => ({ kind, id: name }));
  const byStream = kinds.ofStream(name);
  return byStream === null ? byId : [...byId, byStream];
}

/** Whether a stream is that of a record with this name. */
export function isStreamOf(kinds: Pick<RecordKinds, 'ofStream'>, name: string, streamId: string): boolean {
  const record = kinds.ofStream(streamId);
  return record !== null && (record.id === name || streamId === name);
}

/** The records with a name that are in the store: several where records of different kinds have one id. */
export async function recordsNamed(
  store: Pick<EventStore, 'readStream'>,
  kinds: Pick<RecordKinds, 'all' | 'ofStream'>,
  name: string,
): Promise<readonly RecordReference[]> {
  const meant = meantBy(kinds, name);
  const found = await Promise.all(meant.map((each) => isThere(store, streamOf(each))));
  return meant.filter((_, index) => found[index]);
}

/** Whether a stream has events; one that cannot be read is there. */
export async function isThere(store: Pick<EventStore, 'readStream'>, streamId: string): Promise<boolean> {
  try {
    return (await store.readStream(streamId, { limit: 1 })).length > 0;
  } catch (error) {
    if (hasCode(error, 'store-damaged')) return true;
    throw error;
  }
}
