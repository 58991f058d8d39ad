import { DEADLINE_KINDS, DEADLINE_STATES, DUE_STATES } from '#state-machines/capabilities/deadlines';
import { COMMAND_NAMES } from '#state-machines/commanded-lifecycles';
import { LISTED_STATES } from '#read-models/deadlines/deadlines-query';
import { OUTCOMES } from '#read-models/history/deadline-outcome';
import { QUEUE_NAMES } from '#read-models/queues';
import { TOTAL_MAX, WAITING } from '#read-models/register/register-query';
import { AGES } from '#read-models/register/statistics-groups';
import { NOTICE_KINDS } from '#notifications/notices';
import { MESSAGE_STATES } from '#notifications/outbox/outbox-list';
import { PROBLEM_CODES } from './problems.ts';
import { pending, proposal, sourceGone, textSource } from './pending-schemas.ts';
import { IMPORT_ANSWERS } from './import-schemas.ts';
import { OPERATION_ANSWERS } from './operation-schemas.ts';
import { LISTS_OF_AUDITORS } from './lists-of-auditors.ts';
import { byStatus, STATISTICS_ANSWERS } from './statistics-schemas.ts';
import { EVENT_ANSWERS } from './event-schemas.ts';
import {
  always,
  boolean,
  choice,
  count,
  countsOf,
  date,
  instant,
  integer,
  lifecycle,
  list,
  moreAnomalies,
  object,
  orNull,
  position,
  ref,
  regions,
  stateOf,
  status,
  statusOrigin,
  text,
  told,
  uuid,
  version,
} from './schema-forms.ts';
import { anomaly, report } from './shape-schemas.ts';
import type { Described, SchemaOf } from './schema-forms.ts';

const reason = object({ code: text, detail: text, guard: told(text, 'The guard that does not hold.') }, [
  'guard',
]);
const lastRebuild = object(
  {
    at: instant,
    result: choice(['equal', 'different', 'not-comparable']),
    differences: told(
      list(object({ table: text, missing: count, extra: count, changed: count, examples: list(text) })),
      'Of each table: rows that only the one before had, that only the new one has, and others.',
    ),
    reason: told(text, 'Why the two could not be compared.'),
  },
  ['differences', 'reason'],
);
const linkShows = {
  expiresOn: told(date, 'The first day, in London, on which it is refused.'),
  recipient: orNull(text),
  kind: orNull(choice<string>([...DEADLINE_KINDS])),
  state: orNull(choice<string>([...DUE_STATES])),
};
const remains = choice(['nowhere', 'until-vacuum', 'until-scavenge', 'pending']);
const deadline = object(
  {
    id: text,
    kind: choice([...DEADLINE_KINDS]),
    dueOn: date,
    firstDueOn: date,
    state: choice([...DEADLINE_STATES]),
    source: textSource,
    sourceGone,
  },
  ['source', 'sourceGone'],
);
const view = told(
  object({ effectiveOn: date, knownAt: told(orNull(instant), 'Null where all is taken that is known.') }),
  'What of the past this is; absent without effectiveOn and knownAt.',
);
const State = stateOf(regions, { deadline: choice([...DEADLINE_STATES]) });

const highlight = object(
  {
    field: told(
      choice(['title', 'text', 'report', 'comment']),
      'Comments are public, and internal where you read such.',
    ),
    visibility: told(choice(['internal']), 'Of a comment that not everybody reads; else absent.'),
    eventId: told(text, 'The event that says the text.'),
    snippet: told(text, 'Some of the text, plain, as it was written.'),
    matches: told(
      list(object({ from: count, to: count })),
      'What was found in the snippet: from the first of its UTF-16 units (as JavaScript counts them) up to, and without, the one at `to`.',
    ),
    cutBefore: told(boolean, 'Whether the text has more before the snippet.'),
    cutAfter: told(boolean, 'Whether the text has more behind it.'),
  },
  ['visibility'],
);

const Recommendation = object(
  {
    id: text,
    title: orNull(text),
    recipient: orNull(text),
    status,
    statusOrigin,
    state: ref('State', State),
    version,
    owner: orNull(text),
    issue: orNull(text),
    report: orNull(report),
    issuedOn: date,
    updatedOn: date,
    dueOn: orNull(date),
    closedOn: told(orNull(date), 'The effective date of the closing that stands; null while it is open.'),
    waiting: told(list(choice(WAITING)), 'What of it waits for a decision.'),
    lifecycle: orNull(lifecycle),
    highlights: told(
      list(highlight),
      'Where `q` was found in it, title first, three places at the most; absent without `q`.',
    ),
  },
  ['highlights'],
);

const Deadline = object(
  {
    id: told(text, "The record's."),
    title: orNull(text),
    status,
    recipient: orNull(text),
    deadlineId: text,
    kind: choice<string>([...DEADLINE_KINDS]),
    dueOn: date,
    firstDueOn: date,
    state: choice([...LISTED_STATES]),
    daysLeft: orNull(told(integer, 'Below 0 it is over by so many; null where it is settled.')),
    revision: version,
    changedAt: instant,
    outcome: told(
      orNull(choice([...OUTCOMES])),
      'Its outcome, as /api/statistics/deadlines counts it; null until it falls due.',
    ),
    established: told(
      object({ by: told(list(text), 'The subjects, the requester first.'), at: instant }),
      'Who decided that it was met, and when; only of `metEstablishedLater`.',
    ),
  },
  ['established'],
);

/** The schemas of what the API answers with. */
export const ANSWERS = {
  State,
  Problem: object(
    {
      type: choice(PROBLEM_CODES.map((code) => `urn:docket:problem:${code}`)),
      title: text,
      status: integer,
      detail: text,
      errors: list(object({ pointer: text, detail: text })),
      allowedCommands: list(choice(COMMAND_NAMES)),
      currentVersion: version,
      claim: told(text, 'The claim of the access token that is not valid.'),
      guard: text,
      location: text,
      suggestions: list(object({ subject: text, name: orNull(text) })),
      events: told(list(text), 'What `decides` must name besides, by the ids of the events.'),
      earliest: told(date, 'The earliest day on which what was refused could take effect.'),
    },
    [
      'errors',
      'allowedCommands',
      'currentVersion',
      'claim',
      'guard',
      'location',
      'events',
      'suggestions',
      'earliest',
    ],
  ),
  Issued: object({ recommendations: list(object({ id: text, version, status })), position }),
  CommandAnswer: object(
    {
      id: text,
      version,
      position,
      status,
      state: ref('State', State),
      events: list(object({ eventId: text, type: text, version })),
      erased: told(
        object({ remains }),
        'Of a redaction: until when what was erased can be found by who has the files of the service, though by nobody who asks it. Pending: it is still to be erased from files of the store or of the read models; the same Idempotency-Key says later how it stands.',
      ),
    },
    ['erased'],
  ),
  RecommendationRecord: object(
    {
      id: text,
      title: orNull(text),
      text: orNull(text),
      reference: orNull(text),
      issue: orNull(text),
      report: orNull(report),
      recipient: orNull(text),
      owner: orNull(text),
      status,
      statusOrigin,
      state: ref('State', State),
      version,
      lifecycle,
      issuedOn: date,
      pending: told(pending, 'What waits for a decision; nothing of a record that is closed.'),
      deadlines: list(deadline),
      proposedDeadlines: list(proposal),
      supersededBy: orNull(text),
      anomalies: list(anomaly),
      moreAnomalies,
    },
    ['moreAnomalies'],
  ),
  Recommendation,
  Recommendations: object(
    {
      items: list(ref('Recommendation', Recommendation)),
      nextCursor: orNull(text),
      previousCursor: told(orNull(text), 'That of the page before; null on the first.'),
      total: told(count, `How many there are on all pages; absent beyond ${TOTAL_MAX}.`),
      totalAtLeast: told(count, 'That there are more than so many; one of the two is always there.'),
      position,
      view,
      didYouMean: told(
        text,
        'The search with typing errors corrected, where `q` finds nothing and this finds something; else absent.',
      ),
    },
    ['total', 'totalAtLeast', 'view', 'didYouMean'],
  ),
  Deadline,
  Deadlines: object({ items: list(ref('Deadline', Deadline)), nextCursor: orNull(text), position, view }, [
    'view',
  ]),
  MadeCalendarLink: object({ id: text, url: text, path: text, ...linkShows, position }),
  CalendarLinks: object({
    items: list(object({ id: text, subject: text, madeAt: instant, ...linkShows })),
    nextCursor: orNull(text),
    position,
  }),
  EnteredPerson: object({ subject: text, name: text, roles: list(text), organisations: list(text) }),
  ErasedName: object({ subject: text, erased: object({ remains }) }),
  ...EVENT_ANSWERS,
  ...STATISTICS_ANSWERS,
  ...OPERATION_ANSWERS,
  RecordCommands: object({
    commands: list(
      object({
        command: choice(COMMAND_NAMES),
        allowed: boolean,
        because: list(reason),
      }),
    ),
  }),
  ...LISTS_OF_AUDITORS,
  Statistics: object(
    {
      total: count,
      byStatus,
      byRecipient: list(object({ recipient: orNull(text), total: count, byStatus, byAge: countsOf(AGES) })),
      byDeadline: countsOf(DEADLINE_STATES),
      byAge: countsOf(AGES),
      position,
      view,
    },
    ['view'],
  ),
  Work: object({
    queues: list(
      object({
        name: choice(QUEUE_NAMES),
        count,
        list: told(text, 'The path of the list that has exactly these records.'),
      }),
    ),
    position,
  }),
  ...IMPORT_ANSWERS,
  Me: object({
    subject: told(text, 'Opaque; it stands in what you record.'),
    name: orNull(text),
    roles: list(text),
    organisations: told(list(text), 'The bodies that you belong to.'),
    expiresAt: told(instant, 'From when on your token is refused.'),
  }),
  Bodies: object({
    items: list(object({ slug: text, name: text, kind: told(text, 'What sort of body: `police-force`.') })),
    position: told(position, 'Up to which the log was read for it.'),
  }),
  Projections: object({
    projections: list(
      object(
        {
          name: text,
          version,
          position,
          lag: count,
          state: choice(['running', 'rebuilding', 'stuck']),
          error: object({ position: orNull(position), detail: text }),
          rebuildRequested: told(always, 'A rebuild was asked for, and has not ended.'),
          rebuild: object({
            version,
            position,
            events: count,
            total: told(count, 'How many events the log has, of which so many are folded.'),
          }),
          lastRebuild,
        },
        ['error', 'rebuildRequested', 'rebuild', 'lastRebuild'],
      ),
    ),
  }),
  Rebuild: object({ projection: text, state: choice(['requested']) }),
  Outbox: object({
    items: list(
      object({
        id: told(uuid, 'The id that its receiver gets as well.'),
        subscription: text,
        channel: choice<string>(['email', 'webhook']),
        state: choice([...MESSAGE_STATES]),
        digestOn: told(orNull(date), 'The London date of a digest.'),
        notices: list(
          object({
            recordId: text,
            deadlineId: text,
            kind: choice<string>([...NOTICE_KINDS]),
            day: date,
          }),
        ),
        noticeCount: told(count, 'How many there are; the first of them are listed.'),
        attempts: count,
        createdAt: instant,
        attemptedAt: orNull(instant),
        nextAttemptAt: orNull(instant),
        endedAt: told(orNull(instant), 'When it was delivered or given up.'),
        error: told(orNull(text), 'Why the last attempt failed.'),
      }),
    ),
    nextCursor: orNull(text),
  }),
  Retry: object({ id: text, state: choice(['requested']) }),
  Live: object({ status: choice(['live']) }),
  Ready: object(
    {
      status: choice(['ready', 'not-ready']),
      checks: list(object({ name: text, ok: boolean, detail: text }, ['detail'])),
      warnings: list(object({ name: text, detail: text })),
      sweep: object({ lastRun: orNull(instant), nextRun: orNull(instant), lagDays: orNull(count) }),
      erasures: told(
        list(object({ position: text, waitsFor: orNull(choice(['store', 'read-models'])) })),
        'The redactions, by their positions in the log, that are still to be carried out in files; nobody is given what they name. At most 100, and absent where there is none.',
      ),
    },
    ['sweep', 'warnings', 'erasures'],
  ),
} satisfies Readonly<Record<string, SchemaOf<unknown>>>;

export type AnswerName = keyof typeof ANSWERS;
/** What is answered under the name of a schema. */
export type Answer<Name extends AnswerName> = Described<(typeof ANSWERS)[Name]>;
