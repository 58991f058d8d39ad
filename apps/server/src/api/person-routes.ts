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
    summary: 'Creates a calendar link for calendar applications that cannot send a token.',
    description:
      'The link shows the deadlines that your newest token allows you to see, or some of them. It contains a ' +
      'secret that is returned only once; anyone with the link can see its deadlines. It expires after at most a year and can be revoked.',
    body: { mediaType: 'application/json', schema: ref('CalendarLinkPayload') },
    answer: {
      status: 201,
      description: 'The link was created. Keep it secret.',
      content: json('MadeCalendarLink'),
    },
    problems: [...OWN_CHANGE, 'other-organisation', 'too-many-calendar-links'],
  },
  calendarLinks: {
    summary: 'Lists your calendar links, without their secrets. Administrators see the links of everyone.',
    reads: true,
    query: { limit: limit(LIST_PAGE), cursor },
    answer: ok('CalendarLinks'),
    problems: QUERY,
  },
  revokeCalendarLink: {
    summary: 'Revokes one of your calendar links. Administrators can revoke the links of anyone.',
    answer: { status: 204, description: 'The link was revoked.', content: {} },
    problems: [...DELETE, 'read-model-behind'],
  },
  linkedCalendar: {
    summary: 'Retrieves the calendar of a calendar link.',
    description: 'Requires no token: the key in the link is the secret.',
    open: true,
    reads: true,
    query: { key: text('The key in the link.') },
    conditional: true,
    answer: {
      status: 200,
      description: 'The calendar. Its ETag changes with its content.',
      content: { 'text/calendar': { schema: { type: 'string' } } },
      headers: ['Content-Disposition'],
    },
    problems: [...QUERY, 'not-found', 'other-organisation', 'rate-limited', 'foreign-host'],
  },
  inbox: {
    summary: 'Lists your notices, newest first, limited to text that you can currently read.',
    description:
      "Notices report other people's actions that concern you: because of your roles, because you own or watch the record, or because the action names you. Notices that you may no " +
      'longer read are omitted.',
    reads: true,
    query: {
      unread: boolean('Includes only notices that are neither read nor settled.'),
      limit: limit(LIST_PAGE),
      cursor,
    },
    answer: ok('Inbox'),
    problems: QUERY,
  },
  readInbox: {
    summary: 'Marks notices as read: by their ids, or all up to a notice or an instant.',
    body: { mediaType: 'application/json', schema: ref('InboxReadPayload') },
    answer: ok('InboxRead', 'The notices were marked as read.'),
    problems: [...OWN_CHANGE, 'too-many-marks', 'read-model-behind'],
  },
  watches: {
    summary: 'Lists the records that you watch.',
    reads: true,
    answer: ok('Watches'),
    problems: ['invalid-parameter', 'store-unavailable', 'read-model-behind'],
  },
  watch: {
    summary: 'Watches a record: you receive a notice of every change that you may read.',
    answer: { status: 204, description: 'You are now watching the record.', content: {} },
    problems: [...DELETE, 'too-many-watches'],
  },
  unwatch: {
    summary: 'Stops watching a record.',
    answer: { status: 204, description: 'You are no longer watching the record.', content: {} },
    problems: DELETE,
  },
  notices: {
    summary: 'Retrieves your notice settings.',
    reads: true,
    answer: ok('Notices'),
    problems: ['invalid-parameter', 'store-unavailable', 'read-model-behind'],
  },
  chooseNotices: {
    summary: 'Updates your notice settings.',
    body: { mediaType: 'application/json', schema: ref('NoticesPayload') },
    answer: ok('Notices', 'The settings were saved.'),
    problems: OWN_CHANGE,
  },
  bodies: {
    summary: 'Lists the bodies that have a name, by slug.',
    description: 'Requires any valid token. Bodies without a name have only a slug.',
    reads: true,
    answer: ok('Bodies'),
    problems: ['invalid-parameter', 'store-unavailable', 'read-model-behind'],
  },
  enterPerson: {
    summary: 'Adds a person before their first sign-in, so that they can be assigned as an owner.',
    description:
      'Requires the `administrator` role. Adding a person grants no rights: those come from access tokens. The roles and bodies in the request ' +
      'determine who can find the person until their first token is seen. The request is idempotent.',
    body: { mediaType: 'application/json', schema: ref('EnterPersonPayload') },
    answer: { status: 201, description: 'The person was added.', content: json('EnteredPerson') },
    problems: [...CHANGE.filter((code) => code !== 'idempotency-key-reused'), 'name-from-token'],
  },
  eraseName: {
    summary: "Erases a person's name and their saved searches.",
    description:
      'Requires the `administrator` role. Names in tokens issued before the erasure are ignored; a later token records the name again.',
    answer: {
      ...ok('ErasedName', 'The name is erased.'),
      also: [
        {
          status: 202,
          description:
            'The erasure is stored, and no request returns the name any more. Lists and files still have to follow, which happens by itself.',
          content: json('ErasedName'),
        },
      ],
    },
    problems: [...DELETE, 'role-not-permitted'],
  },
  revokeSessions: {
    summary: 'Ends all sessions of a person in the web pages.',
    description:
      'Requires the `administrator` role. API tokens are not affected, and the person can sign in again.',
    answer: { status: 204, description: 'The sessions were ended.', content: {} },
    problems: [...DELETE, 'role-not-permitted'],
  },
} satisfies Record<string, RouteDocument>;
