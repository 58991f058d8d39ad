import type { EventStore } from '#event-sourcing/event-store';
import { headlineOf } from '#lifecycle/words';
import type { ReadEvent } from '#lifecycle/lifecycles';
import { queryInbox } from '#read-models/inbox/inbox-query';
import type { InboxItem } from '#read-models/inbox/inbox-query';
import type { PageAsked } from '#projections/list-cursor';
import { isInternal } from '#state-machines/any-kind';
import type { Viewer } from '#state-machines/access';
import { lifecycles } from '#state-machines/lifecycles';
import { groundsOf, saidBy } from '#state-machines/record-view';
import { kinds } from '#state-machines/record-streams';
import { inboxOf } from '#notifications/people/mailed-person';
import type { Person } from '#state-machines/person-events';
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
  /** The record's title as it stands; null where it has none or it was erased. */
  readonly title: string | null;
  readonly text: string;
  /** When it was recorded: an instant. */
  readonly at: string;
  readonly read: boolean;
  /** Whether what it asked for was decided, or taken back. */
  readonly settled: boolean;
}

export interface ShownInbox {
  readonly items: readonly ShownNotice[];
  readonly nextCursor: string | null;
  readonly position: string;
}

export interface AskedOfInbox extends PageAsked {
  readonly unread?: boolean;
}

/**
 * A page of what is news for a person, the newest first, in words as they may read them now.
 * @throws InvalidCursorError, ReadModelMissingError.
 */
export async function seeInbox(
  access: Pick<InboxAccess, 'store' | 'readModels' | 'people'>,
  viewer: Viewer,
  asked: AskedOfInbox,
): Promise<ShownInbox> {
  const person = await access.people.find(viewer.subject);
  const { items, nextCursor, position } = await queryInbox(access.readModels, {
    ...asked,
    ...inboxOf(viewer.subject, person, viewer),
  });
  const names = await access.people.readNames(new Set(items.map(({ actor }) => actor)));
  const shown = await Promise.all(
    items.map((item) => shownNotice(access, viewer, item, names.get(item.actor) ?? item.actor)),
  );
  return { items: shown.filter((each) => each !== null), nextCursor, position };
}

/** How many unread notices are counted: beyond, nobody counts them. */
export const UNREAD_MAX = 99;

/** How many notices a person has not read, up to one more than are counted. */
export async function countUnread(
  { readModels }: Pick<InboxAccess, 'readModels'>,
  viewer: Viewer,
  person: Person,
): Promise<number> {
  const { items } = await queryInbox(readModels, {
    ...inboxOf(viewer.subject, person, viewer),
    ...{ unread: true, limit: UNREAD_MAX + 1 },
  });
  return items.length;
}

/** Null for an event that is not there any more: a log that was gone back in does not have it. */
async function shownNotice(
  { store }: Pick<InboxAccess, 'store'>,
  viewer: Viewer,
  { stream, version, kind, eventId, title, at, isRead: read, isSettled: settled }: InboxItem,
  by: string,
): Promise<ShownNotice | null> {
  const reference = kinds.ofStream(stream);
  const event = await readEvent(store, viewer, stream, version);
  if (reference === null || event?.eventId !== eventId) return null;
  const about = { kind: reference.kind.name, id: reference.id, eventId, version };
  return { id: eventId, kind, about, title, text: noticeText(event, by), at, read, settled };
}

/** An event as somebody may read it of whom the record's body is not asked: without what is internal. */
async function readEvent(
  store: Pick<EventStore, 'readStream'>,
  viewer: Viewer,
  stream: string,
  version: number,
): Promise<ReadEvent | null> {
  const [stored] = await store.readStream(stream, { after: version - 1, limit: 1 });
  if (stored === undefined) return null;
  const [seen = stored] = withheldFrom({ ...viewer, roles: [] }, null, [stored]);
  return lifecycles.read(seen);
}

/** How much of a text a notice says, in UTF-16 code units. */
const QUOTED_MAX = 200;

/** What happened, by whom, and what they gave as the ground: never what is internal. */
export function noticeText(event: ReadEvent, by: string): string {
  const { words } = lifecycles.of(event);
  const headline = headlineOf(words, event);
  const who = headline.includes(':') ? `, by ${by}` : ` by ${by}`;
  const what = event.origin === 'sweep' ? headline : `${headline}${who}`;
  if (isInternal(event)) return what;
  const tellsReason = words.headlineTellsReason?.includes(event.type) === true;
  const { reason, statement, note } = groundsOf(event);
  const said = [tellsReason ? null : reason, statement, note, saidBy(event, 'text')].find(
    (each) => typeof each === 'string',
  );
  return typeof said === 'string' ? `${what}: ${shortened(said)}` : what;
}

function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  if (line.length <= QUOTED_MAX) return line;
  // No letter is cut in two.
  const [first = ''] = /^[\s\S]{0,199}(?![\uDC00-\uDFFF])/.exec(line) ?? [];
  return `${first.trimEnd()}…`;
}
