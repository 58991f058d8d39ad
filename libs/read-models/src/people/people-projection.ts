import type { Kysely } from 'kysely';
import type { Envelope } from '#event-sourcing/envelope';
import type { Projection } from '#projections/projection';
import { lookUpLive, readLive } from '#projections/read-live';
import type { ReadModelDatabase } from '#projections/read-model-database';
import type { TableDefinition } from '#projections/tables';
import { asPersonEvent, personOfStream } from '#state-machines/person-events';

interface PersonRow {
  subject: string;
  /** The number in the log of the event that told of them last; null before the first. */
  seen: number | null;
  /** 1 unless they chose to be sent no mail. */
  mailed: number;
  /** 1 where the newest token told an address. */
  addressed: number;
}

const PEOPLE: TableDefinition = {
  name: 'people',
  columns: { subject: 'text', seen: 'integer or null', mailed: 'integer', addressed: 'integer' },
  key: 'subject',
  indexes: [['seen'], ['addressed', 'subject']],
};

/** Everybody of whom a token told, or who was entered. What they are called stands in their streams alone, where it can be erased. */
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
    const known = await (db as Kysely<{ people: PersonRow }>)
      .selectFrom('people')
      .selectAll()
      .where('subject', 'in', sql.listed(subjects))
      .execute();
    const rows = new Map(known.map((row) => [row.subject, row]));
    for (const { event, subject, number } of own)
      rows.set(subject, rowAfter(rows.get(subject) ?? unseen(subject), event, number));
    await sql.upsert(db, PEOPLE, [...rows.values()]);
  },
};

const TELLING: ReadonlySet<string> = new Set(['PersonSeen', 'PersonEntered', 'NoticesChosen']);

/** Whoever has chosen nothing is sent mail. */
const unseen = (subject: string): PersonRow => ({ subject, seen: null, mailed: 1, addressed: 0 });

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
 * The subjects of those to whom mail may be sent, as far as that is known without their streams.
 * @throws ReadModelMissingError.
 */
export const peopleMailed = (database: ReadModelDatabase): Promise<readonly string[]> =>
  lookUpLive(database, peopleProjection, async ({ db }) => {
    const rows = await (db as Kysely<{ people: PersonRow }>)
      .selectFrom('people')
      .select('subject')
      .where('addressed', '=', 1)
      .where('mailed', '=', 1)
      .orderBy('subject')
      .execute();
    return rows.map(({ subject }) => subject);
  });

/**
 * The subjects of those who were seen last, the newest first.
 * @throws ReadModelMissingError.
 */
export const peopleSeen = (database: ReadModelDatabase, limit: number): Promise<readonly string[]> =>
  readLive(database, peopleProjection, async ({ db, sql }) => {
    const rows = await (db as Kysely<{ people: PersonRow }>)
      .selectFrom('people')
      .select('subject')
      .where('seen', 'is not', null)
      .where(sql.inTime('seen'))
      .orderBy('seen', 'desc')
      .limit(limit)
      .execute();
    return rows.map(({ subject }) => subject);
  });
