import { ANY_RECORD_ID } from '#lifecycle/kind';
import { EVENT_TYPES } from './event-types.ts';
import { EXPORT_FORMATS } from '#use-cases/register-files/export-formats';
import { WITHHOLDING_FORM, WITHHOLDING_SHAPE } from '#use-cases/audit/withhold-values';
import { FILE_BYTES_MAX, FILE_RECORDS_MAX } from '#use-cases/register-files/import-file';
import { RECORD_BYTES_MAX } from '#use-cases/register-files/import-record';
import { AUDIT_ROUTES, size } from './audit-routes.ts';
import { OPERATION_ROUTES } from './operation-routes.ts';
import { STATISTICS_ROUTES } from './statistics-routes.ts';
import { PERSON_ROUTES } from './person-routes.ts';
import {
  boolean,
  choice,
  EVENTS_PAGE,
  instant,
  limit,
  ofRecord,
  position,
  several,
  text,
  version,
  VIEW,
} from './query-parameters.ts';
import { REGISTER_ROUTES } from './register-routes.ts';
import { CHANGE, IDEMPOTENCY_KEY, json, jsonOf, ok, READ } from './route-document.ts';
import type { RouteDocument } from './route-document.ts';
import { ref } from './schema-forms.ts';
import { WEBHOOK_ROUTES } from './webhook-routes.ts';
import type { Described } from './schema-forms.ts';

/** The descriptions of all routes. */
export const ROUTES = {
  ...PERSON_ROUTES,
  ...WEBHOOK_ROUTES,
  ...STATISTICS_ROUTES,
  issue: {
    summary: 'Issues a recommendation, to one body or to several.',
    description:
      'Requires the `inspector` role. If the request names several bodies, either all records are created or none.',
    headers: IDEMPOTENCY_KEY,
    body: { mediaType: 'application/json', schema: ref('IssuePayload') },
    answer: {
      status: 201,
      description: 'The record was issued; Location is its path.',
      content: json('Issued'),
      headers: ['Location'],
    },
    problems: [
      ...CHANGE,
      'illegal-transition',
      'id-already-used',
      'publication-out-of-range',
      'due-in-past',
      'too-many-deadlines',
    ],
  },
  record: {
    summary: 'Retrieves a record as it is now, as it was on a date, or as it was known at an instant.',
    reads: true,
    conditional: true,
    query: VIEW,
    answer: ok(
      'Record',
      "The record. The ETag combines the record's version and the date of the returned state.",
    ),
    problems: READ,
  },
  recordEvents: {
    summary: 'Lists the events of a record, oldest first.',
    reads: true,
    streams: true,
    query: {
      after: version('Includes only events after this version.'),
      limit: limit(EVENTS_PAGE),
    },
    answer: {
      ...ok('RecordEvents'),
      headers: ['Link', 'Vary'],
      content: {
        ...json('RecordEvents'),
        'application/cloudevents-batch+json': { schema: ref('CloudEvents') },
      },
    },
    problems: READ,
  },
  timeline: {
    summary: "Retrieves a record's readable history, in effective order.",
    reads: true,
    streams: true,
    answer: ok('Timeline'),
    problems: [...READ, 'too-busy'],
  },
  export: {
    summary: 'Exports a record as a file, limited to what you may see.',
    description:
      "Formats: the register's format, JSON with every envelope and a list of withheld values, CSV, or CloudEvents. " +
      'In CSV, a cell that a spreadsheet would interpret as a formula starts with an apostrophe.',
    reads: true,
    streams: true,
    query: {
      format: choice(
        'The format; by default register for records that a register can contain, otherwise json.',
        EXPORT_FORMATS,
      ),
    },
    answer: {
      ...ok('Export'),
      headers: ['Content-Disposition'],
      content: {
        'text/plain': { schema: { type: 'string' } },
        ...json('Export'),
        'text/csv': { schema: { type: 'string' } },
        'application/cloudevents-batch+json': { schema: ref('CloudEvents') },
      },
    },
    problems: [...READ, 'too-busy', 'text-not-printable'],
  },
  pack: {
    summary: 'Creates an evidence pack for a record: its history, with proof that it is in the signed log.',
    description:
      "Requires the `auditor` role, or a role in the recipient's organisation; internal values are withheld from the recipient. Returns a zipped BagIt bag. Anyone with the log's key " +
      'can verify it without the service (docs/pack-format.md). The server records `PackMade` and signs the log before it sends the pack, so HEAD is not supported.',
    streams: true,
    reads: true,
    query: {
      since: size(
        'The size of an earlier signed checkpoint. The pack then proves that the log extends that checkpoint.',
      ),
      withhold: {
        ...several('', { pattern: WITHHOLDING_FORM, form: WITHHOLDING_SHAPE }),
        description:
          'The values to leave out: `internal` for internal comments and the reasons for redactions, or `VERSION:POINTER=CODE` for one text of an event, where `CODE` is the exemption. ' +
          'Leaving out a value also leaves out everything that redacting it would erase. Can be repeated.',
      },
    },
    answer: {
      status: 200,
      description: 'The pack.',
      headers: ['Content-Disposition'],
      content: { 'application/zip': { schema: { type: 'string' } } },
    },
    problems: [
      ...READ,
      'role-not-permitted',
      'checkpoint-refused',
      'pack-too-large',
      'rate-limited',
      'too-busy',
      'query-too-slow',
    ],
  },
  statechart: {
    summary:
      "Retrieves a record's statechart: its current states, its path, and the days spent in each state.",
    description:
      'Returns the current statechart, or the one that was effective on a date, as known at an instant.',
    reads: true,
    query: VIEW,
    answer: {
      ...ok('Statechart'),
      headers: ['Vary'],
      content: {
        ...json('Statechart'),
        'image/svg+xml': { schema: { type: 'string' } },
        'text/vnd.mermaid': { schema: { type: 'string' } },
      },
    },
    problems: [...READ, 'not-acceptable'],
  },
  recordCommands: {
    summary: 'Lists every command, with whether you may use it now and, if not, why.',
    reads: true,
    answer: ok('RecordCommands'),
    problems: READ,
  },
  command: {
    summary: 'Runs a command on a record.',
    description: 'A refusal names the rule, and the commands that you may use now.',
    headers: {
      ...IDEMPOTENCY_KEY,
      'If-Match':
        'The ETag of the record as you read it, or its version in quotes. The command is refused if the record has changed since, or if the tag is weak (`W/"…"`).',
    },
    answer: {
      ...ok('CommandAnswer', 'The command was carried out and its events are stored.'),
      headers: ['ETag'],
      also: [
        {
          status: 202,
          description:
            'The redaction is stored, and no request returns the values any more. Lists and files still have to follow, which happens by itself.',
          content: json('CommandAnswer'),
          headers: ['ETag'],
        },
      ],
    },
    problems: [
      ...CHANGE,
      'illegal-transition',
      'rule-failed',
      'not-found',
      'unknown-command',
      'version-mismatch',
      'command-not-allowed',
      'id-already-used',
      'decides-outdated',
      'closure-request-needed',
      'separation-of-duties',
      'own-body-decides',
      'effective-date-in-future',
      'effective-date-out-of-order',
      'effective-date-before-issue',
      'effective-date-before-threshold',
      'effective-date-not-yours',
      'deadline-ambiguous',
      'deadline-unknown',
      'owner-unknown',
      'owner-ambiguous',
      'deadline-not-later',
      'not-correctable',
      'correction-ambiguous',
      'effective-date-of-correction',
      'publication-out-of-range',
      'due-in-past',
      'too-many-deadlines',
      'successor-is-itself',
      'successor-not-found',
      'successor-closed',
      'successor-of-another-body',
      'record-full',
      'supersede-cycle',
      'event-not-found',
      'not-redactable',
    ],
  },
  import: {
    summary: 'Imports a register file. Importing the same file again has no effect.',
    description:
      `Requires the \`inspector\` or \`administrator\` role. A file can be up to ${FILE_BYTES_MAX / 1024 / 1024} MiB and contain up to ${FILE_RECORDS_MAX} records of up to ${RECORD_BYTES_MAX / 1024} KiB each. ` +
      'For a file with one record, the response is its result or a problem. For several, the response is a list: each record is ' +
      'imported completely or not at all; invalid ones are `refused` with their reason, and the others are still imported. ' +
      'A new record begins at a title line with a reference, followed by text and a dated block. ' +
      'An import of a record in use, on which a person has used a command, changes nothing: the response lists the `differences`, with the status 200.',
    headers: IDEMPOTENCY_KEY,
    query: {
      id: text(
        "The record's id; by default the title's reference, otherwise derived from title and text. Not allowed for a file with several records.",
      ),
      recipient: text('The slug of the body that the recommendations are for.'),
      dryRun: boolean('Reports what would happen without importing.'),
      digest: {
        ...text('The `digest` of a preview, or the SHA-256 of the file. Any other file is refused.'),
        schema: { type: 'string', pattern: '^[0-9a-f]{64}$' },
      },
    },
    body: { mediaType: 'text/plain', schema: { type: 'string' } },
    answer: {
      status: 201,
      description:
        'The file was imported; `anomalies` lists its problems. A file with several records has one result per record.',
      content: jsonOf('Imported', 'ImportedFile'),
      also: [
        {
          status: 200,
          description:
            'For a dry run, what would happen. For a record that people have worked on, what was imported and what differs.',
          content: jsonOf('Imported', 'ImportedFile'),
        },
      ],
    },
    problems: [
      ...CHANGE.filter((code) => code !== 'payload-too-large'),
      'illegal-transition',
      'file-too-large',
      'file-differs',
      'too-many-records',
      'history-differs',
      'own-body-decides',
      'id-already-used',
      'not-a-register-record',
      'record-full',
    ],
  },
  log: {
    summary: 'Lists the events of the whole log, or streams them as they are recorded.',
    description:
      'Requires the `auditor` role. A page scans a limited number of events for a limited time: it can be empty although `next` is set. ' +
      'A feed (`Accept: text/event-stream`) resumes after the `Last-Event-ID` of the request.',
    reads: true,
    streams: true,
    query: {
      after: position('Includes only events after this position.'),
      limit: limit(EVENTS_PAGE),
      type: several('Includes only events of this type.', {
        pattern: new RegExp(`^(?:${EVENT_TYPES.join('|')})$`),
        form: `a type of event: ${EVENT_TYPES.join(', ')}`,
      }),
      actor: several('Includes only events recorded by this person.', {
        pattern: /^\P{Cc}{1,300}$/u,
        form: 'the subject of a person',
      }),
      recommendation: ofRecord(
        several(
          'Includes only events of the record with this id, or this kind and id, such as `recommendation-730`.',
          {
            pattern: ANY_RECORD_ID,
            form: 'the id of a record',
          },
        ),
      ),
      correlationId: several('Includes only events of the request with this correlation id.', {
        pattern: /^\P{Cc}{1,300}$/u,
        form: 'a correlation id',
      }),
      recordedFrom: instant(
        'Includes only events recorded from this instant, or from the start of this London day.',
        'from',
      ),
      recordedTo: instant(
        'Includes only events recorded up to this instant, or the end of this London day.',
        'to',
      ),
    },
    headers: { 'Last-Event-ID': 'The id of the last event received from a feed.' },
    answer: {
      ...ok('Log'),
      headers: ['Vary'],
      content: {
        ...json('Log'),
        'text/event-stream': { schema: { type: 'string' } },
      },
    },
    problems: [
      'invalid-parameter',
      'role-not-permitted',
      'store-unavailable',
      'too-busy',
      'query-too-slow',
      'read-model-behind',
    ],
  },
  ...REGISTER_ROUTES,
  ...OPERATION_ROUTES,
  ...AUDIT_ROUTES,
} satisfies Record<string, RouteDocument>;

export type RouteName = keyof typeof ROUTES;

type ContentOf<Content> = {
  [MediaType in keyof Content]: MediaType extends 'application/json'
    ? Content[MediaType] extends { readonly schema: infer Schema }
      ? Described<Schema>
      : never
    : string;
}[keyof Content];

/** A route's response type; undefined for 304. */
export type AnswerOf<Name extends RouteName> =
  | ContentOf<(typeof ROUTES)[Name]['answer']['content']>
  | ((typeof ROUTES)[Name] extends { readonly conditional: true } ? undefined : never);

/** The return type of a route's method: a promise, or nothing if the response is streamed or has no body. */
export type AnsweredBy<Name extends RouteName> =
  | AnswerOf<Name>
  | Promise<AnswerOf<Name>>
  | ((typeof ROUTES)[Name] extends { readonly streams: true } ? Promise<void> : never)
  | (keyof (typeof ROUTES)[Name]['answer']['content'] extends never ? Promise<void> : never);
