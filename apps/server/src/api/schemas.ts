import { list, meaning, named, object, oneOf, optional, orNull } from '#lifecycle/fields';
import type { Members, ValueOf } from '#lifecycle/fields';
import { DEADLINE_STATES, DUE_STATES } from '#state-machines/capabilities/deadlines';
import { COMMAND_NAMES } from '#state-machines/any-kind';
import { LISTED_STATES } from '#read-models/deadlines/deadlines-query';
import { OUTCOMES } from '#read-models/history/deadline-outcome';
import { queueNames } from '#read-models/queue-conditions';
import { NOTICE_CHANNELS, NOTICE_DIGESTS } from '#state-machines/person-events';
import { kinds } from '#state-machines/record-streams';
import { NOTICE_KINDS as NOTICES } from '#use-cases/inbox/keep-inbox';
import { AGES } from '#read-models/register/statistics-groups';
import { MESSAGE_STATES } from '#notifications/outbox/outbox-database';
import { PROBLEM_CODES } from './problems.ts';
import type { kindAnswers } from './kind-answers.ts';
import { IMPORT_ANSWERS } from './import-schemas.ts';
import { WEBHOOK_ADMINISTRATION } from './webhook-schemas.ts';
import { OPERATION_ANSWERS } from './operation-schemas.ts';
import { LISTS_OF_AUDITORS } from './lists-of-auditors.ts';
import { byStatus, STATISTICS_ANSWERS } from './statistics-schemas.ts';
import { EVENT_ANSWERS } from './event-schemas.ts';
import {
  always,
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

const lastRebuild = object({
  at: instant,
  result: oneOf(['equal', 'different', 'not-comparable']),
  differences: optional(
    meaning(
      list(object({ table: text, missing: count, extra: count, changed: count, examples: list(text) })),
      'Of each table: rows that only the one before had, that only the new one has, and others.',
    ),
  ),
  reason: optional(meaning(text, 'Why the two could not be compared.')),
});
const linkShows = {
  expiresOn: meaning(date, 'The first day, in London, on which it is refused.'),
  recipient: orNull(text),
  kind: orNull(dateKind),
  state: orNull(oneOf<string>(DUE_STATES)),
};
const Deadline = named('Deadline', {
  id: meaning(text, "The record's."),
  recordKind: meaning(text, "The record's kind: the name of its lifecycle."),
  title: orNull(text),
  status,
  recipient: orNull(text),
  deadlineId: text,
  kind: dateKind,
  dueOn: date,
  firstDueOn: date,
  state: oneOf(LISTED_STATES),
  daysLeft: orNull(meaning(integer, 'Below 0 it is over by so many; null where it is settled.')),
  revision: version,
  changedAt: instant,
  outcome: meaning(
    orNull(oneOf(OUTCOMES)),
    'Its outcome, as /api/statistics/deadlines counts it; null until it falls due.',
  ),
  established: optional(
    meaning(
      object({ by: meaning(list(text), 'The subjects, the requester first.'), at: instant }),
      'Who decided that it was met, and when; only of `metEstablishedLater`.',
    ),
  ),
});

/** The schemas of the API's responses. */
export const ANSWERS = {
  Problem: object({
    type: oneOf(PROBLEM_CODES.map((code) => `urn:docket:problem:${code}`)),
    title: text,
    status: integer,
    detail: text,
    errors: optional(list(object({ pointer: text, detail: text }))),
    allowedCommands: optional(list(oneOf(COMMAND_NAMES))),
    currentVersion: optional(version),
    claim: optional(meaning(text, 'The claim of the access token that is not valid.')),
    guard: optional(text),
    location: optional(text),
    suggestions: optional(list(object({ subject: text, name: orNull(text) }))),
    events: optional(meaning(list(text), 'What `decides` must name besides, by the ids of the events.')),
    earliest: optional(meaning(date, 'The earliest day on which what was refused could take effect.')),
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
        id: meaning(uuid, 'Of the event.'),
        kind: oneOf<string>([...NOTICES.keys()]),
        about: object({
          kind: meaning(text, "The record's kind: the name of its lifecycle."),
          id: meaning(text, "The record's."),
          eventId: uuid,
          version: meaning(version, "The event's in the record."),
        }),
        title: meaning(orNull(text), "The record's, as it stands; null where it has left."),
        recipient: meaning(orNull(text), "The record's body, as it stands; null where it has left."),
        text: meaning(text, 'What happened, as you may read it now.'),
        at: instant,
        read: meaning(boolean, 'What is settled is read.'),
        settled: meaning(
          boolean,
          'Whether what it asked for was decided or taken back; of a deadline, whether it was met, moved or withdrawn, or is near no more but over.',
        ),
        hasLeft: meaning(
          boolean,
          'Whether the record went to another body, so that you can no longer read it.',
        ),
      }),
    ),
    nextCursor: orNull(text),
    position,
  }),
  InboxRead: object({ unread: meaning(count, 'How many are not read; 100 where there are more.') }),
  Watches: object({
    items: list(
      object({
        kind: meaning(text, "The record's kind: the name of its lifecycle."),
        id: text,
        since: instant,
      }),
    ),
    nextCursor: meaning(orNull(text), 'Always null.'),
  }),
  Notices: object({
    channels: list(oneOf(NOTICE_CHANNELS), 'Besides the inbox.'),
    digest: oneOf(NOTICE_DIGESTS),
    muted: list(oneOf<string>([...NOTICES.keys()]), 'The kinds of which no message is wanted.'),
    email: meaning(
      orNull(text),
      'Where mail goes: the verified address of your newest token; null where it has none.',
    ),
    kinds: list(object({ kind: text, title: text }), 'All kinds of notices.'),
  }),
  EnteredPerson: object({ subject: text, name: text, roles: list(text), organisations: list(text) }),
  ErasedName: object({ subject: text, erased: object({ remains }) }),
  ...EVENT_ANSWERS,
  ...STATISTICS_ANSWERS,
  ...OPERATION_ANSWERS,
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
        kind: meaning(text, 'The name of its lifecycle, by which lists are filtered.'),
        path: meaning(text, 'The first part of its addresses under `/api`.'),
        noun: object({ singular: text, plural: text }),
        versions: meaning(list(version), 'Of the lifecycle; new records follow the last.'),
        commands: list(text),
      }),
    ),
    nextCursor: meaning(orNull(text), 'Always null.'),
  }),
  Work: object({
    queues: list(
      object({
        kind: meaning(oneOf(kinds.all.map(({ name }) => name)), 'The kind of its records.'),
        name: oneOf(queueNames()),
        count,
        list: meaning(text, 'The path of the list that has exactly these records.'),
      }),
    ),
    position,
  }),
  ...IMPORT_ANSWERS,
  Me: object({
    subject: meaning(text, 'Opaque; it stands in what you record.'),
    name: orNull(text),
    roles: list(text),
    organisations: meaning(list(text), 'The bodies that you belong to.'),
    expiresAt: meaning(instant, 'From when on your token is refused.'),
  }),
  Bodies: object({
    items: list(
      object({ slug: text, name: text, kind: meaning(text, 'What sort of body: `police-force`.') }),
    ),
    position: meaning(position, 'Up to which the log was read for it.'),
  }),
  Projections: object({
    projections: list(
      object({
        name: text,
        version,
        position,
        lag: count,
        state: oneOf(['running', 'rebuilding', 'stuck']),
        error: optional(object({ position: orNull(position), detail: text })),
        rebuildRequested: optional(meaning(always, 'A rebuild was asked for, and has not ended.')),
        rebuild: optional(
          object({
            version,
            position,
            events: count,
            total: meaning(count, 'How many events the log has, of which so many are folded.'),
          }),
        ),
        lastRebuild: optional(lastRebuild),
      }),
    ),
  }),
  Rebuild: object({ projection: text, state: oneOf(['requested']) }),
  Outbox: object({
    items: list(
      object({
        id: meaning(uuid, 'The id that its receiver gets as well.'),
        receiver: meaning(text, 'The subscription, or the webhook.'),
        channel: oneOf<string>(['email', 'webhook']),
        state: oneOf(MESSAGE_STATES),
        digestOn: meaning(orNull(date), 'The London date of a digest.'),
        notices: list(
          object({
            recordId: text,
            kind: meaning(text, 'Of a deadline, what became of it.'),
            eventId: orNull(text),
            deadlineId: orNull(text),
            day: meaning(orNull(date), 'Of a deadline, on which it came to be so.'),
          }),
        ),
        noticeCount: meaning(count, 'How many there are; the first of them are listed.'),
        attempts: count,
        createdAt: instant,
        attemptedAt: orNull(instant),
        nextAttemptAt: orNull(instant),
        endedAt: meaning(orNull(instant), 'When it was delivered or given up.'),
        error: meaning(orNull(text), 'Why the last attempt failed.'),
      }),
    ),
    nextCursor: orNull(text),
  }),
  Retry: object({ id: text, state: oneOf(['requested']) }),
  Live: object({ status: oneOf(['live']) }),
  Ready: object({
    status: oneOf(['ready', 'not-ready']),
    checks: list(object({ name: text, ok: boolean, detail: optional(text) })),
    warnings: optional(list(object({ name: text, detail: text }))),
    sweep: optional(object({ lastRun: orNull(instant), nextRun: orNull(instant), lagDays: orNull(count) })),
    erasures: optional(
      meaning(
        list(object({ position: text, waitsFor: orNull(oneOf(['store', 'read-models'])) })),
        'The redactions, by their positions in the log, that are still to be carried out in files; nobody is given what they name. At most 100, and absent where there is none.',
      ),
    ),
  }),
} satisfies Members;

type Answers = typeof ANSWERS & ReturnType<typeof kindAnswers>;
export type AnswerName = keyof Answers;
/** The response type of a schema. */
export type Answer<Name extends AnswerName> = ValueOf<Answers[Name]>;
