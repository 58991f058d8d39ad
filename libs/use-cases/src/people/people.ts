import { createHash, timingSafeEqual } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Random } from '#event-sourcing/random';
import type { EventDraft, EventStore } from '#event-sourcing/event-store';
import { streamEvents } from '#event-sourcing/event-store';
import { retryConflicts } from '#event-sourcing/retry-conflicts';
import type { Identity } from '#identity/identity';
import {
  asPersonEvent,
  evolvePerson,
  hasRights,
  linksOn,
  namesRedacted,
  newsOf,
  personDraft,
  personSeen,
  personStream,
  outdatedSessions,
  searchRedacted,
  unknownPerson,
} from '#state-machines/person-events';
import type {
  CalendarFilter,
  CalendarLink,
  EnteredPerson,
  LiveSession,
  Person,
  SavedSearch,
  SeenPerson,
  SessionEnd,
  StartedSession,
} from '#state-machines/person-events';
import { addDays } from '#lifecycle/plain-date';
import { codePoints, NOT_BLANK, onOneLine } from '#lifecycle/text-rules';
import { londonDate } from '#state-machines/london';
import { CommandRefusedError } from '#lifecycle/refused';
import { appendAs } from '../log/kept-stream.ts';
import type { EventCall } from '../log/kept-stream.ts';
import { ProblemError } from '../problems.ts';

/** The number of people cached; beyond it, the least recently used is evicted. */
const PEOPLE_MAX = 10_000;
/** More calendars than a person has, and few enough to search. */
export const CALENDAR_LINKS_MAX = 20;
const CALENDAR_LINK_DAYS = 365;
/** More lists than a person uses, and few enough to read through. */
export const SEARCHES_MAX = 50;
/** In characters. */
export const SEARCH_NAME_LENGTH_MAX = 100;
const SEARCH_QUERY_LENGTH_MAX = 2_000;
const SECRET_BYTES = 32;
/** More browsers than a person has; a further sign-in ends the oldest session. */
const SESSIONS_MAX = 50;
/** A session's last use is recorded with this precision. */
const USED_MS = 3_600_000;
/** How long a cached name is used. */
export const NAME_MS = 1_000;

/** A person, folded up to an event of their stream. */
interface Known {
  readonly version: number;
  readonly person: Person;
}

/** The people seen in tokens, each with their own stream: name, calendar links and searches. */
export class People {
  readonly #store: EventStore;
  readonly #random: Random;
  readonly #known = new LRUCache<string, Known>({ max: PEOPLE_MAX });
  /** The claims of the newest token of each person that this process has seen. */
  readonly #newest = new LRUCache<string, SeenPerson>({ max: PEOPLE_MAX });
  /** Names by subject, also for unknown subjects. */
  readonly #names = new LRUCache<string, { readonly name: string | null }>({ max: PEOPLE_MAX, ttl: NAME_MS });

  constructor(store: EventStore, random: Random) {
    this.#store = store;
    this.#random = random;
  }

  /** Returns a person's current state. */
  async find(subject: string): Promise<Person> {
    return (await this.#reload(subject)).person;
  }

  /**
   * Returns a person's name if it was read within the last second: null if there is none or it was erased, undefined if it must be read.
   */
  rememberedName(subject: string): string | null | undefined {
    return this.#names.get(subject)?.name;
  }

  /** Returns people's names by subject; null for an unknown name. Caches them for a second. */
  async readNames(subjects: Iterable<string>): Promise<ReadonlyMap<string, string | null>> {
    const reading = Array.from(subjects, async (subject) => {
      const { name } = await this.find(subject);
      this.#names.set(subject, { name });
      return [subject, name] as const;
    });
    return new Map(await Promise.all(reading));
  }

  /** Records a token's claims about its person if they are new. */
  async see(identity: Identity, call: EventCall): Promise<void> {
    const { subject } = identity;
    const seen = seenPerson(identity, call.now);
    if (this.#newestOf(subject, seen) !== seen) return;
    await this.change(subject, 'see-person', call, ({ person }, day) => {
      const news = newsOf(person, seen);
      return [
        ...(news === null ? [] : [personSeen(news, day)]),
        ...endedSessions(outdatedSessions(person, seen), 'rights-changed', day),
      ];
    });
  }

  /**
   * Records that an administrator entered a person before their first token.
   * @returns the position of the event; null if nothing changed.
   * @throws CommandRefusedError `name-from-token` if a token contains a different name, which has precedence.
   */
  async enter(
    subject: string,
    { name, roles, organisations }: EnteredPerson,
    call: EventCall,
  ): Promise<string | null> {
    const entered = { name, roles, organisations };
    return this.change(subject, 'enter-person', call, ({ person }, day) => {
      const hasSignedIn = person.issuedAt !== null;
      const isNamedSo = person.name === name;
      if (hasSignedIn && person.name !== null && !isNamedSo) throw nameFromToken();
      return isNamedSo && (hasSignedIn || hasRights(person, entered))
        ? []
        : [personDraft('PersonEntered', entered, day)];
    });
  }

  /** Reports whether a token of the person was seen, or they were entered. */
  async isKnown(subject: string): Promise<boolean> {
    return (await this.#reload(subject)).version > 0;
  }

  /** Records a sign-in to the pages, which ends sessions with older rights. */
  async startSession(
    identity: Identity,
    { sessionId, browser }: Pick<StartedSession, 'sessionId' | 'browser'>,
    call: EventCall,
  ): Promise<void> {
    const seen = seenPerson(identity, call.now);
    // Token claims have a precision of seconds: a token of the same second is not older.
    const issuedAt = `${seen.issuedAt.slice(0, 'YYYY-MM-DDTHH:MM:SS'.length)}.000Z`;
    const expiresAt = new Date(identity.expiresAt).toISOString();
    const session = { sessionId, browser, ...seen.rights, issuedAt, expiresAt };
    await this.change(identity.subject, 'start-session', call, ({ person }, day) => {
      const outdated = outdatedSessions(person, seen);
      const openSessions = sessionsAt(person, call.now).filter((each) => !outdated.includes(each));
      const tooMany = openSessions.slice(0, Math.max(0, openSessions.length + 1 - SESSIONS_MAX));
      return [
        ...endedSessions(outdated, 'rights-changed', day),
        ...endedSessions(tooMany, 'too-many', day),
        personDraft('SessionStarted', session, day),
      ];
    });
  }

  /** Returns a session that has not ended, started on any node; otherwise null. */
  async findSession(subject: string, sessionId: string, now: number): Promise<LiveSession | null> {
    const session = sessionsAt(await this.find(subject), now).find((each) => each.sessionId === sessionId);
    return session ?? null;
  }

  /** Records the use of a session, once per hour. */
  async useSession(subject: string, sessionId: string, call: EventCall): Promise<void> {
    await this.change(subject, 'use-session', call, ({ person }, day) => {
      const session = sessionsAt(person, call.now).find((each) => each.sessionId === sessionId);
      return session !== undefined && isUnusedFor(session, call.now)
        ? [personDraft('SessionUsed', { sessionId }, day)]
        : [];
    });
  }

  /**
   * Ends one or all sessions of a person: every node then rejects their cookies.
   * @throws CommandRefusedError `not-found` for an unknown person.
   */
  async endSessions(
    subject: string,
    { sessionId, because }: { readonly sessionId?: string; readonly because: SessionEnd },
    call: EventCall,
  ): Promise<void> {
    await this.change(subject, 'end-sessions', call, ({ version, person: { sessions } }, day) => {
      if (version === 0) throw noSuchPerson();
      const ended = sessions.filter((each) => sessionId === undefined || each.sessionId === sessionId);
      return endedSessions(ended, because, day);
    });
  }

  /**
   * Creates an address for a calendar program. It shows what the person's newest token allows.
   * @returns the link, its secret and the position of its event. No other method returns the secret.
   * @throws CommandRefusedError `too-many-calendar-links`.
   */
  async makeCalendarLink(
    identity: Identity,
    filter: CalendarFilter,
    call: EventCall,
  ): Promise<{ readonly link: CalendarLink; readonly secret: string; readonly position: string }> {
    const secret = this.#random.bytes(SECRET_BYTES).toString('base64url');
    const link: CalendarLink = {
      linkId: this.#random.uuid(),
      secretHash: digestOf(secret).toString('hex'),
      expiresOn: addDays(londonDate(call.now), CALENDAR_LINK_DAYS),
      ...filter,
    };
    const seen = this.#newestOf(identity.subject, seenPerson(identity, call.now));
    const position = await this.change(identity.subject, 'make-calendar-link', call, ({ person }, day) => {
      if (linksOn(person, day).length >= CALENDAR_LINKS_MAX) throw tooManyLinks();
      // An older token is used only if the rights are still unknown.
      const isNewest = person.issuedAt === null || seen.issuedAt >= person.issuedAt;
      const isNews = person.rights === null || (isNewest && !hasRights(person, seen.rights));
      const { name, email } = isNewest ? withoutErased(person, seen) : person;
      const rights = isNews ? [personSeen({ ...seen, name, email: email ?? null }, day)] : [];
      return [...rights, personDraft('CalendarLinkMade', link, day)];
    });
    return { link, secret, position: position as string };
  }

  /** Revokes a person's link. Returns false if they have no link with that id. */
  async revokeCalendarLink(subject: string, linkId: string, call: EventCall): Promise<boolean> {
    const position = await this.change(subject, 'revoke-calendar-link', call, ({ person }, day) =>
      linksOn(person, day).some((link) => link.linkId === linkId)
        ? [personDraft('CalendarLinkRevoked', { linkId }, day)]
        : [],
    );
    return position !== null;
  }

  /** Returns the person whose rights a link's address has; null for a wrong secret, or a revoked or expired link. */
  async openCalendarLink(
    subject: string,
    linkId: string,
    secret: string,
    now: number,
  ): Promise<{ readonly link: CalendarLink; readonly person: Person } | null> {
    const person = await this.find(subject);
    const link = linksOn(person, londonDate(now)).find((each) => each.linkId === linkId);
    if (link === undefined) return null;
    return timingSafeEqual(Buffer.from(link.secretHash, 'hex'), digestOf(secret)) ? { link, person } : null;
  }

  /**
   * Saves a list's query for a person under a name.
   * @throws ProblemError `invalid-payload` for an invalid or duplicate name or a query that is too long; CommandRefusedError
   * `too-many-searches`.
   */
  async saveSearch(subject: string, search: Omit<SavedSearch, 'searchId'>, call: EventCall): Promise<void> {
    const name = searchName(search.name);
    if (search.query.length > SEARCH_QUERY_LENGTH_MAX)
      throw invalidSearch('/query', `must have at most ${SEARCH_QUERY_LENGTH_MAX} characters`);
    await this.change(subject, 'save-search', call, ({ person: { searches } }, day) => {
      if (searches.some((each) => each.name === name))
        throw invalidSearch('/name', SEARCH_NAME_MESSAGES.duplicate);
      if (searches.length >= SEARCHES_MAX) throw tooManySearches();
      return [personDraft('SearchSaved', { searchId: this.#random.uuid(), name, query: search.query }, day)];
    });
  }

  /** Removes a person's search. Returns false if they have no search with that id. */
  async removeSearch(subject: string, searchId: string, call: EventCall): Promise<boolean> {
    const position = await this.change(subject, 'remove-search', call, ({ person: { searches } }, day) =>
      searches.some((search) => search.searchId === searchId)
        ? [personDraft('SearchRemoved', { searchId }, day)]
        : [],
    );
    return position !== null;
  }

  /**
   * Records that a person's name and saved searches are to be erased from their stream.
   * @returns the position of the event; null if there is nothing to erase.
   * @throws CommandRefusedError `not-found` for an unknown person.
   */
  async eraseName(subject: string, call: EventCall): Promise<string | null> {
    return this.change(subject, 'erase-name', call, ({ version, person }, day) => {
      if (version === 0) throw noSuchPerson();
      return [
        ...namesRedacted(person, day),
        ...person.searched.map((eventId) => searchRedacted(eventId, day)),
      ];
    });
  }

  /** Returns the claims of the newer token: this one, or the newest seen before. Remembers them. */
  #newestOf(subject: string, seen: SeenPerson): SeenPerson {
    const before = this.#newest.get(subject);
    if (before !== undefined && seen.issuedAt < before.issuedAt) return before;
    this.#newest.set(subject, seen);
    return seen;
  }

  /** Appends the events that `decide` returns for the person's current state. Returns the position of the last; null if there are none. */
  async change(
    subject: string,
    name: string,
    call: EventCall,
    decide: (known: Known, day: string) => readonly EventDraft[],
  ): Promise<string | null> {
    return retryConflicts(async () => {
      const current = await this.#reload(subject);
      const events = decide(current, londonDate(call.now));
      if (events.length === 0) return null;
      const append = { streamId: personStream(subject), expectedVersion: current.version, events };
      const log = { store: this.#store, random: this.#random };
      const result = await appendAs(name, log, call, append);
      this.#names.delete(subject);
      return result.events.at(-1)?.position ?? null;
    });
  }

  /** Returns the person's current state: the cached one, with the events since. */
  async #reload(subject: string): Promise<Known> {
    let { version, person } = this.#known.get(subject) ?? { version: 0, person: unknownPerson };
    for await (const event of streamEvents(this.#store, personStream(subject), version)) {
      person = evolvePerson(person, asPersonEvent(event));
      version = event.version;
    }
    const current = { version, person };
    if (version > 0) this.#known.set(subject, current);
    return current;
  }
}

/** Returns the sessions that have not ended at a moment, oldest first. */
export const sessionsAt = ({ sessions }: Person, now: number): readonly LiveSession[] =>
  sessions.filter(({ expiresAt }) => now < Date.parse(expiresAt));

/** Reports whether a session's use should be recorded again. */
export const isUnusedFor = ({ usedAt }: LiveSession, now: number): boolean =>
  now - Date.parse(usedAt) >= USED_MS;

const endedSessions = (
  sessions: readonly LiveSession[],
  because: SessionEnd,
  day: string,
): readonly EventDraft[] =>
  sessions.map(({ sessionId }) => personDraft('SessionEnded', { sessionId, because }, day));

const nameFromToken = (): CommandRefusedError =>
  new CommandRefusedError(
    'state',
    'name-from-token',
    'The person has used the service with a different name in their access token. Change the name at the identity provider',
  );

const noSuchPerson = (): CommandRefusedError =>
  new CommandRefusedError('not-found', 'not-found', 'There is no such person');

const seenPerson = ({ name, email, roles, organisations, issuedAt }: Identity, now: number): SeenPerson => ({
  ...{ name, email: email ?? null },
  rights: { roles, organisations },
  // The token of a provider whose clock is ahead must not stay the newest.
  issuedAt: new Date(Math.min(issuedAt ?? now, now)).toISOString(),
});

/** Returns a token's claims without a name that was erased after it was issued. */
const withoutErased = (person: Person, seen: SeenPerson): SeenPerson =>
  person.erasedAt !== null && seen.issuedAt <= person.erasedAt
    ? { ...seen, name: person.name, email: person.email }
    : seen;

const digestOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** Messages that pages recognise and replace with their own. */
export const SEARCH_NAME_MESSAGES = {
  required: 'is required',
  duplicate: 'is the name of another of your searches',
} as const;

/** Returns a search's name in its stored form. */
function searchName(typed: string): string {
  const name = onOneLine(typed);
  if (!NOT_BLANK.test(name)) throw invalidSearch('/name', SEARCH_NAME_MESSAGES.required);
  if (codePoints(name) > SEARCH_NAME_LENGTH_MAX)
    throw invalidSearch('/name', `must have at most ${SEARCH_NAME_LENGTH_MAX} characters`);
  return name;
}

const invalidSearch = (pointer: string, detail: string): ProblemError =>
  new ProblemError('invalid-payload', `${pointer} ${detail}`, { errors: [{ pointer, detail }] });

const tooManySearches = (): CommandRefusedError =>
  new CommandRefusedError(
    'rule',
    'too-many-searches',
    `You already have ${SEARCHES_MAX} saved searches; remove one first`,
  );

const tooManyLinks = (): CommandRefusedError =>
  new CommandRefusedError(
    'rule',
    'too-many-calendar-links',
    `You already have ${CALENDAR_LINKS_MAX} calendar links; revoke an unused one first`,
  );
