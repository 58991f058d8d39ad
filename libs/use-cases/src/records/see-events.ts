import type { Envelope } from '#event-sourcing/envelope';
import { hasCode } from '#event-sourcing/errors';
import type { EventStore } from '#event-sourcing/event-store';
import { nextTurn } from '#event-sourcing/event-store';
import { readsInternal } from '#state-machines/access';
import type { Reader } from '../call-context.ts';
import { BATCH } from '../log/filter-log.ts';
import type { RecordsAccess } from './records-access.ts';
import { visibleState } from './visible-record.ts';
import { recordInternal, withheldFrom } from './withhold.ts';
import { streamOf } from '#lifecycle/kind';
import type { RecordReference } from '#lifecycle/kind';

/** A page of a record's stored events, in stream order, in batches. */
export interface EventsPage {
  /** Yields the events. Returns the same value as `next`, or an earlier one if the next event cannot be read. */
  readonly items: AsyncGenerator<readonly Envelope[], number | null>;
  /** The version from which to continue; null on the last page. */
  readonly next: number | null;
}

/**
 * Returns a record's events after a version, without values withheld from the viewer.
 * @throws CommandRefusedError 404 if the record does not exist or belongs to a body that the viewer cannot see.
 */
export async function seeEvents(
  access: RecordsAccess,
  viewer: Reader,
  reference: RecordReference,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<EventsPage> {
  const { version, state } = await visibleState(access, viewer, reference);
  const to = Math.min(after + limit, version);
  const redact = redactFor(access, viewer, reference, state.body);
  return {
    items: batches(access.store, streamOf(reference), { after, to, version }, redact),
    next: to < version ? to : null,
  };
}

/**
 * Returns a function that removes the values withheld from the viewer. It first records the access if the viewer may read internal values.
 */
export const redactFor = (
  access: Pick<RecordsAccess, 'accesses'>,
  viewer: Reader,
  reference: RecordReference,
  recipient: string | null,
) => {
  const seesInternal = readsInternal(viewer, recipient, reference.kind);
  return async (batch: readonly Envelope[]): Promise<readonly Envelope[]> => {
    if (seesInternal) await recordInternal(access, viewer, reference, batch);
    return withheldFrom(viewer, recipient, reference.kind, batch);
  };
};

async function* batches(
  store: Pick<EventStore, 'readStream'>,
  streamId: string,
  { after, to, version }: { readonly after: number; readonly to: number; readonly version: number },
  redact: (batch: readonly Envelope[]) => Promise<readonly Envelope[]>,
): AsyncGenerator<readonly Envelope[], number | null> {
  let reached = after;
  while (reached < to) {
    await nextTurn();
    const limit = Math.min(BATCH.limit, to - reached);
    let batch: Envelope[];
    try {
      batch = await store.readStream(streamId, { ...BATCH, after: reached, limit });
    } catch (error) {
      if (reached === after || !hasCode(error, 'store-damaged')) throw error;
      return reached;
    }
    const last = batch.at(-1);
    if (last === undefined) break;
    yield await redact(batch);
    reached = last.version;
  }
  return to < version ? to : null;
}
