import type { Envelope } from '#event-sourcing/envelope';
import { streamOf } from '#lifecycle/kind';
import type { RecordReference } from '#lifecycle/kind';
import type { Reader } from '../call-context.ts';
import type { RecordsAccess } from './records-access.ts';
import { recipientNow } from './recipient-now.ts';
import { seesRecipient } from '#state-machines/access';
import { redactFor } from './see-events.ts';

/** Returns one event of a record as a person may read it now; null if there is none or they cannot see the record. */
export async function seeEvent(
  access: Pick<RecordsAccess, 'store' | 'readModels' | 'accesses'>,
  viewer: Reader,
  reference: RecordReference,
  eventId: string,
): Promise<Envelope | null> {
  const recipient = await recipientNow(access.store, access.readModels, reference);
  if (recipient === undefined || !seesRecipient(viewer, recipient)) return null;
  const stored = await access.store.findEvents(streamOf(reference), [eventId]);
  const [event] = await redactFor(access, viewer, reference, recipient)(stored);
  return event ?? null;
}
