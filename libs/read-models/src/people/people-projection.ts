import type { Kysely } from 'kysely';
import type { Projection } from '#projections/projection';
import { readLive } from '#projections/read-live';
import type { ReadModelDatabase } from '#projections/read-model-database';
import type { TableDefinition } from '#projections/tables';
import { personOfStream } from '#state-machines/person-events';

interface PersonRow {
  subject: string;
  /** The number in the log of the event that told of them last. */
  seen: number;
}

const PEOPLE: TableDefinition = {
  name: 'people',
  columns: { subject: 'text', seen: 'integer' },
  key: 'subject',
  indexes: [['seen']],
};

/** Everybody of whom a token told, or who was entered. What they are called stands in their streams alone, where it can be erased. */
export const peopleProjection: Projection = {
  name: 'people',
  version: 2,
  tables: [PEOPLE],
  async apply({ db, sql }, { events, ordinal }) {
    const rows = new Map<string, PersonRow>();
    for (const [index, { streamId, type }] of events.entries()) {
      const tells = type === 'PersonSeen' || type === 'PersonEntered';
      const subject = tells ? personOfStream(streamId) : null;
      if (subject !== null) rows.set(subject, { subject, seen: ordinal + index });
    }
    await sql.upsert(db, PEOPLE, [...rows.values()]);
  },
};

/**
 * The subjects of those who were seen last, the newest first.
 * @throws ReadModelMissingError.
 */
export const peopleSeen = (database: ReadModelDatabase, limit: number): Promise<readonly string[]> =>
  readLive(database, peopleProjection, async ({ db, sql }) => {
    const rows = await (db as Kysely<{ people: PersonRow }>)
      .selectFrom('people')
      .select('subject')
      .where(sql.inTime('seen'))
      .orderBy('seen', 'desc')
      .limit(limit)
      .execute();
    return rows.map(({ subject }) => subject);
  });
