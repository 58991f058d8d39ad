import type { Kysely } from 'kysely';
import { redactionOf } from '#event-sourcing/erasure';
import type { Projection } from '#projections/projection';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { lookUpOfAnyVersion } from '#projections/read-live';
import type { TableDefinition } from '#projections/tables';

/** A redaction: which values of which event are to be erased. */
export interface RedactionRow {
  /** The event that tells of it. */
  id: string;
  /** That event's number in the log, counted from 0. */
  ordinal: number;
  position: string;
  stream_id: string;
  event_id: string;
  /** JSON pointers, as JSON. */
  pointers: string;
}

interface RedactionTables {
  redactions: RedactionRow;
}

const REDACTIONS: TableDefinition = {
  name: 'redactions',
  columns: {
    id: 'text',
    ordinal: 'integer',
    position: 'text',
    stream_id: 'text',
    event_id: 'text',
    pointers: 'text',
  },
  key: 'id',
  indexes: [['ordinal']],
};

/** Where the log tells of redactions, so that who erases need not read all of it. */
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
 * The redactions after one of them (all where it is null, or not known here), oldest first, and the position up to
 * which the log was looked through. Where the log has lost them, these rows alone know of them, whichever version wrote them.
 */
export function redactionsAfter(
  database: ReadModelDatabase,
  after: string | null,
  limit: number,
): Promise<{ readonly rows: readonly RedactionRow[]; readonly position: string }> {
  return lookUpOfAnyVersion(database, redactionsProjection, async (generation, position) => {
    const db = generation.db as Kysely<RedactionTables>;
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
