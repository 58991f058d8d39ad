import type { Envelope } from '#event-sourcing/envelope';
import { hasCode } from '#event-sourcing/errors';
import type { EventStore } from '#event-sourcing/event-store';
import { nextTurn } from '#event-sourcing/event-store';
import { readsInternal } from '#state-machines/access';
import type { Reader } from '../call-context.ts';
import { PIECE } from '../log/filter-log.ts';
import type { RecordsAccess } from './records-access.ts';
import { visibleState } from './visible-record.ts';
import { recordInternal, withheldFrom } from './withhold.ts';
import { streamOf } from '#lifecycle/kind';
import type { RecordReference } from '#lifecycle/kind';

/** A page of a record's stored events, in stream order, in batches. */
export interface EventsPage {
  /** Returns the same value as `next`; an earlier one if the next event cannot be read. */
  readonly items: AsyncGenerator<readonly Envelope[], number | null>;
  /** The version from which to continue; null on the last page. */
  readonly next: number | null;
}

/**
 * Returns a record's events after a version, without values withheld from the viewer.
 * @throws CommandRefusedError 404 if the record does not exist or belongs to a body that the viewer cannot see.
 */
export async function seeEvents(
  access: Pick<RecordsAccess, 'store' | 'readModels' | 'commands' | 'accesses'>,
  viewer: Reader,
  reference: RecordReference,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<EventsPage> {
  const { version, state } = await visibleState(access, viewer, reference);
  const to = Math.min(after + limit, version);
  const seen = seenBy(access, viewer, reference, state.body);
  return {
    items: pieces(access.store, streamOf(reference), { after, to, version }, seen),
    next: to < version ? to : null,
  };
}

/** Removes the values withheld from the viewer from stored events, and records first if the viewer receives internal ones. */
export const seenBy = (
  access: Pick<RecordsAccess, 'accesses'>,
  viewer: Reader,
  reference: RecordReference,
  recipient: string | null,
) => {
  const seesInternal = readsInternal(viewer, recipient);
  return async (piece: readonly Envelope[]): Promise<readonly Envelope[]> => {
    if (seesInternal) await recordInternal(access, viewer, reference, piece);
    return withheldFrom(viewer, recipient, piece);
  };
};

async function* pieces(
  store: Pick<EventStore, 'readStream'>,
  streamId: string,
  { after, to, version }: { readonly after: number; readonly to: number; readonly version: number },
  seen: (piece: readonly Envelope[]) => Promise<readonly Envelope[]>,
): AsyncGenerator<readonly Envelope[], number | null> {
  let reached = after;
  while (reached < to) {
    await nextTurn();
    const limit = Math.min(PIECE.limit, to - reached);
    let piece: Envelope[];
    try {
      piece = await store.readStream(streamId, { ...PIECE, after: reached, limit });
    } catch (error) {
      if (reached === after || !hasCode(error, 'store-damaged')) throw error;
      return reached;
    }
    const last = piece.at(-1);
    if (last === undefined) break;
    yield await seen(piece);
    reached = last.version;
  }
  return to < version ? to : null;
}
