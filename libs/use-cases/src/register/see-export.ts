import type { Envelope } from '#event-sourcing/envelope';
import { turnIfLong } from '#event-sourcing/folding';
import type { Reader } from '../asked.ts';
import { storedEvent } from '../records/record-events.ts';
import type { RecordsAccess } from '../records/records-access.ts';
import { recipientOf, visibleHistory } from '../records/visible-record.ts';
import { withheldFrom } from '../records/withhold.ts';
import { exportRecord, withheldBetween } from './export-record.ts';
import { formatFor } from '../register-files/export-formats.ts';
import type { ExportFormat } from '../register-files/export-formats.ts';
import type { RecordReference } from '#lifecycle/kind';

/**
 * A record as a file, as far as the viewer may see it, piece by piece.
 * @throws CommandRefusedError 404 where there is no such record, or it is of a body that the viewer does not see.
 * @throws ProblemError (`invalid-parameter`) for the register's format of records that no register has.
 * @throws ProblemError (`text-not-printable`) before the first piece, when a text cannot be printed in the register's format.
 */
export async function seeExport(
  access: Pick<RecordsAccess, 'store' | 'readModels' | 'lifecycles' | 'histories' | 'accesses'>,
  viewer: Reader,
  reference: RecordReference,
  asked: ExportFormat | undefined,
): Promise<AsyncGenerator<Uint8Array>> {
  const format = formatFor(reference.kind, asked);
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
  return begunWhen(pieces, () =>
    access.accesses.exported(viewer, reference, { version: light.length, format }),
  );
}

/** Pieces of which the first is there already, so that what cannot be printed is refused before it is said to be given out. */
async function begunWhen<Piece>(
  pieces: AsyncGenerator<Piece>,
  isRecorded: () => Promise<void>,
): Promise<AsyncGenerator<Piece>> {
  const first = await pieces.next();
  await isRecorded();
  return begun(first, pieces);
}

async function* begun<Piece>(
  first: IteratorResult<Piece>,
  pieces: AsyncGenerator<Piece>,
): AsyncGenerator<Piece> {
  if (first.done === true) return;
  yield first.value;
  yield* pieces;
}
