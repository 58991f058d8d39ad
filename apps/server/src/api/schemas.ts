import { DEADLINE_STATES, DUE_STATES } from '#state-machines/inspection-recommendation/v1/deadlines';
import { commands } from '#state-machines/inspection-recommendation/v1/policy';
import { LISTED_STATES } from '#projections/deadlines/deadlines-query';
import { NOTICE_KINDS } from '#notifications/notices';
import { MESSAGE_STATES } from '#notifications/outbox/outbox-list';
import { PROBLEM_CODES } from './problems.ts';
import { EVENT_ANSWERS } from './event-schemas.ts';
import {
  ref,
  text,
  count,
  version,
  date,
  instant,
  position,
  status,
  statusOrigin,
  list,
  mapOf,
  orNull,
  object,
  regions,
  actor,
  lifecycle,
  anomaly,
  moreAnomalies,
  report,
} from './schema-forms.ts';
import type { Schema } from './schema-forms.ts';

const reason = object(
  { code: text, detail: text, guard: { type: 'string', description: 'The guard that does not hold.' } },
  ['guard'],
);
const lastRebuild = object(
  {
    at: instant,
    result: { type: 'string', enum: ['equal', 'different', 'not-comparable'] },
    differences: {
      ...list(object({ table: text, missing: count, extra: count, changed: count, examples: list(text) })),
      description: 'Of each table: rows that only the one before had, that only the new one has, and others.',
    },
    reason: { type: 'string', description: 'Why the two could not be compared.' },
  },
  ['differences', 'reason'],
);
const source = object({ eventId: text, from: count, to: count });
const linkShows = {
  expiresOn: { ...date, description: 'The first day, in London, on which it is refused.' } as Schema,
  recipient: orNull(text),
  kind: orNull({ type: 'string', enum: ['action', 'response'] }),
  state: orNull({ type: 'string', enum: [...DUE_STATES] }),
};
const remains: Schema = { type: 'string', enum: ['nowhere', 'until-vacuum', 'until-scavenge', 'pending'] };
const textSource: Schema = {
  ...orNull(source),
  description: 'Null where the text was amended, and the words are gone.',
};
const sourceGone: Schema = { type: 'boolean', enum: [true] };
const deadline = object(
  {
    id: text,
    kind: { type: 'string', enum: ['action', 'response'] },
    dueOn: date,
    firstDueOn: date,
    state: { type: 'string', enum: [...DEADLINE_STATES] },
    source: textSource,
    sourceGone,
  },
  ['source', 'sourceGone'],
);
const proposal = object(
  {
    id: text,
    suggestedOn: { ...orNull(date), description: 'Null where none can be said.' },
    rule: text,
    source: textSource,
    sourceGone,
  },
  ['sourceGone'],
);
const request = { eventId: text, requester: orNull(text), requestedOn: date };
const decidedBy = (what: string): Schema => ({
  ...list(text),
  description: `What ${what} decides on now, as its "decides" would name it.`,
});
const pending = object(
  {
    closure: object({
      ...request,
      decides: decidedBy('approve-closure (refuse-closure: the eventId alone)'),
    }),
    evidence: {
      ...object({ decides: decidedBy('accept-evidence or reject-evidence') }),
      description: 'Absent where no evidence waits to be decided on.',
    },
    extensions: list(
      object({
        deadlineId: text,
        dueOn: date,
        ...request,
        decides: decidedBy('grant-extension or refuse-extension'),
      }),
    ),
    proposals: list(proposal),
  },
  ['closure', 'evidence'],
);

/** The schemas of what the API answers with. */
export const ANSWERS: Readonly<Record<string, Schema>> = {
  State: object({ ...regions, deadline: { type: 'string', enum: [...DEADLINE_STATES] } }),
  Problem: object(
    {
      type: { type: 'string', enum: PROBLEM_CODES.map((code) => `urn:docket:problem:${code}`) },
      title: text,
      status: { type: 'integer' },
      detail: text,
      errors: list(object({ pointer: text, detail: text })),
      allowedCommands: list({ type: 'string', enum: Object.keys(commands) }),
      currentVersion: version,
      guard: text,
      location: text,
    },
    ['errors', 'allowedCommands', 'currentVersion', 'guard', 'location'],
  ),
  Issued: object({ recommendations: list(object({ id: text, version, status })), position }),
  CommandAnswer: object(
    {
      id: text,
      version,
      position,
      status,
      state: ref('State'),
      events: list(object({ eventId: text, type: text, version })),
      erased: {
        ...object({ remains }),
        description:
          'Of a redaction: until when what was erased can be found by who has the files of the service, though by nobody who asks it. Pending: it is still to be erased from files of the store or of the read models; the same Idempotency-Key says later how it stands.',
      },
    },
    ['erased'],
  ),
  Record: object(
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
      state: ref('State'),
      version,
      lifecycle,
      issuedOn: date,
      pending: {
        ...pending,
        description: 'What waits for a decision; nothing of a record that is closed.',
      },
      deadlines: list(deadline),
      proposedDeadlines: list(proposal),
      supersededBy: orNull(text),
      anomalies: list(anomaly),
      moreAnomalies,
    },
    ['moreAnomalies'],
  ),
  Recommendation: object({
    id: text,
    title: orNull(text),
    recipient: orNull(text),
    status,
    statusOrigin,
    state: ref('State'),
    version,
    owner: orNull(text),
    issue: orNull(text),
    report: orNull(report),
    issuedOn: date,
    updatedOn: date,
    dueOn: orNull(date),
    lifecycle: orNull(lifecycle),
  }),
  Recommendations: object({ items: list(ref('Recommendation')), nextCursor: orNull(text), position }),
  Deadline: object({
    id: { ...text, description: "The record's." },
    title: orNull(text),
    status,
    recipient: orNull(text),
    deadlineId: text,
    kind: { type: 'string', enum: ['action', 'response'] },
    dueOn: date,
    firstDueOn: date,
    state: { type: 'string', enum: [...LISTED_STATES] },
    daysLeft: orNull({
      type: 'integer',
      description: 'Below 0 it is over by so many; null where it is settled.',
    }),
    revision: version,
    changedAt: instant,
  }),
  Deadlines: object({ items: list(ref('Deadline')), nextCursor: orNull(text), position }),
  MadeCalendarLink: object({ id: text, url: text, path: text, ...linkShows, position }),
  CalendarLinks: object({
    items: list(object({ id: text, subject: text, madeAt: instant, ...linkShows })),
    nextCursor: orNull(text),
    position,
  }),
  ErasedName: object({ subject: text, erased: object({ remains }) }),
  ...EVENT_ANSWERS,
  RecordCommands: object({
    commands: list(
      object({
        command: { type: 'string', enum: Object.keys(commands) },
        allowed: { type: 'boolean' },
        because: list(reason),
      }),
    ),
  }),
  Refusals: object({
    items: list(
      object({
        position,
        recordedAt: instant,
        actor: {
          ...orNull(actor),
          description: 'Null in a count of many people; in a count of one there are no roles.',
        },
        command: { ...orNull(text), description: 'Null in a count, or for what is no command.' },
        code: { type: 'string', enum: [...PROBLEM_CODES] },
        guard: orNull(text),
        record: { ...orNull(text), description: 'The id as it was asked.' },
        seenVersion: {
          ...orNull(version),
          description: "The record's version on which it was refused.",
        },
        count: {
          type: 'integer',
          minimum: 1,
          description: '1 for an attempt; else how many more of this code there were.',
        },
        correlationId: orNull(text),
      }),
    ),
    nextCursor: orNull(text),
    position,
  }),
  Statistics: object({
    total: count,
    byStatus: mapOf(count),
    byRecipient: list(object({ recipient: orNull(text), total: count, byStatus: mapOf(count) })),
    byDeadline: mapOf(count),
    byAge: mapOf(count),
    position,
  }),
  Imported: object(
    {
      dryRun: {
        type: 'boolean',
        enum: [true],
        description: 'Nothing was done: the rest says what would be.',
      },
      id: text,
      outcome: { type: 'string', enum: ['created', 'appended', 'unchanged'] },
      version,
      position: orNull(position),
      events: count,
      anomalies: list(anomaly),
      moreAnomalies,
    },
    ['dryRun', 'moreAnomalies'],
  ),
  Me: object({
    subject: { type: 'string', description: 'Opaque; it stands in what you record.' },
    name: orNull(text),
    roles: list(text),
    organisations: { type: 'array', items: text, description: 'The bodies that you belong to.' },
    expiresAt: { type: 'string', format: 'date-time', description: 'From when on your token is refused.' },
  }),
  Projections: object({
    projections: list(
      object(
        {
          name: text,
          version,
          position,
          lag: count,
          state: { type: 'string', enum: ['running', 'rebuilding', 'stuck'] },
          error: object({ position: orNull(position), detail: text }),
          rebuild: object({ version, position, events: count }),
          lastRebuild,
        },
        ['error', 'rebuild', 'lastRebuild'],
      ),
    ),
  }),
  Rebuild: object({ projection: text, state: { type: 'string', enum: ['requested'] } }),
  Outbox: object({
    items: list(
      object({
        id: { type: 'string', format: 'uuid', description: 'The id that its receiver gets as well.' },
        subscription: text,
        channel: { type: 'string', enum: ['email', 'webhook'] },
        state: { type: 'string', enum: [...MESSAGE_STATES] },
        digestOn: { ...orNull(date), description: 'The London date of a digest.' },
        notices: list(
          object({
            recordId: text,
            deadlineId: text,
            kind: { type: 'string', enum: [...NOTICE_KINDS] },
            day: date,
          }),
        ),
        noticeCount: { ...count, description: 'How many there are; the first of them are listed.' },
        attempts: count,
        createdAt: instant,
        attemptedAt: orNull(instant),
        nextAttemptAt: orNull(instant),
        endedAt: { ...orNull(instant), description: 'When it was delivered or given up.' },
        error: { ...orNull(text), description: 'Why the last attempt failed.' },
      }),
    ),
    nextCursor: orNull(text),
  }),
  Retry: object({ id: text, state: { type: 'string', enum: ['requested'] } }),
  Live: object({ status: { type: 'string', enum: ['live'] } }),
  Ready: object(
    {
      status: { type: 'string', enum: ['ready', 'not-ready'] },
      checks: list(object({ name: text, ok: { type: 'boolean' }, detail: text }, ['detail'])),
      warnings: list(object({ name: text, detail: text })),
      sweep: object({ lastRun: orNull(instant), nextRun: orNull(instant), lagDays: orNull(count) }),
      erasures: {
        ...list(
          object({ position: text, waitsFor: orNull({ type: 'string', enum: ['store', 'read-models'] }) }),
        ),
        description:
          'The redactions, by their positions in the log, that are still to be carried out in files; nobody is given what they name. At most 100, and absent where there is none.',
      },
    },
    ['sweep', 'warnings', 'erasures'],
  ),
};
