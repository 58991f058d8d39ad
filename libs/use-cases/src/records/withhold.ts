import { COMMAND_DIGEST } from '#event-sourcing/envelope';
import type { Envelope, Pointer } from '#event-sourcing/envelope';
import type { Viewer } from '#state-machines/access';
import { eraseFromEnvelope, redactionOf } from '#event-sourcing/erasure';
import { readsInternal, visibleBodies } from '#state-machines/access';
import type { Reader } from '../asked.ts';
import type { RecordsAccess } from './records-access.ts';
import type { RecordReference } from '#lifecycle/kind';
import type { ReadEvent } from '#lifecycle/lifecycles';
import { lifecycles } from '#state-machines/lifecycles';
import { isInternal } from '#state-machines/any-kind';

const REASON = '/data/reason';

/**
 * Stored events of a record as a person may read them: an internal comment's texts are withheld from who does not read such, and with it
 * the salts, without which its commitments say nothing. The hash still proves the event.
 */
export function withheldFrom(
  viewer: Viewer,
  recipient: string | null,
  events: readonly Envelope[],
): Envelope[] {
  const sees = readsInternal(viewer, recipient) ? [...events] : events.map(withoutInternalText);
  // A request can have been about several bodies' records: its digest says nothing without its salt.
  return visibleBodies(viewer) === null
    ? sees
    : sees.map((event) => eraseFromEnvelope(event, [COMMAND_DIGEST]));
}

/** Without the salt of the digest too: that of a keyed request is over the text as well. */
const withoutInternalText = (event: Envelope): Envelope => eraseFromEnvelope(event, internalIn(event));

/** Which values of a stored event are for those alone who read internal comments, there or not. */
export function internalIn(event: Envelope): Pointer[] {
  const pointersOf = (pointer: Pointer) =>
    Object.keys(event.commitments).filter((stored) => lifecycles.isNamed([stored], pointer));
  // Why a text was redacted can tell what it said, and it may have been an internal one.
  if (redactionOf(event) !== null) return pointersOf(REASON);
  // So can whatever is written with an internal comment, such as why it was corrected.
  return isInternal(event) ? Object.keys(event.commitments) : [];
}

/** Whether an event, as it is read, is for those alone who read internal comments, or says something that is. */
const tellsInternal = (event: ReadEvent): boolean => redactionOf(event) !== null || isInternal(event);

/**
 * Puts on record that somebody who reads internal comments is given these events of a record, where there is something internal in them.
 * @throws StoreUnavailableError where that is not possible: they are not to be given then.
 */
export async function recordInternal(
  { accesses }: Pick<RecordsAccess, 'accesses'>,
  reader: Reader,
  reference: RecordReference,
  events: readonly ReadEvent[],
): Promise<void> {
  if (events.some(tellsInternal)) await accesses.internal(reader, reference);
}
