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
import type { RowOf, TableDefinition } from '#projections/tables';
import { summaryOf } from '../record-row.ts';
import { settledDates } from '../record-state.ts';
import { paddedPosition } from '#projections/position';
import { isOfTheRecipient } from '#state-machines/access';
import type { Crossed, DueDate } from '#lifecycle/summary';
import type { ProjectedEvent } from '../record-row.ts';
import type { FoldedRecordState } from '../record-state.ts';

/**
 * The events that people are notified of. Rows contain no text and no owner's name, so that redactions do not change
 * them.
 */
export const NOTICES = {
  name: 'notices',
  columns: {
    /** The event's number in the log, which is the same in every set of models. */
    number: 'integer',
    event_id: 'text',
    /** The event's log position, padded so that positions sort as text in log order. */
    position: 'text',
    /** The event's number in its stream. */
    version: 'integer',
    stream: 'text',
    kind: 'text',
    /** The person who recorded the event, as returned by `personOf`. */
    actor: 'text',
    /** The instant at which the event was recorded. */
    at: 'text',
    /** The command that recorded the event. The events of one command are sent in one message. */
    command: 'text',
    /** The request that is pending from this event on, by its name in the summary; null if there is none. */
    wait: 'text or null',
    /** The date of the notice, in the form of `openDates`; null if there is none. */
    date: 'text or null',
    /** The last day on which the notice is sent; null for no limit. */
    until: 'text or null',
    /** 1 if only users with access to internal content may see the notice, else 0. */
    internal: 'integer',
  },
  key: 'number',
  indexes: [['stream', 'number'], ['event_id'], ['position']],
} as const satisfies TableDefinition;

export type NoticeRow = RowOf<typeof NOTICES.columns>;

/** The audiences of notices. Watchers of the record have no row: they are notified of each event. */
export const NOTICE_AUDIENCES = {
  name: 'notice_audiences',
  columns: {
    /** The notice's number combined with the audience's, so it is the same in every set of models. */
    id: 'integer',
    /** The notice's number. */
    notice: 'integer',
    /** The result of `roleAudience`, `bodyAudience`, `leftAudience` or `personAudience`, or `OWNER`. */
    audience: 'text',
    /** The event that named the owner, if the audience is an owner or their deputies; else null. */
    named_by: 'text or null',
  },
  key: 'id',
  indexes: [['audience', 'notice']],
} as const satisfies TableDefinition;

export type NoticeAudienceRow = RowOf<typeof NOTICE_AUDIENCES.columns>;

/** The owners named by events. Only these rows contain the name, so that redactions change no other row. */
export const OWNERS = {
  name: 'owners',
  columns: {
    event_id: 'text',
    /** The owner's subject; null if the event removed the owner, or the name was erased. */
    owner: 'text or null',
  },
  key: 'event_id',
  indexes: [],
} as const satisfies TableDefinition;

export type OwnerRow = RowOf<typeof OWNERS.columns>;

/** The audience of an owner that an event named. Only the row of the owner contains the name. */
export const OWNER = 'owner';
export const roleAudience = (role: string): string => `role:${role}`;
/** Returns the audience of a body's members, or of those with a role. */
export const bodyAudience = (body: string, role = ''): string => `body:${role}@${body}`;
/** Returns the audience of the members of the record's former body. They learn only that it moved. */
export const leftAudience = (body: string): string => `left:${body}`;
export const personAudience = (subject: string): string => `person:${personOf(subject)}`;

/** A number greater than that of any event's audiences. */
const AUDIENCES_MAX = 64;

interface Audience {
  readonly audience: string;
  readonly named_by?: string | null;
}

interface Standings {
  readonly before: FoldedRecordState | undefined;
  readonly after: FoldedRecordState;
  /** The requests that the event decided or withdrew. */
  readonly answered: readonly OpenRequest[];
  /** The London date on which the record was first stored. */
  readonly cameInOn: string;
}

/** A notice and its audiences. */
export interface NoticeRows {
  readonly row: NoticeRow;
  readonly audiences: readonly NoticeAudienceRow[];
}

/**
 * Returns the notice of an event and its audiences, from the record before and after the event; null if people are not
 * notified of it.
 */
export function noticeRowsOf(event: ProjectedEvent, standings: Standings): NoticeRows | null {
  const lifecycle = lifecycles.find(event.lifecycle);
  const notice = noticeOf(lifecycle?.notices, event);
  if (lifecycle === null || notice === undefined) return null;
  const news = event.rules.code.dates?.news(event) ?? null;
  const crossed = news?.is === 'crossed' ? news : null;
  if (!isNews(event, notice, crossed, standings)) return null;
  const number = event.ordinal;
  const row = {
    ...{
      number,
      event_id: event.eventId,
      position: paddedPosition(event.position),
      version: event.version,
      stream: event.streamId,
      kind: notice.kind,
    },
    ...{ actor: personOf(event.actor.subject), at: event.recordedAt, command: event.command.id },
    ...{ wait: notice.opens ?? null, internal: isInternal(event) ? 1 : 0 },
    date: crossed && dateMark(crossed),
    until: crossed?.nearness === 'near' ? crossed.dueOn : null,
  };
  const audiences = audiencesOf(lifecycle, notice, event, standings).map(
    ({ audience, named_by = null }, index) => ({
      ...{ id: number * AUDIENCES_MAX + index, notice: number, audience, named_by },
    }),
  );
  return { row, audiences };
}

/**
 * Returns whether people are notified of an event. Imported events are not news unless they request a decision. A date
 * that had passed before the record was first stored is never news.
 */
function isNews(
  { origin, effectiveOn }: ProjectedEvent,
  { opens }: Notice,
  crossed: Crossed | null,
  { cameInOn }: Standings,
): boolean {
  switch (origin) {
    case 'command':
      return true;
    case 'import':
      return opens !== undefined;
    case 'sweep':
      if (crossed === null) return true;
      return cameInOn <= (crossed.nearness === 'near' ? crossed.dueOn : effectiveOn);
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
  const { opens, answers, to = [] } = notice;
  const inRoles = (roles: readonly string[]): Audiences =>
    roles.flatMap((role) => {
      if (!isOfTheRecipient(role)) return { audience: roleAudience(role) };
      return after.recipient === null ? [] : { audience: bodyAudience(after.recipient, role) };
    });
  const all: Audiences = [
    ...(opens === undefined ? [] : inRoles(decidersOf(queues, opens))),
    ...answered.map(({ subject }) => ({ audience: personAudience(subject) })),
    ...to.flatMap((each): Audiences => {
      if (typeof each === 'object') return inRoles(each.roles);
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
  // An audience that is notified anyway needs no second row as a deputy of the owner.
  const always = new Set(
    different.flatMap(({ audience, named_by = null }) => (named_by === null ? audience : [])),
  );
  const rows = different.filter(
    ({ audience, named_by = null }) => named_by === null || !always.has(audience),
  );
  if (rows.length >= AUDIENCES_MAX) throw new Error(`${event.type} is news for ${rows.length} audiences`);
  return rows;
}

/**
 * Returns the audiences of a record's owner: the current and the previous one. The deputies are notified if there is no
 * owner, and of actions by members of the body, who may include the owner. The result does not depend on erased names,
 * nor on the order of folding.
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

/** Returns the identifier of a date in notices. A moved date gets another one. */
const dateMark = ({ id, dueOn }: Pick<DueDate, 'id' | 'dueOn'>): string => `${id}@${dueOn}`;

/** Returns the day in such an identifier. */
export const dueOnOf = (mark: string): string => mark.slice(mark.lastIndexOf('@') + 1);

/** Returns the identifiers of the open dates between spaces, as in ` d1@2027-03-08 `; empty if there are none. */
export function openDates(recordState: FoldedRecordState): string {
  const open = settledDates(recordState).filter(({ isSettled }) => !isSettled);
  return open.length === 0 ? '' : ` ${open.map(dateMark).join(' ')} `;
}

/** Returns the requests that are pending after an event. */
export function requestsAfter(
  open: readonly OpenRequest[],
  event: ProjectedEvent,
  after: FoldedRecordState,
): AfterEvent {
  const next = openAfter(open, event, noticeOf(lifecycles.find(event.lifecycle)?.notices, event));
  const { waits = {} } = summaryOf(after);
  const isWaiting = ({ wait }: OpenRequest): boolean =>
    (waits[wait]?.persons(after.summary, after.value) ?? null) !== null;
  const waiting = next.open.filter(isWaiting);
  return { ...next, open: waiting.length === next.open.length ? next.open : waiting };
}

/** Returns the ids of the events of pending requests between spaces; empty if there are none. */
export const requestsColumn = (open: readonly OpenRequest[]): string =>
  open.length === 0 ? '' : ` ${open.map(({ eventId }) => eventId).join(' ')} `;

/** Selects notices whose event is a pending request. */
export const isPendingRequest = (column: string, eventId: string): RawBuilder<SqlBool> =>
  sql<SqlBool>`${sql.ref(column)} like '% ' || ${sql.ref(eventId)} || ' %'`;
