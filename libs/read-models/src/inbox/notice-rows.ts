import { personOf } from '#state-machines/capabilities/persons';
import { isInternal } from '#state-machines/any-kind';
import { lifecycles } from '#state-machines/lifecycles';
import { decidersOf, keepersOf } from '#lifecycle/notices';
import type { Notice } from '#lifecycle/notices';
import type { ViewedLifecycle } from '#state-machines/record-view';
import type { TableDefinition } from '#projections/tables';
import { summaryOf } from '../record-row.ts';
import { paddedPosition } from '#projections/position';
import type { ProjectedEvent } from '../record-row.ts';
import { WAITS } from '../standing.ts';
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
  /** Of `roleAudience`, `personAudience`, or one of `OWNER` and `WATCHERS`. */
  audience: string;
  /** Of the audience of an owner: the event that named them. */
  named_by: string | null;
  /** The person who recorded the event, as `personOf` names them. */
  actor: string;
  /** When it was recorded: an instant. */
  at: string;
  /** The command that recorded it: what belongs to one command is told in one message. */
  command: string;
  /** What waits since then, by its name in the summary; null where nothing does. */
  wait: string | null;
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
    ...{ wait: 'text or null', internal: 'integer' },
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

/** The owner whom an event named: that alone is in the row. */
export const OWNER = 'owner';
/** Nobody but those who watch the record. */
export const WATCHERS = 'watchers';
export const roleAudience = (role: string): string => `role:${role}`;
export const personAudience = (subject: string): string => `person:${personOf(subject)}`;

/** More audiences than an event can have. */
const AUDIENCES_MAX = 64;
/** The number of the first row of an event, by the event's number in the log. */
export const firstNumber = (ordinal: number): number => ordinal * AUDIENCES_MAX;

interface Audience {
  readonly audience: string;
  readonly named_by?: string | null;
}

/** Whom an event is news for, by the record before and after it. */
export function noticesOf(
  event: ProjectedEvent,
  {
    before,
    after,
    cameInOn,
  }: {
    readonly before: FoldedStanding | undefined;
    readonly after: FoldedStanding;
    /** The day on which the record came into the system, in London. */
    readonly cameInOn: string;
  },
): NoticeRow[] {
  const lifecycle = lifecycles.find(event.lifecycle);
  const { notices = {} } = lifecycle ?? {};
  const notice = Object.hasOwn(notices, event.type) ? notices[event.type] : undefined;
  if (lifecycle === null || notice === undefined || !isNews(event, notice, cameInOn)) return [];
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
  };
  return audiencesOf(lifecycle, notice, { before, after }).map(({ audience, named_by = null }, index) => ({
    ...{ number: firstNumber(event.ordinal) + index, ...said, audience, named_by },
  }));
}

/**
 * Whether anybody waits for it. What a file tells is history, but for what it asks people to decide; and a date that had passed before
 * the record came into the system is told to nobody.
 */
function isNews({ origin, effectiveOn }: ProjectedEvent, { asks }: Notice, cameInOn: string): boolean {
  switch (origin) {
    case 'command':
      return true;
    case 'import':
      return asks !== undefined;
    case 'sweep':
      return effectiveOn >= cameInOn;
  }
}

function audiencesOf(
  { kind, queues, code }: ViewedLifecycle,
  { asks, answers, to = [] }: Notice,
  { before, after }: { readonly before: FoldedStanding | undefined; readonly after: FoldedStanding },
): readonly Audience[] {
  const ofRoles = (roles: readonly string[]) => roles.map((role) => ({ audience: roleAudience(role) }));
  const requesters =
    (answers !== undefined &&
      before !== undefined &&
      code.summary?.waits?.[answers]?.persons(before.summary, before.value)) ||
    [];
  const all: readonly Audience[] = [
    ...(asks === undefined ? [] : ofRoles(decidersOf(queues, asks))),
    ...requesters.flatMap((person) => (person === null ? [] : { audience: personAudience(person) })),
    ...to.flatMap((each): readonly Audience[] => {
      if (each === 'body') return after.recipient === null ? [] : ofRoles(kind.roles.body);
      if (each === 'deciders') return answers === undefined ? [] : ofRoles(decidersOf(queues, answers));
      // Also of an owner whose name was erased: rows are the same whether they were folded before that or after it.
      return after.owner_event === null
        ? ofRoles(keepersOf(queues, kind))
        : [{ audience: OWNER, named_by: after.owner_event }];
    }),
  ];
  const different = [...new Map(all.map((each) => [each.audience, each])).values()];
  return different.length === 0 ? [{ audience: WATCHERS }] : different;
}

/** The column with the number of the event since which something waits; null where it does not. */
export type SinceColumn = `${string}_since`;
export const sinceColumn = (wait: string): SinceColumn => `${wait}_since`;

/** What notices ask for, in whichever kind of record. */
export const ASKED: readonly string[] = WAITS.filter((wait) =>
  lifecycles.currents.some(({ notices = {} }) => Object.values(notices).some(({ asks }) => asks === wait)),
);

/** Since which event each of it waits, by the columns. */
export type Since = Readonly<Record<SinceColumn, number | null>>;
export const NOTHING_ASKED: Since = Object.fromEntries(ASKED.map((wait) => [sinceColumn(wait), null]));

/** The same after an event. */
export function sinceAfter(
  since: Since,
  { ordinal }: Pick<ProjectedEvent, 'ordinal'>,
  before: FoldedStanding | undefined,
  after: FoldedStanding,
): Since {
  if (before?.summary === after.summary && before?.value === after.value) return since;
  const { waits = {} } = summaryOf(after);
  const now = ASKED.map((wait) => {
    const isWaiting = (waits[wait]?.persons(after.summary, after.value) ?? null) !== null;
    return [sinceColumn(wait), isWaiting ? (since[sinceColumn(wait)] ?? ordinal) : null] as const;
  });
  return Object.fromEntries(now);
}
