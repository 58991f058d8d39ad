import { NOTICE_KINDS } from '#notifications/people/notice-groups';
import { list, withDescription, namedObject, object, oneOf, optional, orNull } from '#lifecycle/fields';
import type { Members, ValueOf } from '#lifecycle/fields';
import { DEADLINE_STATES, DUE_STATES } from '#state-machines/capabilities/deadlines';
import { COMMAND_NAMES } from '#state-machines/any-kind';
import { LISTED_STATES } from '#read-models/deadlines/deadlines-query';
import { OUTCOMES } from '#read-models/deadlines/outcomes';
import { queueNames } from '#read-models/queue-conditions';
import { NOTICE_CHANNELS, NOTICE_DIGESTS, NOTICE_GROUPS } from '#state-machines/person-events';
import { kinds } from '#state-machines/record-streams';
import { AGES } from '#read-models/register/statistics-groups';
import { PROBLEM_CODES } from '#use-cases/problems';
import type { kindAnswers } from './kind-answers.ts';
import { IMPORT_ANSWERS } from './import-schemas.ts';
import { WEBHOOK_ADMINISTRATION } from './webhook-schemas.ts';
import { LISTS_OF_AUDITORS } from './lists-of-auditors.ts';
import { byStatus, STATISTICS_ANSWERS } from './statistics-schemas.ts';
import { EVENT_ANSWERS } from './event-schemas.ts';
import {
  boolean,
  count,
  countsOf,
  date,
  dateKind,
  instant,
  integer,
  position,
  remains,
  status,
  text,
  uuid,
  version,
  view,
} from './answer-fields.ts';

const linkShows = {
  expiresOn: withDescription(date, 'The first day, in London time, on which the link no longer works.'),
  recipient: orNull(text),
  kind: orNull(dateKind),
  state: orNull(oneOf<string>(DUE_STATES)),
};
const Deadline = namedObject('Deadline', {
  id: withDescription(text, "The record's id."),
  recordKind: withDescription(text, "The record's kind: the name of its lifecycle."),
  title: orNull(text),
  status,
  recipient: orNull(text),
  deadlineId: text,
  kind: dateKind,
  dueOn: date,
  firstDueOn: date,
  state: oneOf(LISTED_STATES),
  daysLeft: orNull(
    withDescription(integer, 'The number of days left; negative if overdue, null if settled.'),
  ),
  revision: version,
  changedAt: instant,
  outcome: withDescription(
    orNull(oneOf(OUTCOMES)),
    'The outcome that /api/statistics/deadlines counts; null before the due date.',
  ),
  established: optional(
    withDescription(
      object({
        by: withDescription(
          list(text),
          'The subjects of the people who decided, starting with the requester.',
        ),
        at: instant,
      }),
      'Who decided that the deadline was met, and when; only for `metEstablishedLater`.',
    ),
  ),
});

/** The schemas of the API's responses. */
export const ANSWERS = {
  Problem: object({
    type: oneOf(
      PROBLEM_CODES.map((code) => `urn:docket:problem:${code}`),
      'The type of the problem: its code, as a URN.',
    ),
    title: withDescription(text, 'The title, the same for every problem of this type.'),
    status: withDescription(integer, 'The HTTP status of the response.'),
    detail: withDescription(text, 'What happened and what to do next.'),
    errors: optional(
      list(
        object({
          pointer: withDescription(
            text,
            'A JSON pointer to the invalid member of the body, or `/` and the name of the invalid parameter.',
          ),
          detail: withDescription(text, 'Why the value is invalid.'),
        }),
        'The invalid values of the request.',
      ),
    ),
    allowedCommands: optional(list(oneOf(COMMAND_NAMES), 'The commands that you may use now.')),
    currentVersion: optional(withDescription(version, 'The current version of the record.')),
    claim: optional(withDescription(text, 'The invalid claim of the access token.')),
    guard: optional(withDescription(text, 'The guard that is not met.')),
    location: optional(
      withDescription(
        text,
        'The path of the record, or of the records issued together, that already use the id.',
      ),
    ),
    suggestions: optional(
      list(
        object({
          subject: withDescription(text, 'The subject of the person.'),
          name: withDescription(orNull(text), 'The name of the person; null if it is not known.'),
        }),
        'People whom the request may have meant.',
      ),
    ),
    events: optional(withDescription(list(text), 'The ids of the events that `decides` must also name.')),
    earliest: optional(withDescription(date, 'The earliest effective date that the rule allows.')),
    progress: optional(withDescription(count, 'The part of the preparation that is done, in percent.')),
  }),
  Deadline,
  Deadlines: object({ items: list(Deadline), nextCursor: orNull(text), position, view: optional(view) }),
  MadeCalendarLink: object({ id: text, url: text, path: text, ...linkShows, position }),
  CalendarLinks: object({
    items: list(object({ id: text, subject: text, madeAt: instant, ...linkShows })),
    nextCursor: orNull(text),
    position,
  }),
  Inbox: object({
    items: list(
      object({
        id: withDescription(uuid, "The event's id."),
        kind: oneOf<string>(NOTICE_KINDS),
        about: object({
          kind: withDescription(text, "The record's kind: the name of its lifecycle."),
          id: withDescription(text, "The record's id."),
          eventId: uuid,
          version: withDescription(version, "The event's version in the record."),
        }),
        title: withDescription(
          orNull(text),
          "The record's current title; null if the record moved to another body.",
        ),
        recipient: withDescription(
          orNull(text),
          "The record's current body; null if the record moved to another body.",
        ),
        text: withDescription(text, 'What happened, limited to what you can currently read.'),
        at: instant,
        read: withDescription(boolean, 'Whether the notice is read. Settled notices count as read.'),
        settled: withDescription(
          boolean,
          'Whether the request was decided or withdrawn; for a deadline, whether the deadline was met, moved or withdrawn, or has reached a later state.',
        ),
        hasLeft: withDescription(
          boolean,
          'Whether the record moved to another body, so that you can no longer read it.',
        ),
      }),
    ),
    nextCursor: orNull(text),
    position,
  }),
  InboxRead: object({
    unread: withDescription(count, 'The number of unread notices; 100 means more than 99.'),
  }),
  Watches: object({
    items: list(
      object({
        kind: withDescription(text, "The record's kind: the name of its lifecycle."),
        id: text,
        since: instant,
      }),
    ),
    nextCursor: withDescription(orNull(text), 'Always null, because the list has only one page.'),
  }),
  Notices: object({
    channels: list(oneOf(NOTICE_CHANNELS), 'Where to send notices besides the inbox.'),
    digest: oneOf(NOTICE_DIGESTS),
    muted: list(oneOf(NOTICE_GROUPS), 'The groups of notices that Docket sends no messages for.'),
    email: withDescription(
      orNull(text),
      'The verified email address in your newest token; null if it has none.',
    ),
    groups: list(object({ group: oneOf(NOTICE_GROUPS), title: text }), 'All groups of notices.'),
  }),
  EnteredPerson: object({ subject: text, name: text, roles: list(text), organisations: list(text) }),
  ErasedName: object({ subject: text, erased: object({ remains, detail: optional(text) }) }),
  ...EVENT_ANSWERS,
  ...STATISTICS_ANSWERS,
  ...WEBHOOK_ADMINISTRATION,
  ...LISTS_OF_AUDITORS,
  Statistics: object({
    total: count,
    byStatus,
    byRecipient: list(object({ recipient: orNull(text), total: count, byStatus, byAge: countsOf(AGES) })),
    byDeadline: countsOf(DEADLINE_STATES),
    byAge: countsOf(AGES),
    position,
    view: optional(view),
  }),
  Kinds: object({
    items: list(
      object({
        kind: withDescription(text, 'The name of the lifecycle. Use it to filter lists by kind.'),
        path: withDescription(text, "The first segment of the kind's paths under `/api`."),
        noun: object({ singular: text, plural: text }),
        versions: withDescription(
          list(version),
          'The versions of the lifecycle. New records follow the last one.',
        ),
        commands: list(text),
      }),
    ),
    nextCursor: withDescription(orNull(text), 'Always null, because the list has only one page.'),
  }),
  Work: object({
    queues: list(
      object({
        kind: withDescription(oneOf(kinds.all.map(({ name }) => name)), "The kind of the queue's records."),
        name: oneOf(queueNames()),
        count,
        list: withDescription(text, "The path of the list with exactly the queue's records."),
      }),
    ),
    position,
  }),
  ...IMPORT_ANSWERS,
  Me: object({
    subject: withDescription(text, 'Your opaque subject, as recorded in events.'),
    name: orNull(text),
    roles: list(text),
    organisations: withDescription(list(text), 'The bodies that you belong to.'),
    expiresAt: withDescription(instant, 'The time at which your token expires.'),
  }),
  Bodies: object({
    items: list(
      object({
        slug: text,
        name: text,
        kind: withDescription(text, 'The type of body, such as `police-force`.'),
      }),
    ),
    position: withDescription(position, 'The position up to which the log was read.'),
  }),
  Live: object({ status: oneOf(['live']) }),
  Ready: object({
    status: oneOf(['ready', 'not-ready']),
    checks: list(object({ name: text, ok: boolean, detail: optional(text) })),
    sweep: optional(object({ lastRun: orNull(instant), nextRun: orNull(instant), lagDays: orNull(count) })),
    erasures: optional(
      withDescription(
        list(object({ position: text, waitsFor: orNull(oneOf(['store', 'read-models'])) })),
        'Up to 100 redactions, by log position, whose values are no longer returned but still have to be erased from files. Absent if there are none.',
      ),
    ),
  }),
} satisfies Members;

type Answers = typeof ANSWERS & ReturnType<typeof kindAnswers>;
export type AnswerName = keyof Answers;
/** The response type of a schema. */
export type Answer<Name extends AnswerName> = ValueOf<Answers[Name]>;
