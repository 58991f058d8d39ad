import { describe, expect, test } from '@jest/globals';
import type { Envelope } from '#event-sourcing/envelope';
import {
  asPersonEvent,
  evolvePerson,
  personDraft,
  personSeen,
  searchRedacted,
  unknownPerson,
} from './person-events.ts';
import type { PersonEvent, PersonEventData } from './person-events.ts';

const AT = '2026-01-01T00:00:00.000Z';
const RIGHTS = { roles: ['inspector'], organisations: [] };
const LINK = {
  linkId: 'l-1',
  secretHash: 'a'.repeat(64),
  expiresOn: '2027-01-01',
  recipient: null,
  kind: null,
  state: null,
};

/** Returns a stored event with the members that the fold reads. */
const stored = (type: string, data: Envelope['data'], eventId = `of ${type}`): PersonEvent =>
  asPersonEvent({ type, data, eventId, recordedAt: AT } as Envelope);

// The compiler checks these: `npm run lint` fails if a line below a @ts-expect-error compiles.
const said = (data: PersonEventData): PersonEventData => data;
export const refusedByTheCompiler = (event: PersonEvent) => [
  said({
    CalendarLinkRevoked: { linkId: 'l-1' },
    CalendarLinkMade: LINK,
    // @ts-expect-error -- the token's time of issue is missing
    PersonSeen: { name: 'Ann' },
    // @ts-expect-error -- a member is misspelt
    CommentRedacted: { eventId: 'e-1', erasd: [], reason: 'Asked for.' },
  }),
  // @ts-expect-error -- the name can be erased
  event.type === 'PersonSeen' && event.data.name.trim(),
  // @ts-expect-error -- the query of a search can be erased
  event.type === 'SearchSaved' && event.data.query.trim(),
  // @ts-expect-error -- not every event has this member
  String(event.data.linkId),
];

describe('a person, folded from their stream', () => {
  test('has no name once it is erased, from the event and by the redaction', () => {
    const { data } = personSeen({ name: 'Ann', rights: RIGHTS, issuedAt: AT }, '2026-01-01');
    const seen = evolvePerson(unknownPerson, stored('PersonSeen', data, 'e-1'));
    expect(seen).toMatchObject({ name: 'Ann', rights: RIGHTS, named: ['e-1'] });
    const { name: _, ...erased } = data;
    expect(evolvePerson(unknownPerson, stored('PersonSeen', erased)).name).toBeNull();
    const redaction = { eventId: 'e-1', erased: ['/data/name'], reason: 'Asked for.' };
    expect(evolvePerson(seen, stored('CommentRedacted', redaction))).toMatchObject({
      name: null,
      named: [],
      erasedAt: AT,
    });
  });

  test('has the links that were made and not revoked', () => {
    const { type, data } = personDraft('CalendarLinkMade', LINK, '2026-01-01');
    const made = evolvePerson(unknownPerson, stored(type, data));
    expect(made.links).toEqual([LINK]);
    expect(evolvePerson(made, stored('CalendarLinkRevoked', { linkId: 'l-2' })).links).toEqual([LINK]);
    expect(evolvePerson(made, stored('CalendarLinkRevoked', { linkId: 'l-1' })).links).toEqual([]);
  });

  test('has the searches that were kept and not removed, and none whose texts are erased', () => {
    const search = { searchId: 's-1', name: 'Mine, late', query: 'queue=mine&deadline=overdue' };
    const { type, data, sensitive } = personDraft('SearchSaved', search, '2026-01-01');
    expect(sensitive).toEqual(['/data/name', '/data/query']);
    const kept = evolvePerson(unknownPerson, stored(type, data, 'e-1'));
    expect(kept).toMatchObject({ searches: [search], searched: ['e-1'] });
    const removed = evolvePerson(
      kept,
      stored('SearchRemoved', personDraft('SearchRemoved', { searchId: 's-1' }, '2026-01-01').data),
    );
    // The query stays in the log, and is erased with the person's name.
    expect(removed).toMatchObject({ searches: [], searched: ['e-1'] });
    const redaction = stored('CommentRedacted', searchRedacted('e-1', '2026-01-01').data);
    expect(evolvePerson(kept, redaction)).toMatchObject({ searches: [], searched: [] });
    expect(evolvePerson(unknownPerson, stored(type, { searchId: 's-1' }))).toBe(unknownPerson);
  });

  test('is the same after an event of another type', () => {
    expect(evolvePerson(unknownPerson, stored('SomethingElse', {}))).toBe(unknownPerson);
  });
});
