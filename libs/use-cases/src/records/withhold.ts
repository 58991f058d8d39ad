import { COMMAND_DIGEST } from '#event-sourcing/envelope';
import type { Envelope, Pointer } from '#event-sourcing/envelope';
import type { Viewer } from '#state-machines/access';
import { eraseFromEnvelope, redactionOf } from '#event-sourcing/erasure';
import { readsInternal, visibleBodies } from '#state-machines/access';
import type { Reader } from '../call-context.ts';
import type { RecordsAccess } from './records-access.ts';
import type { RecordKind, RecordReference } from '#lifecycle/kind';
import type { ReadEvent } from '#lifecycle/lifecycles';
import { isInternal } from '#state-machines/any-kind';

const REASON = '/data/reason';

/**
 * Returns a record's stored events as a person may read them. Withholds texts of internal comments with their
 * salts: without these the commitments disclose nothing. The hash still proves the event.
 */
export function withheldFrom(
  viewer: Viewer,
  recipient: string | null,
  kind: RecordKind,
  events: readonly Envelope[],
): Envelope[] {
  const sees = readsInternal(viewer, recipient, kind) ? [...events] : events.map(withoutInternalText);
  // A request can concern the records of several bodies: its digest discloses nothing without the salt.
  return visibleBodies(viewer, kind) === null
    ? sees
    : sees.map((event) => eraseFromEnvelope(event, [COMMAND_DIGEST]));
}

/** Returns an event without its internal values, and without the salt of a keyed request's digest, which covers them. */
const withoutInternalText = (event: Envelope): Envelope => eraseFromEnvelope(event, internalIn(event));

/** Returns pointers to the values of a stored event that only readers of internal comments may see, whether present or erased. */
export function internalIn(event: Envelope): Pointer[] {
  const pointersOf = (pointer: Pointer) =>
    Object.keys(event.commitments).filter((stored) => stored === pointer);
  // The reason for a redaction can reveal the text, which may have been internal.
  if (redactionOf(event) !== null) return pointersOf(REASON);
  // So can any text written with an internal comment, such as the reason for a correction.
  return isInternal(event) ? Object.keys(event.commitments) : [];
}

/** Reports whether an event contains internal values. */
const hasInternal = (event: ReadEvent): boolean => redactionOf(event) !== null || isInternal(event);

/**
 * Records that a reader of internal comments receives events of a record, if they contain internal values.
 * @throws StoreUnavailableError if it cannot be recorded: the events must then not be returned.
 */
export async function recordInternal(
  { accesses }: Pick<RecordsAccess, 'accesses'>,
  reader: Reader,
  reference: RecordReference,
  events: readonly ReadEvent[],
): Promise<void> {
  if (events.some(hasInternal)) await accesses.internal(reader, reference);
}
