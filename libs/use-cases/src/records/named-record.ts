import type { EventStore } from '#event-sourcing/event-store';
import { streamOf } from '#lifecycle/kind';
import type { RecordKinds, RecordReference } from '#lifecycle/kind';

/**
 * The record that somebody names: by its id, or by the name of its stream, as `letter-1`. Where several fit, it is the first that is
 * there, by the order of the kinds and then by its stream; where none is there, a record of the first kind.
 */
export async function namedRecord(
  store: Pick<EventStore, 'readStream'>,
  kinds: Pick<RecordKinds, 'all' | 'ofStream'>,
  name: string,
): Promise<RecordReference> {
  const byId = kinds.all.map((kind) => ({ kind, id: name }));
  const byStream = kinds.ofStream(name);
  const candidates = byStream === null ? byId : [...byId, byStream];
  for (const each of candidates) {
    const [first] = await store.readStream(streamOf(each), { limit: 1 });
    if (first !== undefined) return each;
  }
  const [first] = candidates;
  if (first === undefined) throw new Error('There are no kinds of records');
  return first;
}
