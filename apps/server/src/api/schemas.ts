import type { OpenAPIObject } from '@nestjs/swagger';
import {
  DEADLINE_STATES,
  DUE_STATES,
} from '../../../../state-machines/inspection-recommendation/v1/deadlines.ts';
import { events } from '../../../../state-machines/inspection-recommendation/v1/events.ts';
import { machine, STATUSES } from '../../../../state-machines/inspection-recommendation/v1/machine.ts';
import { commands, ROLES } from '../../../../state-machines/inspection-recommendation/v1/policy.ts';
import { LISTED_STATES } from '../../../../libs/projections/src/deadlines/deadlines-query.ts';
import { anomalyCodes } from '../../../../libs/register-format/src/anomalies.ts';
import { NOTICE_KINDS } from '../../../../libs/outbox/src/notices.ts';
import { MESSAGE_STATES } from '../../../../libs/outbox/src/outbox-list.ts';
import { PROBLEM_CODES } from './problems.ts';

export type Schema = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>[string];
export type SchemaObject = Exclude<Schema, { $ref: string }>;

export const ref = (name: string): { $ref: string } => ({ $ref: `#/components/schemas/${name}` });

const text: Schema = { type: 'string' };
const count: Schema = { type: 'integer', minimum: 0 };
const version: Schema = { type: 'integer', minimum: 1 };
const date: Schema = { type: 'string', format: 'date' };
const instant: Schema = { type: 'string', format: 'date-time' };
const position: Schema = {
  type: 'string',
  pattern: '^[0-9]+$',
  description: 'Increasing, not dense; belongs to the store.',
};
const status: Schema = { type: 'string', enum: [...STATUSES] };
const hash: Schema = { type: 'string', pattern: '^[0-9a-f]{64}$' };
const sixteenBytes: Schema = { type: 'string', pattern: '^[0-9a-f]{32}$' };

const list = (items: Schema): Schema => ({ type: 'array', items });
const mapOf = (values: Schema): Schema => ({ type: 'object', additionalProperties: values });
const orNull = (schema: Schema): Schema =>
  '$ref' in schema
    ? { oneOf: [schema, { type: 'null' }] }
    : ({
        ...schema,
        type: [schema.type, 'null'],
        ...(schema.enum && { enum: [...(schema.enum as unknown[]), null] }),
      } as unknown as Schema);

/** An object whose members are all there, except those named as optional. */
function object(properties: Record<string, Schema>, optional: readonly string[] = []): Schema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', properties, required };
}

const regions = Object.fromEntries(
  Object.entries(machine.states).map(([region, { states }]) => [
    region,
    { type: 'string', enum: Object.keys(states) },
  ]),
);

const actor = object({ subject: text, roles: list(text) });
const lifecycle = object({ name: text, version });
const anomaly = object({
  code: { type: 'string', enum: anomalyCodes.map(({ code }) => code) },
  line: { type: 'integer', minimum: 1 },
  column: { type: 'integer', minimum: 1 },
  detail: text,
});
const reason = object(
  { code: text, detail: text, guard: { type: 'string', description: 'The guard that does not hold.' } },
  ['guard'],
);
const arrow = { event: text, guard: orNull(text), to: text };
const report = object({ name: text, publishedOn: date });
const source = object({ eventId: text, from: count, to: count });
const linkShows = {
  expiresOn: { ...date, description: 'The first day, in London, on which it is refused.' } as Schema,
  recipient: orNull(text),
  kind: orNull({ type: 'string', enum: ['action', 'response'] }),
  state: orNull({ type: 'string', enum: [...DUE_STATES] }),
};
const remains: Schema = { type: 'string', enum: ['nowhere', 'until-vacuum', 'until-scavenge'] };
const deadline = object(
  {
    id: text,
    kind: { type: 'string', enum: ['action', 'response'] },
    dueOn: date,
    firstDueOn: date,
    state: { type: 'string', enum: [...DEADLINE_STATES] },
    source,
  },
  ['source'],
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
          'Of a redaction: until when what was erased can be found by who has the files of the store, though by nobody who asks it.',
      },
    },
    ['erased'],
  ),
  Record: object({
    id: text,
    title: orNull(text),
    text: orNull(text),
    reference: orNull(text),
    issue: orNull(text),
    report: orNull(report),
    recipient: orNull(text),
    owner: orNull(text),
    status,
    state: ref('State'),
    version,
    lifecycle,
    issuedOn: date,
    deadlines: list(deadline),
    proposedDeadlines: list(object({ id: text, suggestedOn: date, rule: text, source })),
    supersededBy: orNull(text),
    anomalies: list(anomaly),
  }),
  Recommendation: object({
    id: text,
    title: orNull(text),
    recipient: orNull(text),
    status,
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
  MadeCalendarLink: object({ id: text, url: text, ...linkShows, position }),
  CalendarLinks: object({
    items: list(object({ id: text, subject: text, madeAt: instant, ...linkShows })),
    nextCursor: orNull(text),
    position,
  }),
  ErasedName: object({ subject: text, erased: object({ remains }) }),
  Envelope: object({
    envelope: { type: 'integer', enum: [1] },
    eventId: { type: 'string', format: 'uuid' },
    type: { type: 'string', examples: Object.keys(events) },
    schemaVersion: version,
    streamId: text,
    version,
    position,
    recordedAt: instant,
    effectiveOn: date,
    actor,
    command: object({ id: text, name: text, digest: orNull(hash) }),
    decision: orNull(object({ role: { type: 'string', enum: [...ROLES] }, guards: list(text) })),
    correlationId: text,
    causationId: orNull(text),
    origin: { type: 'string', enum: ['command', 'import', 'sweep'] },
    lifecycle: orNull(object({ name: text, version, digest: hash })),
    state: orNull(object(regions)),
    data: { type: 'object', additionalProperties: true },
    nonce: { ...sixteenBytes, description: 'Random; without it the hash of an event says nothing.' },
    commitments: mapOf(hash),
    salts: mapOf(sixteenBytes),
    previousHash: orNull(hash),
    hash,
  }),
  RecordEvents: object({ items: list(ref('Envelope')), next: orNull(version) }),
  Log: object({ items: list(ref('Envelope')), next: orNull(position) }),
  CloudEvents: list(
    object({
      specversion: { type: 'string', enum: ['1.0'] },
      id: text,
      source: text,
      type: text,
      subject: text,
      time: instant,
      datacontenttype: text,
      data: ref('Envelope'),
    }),
  ),
  Timeline: object({
    items: list(
      object(
        {
          version,
          type: text,
          effectiveOn: date,
          recordedAt: instant,
          actor: text,
          role: orNull(text),
          headline: text,
          text: orNull(text),
          visibility: { type: 'string', enum: ['public', 'internal'] },
          status,
        },
        ['text', 'visibility'],
      ),
    ),
  }),
  Statechart: object({
    id: text,
    version,
    status,
    view: object({ effectiveOn: orNull(date), knownAt: orNull(instant) }),
    day: { type: 'string', format: 'date', description: 'Up to which the last stays are counted.' },
    lifecycle: object({ name: text, version, digest: hash }),
    guards: mapOf(object({ region: text, in: list(text) })),
    regions: list(ref('StatechartRegion')),
  }),
  StatechartRegion: object({
    region: { type: 'string', enum: Object.keys(machine.states) },
    initial: text,
    states: list(text),
    arrows: list(object({ ...arrow, from: text, fromAny: { type: 'boolean' }, taken: count })),
    current: text,
    path: list(object({ state: text, from: date, to: orNull(date), days: count, event: text, version })),
    days: mapOf(count),
    next: list(object(arrow)),
  }),
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
  Imported: object({
    id: text,
    outcome: { type: 'string', enum: ['created', 'appended', 'unchanged'] },
    version,
    position: orNull(position),
    events: count,
    anomalies: list(anomaly),
  }),
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
        },
        ['error', 'rebuild'],
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
      sweep: object({ lastRun: orNull(instant), nextRun: orNull(instant), lagDays: orNull(count) }),
    },
    ['sweep'],
  ),
};
