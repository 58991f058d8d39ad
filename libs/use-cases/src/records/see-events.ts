import type { Envelope } from '#event-sourcing/envelope';
import type { Viewer } from '#state-machines/access';
import { recordStream } from '#state-machines/record-streams';
import type { RecordsAccess } from './records-access.ts';
import { visibleState } from './visible-record.ts';
import { withheldFrom } from './withhold.ts';

/** Some of a record's events as they are stored, in stream order. */
export interface EventsPage {
  readonly items: readonly Envelope[];
  /** The version after which to go on; null where these were the last. */
  readonly next: number | null;
}

/**
 * The events of a record after a version, without what is withheld from the viewer.
 * @throws CommandRefusedError 404 where there is no such record, or it is of a body that the viewer does not see.
 */
export async function seeEvents(
  access: Pick<RecordsAccess, 'store' | 'readModels' | 'commands'>,
  viewer: Viewer,
  id: string,
  asked: { readonly after: number; readonly limit: number },
): Promise<EventsPage> {
  const { version, state } = await visibleState(access, viewer, id);
  const page = await access.store.readStream(recordStream(id), asked);
  const items = withheldFrom(viewer, state.facts.recipient, page);
  const last = items.at(-1);
  return { items, next: last && last.version < version ? last.version : null };
}
