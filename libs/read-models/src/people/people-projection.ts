import type { Kysely } from 'kysely';
import type { Envelope } from '#event-sourcing/envelope';
import type { Projection } from '#projections/projection';
import { lookUpLive, readLive } from '#projections/read-live';
import type { ReadModelDatabase } from '#projections/read-model-database';
import type { RowOf, TableDefinition, TablesOf } from '#projections/tables';
import { asPersonEvent, personOfStream } from '#state-machines/person-events';

const PEOPLE = {
  name: 'people',
  columns: {
    subject: 'text',
    /** The log number of the last event in the person's stream; null before the first. */
    seen: 'integer or null',
    /** 1 unless the person opted out of mail; else 0. */
    mailed: 'integer',
    /** 1 if the latest token contains an address, else 0. */
    addressed: 'integer',
  },
  key: 'subject',
  indexes: [['seen'], ['addressed', 'subject']],
} as const satisfies TableDefinition;

type PersonRow = RowOf<typeof PEOPLE.columns>;
type PersonTables = TablesOf<typeof PEOPLE>;

/**
 * All people who were seen in a token or entered by an administrator. Only their streams contain names, which can be
 * erased there.
 */
export const peopleProjection: Projection = {
  name: 'people',
  version: 3,
  tables: [PEOPLE],
  async apply({ db, sql }, { events, ordinal }) {
    const own = events.flatMap((event, index) => {
      const subject = personOfStream(event.streamId);
      return subject !== null && TELLING.has(event.type) ? [{ event, subject, number: ordinal + index }] : [];
    });
    if (own.length === 0) return;
    const subjects = [...new Set(own.map(({ subject }) => subject))];
    const known = await (db as Kysely<PersonTables>)
      .selectFrom('people')
      .selectAll()
      .where('subject', 'in', sql.listed(subjects))
      .execute();
    const rows = new Map(known.map((row) => [row.subject, row]));
    for (const { event, subject, number } of own)
      rows.set(subject, rowAfter(rows.get(subject) ?? newPersonRow(subject), event, number));
    await sql.upsert(db, PEOPLE, [...rows.values()]);
  },
};

const TELLING: ReadonlySet<string> = new Set(['PersonSeen', 'PersonEntered', 'NoticesChosen']);

/** Returns the row of a new person; mail is on by default. */
const newPersonRow = (subject: string): PersonRow => ({ subject, seen: null, mailed: 1, addressed: 0 });

function rowAfter(row: PersonRow, stored: Envelope, number: number): PersonRow {
  const event = asPersonEvent(stored);
  switch (event.type) {
    case 'PersonSeen':
      return { ...row, seen: number, addressed: Object.hasOwn(event.commitments, '/data/email') ? 1 : 0 };
    case 'PersonEntered':
      return { ...row, seen: number };
    case 'NoticesChosen':
      return { ...row, mailed: event.data.channels.includes('email') ? 1 : 0 };
    default:
      return row;
  }
}

/**
 * Returns the subjects who may be sent mail, according to the read model alone.
 * @throws ReadModelMissingError
 */
export const peopleMailed = (database: ReadModelDatabase): Promise<readonly string[]> =>
  lookUpLive(database, async ({ db }) => {
    const rows = await (db as Kysely<PersonTables>)
      .selectFrom('people')
      .select('subject')
      .where('addressed', '=', 1)
      .where('mailed', '=', 1)
      .orderBy('subject')
      .execute();
    return rows.map(({ subject }) => subject);
  });

/**
 * Returns the subjects seen most recently, newest first.
 * @throws ReadModelMissingError
 */
export const peopleSeen = (database: ReadModelDatabase, limit: number): Promise<readonly string[]> =>
  readLive(database, async ({ db, sql }) => {
    const rows = await (db as Kysely<PersonTables>)
      .selectFrom('people')
      .select('subject')
      .where('seen', 'is not', null)
      .where(sql.inTime('seen'))
      .orderBy('seen', 'desc')
      .limit(limit)
      .execute();
    return rows.map(({ subject }) => subject);
  });
