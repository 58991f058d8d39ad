import type { EventStore } from '#event-sourcing/event-store';
import { headlineOf } from '#lifecycle/words';
import type { ReadEvent } from '#lifecycle/lifecycles';
import { queryInbox } from '#read-models/inbox/inbox-query';
import type { InboxItem } from '#read-models/inbox/inbox-query';
import type { PageAsked } from '#projections/list-cursor';
import { isInternal } from '#state-machines/any-kind';
import type { Viewer } from '#state-machines/access';
import { lifecycles } from '#state-machines/lifecycles';
import { isSamePerson, personOf } from '#state-machines/capabilities/persons';
import { groundsOf, saidBy } from '#state-machines/record-view';
import { kinds } from '#state-machines/record-streams';
import { inboxOf } from '#notifications/people/mailed-person';
import type { Person } from '#state-machines/person-events';
import type { AskedNow } from '../asked.ts';
import type { People } from '../people/people.ts';
import type { RecordsAccess } from '../records/records-access.ts';
import { withheldFrom } from '../records/withhold.ts';

export interface InboxAccess extends Pick<RecordsAccess, 'store' | 'readModels' | 'projections'> {
  readonly people: People;
}

/** A notice in the words in which it can be read now. */
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
  /** The record's title as it stands; null where it has none, it was erased, or the record has left. */
  readonly title: string | null;
  readonly text: string;
  /** When it was recorded: an instant. */
  readonly at: string;
  readonly read: boolean;
  /** Whether what it asked for was decided, or taken back. */
  readonly settled: boolean;
  /** Whether the record went to another body, so that nothing of it can be read any more. */
  readonly hasLeft: boolean;
}

export interface ShownInbox {
  readonly items: readonly ShownNotice[];
  readonly nextCursor: string | null;
  readonly position: string;
}

export interface AskedOfInbox extends PageAsked {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly unread?: boolean;
}

/**
 * A page of what is news for a person, the newest first, in words as they may read them now.
 * @throws InvalidCursorError, ReadModelMissingError.
 */
export async function seeInbox(
  access: Pick<InboxAccess, 'store' | 'readModels' | 'people'>,
  viewer: Viewer,
  { now, ...page }: AskedOfInbox,
): Promise<ShownInbox> {
  const person = await access.people.find(viewer.subject);
  const { items, nextCursor, position } = await queryInbox(access.readModels, {
    ...page,
    ...inboxOf(viewer.subject, person, now, viewer),
  });
  const read = await Promise.all(
    items.map(async (item) => ({ item, event: await readEvent(access.store, viewer, item) })),
  );
  const named = read.flatMap(({ item, event }) => [item.actor, ...(event === null ? [] : ownersIn(event))]);
  const names = await access.people.readNames(new Set(named.map(personOf)));
  const nameOf = (subject: string): string =>
    isSamePerson(subject, viewer.subject) ? 'you' : (names.get(personOf(subject)) ?? subject);
  const shown = read.flatMap(({ item, event }) => shownNotice(item, event, nameOf) ?? []);
  return { items: shown, nextCursor, position };
}

/** How many unread notices are counted: beyond, nobody counts them. */
export const UNREAD_MAX = 99;

/** How many notices a person has not read, up to one more than are counted. */
export async function countUnread(
  { readModels }: Pick<InboxAccess, 'readModels'>,
  { viewer, now }: Pick<AskedNow, 'viewer' | 'now'>,
  person: Person,
): Promise<number> {
  const { items } = await queryInbox(readModels, {
    ...inboxOf(viewer.subject, person, now, viewer),
    ...{ unread: true, limit: UNREAD_MAX + 1 },
  });
  return items.length;
}

/** Null for an event that is not there any more: a log that was gone back in does not have it. */
function shownNotice(
  { stream, version, kind, eventId, title, hasLeft, at, isRead: read, isSettled: settled, actor }: InboxItem,
  event: ReadEvent | null,
  nameOf: (subject: string) => string,
): ShownNotice | null {
  const reference = kinds.ofStream(stream);
  if (reference === null || event === null) return null;
  const about = { kind: reference.kind.name, id: reference.id, eventId, version };
  const text = hasLeft ? LEFT : noticeText(withNames(event, nameOf), nameOf(actor));
  return { id: eventId, kind, about, title, text, at, read, settled, hasLeft };
}

/** All that is said of a record to the people of the body that it was for. */
const LEFT = 'It went to another body. You can no longer read it.';

/** An event as somebody may read it of whom the record's body is not asked: without what is internal. */
async function readEvent(
  store: Pick<EventStore, 'readStream'>,
  viewer: Viewer,
  { stream, version, eventId }: InboxItem,
): Promise<ReadEvent | null> {
  const [stored] = await store.readStream(stream, { after: version - 1, limit: 1 });
  if (stored?.eventId !== eventId) return null;
  const [seen = stored] = withheldFrom({ ...viewer, roles: [] }, null, [stored]);
  return lifecycles.read(seen);
}

/** The members of an event's data that name an owner. */
const ownerMembers = (event: ReadEvent): readonly string[] =>
  Object.entries(lifecycles.of(event).code.texts?.at[event.type] ?? {}).flatMap(([pointer, kind]) =>
    kind === 'owner' ? [pointer.slice('/data/'.length)] : [],
  );

const ownersIn = (event: ReadEvent): readonly string[] =>
  ownerMembers(event).flatMap((member) => {
    const owner = event.data[member];
    return typeof owner === 'string' ? [owner] : [];
  });

/** An event with the names of owners in place of their subjects. */
function withNames(event: ReadEvent, nameOf: (subject: string) => string): ReadEvent {
  const named = ownerMembers(event).flatMap((member) => {
    const owner = event.data[member];
    return typeof owner === 'string' ? [[member, nameOf(owner)] as const] : [];
  });
  return named.length === 0 ? event : { ...event, data: { ...event.data, ...Object.fromEntries(named) } };
}

/** How much of a text a notice says, in UTF-16 code units. */
const QUOTED_MAX = 200;

/** What happened, by whom, and what they gave as the ground, or commented: never what is internal. */
export function noticeText(event: ReadEvent, by: string): string {
  const { words } = lifecycles.of(event);
  const headline = headlineOf(words, event);
  const who = headline.includes(':') ? `, by ${by}` : ` by ${by}`;
  const what = event.origin === 'sweep' ? headline : `${headline}${who}`;
  if (isInternal(event)) return `${what}, internal`;
  const tellsReason = words.headlineTellsReason?.includes(event.type) === true;
  const { reason, statement, note } = groundsOf(event);
  const text = saidBy(event, 'text');
  // Why a comment was corrected is not what it says.
  const said = (isComment(event) ? [text] : [tellsReason ? null : reason, statement, note, text]).filter(
    (each) => each !== undefined,
  );
  const first = said.find((each) => typeof each === 'string');
  if (first !== undefined) return `${what}: ${shortened(first)}`;
  return said.includes(null) && !tellsReason ? `${what}: [redacted]` : what;
}

const isComment = (event: ReadEvent): boolean =>
  Object.values(lifecycles.of(event).code.texts?.at[event.type] ?? {}).includes('comment');

function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  if (line.length <= QUOTED_MAX) return line;
  // No letter is cut in two.
  const [first = ''] = /^[\s\S]{0,199}(?![\uDC00-\uDFFF])/.exec(line) ?? [];
  return `${first.trimEnd()}…`;
}
