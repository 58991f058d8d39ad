import type { EventStore } from '#event-sourcing/event-store';
import { streamEvents } from '#event-sourcing/event-store';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { registeredRecipient } from '#read-models/register/registered-recipient';
import type { NamedBody } from '#lifecycle/summary';
import { bodyAfter } from '#state-machines/any-kind';
import { streamOf } from '#lifecycle/kind';
import type { RecordReference } from '#lifecycle/kind';

export const NOBODY: NamedBody = { body: null, event: null };

/**
 * Returns a record's current recipient; undefined if the record does not exist. It is looked up in the register, and only newer events are
 * read from the stream, so that the response time for another body's record equals that for a missing one.
 */
export async function recipientNow(
  store: Pick<EventStore, 'readStream'>,
  database: ReadModelDatabase,
  reference: RecordReference,
): Promise<string | null | undefined> {
  const registered = await registeredRecipient(database, reference);
  let isThere = registered !== null;
  let named: NamedBody =
    registered === null ? NOBODY : { body: registered.recipient, event: registered.recipientEvent };
  for await (const stored of streamEvents(store, streamOf(reference), registered?.version ?? 0)) {
    named = bodyAfter(named, stored);
    isThere = true;
  }
  return isThere ? named.body : undefined;
}
