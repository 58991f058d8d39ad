import { redactionOf } from '#event-sourcing/erasure';
import type { ViewPoint } from '#lifecycle/effective-view';
import type { Viewer } from '#state-machines/access';
import type { ReadRecord } from './read-record.ts';
import { recordAt } from './record-at.ts';
import type { RecordsAccess } from './records-access.ts';
import { notKnownAtThatTime, visibleHistory } from './visible-record.ts';
import type { RecordReference } from '#lifecycle/kind';
import type { ShownRecord } from '#state-machines/record-view';

/** A record as shown, its day, and the version of its last redaction: together they identify the version of a cached copy. */
export interface SeenRecord {
  readonly record: ReadRecord;
  /** The record with only the parts that its lifecycle has. */
  readonly shown: ShownRecord;
  readonly day: string;
  readonly redactedIn: number | null;
}

/**
 * Returns a record, now or as effective on a date and known at an instant.
 * @param now milliseconds since 1970.
 * @throws CommandRefusedError 404 if the record does not exist or belongs to a body that the viewer cannot see.
 * @throws ProblemError 404 if it did not exist or was not known then.
 */
export async function seeRecord(
  access: Pick<RecordsAccess, 'store' | 'readModels' | 'lifecycles' | 'histories'>,
  viewer: Viewer,
  reference: RecordReference,
  { view, now }: { readonly view: ViewPoint; readonly now: number },
): Promise<SeenRecord> {
  const history = await visibleHistory(access, viewer, reference);
  const read = await recordAt(access, history, { view }, now);
  if (read === null) throw notKnownAtThatTime();
  const redactedIn = history.events.findLast((event) => redactionOf(event) !== null)?.version ?? null;
  const { record, shown, day } = read;
  return { record, shown, day, redactedIn };
}
