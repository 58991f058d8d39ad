import type { EventStore } from '#event-sourcing/event-store';
import { streamOf } from '#lifecycle/kind';
import { headlineOf } from '#lifecycle/words';
import type { ReadEvent } from '#lifecycle/lifecycles';
import { queryInbox } from '#read-models/inbox/inbox-query';
import type { InboxItem } from '#read-models/inbox/inbox-query';
import type { PageRequest } from '#projections/list-cursor';
import { isInternal } from '#state-machines/any-kind';
import type { Viewer } from '#state-machines/access';
import { lifecycles } from '#state-machines/lifecycles';
import { isSamePerson, personOf } from '#state-machines/capabilities/persons';
import { groundsOf, memberValue } from '#state-machines/record-view';
import { kinds } from '#state-machines/record-streams';
import { inboxOf } from '#notifications/people/mailed-person';
import type { Person } from '#state-machines/person-events';
import type { CallContext } from '../call-context.ts';
import { cameBack } from '../records/came-back.ts';
import type { RecordsAccess } from '../records/records-access.ts';
import { withheldFrom } from '../records/withhold.ts';
import { seeRecords } from '../register/lists.ts';

/** A notice with the text that its reader may see now. */
export interface ShownNotice {
  /** The event's id. */
  readonly id: string;
  readonly kind: string;
  readonly about: {
    readonly kind: string;
    readonly id: string;
    readonly eventId: string;
    /** The event's number in the record's history. */
    readonly version: number;
  };
  /** The record's current title; null if it has none, it was erased, or the record has moved to another body. */
  readonly title: string | null;
  /** The record's current recipient; null if it has none or the record has moved to another body. */
  readonly recipient: string | null;
  readonly text: string;
  /** The instant at which it was recorded. */
  readonly at: string;
  readonly read: boolean;
  /** Whether its request was decided or withdrawn. */
  readonly settled: boolean;
  /** Whether the record moved to another body, so that the reader can no longer see it. */
  readonly hasLeft: boolean;
}

export interface ShownInbox {
  readonly items: readonly ShownNotice[];
  readonly nextCursor: string | null;
  readonly position: string;
}

interface InboxRequest extends PageRequest {
  readonly now: number;
  readonly unread?: boolean;
}

/**
 * Returns a page of a person's notices, newest first, with the text that they may see now.
 * @throws InvalidCursorError, ReadModelMissingError.
 */
export async function seeInbox(
  access: RecordsAccess,
  viewer: Viewer,
  { now, ...page }: InboxRequest,
): Promise<ShownInbox> {
  const person = await access.people.find(viewer.subject);
  const { items, nextCursor, position } = await queryInbox(access.readModels, {
    ...page,
    ...inboxOf(viewer.subject, person, now, viewer),
  });
  return { items: await shownNotices(access, viewer, items), nextCursor, position };
}

/** Returns notices with their texts, except notices of events that no longer exist. */
async function shownNotices(
  { store, people }: RecordsAccess,
  viewer: Viewer,
  items: readonly InboxItem[],
): Promise<readonly ShownNotice[]> {
  const itemsWithEvents = await Promise.all(
    items.map(async (item) => ({ item, event: await readEvent(store, viewer, item) })),
  );
  const named = itemsWithEvents.flatMap(({ item, event }) => [
    item.actor,
    ...(event === null ? [] : ownersIn(event)),
  ]);
  const names = await people.readNames(new Set(named.map(personOf)));
  const nameOf = (subject: string): string =>
    isSamePerson(subject, viewer.subject) ? 'you' : (names.get(personOf(subject)) ?? subject);
  return itemsWithEvents.flatMap(({ item, event }) => shownNotice(item, event, nameOf) ?? []);
}

export interface UnreadNews {
  /** The number of notices; at most one more than the counting limit. */
  readonly count: number;
  /** How many of them arrived since the previous visit. */
  readonly sinceLastVisit: number;
  /** The newest notices about open records whose work was sent back and is not redone yet. */
  readonly sentBack: readonly ShownNotice[];
}

/** The kinds of notices that send work back. */
const SENT_BACK: ReadonlySet<string> = new Set(
  lifecycles.currents.flatMap(({ notices = {} }) =>
    Object.values(notices).flatMap(({ kind, comesBack }) => (comesBack === true ? [kind] : [])),
  ),
);

/** The maximum number of sent-back notices shown, and of candidates examined. */
const SENT_BACK_MAX = 3;
const EXAMINED_MAX = 10;
/** The number of later events searched for a new request or decision. If there are more, the notice counts as outdated. */
const EVENTS_AFTER_MAX = 100;

/** Returns a person's unread notices. @throws ReadModelMissingError. */
export async function seeUnread(
  access: RecordsAccess,
  context: Pick<CallContext, 'viewer' | 'now'>,
): Promise<UnreadNews> {
  const { viewer } = context;
  const person = await access.people.find(viewer.subject);
  const items = await unreadOf(access, context, person);
  const { before } = person.visits;
  const candidates = items.filter(({ kind }) => SENT_BACK.has(kind)).slice(0, EXAMINED_MAX);
  const sentBack = (await filterUnanswered(access, context, candidates)).slice(0, SENT_BACK_MAX);
  return {
    count: items.length,
    sinceLastVisit: items.filter(({ at }) => before !== null && at > before).length,
    sentBack: await shownNotices(access, viewer, sentBack),
  };
}

/** Returns the notices whose record is open and has no later request, decision or withdrawal. */
async function filterUnanswered(
  { store, readModels }: RecordsAccess,
  { viewer, now }: Pick<CallContext, 'viewer' | 'now'>,
  items: readonly InboxItem[],
): Promise<readonly InboxItem[]> {
  const records = items.map(({ stream }) => kinds.ofStream(stream)).filter((record) => record !== null);
  const seen = await seeRecords({ readModels }, viewer, records, now);
  const open = new Set(
    seen
      .filter(({ closedOn }) => closedOn === null)
      .map(({ kind, id }) => streamOf({ kind: kinds.named(kind), id })),
  );
  const areUnanswered = await Promise.all(
    items.map(async ({ stream, version, eventId }) => {
      if (!open.has(stream)) return false;
      const stored = await store.readStream(stream, { after: version - 1, limit: EVENTS_AFTER_MAX + 1 });
      const events = stored.length > EVENTS_AFTER_MAX ? [] : stored.map((event) => lifecycles.read(event));
      return cameBack(lifecycles, events, false).some((event) => event.eventId === eventId);
    }),
  );
  return items.filter((_, index) => areUnanswered[index] === true);
}

/** The counting limit of unread notices. */
export const UNREAD_MAX = 99;

/** Counts a person's unread notices, up to one more than the limit. */
export async function countUnread(
  access: Pick<RecordsAccess, 'readModels'>,
  context: Pick<CallContext, 'viewer' | 'now'>,
  person: Person,
): Promise<number> {
  return (await unreadOf(access, context, person)).length;
}

async function unreadOf(
  { readModels }: Pick<RecordsAccess, 'readModels'>,
  { viewer, now }: Pick<CallContext, 'viewer' | 'now'>,
  person: Person,
): Promise<readonly InboxItem[]> {
  const { items } = await queryInbox(readModels, {
    ...inboxOf(viewer.subject, person, now, viewer),
    ...{ unread: true, limit: UNREAD_MAX + 1 },
  });
  return items;
}

/** Returns null if the event no longer exists, as in a log that was rolled back. */
function shownNotice(
  item: InboxItem,
  event: ReadEvent | null,
  nameOf: (subject: string) => string,
): ShownNotice | null {
  const { stream, version, kind, eventId, title, recipient, hasLeft, at, actor } = item;
  const reference = kinds.ofStream(stream);
  if (reference === null || event === null) return null;
  const about = { kind: reference.kind.name, id: reference.id, eventId, version };
  const text = hasLeft ? LEFT : noticeText(withNames(event, nameOf), nameOf(actor));
  const marks = { read: item.isRead, settled: item.isSettled };
  return { id: eventId, kind, about, title, recipient, text, at, ...marks, hasLeft };
}

/** The text for people of the former body. */
const LEFT = 'The record moved to another body. You can no longer read it.';

/** Returns an event without internal values: the reader's access is not checked against the record's body. */
async function readEvent(
  store: Pick<EventStore, 'readStream'>,
  viewer: Viewer,
  { stream, version, eventId }: InboxItem,
): Promise<ReadEvent | null> {
  const [stored] = await store.readStream(stream, { after: version - 1, limit: 1 });
  if (stored?.eventId !== eventId) return null;
  const reference = kinds.ofStream(stream);
  if (reference === null) return null;
  const [seen = stored] = withheldFrom({ ...viewer, roles: [] }, null, reference.kind, [stored]);
  return lifecycles.read(seen);
}

const ownerMembers = (event: ReadEvent): readonly string[] =>
  Object.entries(lifecycles.of(event).code.texts?.at[event.type] ?? {}).flatMap(([pointer, kind]) =>
    kind === 'owner' ? [pointer.slice('/data/'.length)] : [],
  );

const ownersIn = (event: ReadEvent): readonly string[] =>
  ownerMembers(event).flatMap((member) => {
    const owner = event.data[member];
    return typeof owner === 'string' ? [owner] : [];
  });

/** Returns an event with owners' names instead of their subjects. */
function withNames(event: ReadEvent, nameOf: (subject: string) => string): ReadEvent {
  const named = ownerMembers(event).flatMap((member) => {
    const owner = event.data[member];
    return typeof owner === 'string' ? [[member, nameOf(owner)] as const] : [];
  });
  return named.length === 0 ? event : { ...event, data: { ...event.data, ...Object.fromEntries(named) } };
}

/** The number of UTF-16 code units quoted in a notice. */
const QUOTED_MAX = 200;

/** Returns what happened, with the person's name and their reason or comment, without internal values. */
function noticeText(event: ReadEvent, by: string): string {
  const { words } = lifecycles.of(event);
  const headline = headlineOf(words, event);
  const who = headline.includes(':') ? `, by ${by}` : ` by ${by}`;
  const what = event.origin === 'sweep' ? headline : `${headline}${who}`;
  if (isInternal(event)) return `${what}, internal`;
  const hasReason = words.headlinesWithReason?.includes(event.type) === true;
  const { reason, statement, note } = groundsOf(event);
  const text = memberValue(event, 'text');
  const texts = (isComment(event) ? [text] : [hasReason ? null : reason, statement, note, text]).filter(
    (each) => each !== undefined,
  );
  const first = texts.find((each) => typeof each === 'string');
  if (first !== undefined) return `${what}: ${shorten(first)}`;
  return texts.includes(null) && !hasReason ? `${what}: [redacted]` : what;
}

const isComment = (event: ReadEvent): boolean =>
  Object.values(lifecycles.of(event).code.texts?.at[event.type] ?? {}).includes('comment');

function shorten(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  if (line.length <= QUOTED_MAX) return line;
  // Does not split a surrogate pair.
  const [first = ''] = /^[\s\S]{0,199}(?![\uDC00-\uDFFF])/.exec(line) ?? [];
  return `${first.trimEnd()}…`;
}
