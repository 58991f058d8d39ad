import { sql } from 'kysely';
import type { Kysely, RawBuilder } from 'kysely';
import type { Condition } from '#projections/filters';
import { assertLimit, InvalidCursorError, LIMIT, readCursor, writeCursor } from '#projections/list-cursor';
import type { PageAsked } from '#projections/list-cursor';
import type { Generation } from '#projections/projection';
import { comparableUpTo } from '#projections/generations';
import { lookUpLive, readLive } from '#projections/read-live';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { internalSight, isOfTheRecipient, visibleBodies } from '#state-machines/access';
import type { Viewer } from '#state-machines/access';
import { personOf } from '#state-machines/capabilities/persons';
import { namesOf } from '../queue-conditions.ts';
import { registerProjection } from '../register/register-projection.ts';
import type { RegisterTables } from '../register/register-projection.ts';
import { paddedPosition } from '#projections/position';
import {
  bodyAudience,
  dueOnOf,
  firstNumber,
  isAsked,
  leftAudience,
  OWNER,
  personAudience,
  roleAudience,
} from './notice-rows.ts';
import type { NoticeRow } from './notice-rows.ts';

/** A record that a person watches, and since when: nothing older is news to them. */
export interface Watched {
  readonly stream: string;
  /** An instant. */
  readonly since: string;
}

/** What a person has read: all up to an instant, and some of the later ones by their events. */
export interface ReadMarks {
  readonly until: string;
  readonly ids: readonly string[];
}

export interface InboxQuery extends PageAsked {
  readonly viewer: Viewer;
  /** The day on which it is asked, in London: what is over by then is settled. */
  readonly today: string;
  readonly watched: readonly Watched[];
  readonly marks: ReadMarks;
  /** Only rows of these numbers, both included. */
  readonly between?: readonly [from: number, to: number];
  /** Only of these events. */
  readonly events?: readonly string[];
  /** Only what is neither read nor settled. */
  readonly unread?: boolean;
}

/** A notice for somebody, without its words. */
export interface InboxItem extends Pick<
  NoticeRow,
  'stream' | 'version' | 'kind' | 'at' | 'actor' | 'command'
> {
  readonly eventId: string;
  /** The record's title as it stands; null where it has none, it was erased, or the record has left. */
  readonly title: string | null;
  /** The record's body as it stands; null where it has none, or the record has left. */
  readonly recipient: string | null;
  /** Whether the record went to another body, so that nothing of it can be read any more. */
  readonly hasLeft: boolean;
  /** Whether it asked somebody to decide. */
  readonly asks: boolean;
  /** The date that it is about; null where it is about none. */
  readonly dueOn: string | null;
  /** Whether what it asked for was decided or taken back, or its date is none any more. */
  readonly isSettled: boolean;
  readonly isRead: boolean;
}

export interface InboxPage {
  /** The newest first. */
  readonly items: readonly InboxItem[];
  readonly nextCursor: string | null;
  /** The position in the log up to which the page is complete. */
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
 * One page of what is news for a person, as they may see it now.
 * @throws InvalidCursorError, ReadModelMissingError, RangeError for a limit below 1.
 */
export async function queryInbox(database: ReadModelDatabase, query: InboxQuery): Promise<InboxPage> {
  const { viewer, unread = false, limit = LIMIT, cursor, marks } = query;
  assertLimit(limit);
  // A cursor belongs to the person, whatever they have read meanwhile.
  const list = { of: personOf(viewer.subject), unread };
  const before = cursor === undefined ? null : numberIn(readCursor(cursor, list).id);
  return readLive(database, registerProjection, async (generation, position) => {
    const found = await readRows(generation, query, before, limit + 1);
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
      last === undefined ? null : writeCursor({ value: null, id: String(firstOf(last.number)) }, list);
    return { items, nextCursor, position };
  });
}

function numberIn(id: string): number {
  if (!/^\d{1,15}$/.test(id)) throw new InvalidCursorError();
  return Number(id);
}

/** The first of the numbers that an event's rows have. */
const firstOf = (number: number): number => number - (number % firstNumber(1));

/** So many rows of an event can belong to one part: of an owner who was named again. */
const ROWS_IN_PART = 2;

/**
 * The newest rows, one of each event. Each part is found by an index in its order, so that no more is read than a page has, however
 * much there is.
 */
async function readRows(
  generation: Generation,
  query: InboxQuery,
  before: number | null,
  count: number,
): Promise<FoundRow[]> {
  const all = [
    ...seenConditions(generation, query),
    ...(before === null ? [] : [sql<boolean>`n.number < ${before}`]),
  ];
  const parts = partsOf(query, generation);
  if (parts.length === 0) return [];
  const shown = shownColumns(generation, query);
  const selects = parts.map((part, index) => {
    const rows = sql`select ${shown} from ${sql.table('notices')} as n join ${sql.table('register')} as r on r.stream = n.stream
      where ${sql.join([part, ...all], sql` and `)} order by n.number desc limit ${sql.lit(count * ROWS_IN_PART)}`;
    return sql`select * from (${rows}) as ${sql.ref(`part_${index}`)}`;
  });
  const union = sql<FoundRow>`(${sql.join(selects, sql` union all `)})`;
  const rows = await (generation.db as Kysely<object>)
    .selectFrom(union.as('found'))
    .selectAll()
    .orderBy('number', 'desc')
    .execute();
  const byEvent = new Map<string, FoundRow>();
  for (const row of rows) byEvent.set(row.event_id, byEvent.get(row.event_id) ?? row);
  return [...byEvent.values()].slice(0, count);
}

/**
 * What a notice asked for is settled where that request does not wait any more; that of a date where it was met, moved or
 * withdrawn, and that a date is near where it is over.
 */
function settledSql(today: string): RawBuilder<unknown> {
  const ofRequest = sql`when n.wait is not null then case when ${isAsked('r.asked', 'n.event_id')} then 0 else 1 end`;
  const isOpen = sql`r.open_dates like '% ' || n.date || ' %' and (n.until is null or n.until >= ${today})`;
  const ofDate = sql`when n.date is not null then case when ${isOpen} then 0 else 1 end`;
  return sql`case ${ofRequest} ${ofDate} else 0 end`;
}

const shownColumns = (generation: Generation, { viewer, today }: InboxQuery): RawBuilder<unknown> => {
  const hasLeft = sql`case when ${ofBodies(generation, viewer)} then 0 else 1 end`;
  return sql`n.number, n.event_id, n.stream, n.version, n.kind, n.at, n.actor, n.command, n.wait, n.date, r.title, r.recipient, ${settledSql(today)} as settled, ${hasLeft} as has_left`;
};

/** The records that somebody may see. */
function ofBodies({ sql: dialect }: Generation, viewer: Viewer): Condition {
  const bodies = visibleBodies(viewer);
  return bodies === null ? sql`1 = 1` : sql`r.recipient in ${dialect.listed(bodies)}`;
}

/** What somebody may know of, and is not their own doing: of a record that has left their body, that alone. */
function seenConditions(generation: Generation, query: InboxQuery): Condition[] {
  const { viewer, marks, unread, between, events, today } = query;
  const { sql: dialect } = generation;
  const left = bodiesOf(viewer).map(leftAudience);
  return [
    sql`n.actor <> ${personOf(viewer.subject)}`,
    left.length === 0
      ? ofBodies(generation, viewer)
      : sql`(${ofBodies(generation, viewer)} or n.audience in ${dialect.listed(left)})`,
    ...internalConditions(viewer, dialect),
    ...(between === undefined ? [] : [sql<boolean>`n.number between ${between[0]} and ${between[1]}`]),
    ...(events === undefined ? [] : ofEvents(events, dialect)),
    ...(unread === true
      ? [
          sql<boolean>`n.at > ${marks.until}`,
          sql<boolean>`n.event_id not in ${dialect.listed(marks.ids)}`,
          sql<boolean>`${settledSql(today)} = 0`,
        ]
      : []),
  ];
}

/** Between which numbers they lie is said as well: else a database would rather look through all that is for an audience. */
function ofEvents(events: readonly string[], dialect: Generation['sql']): Condition[] {
  const own = sql`from ${sql.table('notices')} as own where own.event_id in ${dialect.listed(events)}`;
  return [
    sql`n.event_id in ${dialect.listed(events)}`,
    sql`n.number between (select min(own.number) ${own}) and (select max(own.number) ${own})`,
  ];
}

/** The bodies as one of whose people somebody is told. */
const bodiesOf = ({ roles, organisations }: Viewer): readonly string[] =>
  roles.some(isOfTheRecipient) ? organisations : [];

function internalConditions(viewer: Viewer, dialect: Generation['sql']): Condition[] {
  const sight = internalSight(viewer);
  if (sight === 'all') return [];
  if (sight === 'none') return [sql`n.internal = 0`];
  return [sql`(n.internal = 0 or ${ofOthers(viewer, dialect)})`];
}

/** The records of other bodies than a person's own. */
const ofOthers = ({ organisations }: Viewer, dialect: Generation['sql']): Condition =>
  organisations.length === 0
    ? sql`true`
    : sql`(r.recipient is null or r.recipient not in ${dialect.listed(organisations)})`;

/** By what somebody is told: each of their roles, as its people act on the record; as the owner; by name; and as they watch. */
function partsOf({ viewer, watched }: InboxQuery, { sql: dialect }: Generation): Condition[] {
  const { subject, roles } = viewer;
  const ofBody = bodiesOf(viewer).flatMap((body) => [
    ...[bodyAudience(body), leftAudience(body)],
    ...roles.filter(isOfTheRecipient).map((role) => bodyAudience(body, role)),
  ]);
  const owned = (owner: Condition): Condition =>
    sql`exists (select 1 from ${sql.table('owners')} as o where o.event_id = n.named_by and ${owner})`;
  return [
    ...roles
      .filter((role) => !isOfTheRecipient(role))
      .map(
        (role): Condition =>
          sql`n.audience = ${roleAudience(role)} and ${ofOthers(viewer, dialect)}
            and (n.named_by is null or ${owned(sql`o.owner in (n.actor, 'cli:' || n.actor)`)})`,
      ),
    ...(ofBody.length <= PARTS_MAX
      ? ofBody.map((audience): Condition => sql`n.audience = ${audience}`)
      : [sql<boolean>`n.audience in ${dialect.listed(ofBody)}`]),
    sql`n.audience = ${personAudience(subject)}`,
    sql`n.audience = ${OWNER} and ${owned(sql`o.owner in ${dialect.listed(namesOf(subject))}`)}`,
    ...(watched.length === 0 ? [] : [watchedCondition(watched)]),
  ];
}

/** So many audiences have a part each, which is read in its order; more than these are sorted. */
const PARTS_MAX = 12;

/** One row of each event of the records that somebody watches, since they do. */
function watchedCondition(watched: InboxQuery['watched']): Condition {
  const each = watched.map(({ stream, since }) => sql`(n.stream = ${stream} and n.at > ${since})`);
  return sql`(${sql.join(each, sql` or `)}) and n.number % ${sql.lit(firstNumber(1))} = 0`;
}

/** When the events were recorded of which there is a notice, by their ids. */
export const noticesOfEvents = (
  database: ReadModelDatabase,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> =>
  readLive(database, registerProjection, async ({ db, sql: dialect }) => {
    const rows = await (db as Kysely<RegisterTables>)
      .selectFrom('notices')
      .select(['event_id', 'at'])
      .where('event_id', 'in', dialect.listed(ids))
      .execute();
    return new Map(rows.map(({ event_id, at }) => [event_id, at]));
  });

/** A row of a notice, as those are followed. */
export type NoticePlace = Pick<NoticeRow, 'position' | 'number'>;

/** The rows after a position of the log, in its order: the last event has all of its rows. */
export const noticesAfter = (
  database: ReadModelDatabase,
  after: string,
  limit: number,
): Promise<readonly NoticePlace[]> =>
  lookUpLive(database, registerProjection, async ({ db }) => {
    const rows = await (db as Kysely<RegisterTables>)
      .selectFrom('notices')
      .select(['position', 'number'])
      .where('position', '>', paddedPosition(after))
      .orderBy('position')
      .orderBy('number')
      .limit(limit + firstNumber(1))
      .execute();
    const last = rows[Math.min(limit, rows.length) - 1];
    return last === undefined ? [] : rows.filter(({ position }) => position <= last.position);
  });

/** Up to where the log was looked through for notices. */
export const noticesUpTo = ({ db }: ReadModelDatabase): Promise<string> =>
  comparableUpTo(db, registerProjection);
