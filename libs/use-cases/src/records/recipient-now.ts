import type { EventStore } from '#event-sourcing/event-store';
import { streamEvents } from '#event-sourcing/event-store';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { registeredRecipient } from '#read-models/register/registered-recipient';
import { bodyAfter } from '#state-machines/inspection-recommendation/v1/corrected-facts';
import type { NamedBody } from '#state-machines/inspection-recommendation/v1/corrected-facts';
import { asRecordEvent } from '#state-machines/inspection-recommendation/v1/record-event';
import { streamOf } from '#lifecycle/kind';
import type { RecordReference } from '#lifecycle/kind';

const NOBODY: NamedBody = { recipient: null, recipientEvent: null };

/**
 * The body that a record is for, as stored now; undefined where there is no such record. It is looked up in the register, and only
 * what came since is read of the stream, so that another body's record takes the work of one that is absent.
 */
export async function recipientNow(
  store: Pick<EventStore, 'readStream'>,
  database: ReadModelDatabase,
  reference: RecordReference,
): Promise<string | null | undefined> {
  const registered = await registeredRecipient(database, reference);
  let isThere = registered !== null;
  let body: NamedBody = registered ?? NOBODY;
  for await (const stored of streamEvents(store, streamOf(reference), registered?.version ?? 0)) {
    body = bodyAfter(body, asRecordEvent(stored));
    isThere = true;
  }
  return isThere ? body.recipient : undefined;
}
