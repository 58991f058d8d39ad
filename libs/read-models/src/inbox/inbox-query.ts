import { sql } from 'kysely';
import type { Kysely, RawBuilder } from 'kysely';
import type { Condition } from '#projections/filters';
import { assertLimit, InvalidCursorError, LIMIT, readCursor, writeCursor } from '#projections/list-cursor';
import type { PageRequest } from '#projections/list-cursor';
import type { Models } from '#projections/projection';
import { liveBookmark } from '#projections/read-models-status';
import { lookUpLive, readLive } from '#projections/read-live';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { internalSight, isOfTheRecipient, sightOf } from '#state-machines/access';
import type { Viewer } from '#state-machines/access';
import { kinds } from '#state-machines/record-streams';
import { personOf } from '#state-machines/capabilities/persons';
import { inSight, ofKinds, withoutInternal } from '../ground.ts';
import { namesOf } from '../queue-conditions.ts';
import type { RegisterTables } from '../register/register-projection.ts';
import { paddedPosition } from '#projections/position';
import {
  bodyAudience,
  dueOnOf,
  isPendingRequest,
  leftAudience,
  OWNER,
  personAudience,
  roleAudience,
} from './notice-rows.ts';
import type { NoticeRow } from './notice-rows.ts';

/** A record that a person watches, and the instant from which on they do. Earlier events are not news to them. */
interface Watched {
  readonly stream: string;
  /** An instant. */
  readonly since: string;
}

/**
 * A person's read marks: an instant up to which everything is read, and the later events that were read individually.
 */
interface ReadMarks {
  readonly until: string;
  readonly ids: readonly string[];
}

export interface InboxQuery extends PageRequest {
  readonly viewer: Viewer;
  /** Today's date in London. A notice about an approaching date that has passed counts as settled. */
  readonly today: string;
  readonly watched: readonly Watched[];
  readonly marks: ReadMarks;
  /** The numbers of the notices, inclusive; all if absent. */
  readonly between?: readonly [from: number, to: number];
  /** The ids of the events; all if absent. */
  readonly events?: readonly string[];
  /** True to select only notices that are neither read nor settled. */
  readonly unread?: boolean;
}

/** A notice for a person, without its text. */
export interface InboxItem extends Pick<
  NoticeRow,
  'stream' | 'version' | 'kind' | 'at' | 'actor' | 'command'
> {
  readonly eventId: string;
  /** The record's current title; null if it has none, it was erased, or the record has moved to another body. */
  readonly title: string | null;
  /** The record's current body; null if it has none, or the record has moved to another body. */
  readonly recipient: string | null;
  /** True if the record moved to another body, so that the person can no longer read it. */
  readonly hasLeft: boolean;
  /** True if the notice requests a decision. */
  readonly asks: boolean;
  /** The date of the notice; null if it is not about a date. */
  readonly dueOn: string | null;
  /** True if the request was decided or withdrawn, or the date no longer applies. */
  readonly isSettled: boolean;
  readonly isRead: boolean;
}

interface InboxPage {
  /** The notices, newest first. */
  readonly items: readonly InboxItem[];
  readonly nextCursor: string | null;
  /** The log position up to which the page is complete. */
  readonly position: string;
}

interface FoundRow extends Omit<
  InboxItem,
  'eventId' | 'asks' | 'dueOn' | 'hasLeft' | 'isSettled' | 'isRead'
> {
  readonly wait: string | null;
  readonly date: string | null;
  readonly number: number;
  readonly event_id: string;
  readonly settled: number;
  readonly has_left: number;
}

/**
 * Returns one page of a person's notices, limited to what they may see now.
 * @throws InvalidCursorError, ReadModelMissingError
 * @throws RangeError for a limit below 1.
 */
export async function queryInbox(database: ReadModelDatabase, query: InboxQuery): Promise<InboxPage> {
  const { viewer, unread = false, limit = LIMIT, cursor, marks } = query;
  assertLimit(limit);
  // Cursors are bound to the person, and stay valid if the person marks notices as read.
  const list = { of: personOf(viewer.subject), unread };
  const before = cursor === undefined ? null : numberIn(readCursor(cursor, list).id);
  return readLive(database, async (models, position) => {
    const found = await readRows(models, query, before, limit + 1);
    const read = new Set(marks.ids);
    const rows = found.slice(0, limit);
    const last = found.length > limit ? rows.at(-1) : undefined;
    const items = rows.map(
      ({ number: _, event_id: eventId, wait, date, settled, has_left, title, recipient, ...row }) => ({
        ...row,
        asks: wait !== null,
        dueOn: date === null ? null : dueOnOf(date),
        eventId,
        title: has_left === 1 ? null : title,
        recipient: has_left === 1 ? null : recipient,
        hasLeft: has_left === 1,
        isSettled: settled === 1,
        isRead: settled === 1 || row.at <= marks.until || read.has(eventId),
      }),
    );
    const nextCursor =
      last === undefined ? null : writeCursor({ value: null, id: String(last.number) }, list);
    return { items, nextCursor, position };
  });
}

function numberIn(id: string): number {
  if (!/^\d{1,15}$/.test(id)) throw new InvalidCursorError();
  return Number(id);
}

/** The most rows of one notice in one part: an owner who was named again has two. */
const ROWS_IN_PART = 2;

/**
 * Returns the newest rows, one per event. Each part is read in the order of an index, so that the cost depends on the
 * page and not on the inbox.
 */
async function readRows(
  models: Models,
  query: InboxQuery,
  before: number | null,
  count: number,
): Promise<FoundRow[]> {
  const seen = seenConditions(models, query);
  const parts = partsOf(query, models);
  if (parts.length === 0) return [];
  const shown = shownColumns(models, query);
  const selects = parts.map(({ from, number, where }, index) => {
    const conditions = [...where, ...seen, ...numberConditions(number, query, before, models)];
    const rows = sql`select ${shown} from ${from} join ${sql.table('register')} as r on r.stream = n.stream
      where ${sql.join(conditions, sql` and `)} order by ${number} desc limit ${sql.lit(count * ROWS_IN_PART)}`;
    return sql`select * from (${rows}) as ${sql.ref(`part_${index}`)}`;
  });
  const union = sql<FoundRow>`(${sql.join(selects, sql` union all `)})`;
  const rows = await (models.db as Kysely<object>)
    .selectFrom(union.as('found'))
    .selectAll()
    .orderBy('number', 'desc')
    .execute();
  const byEvent = new Map<string, FoundRow>();
  for (const row of rows) byEvent.set(row.event_id, byEvent.get(row.event_id) ?? row);
  return [...byEvent.values()].slice(0, count);
}

/**
 * Returns 1 if a notice is settled: its request is no longer pending, or its date was met, moved, withdrawn or, for an
 * approaching date, has passed.
 */
function settledSql(today: string): RawBuilder<unknown> {
  const ofRequest = sql`when n.wait is not null then case when ${isPendingRequest('r.asked', 'n.event_id')} then 0 else 1 end`;
  const isOpen = sql`r.open_dates like '% ' || n.date || ' %' and (n.until is null or n.until >= ${today})`;
  const ofDate = sql`when n.date is not null then case when ${isOpen} then 0 else 1 end`;
  return sql`case ${ofRequest} ${ofDate} else 0 end`;
}

const shownColumns = (models: Models, { viewer, today }: InboxQuery): RawBuilder<unknown> => {
  const hasLeft = sql`case when ${ofBodies(models, viewer)} then 0 else 1 end`;
  return sql`n.number, n.event_id, n.stream, n.version, n.kind, n.at, n.actor, n.command, n.wait, n.date, r.title, r.recipient, ${settledSql(today)} as settled, ${hasLeft} as has_left`;
};

function ofBodies({ sql: dialect }: Models, viewer: Viewer): Condition {
  return inSight(sightOf(viewer), sql.ref('r.recipient'), 'r.stream', dialect);
}

/** Selects notices of events that the person did not cause, without internal ones that they may not see. */
function seenConditions({ sql: dialect }: Models, query: InboxQuery): Condition[] {
  const { viewer, marks, unread, events, today } = query;
  return [
    sql`n.actor <> ${personOf(viewer.subject)}`,
    ...internalConditions(viewer, dialect),
    ...(events === undefined ? [] : [sql<boolean>`n.event_id in ${dialect.listed(events)}`]),
    ...(unread === true
      ? [
          sql<boolean>`n.at > ${marks.until}`,
          sql<boolean>`n.event_id not in ${dialect.listed(marks.ids)}`,
          sql<boolean>`${settledSql(today)} = 0`,
        ]
      : []),
  ];
}

/**
 * Limits the numbers of the notices. If events are selected by their ids, the database would otherwise scan all rows of
 * an audience.
 */
function numberConditions(
  number: RawBuilder<unknown>,
  { between, events }: InboxQuery,
  before: number | null,
  { sql: dialect }: Models,
): Condition[] {
  const own = (column: string) =>
    sql`(select ${sql.raw(column)} from ${sql.table('notices')} as own where own.event_id in ${dialect.listed(events ?? [])})`;
  return [
    ...(before === null ? [] : [sql<boolean>`${number} < ${before}`]),
    ...(between === undefined ? [] : [sql<boolean>`${number} between ${between[0]} and ${between[1]}`]),
    ...(events === undefined
      ? []
      : [sql<boolean>`${number} between ${own('min(own.number)')} and ${own('max(own.number)')}`]),
  ];
}

/** Returns the bodies as a member of which the person receives notices. */
const bodiesOf = ({ roles, organisations }: Viewer): readonly string[] =>
  roles.some(isOfTheRecipient) ? organisations : [];

function internalConditions(viewer: Viewer, dialect: Models['sql']): Condition[] {
  const sight = internalSight(viewer);
  if (sight === 'all') return [];
  if (sight === 'none') return [sql`n.internal = 0`];
  return [
    sql`(n.internal = 0 or not coalesce(${withoutInternal(sight, ['r.recipient', 'r.stream'], dialect)}, false))`,
  ];
}

const ofOthers = ({ organisations }: Viewer, dialect: Models['sql']): Condition =>
  organisations.length === 0
    ? sql`true`
    : sql`(r.recipient is null or r.recipient not in ${dialect.listed(organisations)})`;

/** A part of an inbox. */
interface Part {
  readonly from: RawBuilder<unknown>;
  /** The column with the notice's number, whose index has the order of the part. */
  readonly number: RawBuilder<unknown>;
  readonly where: readonly Condition[];
}

/**
 * Returns one part for each reason to notify a person: each role, body, ownership, their name, and watched records. If
 * a record moved to another body, its former body may know only that.
 */
function partsOf({ viewer, watched }: InboxQuery, models: Models): Part[] {
  const { sql: dialect } = models;
  const { subject, roles } = viewer;
  const bodies = bodiesOf(viewer);
  const own = ofBodies(models, viewer);
  const ofTheirKinds = ofKinds(
    kinds.all.flatMap(({ name, roles: { body } }) =>
      body.some((role) => roles.includes(role)) ? [name] : [],
    ),
    'n.stream',
  );
  const ofBody = bodies.flatMap((body) => [
    bodyAudience(body),
    ...roles.filter(isOfTheRecipient).map((role) => bodyAudience(body, role)),
  ]);
  const ownerCondition = (owner: Condition): Condition =>
    sql`exists (select 1 from ${sql.table('owners')} as o where o.event_id = a.named_by and ${owner})`;
  return [
    ...roles
      .filter((role) => !isOfTheRecipient(role))
      .map((role) =>
        ofAudience(
          ...[sql<boolean>`a.audience = ${roleAudience(role)}`, own, ofOthers(viewer, dialect)],
          sql`(a.named_by is null or ${ownerCondition(sql`o.owner in (n.actor, 'cli:' || n.actor)`)})`,
        ),
      ),
    ...ofAudiences(ofBody, dialect).map((audience) => ofAudience(audience, own)),
    ...ofAudiences(bodies.map(leftAudience), dialect).map((audience) => ofAudience(audience, ofTheirKinds)),
    ofAudience(sql`a.audience = ${personAudience(subject)}`, own),
    ofAudience(
      sql`a.audience = ${OWNER}`,
      ownerCondition(sql`o.owner in ${dialect.listed(namesOf(subject))}`),
      own,
    ),
    ...(watched.length === 0 ? [] : [{ ...EVERY_AUDIENCE, where: [watchedCondition(watched), own] }]),
  ];
}

const EVERY_AUDIENCE = { from: sql`${sql.table('notices')} as n`, number: sql.ref('n.number') };

const ofAudience = (...where: Condition[]): Part => ({
  from: sql`${sql.table('notice_audiences')} as a join ${sql.table('notices')} as n on n.number = a.notice`,
  number: sql.ref('a.notice'),
  where,
});

/** Selects audiences one by one, or all together if they are many. */
const ofAudiences = (audiences: readonly string[], dialect: Models['sql']): Condition[] =>
  audiences.length <= PARTS_MAX
    ? audiences.map((audience): Condition => sql`a.audience = ${audience}`)
    : [sql<boolean>`a.audience in ${dialect.listed(audiences)}`];

/** The most audiences that are read one by one in index order; the rows of more are sorted. */
const PARTS_MAX = 12;

/** Selects the events of the records that a person watches, since they began to. */
function watchedCondition(watched: InboxQuery['watched']): Condition {
  const each = watched.map(({ stream, since }) => sql`(n.stream = ${stream} and n.at > ${since})`);
  return sql`(${sql.join(each, sql` or `)})`;
}

/** Returns the ids and times of the events, among these, that have notices. */
export const noticesOfEvents = (
  database: ReadModelDatabase,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> =>
  readLive(database, async ({ db, sql: dialect }) => {
    const rows = await (db as Kysely<RegisterTables>)
      .selectFrom('notices')
      .select(['event_id', 'at'])
      .where('event_id', 'in', dialect.listed(ids))
      .execute();
    return new Map(rows.map(({ event_id, at }) => [event_id, at]));
  });

export type NoticePlace = Pick<NoticeRow, 'position' | 'number'>;

/** Returns the places of the notices after a log position in log order. */
export const noticesAfter = (
  database: ReadModelDatabase,
  after: string,
  limit: number,
): Promise<readonly NoticePlace[]> =>
  lookUpLive(database, ({ db }) =>
    (db as Kysely<RegisterTables>)
      .selectFrom('notices')
      .select(['position', 'number'])
      .where('position', '>', paddedPosition(after))
      .orderBy('position')
      .limit(limit)
      .execute(),
  );

/** Returns the log position up to which notices are folded. */
export const noticesUpTo = async (database: ReadModelDatabase): Promise<string> =>
  (await liveBookmark(database))?.position ?? '0';
