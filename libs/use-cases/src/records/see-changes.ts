import { isShownWithoutInternal } from '#read-models/timeline/timeline';
import { readsInternal } from '#state-machines/access';
import type { Viewer } from '#state-machines/access';
import type { RecordsAccess } from './records-access.ts';
import { visibleState } from './visible-record.ts';
import { streamOf } from '#lifecycle/kind';
import type { RecordReference } from '#lifecycle/kind';
import { redactionOf } from '#event-sourcing/erasure';

/** The maximum count; beyond it, the page says that there are many. */
export const CHANGES_COUNTED_MAX = 100;

/** The number of events added since a version. */
interface SeenChanges {
  readonly version: number;
  /** The number of new events that the viewer sees. {@link CHANGES_COUNTED_MAX} means that many or more. */
  readonly events: number;
}

/**
 * Returns the number of a record's events since a version that the viewer sees.
 * @throws CommandRefusedError 404 if the record does not exist or belongs to a body that the viewer cannot see.
 */
export async function seeChanges(
  access: Pick<RecordsAccess, 'store' | 'readModels' | 'lifecycles' | 'commands'>,
  viewer: Viewer,
  reference: RecordReference,
  after: number,
): Promise<SeenChanges> {
  const { version, state } = await visibleState(access, viewer, reference);
  if (version <= after) return { version, events: 0 };
  const stream = streamOf(reference);
  const since = access.lifecycles.readAll(
    await access.store.readStream(stream, { after, limit: CHANGES_COUNTED_MAX }),
  );
  if (readsInternal(viewer, state.body)) return { version, events: since.length };
  const redacted = since.flatMap((event) => redactionOf(event)?.eventId ?? []);
  const originals =
    redacted.length === 0 ? [] : access.lifecycles.readAll(await access.store.findEvents(stream, redacted));
  return { version, events: since.filter(isShownWithoutInternal([...originals, ...since])).length };
}
