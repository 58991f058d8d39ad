import { DEADLINE_STATES, DUE_STATES } from '#state-machines/inspection-recommendation/v1/deadlines';
import { STATUS_ORIGINS } from '#state-machines/inspection-recommendation/v1/facts';
import { machine, STATUSES } from '#state-machines/inspection-recommendation/v1/machine';
import { ANY_RECORD_ID } from '#state-machines/inspection-recommendation/v1/payloads';
import { LISTED_STATES } from '#read-models/deadlines/deadlines-query';
import { QUEUE_NAMES } from '#read-models/queues';
import { REGISTER_SORTS } from '#read-models/register/register-query';
import { EVENT_TYPES } from './event-member-schemas.ts';
import { PROBLEM_CODES } from './problems.ts';
import { EXPORT_FORMATS } from '#use-cases/register/export-record';
import { OPERATION_ROUTES } from './operation-routes.ts';
import { PERSON_ROUTES } from './person-routes.ts';
import {
  boolean,
  choice,
  cursor,
  date,
  EVENTS_PAGE,
  instant,
  limit,
  LIST_PAGE,
  position,
  several,
  severalOf,
  text,
  version,
  VIEW,
  words,
} from './query-parameters.ts';
import { CHANGE, IDEMPOTENCY_KEY, json, ok, QUERY, READ } from './route-document.ts';
import type { RouteDocument } from './route-document.ts';
import { ref } from './schema-forms.ts';
import type { Described } from './schema-forms.ts';

const { closure, evidence, response } = machine.states;

/** By what records are narrowed, wherever they are listed or counted. */
const RECORD_FILTERS = {
  status: severalOf('Only records of this status.', STATUSES),
  recipient: several('Only the records of this body.'),
  issue: several('Only the records of a recommendation that was issued to several bodies under this id.'),
  owner: several('Only the records of this owner.'),
  statusOrigin: severalOf('Only records whose status came from here.', STATUS_ORIGINS),
  deadline: severalOf(
    'Only records whose deadline stands so today; overdue includes escalated.',
    DEADLINE_STATES,
  ),
  closure: severalOf('Only records whose closure stands so.', keysOf(closure.states)),
  evidence: severalOf('Only records whose evidence stands so.', keysOf(evidence.states)),
  response: severalOf('Only records whose response stands so.', keysOf(response.states)),
  extension: severalOf('Only records of which an extension waits for a decision.', ['pending']),
  proposal: severalOf('Only records with a date from the text that waits to be confirmed.', ['waiting']),
  without: choice('Only records that name nobody as this.', ['owner', 'recipient']),
  dueFrom: date('Only records whose earliest deadline for action is not before this day.'),
  dueTo: date('Only records whose earliest deadline for action is not after this day.'),
  queue: {
    ...text('Only what waits for you in this queue; /api/work names yours.'),
    schema: { type: 'string' as const, enum: [...QUEUE_NAMES] },
  },
};

const LIST_PARAMETERS = {
  ...RECORD_FILTERS,
  q: words(
    'Only records that have all of these words in title, text or public comments, and in internal ones where you read such; each word in any of them, in any case, with or without accents. ' +
      'The last word may go on. "Words in quotes" stand in one text, one after another; -word and -"some words" must be in none.',
  ),
  sort: choice(
    'The order; a leading dash turns it round. `relevance`, the order where `q` is given: what has all words in its title first, then what has them in its text, then the others; of equals, and without `q`, what was updated last.',
    REGISTER_SORTS,
  ),
  limit: limit(LIST_PAGE),
  cursor: { ...cursor, description: 'Where to go on: a nextCursor or previousCursor of an answer.' },
};

const DEADLINE_PARAMETERS = {
  from: date('The first date that is asked for.'),
  to: date('The last one.'),
  recipient: text('Only the deadlines of this body.'),
  kind: choice('Only those of the recommendation itself, or of the duty to respond to it.', [
    'action',
    'response',
  ]),
};

function keysOf<Key extends string>(states: Readonly<Record<Key, unknown>>): readonly Key[] {
  return Object.keys(states) as Key[];
}

/** What the document says of every route. */
export const ROUTES = {
  ...PERSON_ROUTES,
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
    problems: [...CHANGE, 'id-already-used', 'due-in-past', 'too-many-deadlines'],
  },
  list: {
    summary: 'The register: the records that you may see, filtered and sorted.',
    reads: true,
    query: LIST_PARAMETERS,
    answer: ok('Recommendations'),
    problems: [...QUERY, 'other-organisation'],
  },
  record: {
    summary: 'One record, as it stands, or as it was effective on a date and known at an instant.',
    reads: true,
    conditional: true,
    query: VIEW,
    answer: ok(
      'RecommendationRecord',
      'The record; its ETag is its version and the day on which it is looked at.',
    ),
    problems: READ,
  },
  recordEvents: {
    summary: 'The events of a record, oldest first.',
    reads: true,
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
      format: choice('The form; register where nothing is said.', EXPORT_FORMATS),
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
      'not-found',
      'unknown-command',
      'version-mismatch',
      'command-not-allowed',
      'id-already-used',
      'separation-of-duties',
      'effective-date-in-future',
      'effective-date-out-of-order',
      'effective-date-before-issue',
      'effective-date-not-yours',
      'deadline-ambiguous',
      'deadline-unknown',
      'deadline-not-later',
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
    summary: 'Imports a register record; the same file again changes nothing.',
    description:
      'For inspector and administrator. A record on which decisions are given here, as commands, takes no more history by import.',
    headers: IDEMPOTENCY_KEY,
    query: {
      id: text("The record's id; else the title's reference, else one made of title and text."),
      recipient: text('The body that the recommendation is for.'),
      dryRun: boolean('Says what would happen, and changes nothing.'),
      anyway: boolean('Takes also what is no register record.'),
      corrects: text(
        'Why another title, text or comment at its place corrects the known one; for inspectors. Without it, history differs.',
      ),
    },
    body: { mediaType: 'text/plain', schema: { type: 'string' } },
    answer: {
      status: 201,
      description: 'It is in; anomalies say what was odd about it.',
      content: json('Imported'),
      also: [{ status: 200, description: 'A dry run: what would happen.', content: json('Imported') }],
    },
    problems: [
      ...CHANGE.filter((code) => code !== 'payload-too-large'),
      'file-too-large',
      'history-differs',
      'record-is-live',
      'id-already-used',
      'not-a-register-record',
      'record-full',
    ],
  },
  log: {
    summary: 'The whole log, or a live feed of it.',
    description:
      'For auditor. A page looks at so many events at the most: it can be empty, and next go on. ' +
      'A feed resumes from the Last-Event-ID that a client sends.',
    reads: true,
    streams: true,
    query: {
      after: position('After this position.'),
      limit: limit(EVENTS_PAGE),
      type: several('Only events of this type.', {
        pattern: new RegExp(`^(?:${EVENT_TYPES.map((type) => RegExp.escape(type)).join('|')})$`),
        told: `a type of event: ${EVENT_TYPES.join(', ')}`,
      }),
      actor: several('Only those of this person.', {
        pattern: /^\P{Cc}{1,300}$/u,
        told: 'the subject of somebody who acted',
      }),
      recommendation: several('Only those of the record with this id.', {
        pattern: ANY_RECORD_ID,
        told: 'the id of a record',
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
      'read-model-behind',
    ],
  },
  refusals: {
    summary: 'Refused attempts, the newest first.',
    description:
      'For auditor. Each is on record before it is answered; of more than so many a minute only the counts are.',
    reads: true,
    query: {
      subject: text('Only those of this person.'),
      command: text('Only those of this command; issue and import are commands too.'),
      code: choice("Only those with this problem's code.", PROBLEM_CODES),
      recommendation: text('Only those on the record with this id, as it was asked.'),
      from: date('Not before this day, in London.'),
      to: date('Not after this day.'),
      limit: limit(LIST_PAGE),
      cursor,
    },
    answer: ok('Refusals'),
    problems: [...QUERY, 'role-not-permitted'],
  },
  deadlines: {
    summary:
      'The deadlines of the records that you may see, the earliest date first, with the days left or over.',
    reads: true,
    query: {
      ...DEADLINE_PARAMETERS,
      state: choice('Only deadlines that stand so today; overdue includes escalated.', LISTED_STATES),
      limit: limit(LIST_PAGE),
      cursor,
    },
    answer: ok('Deadlines'),
    problems: [...QUERY, 'other-organisation'],
  },
  calendar: {
    summary: 'The same deadlines as a calendar to subscribe to, without those that are settled.',
    description:
      'iCalendar (RFC 5545). A calendar program can send a token as the password of HTTP Basic, with any user name. ' +
      'More deadlines than a calendar takes are refused.',
    reads: true,
    basic: true,
    conditional: true,
    query: {
      ...DEADLINE_PARAMETERS,
      state: choice('Only deadlines that stand so today; overdue includes escalated.', DUE_STATES),
    },
    answer: {
      status: 200,
      description: 'The calendar; its ETag changes with what it says.',
      headers: ['Content-Disposition'],
      content: { 'text/calendar': { schema: { type: 'string' } } },
    },
    problems: [...QUERY, 'other-organisation'],
  },
  statistics: {
    summary: 'Counts of the records that you may see, by status, recipient, deadline state and age.',
    description: 'With the filters of the list: each figure is the number of records that the list then has.',
    reads: true,
    query: RECORD_FILTERS,
    answer: ok('Statistics'),
    problems: [...QUERY, 'other-organisation'],
  },
  work: {
    summary: 'What waits for you: the queues of your roles, and how many records each has.',
    description:
      'In a queue for decisions is what you may decide: nothing that you asked for yourself, and nothing of your own body. ' +
      '`list` is the path of the list that has exactly the records of the queue.',
    reads: true,
    answer: ok('Work'),
    problems: QUERY,
  },
  ...OPERATION_ROUTES,
} satisfies Record<string, RouteDocument>;

export type RouteName = keyof typeof ROUTES;

type ContentOf<Content> = {
  [MediaType in keyof Content]: MediaType extends 'application/json'
    ? Content[MediaType] extends { readonly schema: infer Schema }
      ? Described<Schema>
      : never
    : string;
}[keyof Content];

/** What a route answers, as the document says; nothing where the caller has it as it is. */
export type AnswerOf<Name extends RouteName> =
  | ContentOf<(typeof ROUTES)[Name]['answer']['content']>
  | ((typeof ROUTES)[Name] extends { readonly conditional: true } ? undefined : never);

/** The same as a method gives it: by and by, or not at all where it was streamed, or there is no body. */
export type AnsweredBy<Name extends RouteName> =
  | AnswerOf<Name>
  | Promise<AnswerOf<Name>>
  | ((typeof ROUTES)[Name] extends { readonly streams: true } ? Promise<void> : never)
  | (keyof (typeof ROUTES)[Name]['answer']['content'] extends never ? Promise<void> : never);
