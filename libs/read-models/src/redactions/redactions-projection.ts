import type { Kysely } from 'kysely';
import { redactionOf } from '#event-sourcing/erasure';
import type { Projection } from '#projections/projection';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { lookUpLive } from '#projections/read-live';
import type { RowOf, TableDefinition, TablesOf } from '#projections/tables';

const REDACTIONS = {
  name: 'redactions',
  columns: {
    /** The id of the event that records the redaction. */
    id: 'text',
    /** The number of that event in the log, counted from 0. */
    ordinal: 'integer',
    position: 'text',
    stream_id: 'text',
    event_id: 'text',
    /** The JSON pointers of the erased values, as JSON. */
    pointers: 'text',
  },
  key: 'id',
  indexes: [['ordinal']],
} as const satisfies TableDefinition;

/** A redaction: the event, and the values to erase in it. */
export type RedactionRow = RowOf<typeof REDACTIONS.columns>;

/** An index of redactions, so that erasing values does not require reading the whole log. */
export const redactionsProjection: Projection = {
  name: 'redactions',
  version: 1,
  tables: [REDACTIONS],
  async apply({ db, sql }, { events, ordinal }) {
    const rows = events.flatMap((event, index): RedactionRow[] => {
      const redaction = redactionOf(event);
      if (redaction === null) return [];
      const { eventId: id, position, streamId: stream_id } = event;
      const { eventId: event_id, erased } = redaction;
      return [
        { id, ordinal: ordinal + index, position, stream_id, event_id, pointers: JSON.stringify(erased) },
      ];
    });
    await sql.upsert(db, REDACTIONS, rows);
  },
};

/**
 * Returns the redactions after one of them, oldest first, and the log position up to which they are folded. Returns all
 * if that one is null or unknown. Accepts rows of any projection version: if the log has lost a redaction, only these
 * rows contain it.
 */
export function redactionsAfter(
  database: ReadModelDatabase,
  after: string | null,
  limit: number,
): Promise<{ readonly rows: readonly RedactionRow[]; readonly position: string }> {
  return lookUpLive(database, async (models, position) => {
    const db = models.db as Kysely<TablesOf<typeof REDACTIONS>>;
    const known =
      after === null
        ? undefined
        : await db.selectFrom('redactions').select('ordinal').where('id', '=', after).executeTakeFirst();
    const rows = await db
      .selectFrom('redactions')
      .selectAll()
      .where('ordinal', '>', known?.ordinal ?? -1)
      .orderBy('ordinal')
      .limit(limit)
      .execute();
    return { rows, position };
  });
}
