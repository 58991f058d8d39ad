import type { Kysely } from 'kysely';
import type { NamedValues } from '#event-sourcing/erasure';
import type { Generation } from '#projections/projection';
import { isErased } from '../record-row.ts';
import { HISTORY_EVENTS, keysOf } from './history-tables.ts';
import type { HistoryTables } from './history-tables.ts';
import { readLight, withoutOwner, writeLight } from './light-events.ts';

/** The values that a redaction erases from an event of a record, with the record's number. */
export interface Erasure extends NamedValues {
  readonly stream: string;
  readonly kind: string;
  readonly number: number;
}

/** Erases values from the stored rows of all dates. */
export async function eraseStored(generation: Generation, erasures: readonly Erasure[]): Promise<void> {
  const db = generation.db as Kysely<HistoryTables>;
  for (const erasure of erasures) {
    const { stream, kind, eventId, erased } = erasure;
    if (isErased(erased, 'title', kind)) {
      await db.updateTable('history_titles').set({ title: null }).where('event', '=', eventId).execute();
    }
    if (isErased(erased, 'report', kind)) {
      await db
        .updateTable('history_records')
        .set({ report_name: null })
        .where('stream', '=', stream)
        .where('issue_event', '=', eventId)
        .execute();
    }
    if (isErased(erased, 'owner', kind)) await eraseOwner(generation, erasure);
  }
}

async function eraseOwner({ db, sql }: Generation, { number, eventId }: Erasure): Promise<void> {
  const tables = db as Kysely<HistoryTables>;
  const { from, until } = keysOf(number);
  await tables
    .updateTable('history')
    .set({ owner: null })
    .where('row', '>=', from)
    .where('row', '<', until)
    .where('owner_event', '=', eventId)
    .execute();
  const events = await tables
    .selectFrom('history_events')
    .selectAll()
    .where('event', '>=', from)
    .where('event', '<', until)
    .where('type', 'is not', null)
    .execute();
  const erased = events.flatMap((row) => {
    const deciding = readLight(row, null);
    if (deciding?.eventId !== eventId) return [];
    return [{ ...row, ...writeLight(withoutOwner(deciding), null) }];
  });
  await sql.update(db, HISTORY_EVENTS, ['light'], erased);
}
