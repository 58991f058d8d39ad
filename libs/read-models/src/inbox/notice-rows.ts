import { personOf } from '#state-machines/capabilities/persons';
import { isInternal } from '#state-machines/any-kind';
import { lifecycles } from '#state-machines/lifecycles';
import { sql } from 'kysely';
import type { RawBuilder, SqlBool } from 'kysely';
import { decidersOf, keepersOf } from '#lifecycle/notices';
import { noticeOf, openAfter } from '#lifecycle/open-requests';
import type { AfterEvent, OpenRequest } from '#lifecycle/open-requests';
import type { Notice } from '#lifecycle/notices';
import type { ViewedLifecycle } from '#state-machines/record-view';
import type { TableDefinition } from '#projections/tables';
import { datesOf, settledColumn, summaryOf } from '../record-row.ts';
import { paddedPosition } from '#projections/position';
import { isOfTheRecipient } from '#state-machines/access';
import type { Crossed, DueDate } from '#lifecycle/summary';
import { crossedBy, isThresholdNews } from '../deadlines/thresholds.ts';
import type { ProjectedEvent } from '../record-row.ts';
import type { FoldedStanding } from '../standing.ts';

/** That an event is news for some people: a row for each audience. None holds a text, or the name of an owner, which can be erased. */
export interface NoticeRow {
  /** From the number of its event in the log and that of the audience: the same in every generation. */
  number: number;
  event_id: string;
  /** Of its event in the log, so padded that texts compare as positions do. */
  position: string;
  /** The event's number in its stream. */
  version: number;
  stream: string;
  kind: string;
  /** Of `roleAudience`, `bodyAudience`, `leftAudience`, `personAudience`, or one of `OWNER` and `WATCHERS`. */
  audience: string;
  /**
   * The event that named the owner: of the audience of an owner; and of those in an owner's place, who are told where the owner did it
   * themselves.
   */
  named_by: string | null;
  /** The person who recorded the event, as `personOf` names them. */
  actor: string;
  /** When it was recorded: an instant. */
  at: string;
  /** The command that recorded it: what belongs to one command is told in one message. */
  command: string;
  /** What waits since then, by its name in the summary; null where nothing does. */
  wait: string | null;
  /** The date that it is about, as `openDates` has it; null where it is about none. */
  date: string | null;
  /** The day after which it is no news any more; null where there is none. */
  until: string | null;
  /** 1 where only people may know of it who read what is internal. */
  internal: number;
}

export const NOTICES: TableDefinition = {
  name: 'notices',
  columns: {
    ...{
      number: 'integer',
      event_id: 'text',
      position: 'text',
      version: 'integer',
      stream: 'text',
      kind: 'text',
    },
    ...{ audience: 'text', named_by: 'text or null', actor: 'text', at: 'text', command: 'text' },
    ...{ wait: 'text or null', date: 'text or null', until: 'text or null', internal: 'integer' },
  },
  key: 'number',
  indexes: [
    ['audience', 'number'],
    ['named_by', 'number'],
    ['stream', 'number'],
    ['event_id'],
    ['position', 'number'],
  ],
};

/** Whom events named as owners: the only row with their name, so that nothing else is erased with it. */
export interface OwnerRow {
  /** The event. */
  event_id: string;
  /** Null where nobody was named, or the name was erased. */
  owner: string | null;
}

export const OWNERS: TableDefinition = {
  name: 'owners',
  columns: { event_id: 'text', owner: 'text or null' },
  key: 'event_id',
  indexes: [],
};

/** The owner whom an event named: that alone is in the row. */
export const OWNER = 'owner';
/** Nobody but those who watch the record. */
export const WATCHERS = 'watchers';
export const roleAudience = (role: string): string => `role:${role}`;
/** The people of a body; in one of their roles where one is given. */
export const bodyAudience = (body: string, role = ''): string => `body:${role}@${body}`;
/** The people of a body that a record was for before: that it is not any more is all that they are told. */
export const leftAudience = (body: string): string => `left:${body}`;
export const personAudience = (subject: string): string => `person:${personOf(subject)}`;

/** More audiences than an event can have. */
const AUDIENCES_MAX = 64;
/** The number of the first row of an event, by the event's number in the log. */
export const firstNumber = (ordinal: number): number => ordinal * AUDIENCES_MAX;

interface Audience {
  readonly audience: string;
  readonly named_by?: string | null;
}

interface Standings {
  readonly before: FoldedStanding | undefined;
  readonly after: FoldedStanding;
  /** The requests that the event answered. */
  readonly answered: readonly OpenRequest[];
}

/** Whom an event is news for, by the record before and after it. */
export function noticesOf(
  event: ProjectedEvent,
  {
    before,
    after,
    answered,
    cameInOn,
  }: Standings & {
    /** The day on which the record came into the system, in London. */
    readonly cameInOn: string;
  },
): NoticeRow[] {
  const lifecycle = lifecycles.find(event.lifecycle);
  const notice = noticeOf(lifecycle?.notices, event);
  if (lifecycle === null || notice === undefined) return [];
  const crossed = crossedBy(event);
  if (!isNews(event, notice, { crossed, cameInOn })) return [];
  const said = {
    ...{
      event_id: event.eventId,
      position: paddedPosition(event.position),
      version: event.version,
      stream: event.streamId,
      kind: notice.kind,
    },
    ...{ actor: personOf(event.actor.subject), at: event.recordedAt, command: event.command.id },
    ...{ wait: notice.asks ?? null, internal: isInternal(event) ? 1 : 0 },
    date: crossed && dateMark(crossed),
    until: crossed?.nearness === 'near' ? crossed.dueOn : null,
  };
  return audiencesOf(lifecycle, notice, event, { before, after, answered }).map(
    ({ audience, named_by = null }, index) => ({
      ...{ number: firstNumber(event.ordinal) + index, ...said, audience, named_by },
    }),
  );
}

/**
 * Whether anybody waits for it. What a file tells is history, but for what it asks people to decide; and a date that was over before
 * the record came into the system is told to nobody.
 */
function isNews(
  { origin, effectiveOn }: ProjectedEvent,
  { asks }: Notice,
  { crossed, cameInOn }: { readonly crossed: Crossed | null; readonly cameInOn: string },
): boolean {
  switch (origin) {
    case 'command':
      return true;
    case 'import':
      return asks !== undefined;
    case 'sweep':
      return crossed === null || isThresholdNews(crossed, effectiveOn, cameInOn);
  }
}

type Audiences = readonly Audience[];

function audiencesOf(
  lifecycle: ViewedLifecycle,
  notice: Notice,
  event: ProjectedEvent,
  { before, after, answered }: Standings,
): Audiences {
  const { kind, queues } = lifecycle;
  const { asks, answers, to = [] } = notice;
  const inRoles = (roles: readonly string[]): Audiences =>
    roles.flatMap((role) => {
      if (!isOfTheRecipient(role)) return { audience: roleAudience(role) };
      return after.recipient === null ? [] : { audience: bodyAudience(after.recipient, role) };
    });
  const all: Audiences = [
    ...(asks === undefined ? [] : inRoles(decidersOf(queues, asks))),
    ...answered.map(({ subject }) => ({ audience: personAudience(subject) })),
    ...to.flatMap((each): Audiences => {
      if (each === 'owner') return ownersOf(keepersOf(queues, kind), event, { before, after });
      if (each === 'deciders') return answers === undefined ? [] : inRoles(decidersOf(queues, answers));
      const left = before?.recipient ?? null;
      return [
        ...(after.recipient === null ? [] : [{ audience: bodyAudience(after.recipient) }]),
        ...(left === null || left === after.recipient ? [] : [{ audience: leftAudience(left) }]),
      ];
    }),
  ];
  const different = [
    ...new Map(all.map((each) => [`${each.audience} ${each.named_by ?? ''}`, each])).values(),
  ];
  // Whoever is told anyway is not told in an owner's place as well.
  const always = new Set(
    different.flatMap(({ audience, named_by = null }) => (named_by === null ? audience : [])),
  );
  const rows = different.filter(
    ({ audience, named_by = null }) => named_by === null || !always.has(audience),
  );
  if (rows.length >= AUDIENCES_MAX) throw new Error(`${event.type} is news for ${rows.length} audiences`);
  return rows.length === 0 ? [{ audience: WATCHERS }] : rows;
}

/**
 * The owner, and who was it before. Where there is none, those in the owner's place; they are also told of what people of the body
 * do, for the owner can be one of these. Whose name was erased is in rows as before: they are the same whether they were folded
 * before that or after it.
 */
function ownersOf(
  keepers: readonly string[],
  { actor }: ProjectedEvent,
  { before, after }: Pick<Standings, 'before' | 'after'>,
): Audiences {
  const named_by = after.owner_event;
  const inTheirPlace = keepers.map((role) => ({ audience: roleAudience(role), named_by }));
  const named = [before?.owner_event ?? null, named_by].filter((each) => each !== null);
  return [
    ...[...new Set(named)].map((event) => ({ audience: OWNER, named_by: event })),
    ...(named_by === null || actor.roles.some(isOfTheRecipient) ? inTheirPlace : []),
  ];
}

/** One date of a record, as its notices name it: of another day it is another date. */
const dateMark = ({ id, dueOn }: Pick<DueDate, 'id' | 'dueOn'>): string => `${id}@${dueOn}`;

/** The day of a date that is named so. */
export const dueOnOf = (mark: string): string => mark.slice(mark.lastIndexOf('@') + 1);

/** The dates that are still to be met, each between spaces: ` d1@2027-03-08 `; empty where there is none. */
export function openDates(standing: FoldedStanding): string {
  const answered = summaryOf(standing).answer?.(standing.value) === 'given' ? 1 : 0;
  const open = datesOf(standing).filter(
    ({ kind, claimedBy }) => claimedBy !== undefined || settledColumn(kind, { ...standing, answered }) === 0,
  );
  return open.length === 0 ? '' : ` ${open.map(dateMark).join(' ')} `;
}

/** The requests that wait after an event. What does not wait any more is left out, whatever ended it. */
export function askedAfter(
  asked: readonly OpenRequest[],
  event: ProjectedEvent,
  after: FoldedStanding,
): AfterEvent {
  const next = openAfter(asked, event, noticeOf(lifecycles.find(event.lifecycle)?.notices, event));
  const { waits = {} } = summaryOf(after);
  const isWaiting = ({ wait }: OpenRequest): boolean =>
    (waits[wait]?.persons(after.summary, after.value) ?? null) !== null;
  return { ...next, open: next.open.filter(isWaiting) };
}

type AskedColumn = readonly (readonly [
  eventId: string,
  wait: string,
  subject: string,
  about: string | null,
])[];

/** Requests as a row has them; empty where there are none. */
export const askedColumn = (open: readonly OpenRequest[]): string =>
  open.length === 0
    ? ''
    : JSON.stringify(
        open.map(({ eventId, wait, subject, about }) => [
          eventId,
          wait,
          subject,
          about,
        ]) satisfies AskedColumn,
      );

export const askedFrom = (column: string): readonly OpenRequest[] =>
  column === ''
    ? []
    : (JSON.parse(column) as AskedColumn).map(([eventId, wait, subject, about]) => ({
        ...{ eventId, wait, subject, about },
      }));

/** That a notice's event is a request that waits: no text of a person has such a beginning, since its quotes are escaped. */
export const isAsked = (asked: string, eventId: string): RawBuilder<SqlBool> =>
  sql<SqlBool>`${sql.ref(asked)} like '%["' || ${sql.ref(eventId)} || '",%'`;
