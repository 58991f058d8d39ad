import type { Envelope } from '#event-sourcing/envelope';
import { turnIfLong } from '#event-sourcing/folding';
import type { Reader } from '../call-context.ts';
import { storedEvent } from '../records/record-events.ts';
import type { RecordsAccess } from '../records/records-access.ts';
import { recipientOf, visibleHistory } from '../records/visible-record.ts';
import { withheldFrom } from '../records/withhold.ts';
import { exportRecord, withheldBetween } from './export-record.ts';
import { formatFor } from '../register-files/export-formats.ts';
import type { ExportFormat } from '../register-files/export-formats.ts';
import type { RecordReference } from '#lifecycle/kind';

/**
 * Yields a record as a file, in pieces, with only the values that the viewer may see.
 * @throws CommandRefusedError 404 if the record does not exist or belongs to a body that the viewer cannot see.
 * @throws ProblemError `invalid-parameter` for the register's format of a different kind.
 * @throws ProblemError `text-not-printable`, before the first piece, if the register's format cannot represent a text.
 */
export async function seeExport(
  access: Pick<RecordsAccess, 'store' | 'readModels' | 'lifecycles' | 'histories' | 'accesses'>,
  viewer: Reader,
  reference: RecordReference,
  requested: ExportFormat | undefined,
): Promise<AsyncGenerator<Uint8Array>> {
  const format = formatFor(reference.kind, requested);
  const { stored: light, events: read } = await visibleHistory(access, viewer, reference);
  const recipient = recipientOf(read);
  const seen = (event: Envelope): Envelope => withheldFrom(viewer, recipient, [event])[0] ?? event;
  await turnIfLong(light);
  const events = light.map(seen);
  const withheld = withheldBetween(light, events);
  await turnIfLong(light);
  const pieces = exportRecord(events, format, {
    whole: async (event) => seen(await storedEvent(access.store, event)),
    withheld,
    lifecycles: access.lifecycles,
  });
  return startBeforeRecording(pieces, () =>
    access.accesses.exported(viewer, reference, { version: light.length, format }),
  );
}

/** Yields the pieces. Reads the first one before the export is recorded, so that a refused export is not recorded. */
async function startBeforeRecording<Piece>(
  pieces: AsyncGenerator<Piece>,
  isRecorded: () => Promise<void>,
): Promise<AsyncGenerator<Piece>> {
  const first = await pieces.next();
  await isRecorded();
  return resumeFrom(first, pieces);
}

async function* resumeFrom<Piece>(
  first: IteratorResult<Piece>,
  pieces: AsyncGenerator<Piece>,
): AsyncGenerator<Piece> {
  if (first.done === true) return;
  yield first.value;
  yield* pieces;
}
