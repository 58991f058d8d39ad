import { REDACTION } from '#event-sourcing/erasure';
import type { Envelope } from '#event-sourcing/envelope';
import type { EventDraft } from '#event-sourcing/event-store';
import type { TypedEvent } from '#event-sourcing/typed-stream';
import { TypedStream } from '#event-sourcing/typed-stream';
import {
  freeText,
  identifier,
  instant,
  list,
  oneOf,
  optional,
  orNull,
  plainDate,
  sha256,
} from '#lifecycle/fields';
import { shape } from '#lifecycle/shapes';
import type { DataOf, StoredDataOf } from '#lifecycle/shapes';

/**
 * Returns the stream of a person, which contains their name, which can be erased, and their settings. It follows no
 * lifecycle.
 */
export const personStream = (subject: string): string => `person-${subject}`;

/** Returns the subject of a person's stream; null for another stream. */
export const personOfStream = (streamId: string): string | null =>
  streamId.startsWith('person-') ? streamId.slice('person-'.length) : null;

const NAME = '/data/name';
const EMAIL = '/data/email';
/** The erasable texts of a saved search: its name and its query. */
const SEARCH_TEXTS = [NAME, '/data/query'] as const;

/** The roles of a person, and their organisations. */
export type Rights = {
  readonly roles: readonly string[];
  readonly organisations: readonly string[];
};

/** The recorded claims of a token. */
export interface SeenPerson {
  /** The name; null if the token has none. The event then has no such member. */
  readonly name: string | null;
  /** A verified mail address; null if the token has none. */
  readonly email?: string | null;
  readonly rights: Rights;
  /** The token's time of issue, ISO 8601 in UTC with milliseconds. */
  readonly issuedAt: string;
}

/** The notification channels besides the inbox. */
export const NOTICE_CHANNELS = ['email'] as const;
/** The groups of notices that a person can turn off. */
export const NOTICE_GROUPS = ['decisions', 'deadlines', 'changes'] as const;
export type NoticeGroup = (typeof NOTICE_GROUPS)[number];
/** The frequency of mail: at once, or one a day. */
export const NOTICE_DIGESTS = ['at-once', 'daily'] as const;

/** The read part of a person's inbox: all items up to an instant, and single later ones. */
interface InboxMarks {
  readonly until: string;
  /** The event ids of single items. */
  readonly ids: readonly string[];
}

/** The reasons why a session ended before it expired. */
const SESSION_ENDS = ['signed-out', 'rights-changed', 'revoked', 'too-many'] as const;
export type SessionEnd = (typeof SESSION_ENDS)[number];

const sessionId = identifier('The id of the session.');
const linkId = identifier('The id of the link.');
const searchId = identifier('The id of the search.');
const record = {
  kind: identifier('The kind of the record.'),
  id: identifier('The id of the record.'),
};
const organisations = list(identifier(), 'The bodies that the person belongs to.');
const roles = list(
  identifier(),
  'The roles from the token; before the first token, those that an administrator entered.',
);

export const PERSON_SHAPES = {
  PersonSeen: shape({
    name: optional(freeText('The display name from the token.')),
    email: optional(freeText('The email address; present only if the token contains it as verified.')),
    // Older events do not contain rights.
    roles: optional(roles),
    organisations: optional(organisations),
    issuedAt: instant('The time at which the token was issued.'),
  }),
  PersonEntered: shape({
    name: freeText('The display name that an administrator entered.'),
    roles,
    organisations,
  }),
  CalendarLinkMade: shape({
    linkId,
    secretHash: sha256('The SHA-256 of the secret in the URL.'),
    expiresOn: plainDate('The first day, in London time, on which the link no longer works.'),
    recipient: orNull(identifier('The body whose deadlines the link shows; null for all bodies.')),
    kind: orNull(identifier('The kind of deadline that the link shows; null for all kinds.')),
    state: orNull(identifier('The state of the deadlines that the link shows; null for all states.')),
  }),
  CalendarLinkRevoked: shape({ linkId }),
  SearchSaved: shape({
    searchId,
    name: freeText('The name of the search.'),
    query: freeText('The query string of the list.'),
  }),
  SearchRemoved: shape({ searchId }),
  SessionStarted: shape({
    sessionId,
    browser: identifier('The name of the browser, such as Firefox on Windows.'),
    roles,
    organisations,
    issuedAt: instant('The time at which the token was issued, in whole seconds.'),
    expiresAt: instant('The time at which the session expires.'),
  }),
  InboxRead: shape({
    until: optional(instant('The instant up to which all notices are read.')),
    ids: optional(
      list(identifier(), 'The ids of the events whose notices are read, besides those up to `until`.'),
    ),
  }),
  RecordWatched: shape(record),
  RecordUnwatched: shape(record),
  NoticesChosen: shape({
    channels: list(oneOf(NOTICE_CHANNELS), 'The channels besides the inbox.'),
    digest: oneOf(NOTICE_DIGESTS),
    muted: list(oneOf(NOTICE_GROUPS), 'The groups of notices that Docket sends no messages for.'),
  }),
  SessionUsed: shape({ sessionId }),
  SessionEnded: shape({ sessionId, because: oneOf(SESSION_ENDS) }),
  /** A redaction. This event type is the same in every stream. */
  [REDACTION]: shape({
    eventId: identifier('The id of the event with the erased values.'),
    erased: list(identifier(), 'The JSON pointers of the erased values.'),
    reason: freeText('The reason, in words.'),
  }),
};

type Data = DataOf<typeof PERSON_SHAPES>;
export type PersonEventData = StoredDataOf<typeof PERSON_SHAPES>;

/** A person added by an administrator before their first token. */
export type EnteredPerson = Data['PersonEntered'];

/** A URL with which a calendar program reads deadlines with a person's rights. The secret in it is not stored. */
export type CalendarLink = Data['CalendarLinkMade'];

/** The filters of a calendar link; null includes everything that its person may see. */
export type CalendarFilter = Pick<CalendarLink, 'recipient' | 'kind' | 'state'>;

/** A list of records saved under a name. */
export type SavedSearch = Data['SearchSaved'];

/** A person's notification settings. */
export type NoticeChoices = Data['NoticesChosen'];

/** A record that a person watches, and the instant from which on they are notified. */
export type Watch = Data['RecordWatched'] & { readonly since: string };

/** A session in one browser, with the rights of its token. */
export type StartedSession = Data['SessionStarted'];

export type LiveSession = StartedSession & {
  readonly startedAt: string;
  /** The time of the last use, to the hour. */
  readonly usedAt: string;
};

/** An event of a person's stream, discriminated by its type. */
export type PersonEvent = TypedEvent<PersonEventData, Envelope>;

const events = new TypedStream<Data, PersonEventData>(PERSON_SHAPES);

/** Returns an event of the stream, typed. */
export const asPersonEvent = events.read;

/** A person, folded from their stream. */
export interface Person {
  readonly name: string | null;
  /** The mail address; null if unknown or erased. */
  readonly email: string | null;
  /** The rights of the newest recorded token, or else those that an administrator entered; null if there are none. */
  readonly rights: Rights | null;
  /** The time of issue of the newest recorded token; null before the first. */
  readonly issuedAt: string | null;
  /** The ids of the events that still contain a name, and of those that still contain a mail address. */
  readonly named: readonly string[];
  readonly mailed: readonly string[];
  /** The time at which a name was last erased. Earlier tokens are no longer recorded. */
  readonly erasedAt: string | null;
  readonly links: readonly CalendarLink[];
  /** The saved searches, in order of creation. */
  readonly searches: readonly (SavedSearch & { readonly eventId: string })[];
  /** The ids of the events that still contain texts of a search, including removed ones. */
  readonly searched: readonly string[];
  /** The sessions that have not ended, the oldest first. Some may have expired. */
  readonly sessions: readonly LiveSession[];
  readonly inbox: InboxMarks;
  /** The watched records, in order of creation. */
  readonly watches: readonly Watch[];
  /** The notification settings; null for the defaults. */
  readonly notices: NoticeChoices | null;
  /** The times of the last visit and of the previous one; null if there was none. */
  readonly visits: { readonly last: string | null; readonly before: string | null };
}

export const unknownPerson: Person = {
  name: null,
  email: null,
  rights: null,
  issuedAt: null,
  named: [],
  mailed: [],
  erasedAt: null,
  links: [],
  searches: [],
  searched: [],
  sessions: [],
  inbox: { until: '', ids: [] },
  watches: [],
  notices: null,
  visits: { last: null, before: null },
};

/** Returns a draft of an event of the stream. */
export const personDraft = events.draft;

export const personSeen = ({ name, email = null, rights, issuedAt }: SeenPerson, day: string): EventDraft =>
  personDraft(
    'PersonSeen',
    { ...(name !== null && { name }), ...(email !== null && { email }), ...rights, issuedAt },
    day,
  );

/** Returns the redactions of all names and mail addresses that are not erased yet. */
export const namesRedacted = ({ named, mailed }: Person, day: string): readonly EventDraft[] =>
  [...new Set([...named, ...mailed])].map((eventId) => {
    const erased = [...(named.includes(eventId) ? [NAME] : []), ...(mailed.includes(eventId) ? [EMAIL] : [])];
    return personRedacted({ eventId, erased }, day);
  });

export const searchRedacted = (eventId: string, day: string): EventDraft =>
  personRedacted({ eventId, erased: SEARCH_TEXTS }, day);

/** Returns the redaction of an event's personal values. */
export const personRedacted = (
  redaction: Omit<PersonEventData[typeof REDACTION], 'reason'>,
  day: string,
): EventDraft => personDraft(REDACTION, { ...redaction, reason: 'Name erased' }, day);

/** Returns a person after an event of their stream; the same object for other types of events. */
export function evolvePerson(person: Person, event: PersonEvent): Person {
  const { type, eventId, recordedAt, data } = event;
  switch (type) {
    case 'PersonSeen': {
      const { name = null, email = null, roles, organisations, issuedAt } = data;
      return {
        ...person,
        name,
        email,
        mailed: email === null ? person.mailed : [...person.mailed, eventId],
        rights: roles && organisations ? { roles, organisations } : null,
        // An older token can add missing rights, but does not become the newest.
        issuedAt: issuedAt > (person.issuedAt ?? '') ? issuedAt : person.issuedAt,
        named: name === null ? person.named : [...person.named, eventId],
      };
    }
    case 'PersonEntered': {
      const { name = null, roles, organisations } = data;
      const named = name === null ? person.named : [...person.named, eventId];
      // After the first token, rights come from tokens only.
      const rights = person.issuedAt === null ? { roles, organisations } : person.rights;
      return { ...person, name: name ?? person.name, rights, named };
    }
    case REDACTION: {
      const others = (events: readonly string[]) => events.filter((each) => each !== data.eventId);
      const named = others(person.named);
      const searched = others(person.searched);
      const mailed = others(person.mailed);
      const name = named.length === 0 ? null : person.name;
      const email = mailed.length === 0 ? null : person.email;
      const searches = person.searches.filter(({ eventId }) => eventId !== data.eventId);
      return { ...person, name, email, named, mailed, searches, searched, erasedAt: recordedAt };
    }
    case 'SearchSaved': {
      const { searchId, name, query } = data;
      if (name === undefined || query === undefined) return person;
      const searches = [...person.searches, { searchId, name, query, eventId }];
      return { ...person, searches, searched: [...person.searched, eventId] };
    }
    case 'SearchRemoved':
      return { ...person, searches: person.searches.filter(({ searchId }) => searchId !== data.searchId) };
    case 'SessionStarted': {
      const live = person.sessions.filter(({ expiresAt }) => expiresAt > recordedAt);
      const sessions = [...live, { ...data, startedAt: recordedAt, usedAt: recordedAt }];
      return { ...person, sessions, visits: { last: recordedAt, before: person.visits.last } };
    }
    case 'SessionUsed': {
      const sessions = person.sessions.map((session) =>
        session.sessionId === data.sessionId ? { ...session, usedAt: recordedAt } : session,
      );
      return { ...person, sessions, visits: { ...person.visits, last: recordedAt } };
    }
    case 'SessionEnded':
      return { ...person, sessions: person.sessions.filter(({ sessionId }) => sessionId !== data.sessionId) };
    case 'CalendarLinkMade':
      return { ...person, links: [...person.links, data] };
    case 'CalendarLinkRevoked':
      return { ...person, links: person.links.filter(({ linkId }) => linkId !== data.linkId) };
    default:
      return evolveInbox(person, event);
  }
}

function evolveInbox(person: Person, { type, recordedAt, data }: PersonEvent): Person {
  switch (type) {
    case 'InboxRead': {
      const { until = person.inbox.until, ids = [] } = data;
      // Items up to the instant need no entry. Later ones are listed again.
      const before = data.until === undefined ? person.inbox.ids : [];
      return { ...person, inbox: { until, ids: [...before, ...ids] } };
    }
    case 'RecordWatched':
      return { ...person, watches: [...person.watches, { ...data, since: recordedAt }] };
    case 'RecordUnwatched':
      return { ...person, watches: person.watches.filter((watch) => !isSameRecord(watch, data)) };
    case 'NoticesChosen':
      return { ...person, notices: data };
    default:
      return person;
  }
}

/** The default settings. */
const DEFAULT_CHOICES: NoticeChoices = { channels: ['email'], digest: 'daily', muted: [] };

/** Returns a person's notification settings. */
export const choicesOf = ({ notices }: Pick<Person, 'notices'>): NoticeChoices => notices ?? DEFAULT_CHOICES;

export const isSameRecord = (one: Pick<Watch, 'kind' | 'id'>, other: Pick<Watch, 'kind' | 'id'>): boolean =>
  one.kind === other.kind && one.id === other.id;

/** Returns the links that are valid on a day in London. */
export const linksOn = ({ links }: Person, day: string): readonly CalendarLink[] =>
  links.filter(({ expiresOn }) => day < expiresOn);

/** Returns the sessions that are older than a token with other rights. */
export const outdatedSessions = (
  { sessions }: Person,
  { rights, issuedAt }: Pick<SeenPerson, 'issuedAt' | 'rights'>,
): readonly LiveSession[] =>
  sessions.filter((session) => session.issuedAt <= issuedAt && !hasRights({ rights: session }, rights));

/**
 * Returns what to record of a token: the first one, a different name or different rights; null if nothing changed, or a
 * newer token is recorded.
 */
export function newsOf(person: Person, seen: SeenPerson): SeenPerson | null {
  if (person.issuedAt !== null && seen.issuedAt < person.issuedAt) return null;
  const isErased = person.erasedAt !== null && seen.issuedAt <= person.erasedAt;
  const [name, email] = isErased ? [null, null] : [seen.name, seen.email ?? null];
  const isRenamed = name !== null && name !== person.name;
  const isReadressed = email !== null && (email !== person.email || isOldNews(person, seen));
  if (person.issuedAt !== null && !isRenamed && !isReadressed && hasRights(person, seen.rights)) return null;
  return { ...seen, name: name ?? person.name, email: email ?? person.email };
}

/**
 * Returns whether the recorded token is from an earlier day. Mail ends some time after a person's newest token, so its
 * date is recorded to the day.
 */
const isOldNews = ({ issuedAt }: Person, seen: SeenPerson): boolean =>
  issuedAt !== null && issuedAt.slice(0, 'YYYY-MM-DD'.length) < seen.issuedAt.slice(0, 'YYYY-MM-DD'.length);

/** Returns whether a person has exactly these rights. */
export const hasRights = ({ rights }: Pick<Person, 'rights'>, seen: Rights): boolean =>
  rights !== null && isSame(rights.roles, seen.roles) && isSame(rights.organisations, seen.organisations);

const isSame = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((item) => other.includes(item));
