import type { WithheldValue } from '#audit/pack/lay-out-pack';
import { COMMAND_DIGEST } from '#event-sourcing/envelope';
import type { Envelope, JsonValue, Pointer } from '#event-sourcing/envelope';
import { valueAt } from '#event-sourcing/erasure';
import { runYielding, turnIfLong } from '#event-sourcing/folding';
import { readsInternal } from '#state-machines/access';
import type { Reader } from '../call-context.ts';
import { recipientNow, notFound, recipientOf } from '../records/visible-record.ts';
import { storedEvents } from '../records/record-events.ts';
import type { RecordsAccess } from '../records/records-access.ts';
import { internalIn, recordInternal } from '../records/withhold.ts';
import { refuseOthers } from './request-pack.ts';
import { readWithholding, withholdValues } from './withhold-values.ts';
import type { RecordReference } from '#lifecycle/kind';
import { presentPointers } from '#state-machines/capabilities/redacted';

/** A value of an event that a pack can omit. */
export interface ChoosableValue {
  readonly pointer: Pointer;
  readonly value: JsonValue;
  readonly isInternal: boolean;
}

/** An event and its values that a pack can omit. */
export interface ChoosableEvent {
  readonly event: Pick<Envelope, 'version' | 'type' | 'actor' | 'recordedAt' | 'effectiveOn'>;
  readonly values: readonly ChoosableValue[];
  /** Whether one of its texts was erased. */
  readonly isRedacted: boolean;
}

/** The values that a record's pack can omit, and those that a choice omits. */
export interface PackChoices {
  readonly title: string | null;
  /** Oldest first. */
  readonly events: readonly ChoosableEvent[];
  /** Whether internal values are always left out and not shown. */
  readonly withoutInternal: boolean;
  /** The chosen values and those withheld with them, in the order of the events. */
  readonly withheld: readonly WithheldValue[];
}

/**
 * Returns the values that a pack can omit, for the same choices as `requestPack`, without making a pack.
 * @throws CommandRefusedError 404; ProblemError `role-not-permitted`; `invalid-parameter` for an invalid
 * choice; StoreUnavailableError if the access to internal values cannot be recorded.
 */
export async function seePackChoices(
  access: RecordsAccess,
  viewer: Reader,
  reference: RecordReference,
  withhold: readonly string[],
): Promise<PackChoices> {
  const { store, readModels } = access;
  const chosen = readWithholding(withhold);
  refuseOthers(viewer, await recipientNow(store, readModels, reference), reference.kind);
  const stored = await storedEvents(store, reference);
  if (stored.length === 0) throw notFound();
  const recipient = recipientOf(stored);
  await turnIfLong(stored);
  // The record may have moved to another body in the meantime.
  refuseOthers(viewer, recipient, reference.kind);
  const withoutInternal = !readsInternal(viewer, recipient, reference.kind);
  if (!withoutInternal) await recordInternal(access, viewer, reference, stored);
  const internal = chosen.internal || withoutInternal;
  const { withheld } = await runYielding(withholdValues(stored, { ...chosen, internal }));
  const title = titleOf(stored);
  await turnIfLong(stored);
  return {
    title,
    events: stored.map((event) => choosable(event, withoutInternal)),
    withoutInternal,
    withheld,
  };
}

function choosable(event: Envelope, withoutInternal: boolean): ChoosableEvent {
  const { version, type, actor, recordedAt, effectiveOn } = event;
  const internal = internalIn(event);
  const pointers = presentPointers(event);
  const isRedacted = Object.keys(event.commitments).some(
    (pointer) => pointer !== COMMAND_DIGEST && !pointers.some((each) => each === pointer),
  );
  const values = pointers.flatMap((pointer) => {
    const value = valueAt(event, pointer);
    const isInternal = internal.includes(pointer);
    // A pack does not open the digest of a request, so there is nothing to omit.
    if (value === undefined || pointer === COMMAND_DIGEST || (isInternal && withoutInternal)) return [];
    return [{ pointer, value, isInternal }];
  });
  return { event: { version, type, actor, recordedAt, effectiveOn }, values, isRedacted };
}

/** Returns the record's latest title. */
function titleOf(stored: readonly Envelope[]): string | null {
  const titles = stored.map((event) => valueAt(event, '/data/title'));
  const title = titles.findLast((each) => typeof each === 'string');
  return typeof title === 'string' ? title : null;
}
