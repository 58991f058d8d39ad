import { boolean, cursor, limit, LIST_PAGE, text } from './query-parameters.ts';
import { CHANGE, DELETE, json, ok, QUERY } from './route-document.ts';
import type { RouteDocument } from './route-document.ts';
import { ref } from './schema-forms.ts';

/** The problems of changes to the caller's own data. */
const OWN_CHANGE = CHANGE.filter(
  (code) => code !== 'role-not-permitted' && code !== 'idempotency-key-reused',
);

/** The routes for names of people and bodies, and for calendar links. */
export const PERSON_ROUTES = {
  makeCalendarLink: {
    summary: 'Makes an address for a calendar program, which can send no token.',
    description:
      'It shows the deadlines that you may see, or a part of them, by the rights of your newest token. The address holds a ' +
      'secret that is told this once; who has it sees what it shows. It holds for a year at most, and can be revoked.',
    body: { mediaType: 'application/json', schema: ref('CalendarLinkPayload') },
    answer: {
      status: 201,
      description: 'Made; keep the address to yourself.',
      content: json('MadeCalendarLink'),
    },
    problems: [...OWN_CHANGE, 'other-organisation', 'too-many-calendar-links'],
  },
  calendarLinks: {
    summary: 'Your calendar links, without their addresses; for administrator, those of everybody.',
    reads: true,
    query: { limit: limit(LIST_PAGE), cursor },
    answer: ok('CalendarLinks'),
    problems: QUERY,
  },
  revokeCalendarLink: {
    summary: 'Revokes a calendar link of yours; for administrator, that of anybody.',
    answer: { status: 204, description: 'Its address shows nothing any more.', content: {} },
    problems: [...DELETE, 'read-model-behind'],
  },
  linkedCalendar: {
    summary: 'The deadlines that a calendar link shows, as a calendar to subscribe to.',
    description: 'Without a token: the key in its address is its secret.',
    open: true,
    reads: true,
    query: { key: text('The key of the link, as it is in its address.') },
    conditional: true,
    answer: {
      status: 200,
      description: 'The calendar; its ETag changes with what it says.',
      content: { 'text/calendar': { schema: { type: 'string' } } },
      headers: ['Content-Disposition'],
    },
    problems: [...QUERY, 'not-found', 'other-organisation', 'rate-limited', 'foreign-host'],
  },
  inbox: {
    summary: 'What is news for you, the newest first, in words as you may read them now.',
    description:
      'What others did and you wait for, by your roles, as the owner or by name, and on records that you watch. What you may no ' +
      'longer read is left out.',
    reads: true,
    query: { unread: boolean('Only what is neither read nor settled.'), limit: limit(LIST_PAGE), cursor },
    answer: ok('Inbox'),
    problems: QUERY,
  },
  readInbox: {
    summary: 'Marks notices as read: some by their ids, or all up to one of them or an instant.',
    body: { mediaType: 'application/json', schema: ref('InboxReadPayload') },
    answer: ok('InboxRead', 'Marked.'),
    problems: [...OWN_CHANGE, 'too-many-marks', 'read-model-behind'],
  },
  watches: {
    summary: 'The records that you watch.',
    reads: true,
    answer: ok('Watches'),
    problems: ['invalid-parameter', 'store-unavailable', 'read-model-behind'],
  },
  watch: {
    summary: 'Watches a record: you are told of all that is news of it, as far as you may read it.',
    answer: { status: 204, description: 'You watch it.', content: {} },
    problems: [...DELETE, 'too-many-watches'],
  },
  unwatch: {
    summary: 'Ends to watch a record.',
    answer: { status: 204, description: 'You do not watch it.', content: {} },
    problems: DELETE,
  },
  notices: {
    summary: 'How you are told of what is news for you, besides the inbox.',
    reads: true,
    answer: ok('Notices'),
    problems: ['invalid-parameter', 'store-unavailable', 'read-model-behind'],
  },
  chooseNotices: {
    summary: 'Chooses how you are told.',
    body: { mediaType: 'application/json', schema: ref('NoticesPayload') },
    answer: ok('Notices', 'Chosen.'),
    problems: OWN_CHANGE,
  },
  bodies: {
    summary: 'The bodies that have a name, by their slugs.',
    description: 'For everybody. What is not among them is known by its slug alone.',
    reads: true,
    answer: ok('Bodies'),
    problems: ['invalid-parameter', 'store-unavailable', 'read-model-behind'],
  },
  enterPerson: {
    summary: 'Enters a person before their first sign-in, so that they can be named as an owner.',
    description:
      'For administrator. It gives no rights: what somebody may do comes from their access token. Roles and bodies as entered ' +
      'say who is told of the person, until a token says them. The same again changes nothing.',
    body: { mediaType: 'application/json', schema: ref('EnterPersonPayload') },
    answer: { status: 201, description: 'They are known.', content: json('EnteredPerson') },
    problems: [...CHANGE.filter((code) => code !== 'idempotency-key-reused'), 'name-from-token'],
  },
  eraseName: {
    summary: "Erases a person's name wherever it stands in their stream, and the searches that they kept.",
    description:
      'For administrator. What a token says that was issued before is not taken up again; one that is issued later is.',
    answer: {
      ...ok('ErasedName', 'The name is erased.'),
      also: [
        {
          status: 202,
          description: 'Nobody is given the name any more; it is still to be erased from files.',
          content: json('ErasedName'),
        },
      ],
    },
    problems: [...DELETE, 'role-not-permitted'],
  },
  revokeSessions: {
    summary: 'Ends every sign-in of a person at the pages; their cookies open nothing any more.',
    description: 'For administrator. Tokens at the API are not affected, and the person may sign in again.',
    answer: { status: 204, description: 'They are ended.', content: {} },
    problems: [...DELETE, 'role-not-permitted'],
  },
} satisfies Record<string, RouteDocument>;
