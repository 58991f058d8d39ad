import { isShownWithoutInternal } from '#read-models/timeline/timeline';
import { readsInternal } from '#state-machines/access';
import type { Viewer } from '#state-machines/access';
import type { RecordsAccess } from './records-access.ts';
import { visibleState } from './visible-record.ts';
import { streamOf } from '#lifecycle/kind';
import type { RecordReference } from '#lifecycle/kind';
import { redactionOf } from '#event-sourcing/erasure';

/** So many are counted; who looked that long ago is told that there are many. */
export const CHANGES_COUNTED_MAX = 100;

/** How far a record has come since somebody looked. */
interface SeenChanges {
  readonly version: number;
  /** How many events they would find in its history that were not there; {@link CHANGES_COUNTED_MAX} stands for more too. */
  readonly events: number;
}

/**
 * What has happened to a record since a version, counted as the viewer reads its history.
 * @throws CommandRefusedError 404 where there is no such record, or it is of a body that the viewer does not see.
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
  const told =
    redacted.length === 0 ? [] : access.lifecycles.readAll(await access.store.findEvents(stream, redacted));
  return { version, events: since.filter(isShownWithoutInternal([...told, ...since])).length };
}
