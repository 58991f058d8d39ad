import { ANY_RECORD_ID } from '#lifecycle/kind';
import { EVENT_TYPES } from './event-types.ts';
import { EXPORT_FORMATS } from '#use-cases/register-files/export-formats';
import { WITHHOLDING_FORM, WITHHOLDING_TOLD } from '#use-cases/audit/withhold-values';
import { FILE_BYTES_MAX, FILE_RECORDS_MAX } from '#use-cases/register-files/import-file';
import { RECORD_BYTES_MAX } from '#use-cases/register-files/import-record';
import { AUDIT_ROUTES, size } from './audit-routes.ts';
import { OPERATION_ROUTES } from './operation-routes.ts';
import { STATISTICS_ROUTES } from './statistics-routes.ts';
import { COMPARISON_ROUTES } from './comparison-routes.ts';
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
  ...COMPARISON_ROUTES,
  ...STATISTICS_ROUTES,
  issue: {
    summary: 'Issues a recommendation, to one body or to several.',
    description: 'For inspector. To several bodies: a record each, all or none.',
    headers: IDEMPOTENCY_KEY,
    body: { mediaType: 'application/json', schema: ref('IssuePayload') },
    answer: {
      status: 201,
      description: 'Issued; Location says where it is found.',
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
    summary: 'One record, as it stands, or as it was effective on a date and known at an instant.',
    reads: true,
    conditional: true,
    query: VIEW,
    answer: ok('Record', 'The record; its ETag is its version and the day on which it is looked at.'),
    problems: READ,
  },
  recordEvents: {
    summary: 'The events of a record, oldest first.',
    reads: true,
    streams: true,
    query: {
      after: version('After this version.'),
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
    summary: 'What a reader wants to see of a record, in effective order.',
    reads: true,
    streams: true,
    answer: ok('Timeline'),
    problems: [...READ, 'too-busy'],
  },
  export: {
    summary: 'A record as a file, as far as you may see it.',
    description:
      'In the form of the register, as JSON with every envelope and a list of what is withheld, as CSV, or as CloudEvents. ' +
      'In CSV a cell that a spreadsheet would take for a formula has an apostrophe before it.',
    reads: true,
    streams: true,
    query: {
      format: choice(
        'The form; where nothing is said, register for records that a register can have, else json.',
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
    summary: 'The evidence pack of a record: its history, with proof that it is in the signed log.',
    description:
      "For auditor, and for the recipient's own people, from whom what is internal is withheld. A BagIt bag, zipped, which whoever has the log's key " +
      'verifies without the service (docs/pack-format.md). That it is made is put on record (`PackMade`), and the log signed, before it is sent; so it has no HEAD.',
    streams: true,
    reads: true,
    query: {
      since: size('A size of the log that was signed: the pack proves that the log leads on from it.'),
      challenge: text(
        'A text of your own, 1 to 128 printable ASCII characters: it is recorded in `PackMade`, and shows that the pack was made for this request. It stays in the log for ever, so it must not contain personal data.',
      ),
      withhold: {
        ...several('', { pattern: WITHHOLDING_FORM, told: WITHHOLDING_TOLD }),
        description:
          'What the pack does not hold: `internal` for internal comments and the reasons of redactions, or `VERSION:POINTER=CODE` for a text of an event, with the exemption. ' +
          'Each takes along what a redaction of it would. May be given several times.',
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
    summary: 'The statechart: where the record is, the path it took, and how long it was in each state.',
    description: 'As it stands, or as it was effective on a date and known at an instant.',
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
    summary: 'Every command, whether you may give it now, and if not, why.',
    reads: true,
    answer: ok('RecordCommands'),
    problems: READ,
  },
  command: {
    summary: 'Gives a command.',
    description: 'A refusal says which rule refused, and which commands you may give now.',
    headers: {
      ...IDEMPOTENCY_KEY,
      'If-Match':
        'The ETag of the record as you read it, or its version in quotes; refused where it has changed since.',
    },
    answer: {
      ...ok('CommandAnswer', 'Done and stored.'),
      headers: ['ETag'],
      also: [
        {
          status: 202,
          description:
            'A redaction that is stored and in effect for all who ask; what it names is still to be erased from files.',
          content: json('CommandAnswer'),
          headers: ['ETag'],
        },
      ],
    },
    problems: [
      ...CHANGE,
      'illegal-transition',
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
      'record-full',
      'supersede-cycle',
      'event-not-found',
      'not-redactable',
    ],
  },
  import: {
    summary: "Imports a register's file; the same file again changes nothing.",
    description:
      `For inspector and administrator. A file has at most ${FILE_BYTES_MAX / 1024 / 1024} MiB and ${FILE_RECORDS_MAX} records of ${RECORD_BYTES_MAX / 1024} KiB each. ` +
      'A file with one record answers with what became of it, or a problem. One with several answers with a list: each record is ' +
      'taken whole or not at all, those that cannot be taken are `refused` with their reason, and the others are taken all the same. ' +
      'A new record begins at a title line with a reference that text and a dated block follow. ' +
      'On a record that people here have worked on, comments are appended and a ' +
      'closing status becomes a closure request of the importer, on its day; they must be an inspector, and the rules of that request ' +
      'apply. Where the record does not take the request, or a file made it before, the status is listed in `differences` with the reason. ' +
      'Everything else is listed there as well and changes nothing; the answer is then 200.',
    headers: IDEMPOTENCY_KEY,
    query: {
      id: text(
        "The record's id; else the title's reference, else one made of title and text. Not for a file with several records.",
      ),
      recipient: text('The body that the recommendation is for, or each of them.'),
      dryRun: boolean('Says what would happen, and changes nothing.'),
      anyway: boolean('Takes also what is no register record.'),
      corrects: text(
        'Why another title, text or comment at its place corrects the known one; for inspectors. Without it, history differs.',
      ),
      digest: {
        ...text('The `digest` of a preview, or the SHA-256 of the file: another file is refused.'),
        schema: { type: 'string', pattern: '^[0-9a-f]{64}$' },
      },
    },
    body: { mediaType: 'text/plain', schema: { type: 'string' } },
    answer: {
      status: 201,
      description:
        'It is in; anomalies say what was odd about it. Of several records, each says what became of it.',
      content: jsonOf('Imported', 'ImportedFile'),
      also: [
        {
          status: 200,
          description:
            'A dry run: what would happen. Or of a record that people here have worked on: what was taken, and what differs.',
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
    summary: 'The whole log, or a live feed of it.',
    description:
      'For auditor. A page looks at so many events, and for so long, at the most: it can be empty, and next go on. ' +
      'A feed resumes from the Last-Event-ID that a client sends.',
    reads: true,
    streams: true,
    query: {
      after: position('After this position.'),
      limit: limit(EVENTS_PAGE),
      type: several('Only events of this type.', {
        pattern: new RegExp(`^(?:${EVENT_TYPES.join('|')})$`),
        told: `a type of event: ${EVENT_TYPES.join(', ')}`,
      }),
      actor: several('Only those of this person.', {
        pattern: /^\P{Cc}{1,300}$/u,
        told: 'the subject of somebody who acted',
      }),
      recommendation: ofRecord(
        several('Only those of the record with this id, or with this kind and id, as `recommendation-730`.', {
          pattern: ANY_RECORD_ID,
          told: 'the id of a record',
        }),
      ),
      correlationId: several('Only those of the request with this correlation id.', {
        pattern: /^\P{Cc}{1,300}$/u,
        told: 'a correlation id',
      }),
      recordedFrom: instant('Only those recorded from then on; a date is that day in London.', 'from'),
      recordedTo: instant('Only those recorded up to then.', 'to'),
    },
    headers: { 'Last-Event-ID': 'The position of the last event that a feed was seen to send.' },
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
