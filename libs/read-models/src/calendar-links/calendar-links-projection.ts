import type { Kysely } from 'kysely';
import { asPersonEvent, personOfStream } from '#state-machines/person-events';
import { pageReader } from '#projections/list-cursor';
import type { PageRequest } from '#projections/list-cursor';
import type { Projection } from '#projections/projection';
import { lookUpLive, readLive } from '#projections/read-live';
import type { ReadModelDatabase } from '#projections/read-model-database';
import type { RowOf, TableDefinition, TablesOf } from '#projections/tables';

/** Calendar links with their owners and filters. Whether one is still valid is decided by the person's stream. */
const LINKS = {
  name: 'calendar_links',
  columns: {
    id: 'text',
    subject: 'text',
    made_at: 'text',
    expires_on: 'text',
    recipient: 'text or null',
    kind: 'text or null',
    state: 'text or null',
    /** 1 if the link is revoked, else 0. */
    revoked: 'integer',
  },
  key: 'id',
  indexes: [['made_at', 'id']],
} as const satisfies TableDefinition;

type CalendarLinkRow = RowOf<typeof LINKS.columns>;
type CalendarLinkTables = TablesOf<typeof LINKS>;

/** All calendar links, to list them and to revoke those of other people. */
export const calendarLinksProjection: Projection = {
  name: 'calendar-links',
  version: 1,
  tables: [LINKS],
  async apply({ db, sql }, { events }) {
    const rows = new Map<string, CalendarLinkRow>();
    for (const event of events) {
      const subject = personOfStream(event.streamId);
      if (subject === null) continue;
      const { type, recordedAt, data } = asPersonEvent(event);
      if (type === 'CalendarLinkMade') {
        const { linkId: id, expiresOn: expires_on, recipient, kind, state } = data;
        rows.set(id, { id, subject, made_at: recordedAt, expires_on, recipient, kind, state, revoked: 0 });
      }
      if (type === 'CalendarLinkRevoked') {
        const { linkId } = data;
        const row =
          rows.get(linkId) ??
          (await (db as Kysely<CalendarLinkTables>)
            .selectFrom('calendar_links')
            .selectAll()
            .where('id', '=', linkId)
            .executeTakeFirst());
        if (row !== undefined) rows.set(linkId, { ...row, revoked: 1 });
      }
    }
    await sql.upsert(db, LINKS, [...rows.values()]);
  },
};

/** Returns the owner of a link; null if the link does not exist or is revoked. */
export function calendarLinkOwner(database: ReadModelDatabase, linkId: string): Promise<string | null> {
  return lookUpLive(database, async ({ db }) => {
    const row = await (db as Kysely<CalendarLinkTables>)
      .selectFrom('calendar_links')
      .select('subject')
      .where('id', '=', linkId)
      .where('revoked', '=', 0)
      .executeTakeFirst();
    return row?.subject ?? null;
  });
}

/**
 * Returns one page of revoked, unexpired links, in id order, starting after `after`. Also reads tables written by other versions of the
 * projection.
 * @throws ReadModelMissingError
 */
export function revokedCalendarLinks(
  database: ReadModelDatabase,
  { after, today, limit }: { readonly after: string; readonly today: string; readonly limit: number },
): Promise<readonly Pick<CalendarLinkRow, 'id' | 'subject'>[]> {
  return lookUpLive(database, ({ db }) =>
    (db as Kysely<CalendarLinkTables>)
      .selectFrom('calendar_links')
      .select(['id', 'subject'])
      .where('revoked', '=', 1)
      .where('expires_on', '>', today)
      .where('id', '>', after)
      .orderBy('id')
      .limit(limit)
      .execute(),
  );
}

export interface CalendarLinksQuery extends PageRequest {
  /** Limits the page to this person's links. */
  readonly subject?: string;
  /** Omits links whose expiry date is on or before this day. */
  readonly today: string;
}

export interface CalendarLinksPage {
  readonly items: readonly {
    readonly id: string;
    readonly subject: string;
    readonly madeAt: string;
    readonly expiresOn: string;
    readonly recipient: string | null;
    readonly kind: string | null;
    readonly state: string | null;
  }[];
  readonly nextCursor: string | null;
  readonly position: string;
}

/**
 * Returns one page of the valid links, oldest first.
 * @throws InvalidCursorError, ReadModelMissingError
 */
export function queryCalendarLinks(
  database: ReadModelDatabase,
  { subject, today, ...page }: CalendarLinksQuery,
): Promise<CalendarLinksPage> {
  const readPage = pageReader({ by: 'made_at', id: 'id' }, { subject: subject ?? null }, page);
  return readLive(database, async ({ db, sql }, position) => {
    const { rows, nextCursor } = await readPage(
      (db as Kysely<CalendarLinkTables>)
        .selectFrom('calendar_links')
        .select(['id', 'subject', 'made_at', 'expires_on', 'recipient', 'kind', 'state'])
        .where(sql.inTime('id'))
        .where('revoked', '=', 0)
        .where('expires_on', '>', today)
        .$if(subject !== undefined, (links) => links.where('subject', '=', subject ?? '')),
    );
    const items = rows.map(({ made_at: madeAt, expires_on: expiresOn, ...link }) => ({
      ...link,
      madeAt,
      expiresOn,
    }));
    return { items, nextCursor, position };
  });
}
