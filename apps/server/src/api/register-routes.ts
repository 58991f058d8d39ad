import { LISTED_ACCESSES } from '#read-models/audit-trail';
import { DEADLINE_STATES, DUE_STATES } from '#state-machines/capabilities/deadlines';
import { STATUS_ORIGINS } from '#lifecycle/answers';
import { DATE_KINDS } from '#state-machines/any-kind';
import { lifecycles } from '#state-machines/lifecycles';
import { kinds } from '#state-machines/record-streams';
import { inWords } from '#lifecycle/fields';
import type { RecordKind } from '#lifecycle/kind';
import { REGIONS } from '#read-models/standing';
import { LISTED_OUTCOMES, LISTED_STATES } from '#read-models/deadlines/deadlines-query';
import { queueNames } from '#read-models/queue-conditions';
import { REGISTER_SORTS } from '#read-models/register/register-query';
import { PROBLEM_CODES } from './problems.ts';
import {
  choice,
  cursor,
  date,
  limit,
  LIST_PAGE,
  ofRecord,
  several,
  severalOf,
  text,
  VIEW,
  words,
} from './query-parameters.ts';
import type { QueryParameter } from './query-parameters.ts';
import { AS_CSV, ok, okOrCsv, QUERY, WHOLE_AS_CSV } from './route-document.ts';
import type { RouteDocument } from './route-document.ts';

const KIND_NAMES = kinds.all.map(({ name }) => name);

/** Of a list that mixes records of several kinds. */
export const KIND = severalOf('Only records of this kind, by the name of its lifecycle.', KIND_NAMES);

/** Of lists whose items are of records, but no records themselves. */
const RECORD_KIND = choice('Only those of records of this kind, by the name of its lifecycle.', KIND_NAMES);

const OF_STATUS = 'Only records of this status.';

/** By what records are narrowed, wherever they are listed or counted. */
const RECORD_FILTERS = {
  status: severalOf(OF_STATUS, lifecycles.statuses),
  recipient: several('Only the records of this body.'),
  issue: several('Only the records of a recommendation that was issued to several bodies under this id.'),
  owner: several('Only the records of this owner: a subject, or a name.'),
  statusOrigin: severalOf('Only records whose status came from here.', STATUS_ORIGINS),
  deadline: severalOf(
    'Only records whose deadline stands so at the end of the day; overdue includes escalated.',
    DEADLINE_STATES,
  ),
  extension: severalOf('Only records of which an extension waits for a decision.', ['pending']),
  proposal: severalOf('Only records with a date from the text that waits to be confirmed.', ['waiting']),
  without: choice('Only records that name nobody as this.', ['owner', 'recipient']),
  dueFrom: date('Only records whose earliest deadline for action is not before this day.'),
  dueTo: date('Only records whose earliest deadline for action is not after this day.'),
  issuedFrom: date('Only records that were issued on this day or later.'),
  issuedTo: date('Only records that were issued on this day or before.'),
  queue: choice('Only what waits for you in this queue; /api/work names yours.', queueNames()),
};

/** The filters that are named as regions. */
const regionFilters = (regions: readonly string[], statesOf: Readonly<Record<string, readonly string[]>>) =>
  Object.fromEntries(
    regions.map((region) => {
      if (Object.hasOwn({ ...LIST_PARAMETERS, kind: KIND }, region))
        throw new Error(`The region "${region}" has the name of a parameter of lists`);
      const states = severalOf(`Only records whose ${inWords(region)} stands so.`, statesOf[region] ?? []);
      return [region, { ...states, within: 'regions' as const }];
    }),
  );

const LIST_PARAMETERS = {
  ...RECORD_FILTERS,
  ...VIEW,
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

/** What a list takes of records of a kind: by what they have. */
function parametersOf({ name, issueStream }: RecordKind): Readonly<Record<string, QueryParameter>> {
  const { definition, code, queues } = lifecycles.current(name);
  const { machine, statusRegion } = definition;
  const { summary, texts } = code;
  const states = Object.fromEntries(
    Object.entries(machine.states).map(([region, { states: all }]) => [region, Object.keys(all)]),
  );
  const hasOwner = Object.values(texts?.at ?? {}).some((said) => Object.values(said).includes('owner'));
  const hasBody = summary?.body !== undefined;
  const unnamed = [...(hasOwner ? ['owner'] : []), ...(hasBody ? ['recipient'] : [])];
  const isTaken: Readonly<Record<string, boolean>> = {
    recipient: hasBody,
    owner: hasOwner,
    without: unnamed.length > 0,
    issue: issueStream !== undefined,
    statusOrigin: summary?.about !== undefined,
    ...Object.fromEntries(
      ['deadline', 'dueFrom', 'dueTo'].map((each) => [each, summary?.dates !== undefined]),
    ),
    ...Object.fromEntries(
      ['extension', 'proposal'].map((each) => [each, summary?.waits?.[each] !== undefined]),
    ),
    queue: Object.keys(queues).length > 0,
  };
  const own = {
    ...LIST_PARAMETERS,
    status: severalOf(OF_STATUS, states[statusRegion] ?? []),
    without: choice(RECORD_FILTERS.without.description, unnamed),
    queue: choice(RECORD_FILTERS.queue.description, Object.keys(queues)),
  };
  return {
    ...Object.fromEntries(Object.entries(own).filter(([each]) => isTaken[each] !== false)),
    ...regionFilters(
      Object.keys(states).filter((region) => region !== statusRegion),
      states,
    ),
  };
}

const PARAMETERS_OF = new Map(kinds.all.map((kind) => [kind.name, parametersOf(kind)]));

/** What the list of a kind takes. */
export const listParametersOf = ({ name }: RecordKind): Readonly<Record<string, QueryParameter>> =>
  PARAMETERS_OF.get(name) ?? LIST_PARAMETERS;

/** Of what lists across kinds take, that which the list of some kind takes; what no list of records takes stays. */
export const takenBySome = <Of extends Readonly<Record<string, QueryParameter>>>(parameters: Of): Of =>
  Object.fromEntries(
    Object.entries(parameters).filter(
      ([name]) =>
        !Object.hasOwn(RECORD_FILTERS, name) ||
        kinds.all.some((kind) => Object.hasOwn(listParametersOf(kind), name)),
    ),
  ) as Of;

const DEADLINE_PARAMETERS = takenBySome({
  from: date('The first date that is asked for.'),
  to: date('The last one.'),
  recipient: text('Only the deadlines of this body.'),
  kind: choice(
    'Only those of the record itself, or of the duty to respond to it; or only those of records of a kind, by the name of its lifecycle.',
    [...DATE_KINDS, ...KIND_NAMES],
  ),
  recordKind: RECORD_KIND,
});

const TRAIL_PERSON = { subject: text('Only those of this person.') };
const TRAIL_FILTERS = {
  recommendation: ofRecord(text('Only those on the record with this id, as it was requested.')),
  recordKind: RECORD_KIND,
  from: date('Not before this day, in London.'),
  to: date('Not after this day.'),
  limit: limit(LIST_PAGE),
  cursor,
};
/** What all lists of the audit trail have. */
const OF_TRAIL = {
  reads: true,
  streams: true,
  problems: [...QUERY, 'role-not-permitted', ...AS_CSV],
} as const;

/** What the document says of the routes that are answered from read models. */
export const REGISTER_ROUTES = {
  list: {
    summary: 'The register: the records that you may see, filtered and sorted.',
    description: WHOLE_AS_CSV,
    reads: true,
    streams: true,
    query: takenBySome(LIST_PARAMETERS),
    queryOfKind: listParametersOf,
    answer: okOrCsv('RecordPage'),
    problems: [...QUERY, 'other-organisation', ...AS_CSV],
  },
  refusals: {
    ...OF_TRAIL,
    summary: 'Refused attempts, the newest first.',
    description:
      'For auditor. Each is on record before it is answered; of more than so many a minute only the counts are. ' +
      WHOLE_AS_CSV,
    query: {
      ...TRAIL_PERSON,
      command: text('Only those of this command; issue and import are commands too.'),
      code: choice("Only those with this problem's code.", PROBLEM_CODES),
      ...TRAIL_FILTERS,
    },
    answer: okOrCsv('Refusals'),
  },
  accesses: {
    ...OF_TRAIL,
    summary:
      'Who was given what, the newest first: exports, packs, the log, and what is internal in records.',
    description:
      'For auditor. Each is on record before it is given: exports and packs each time, the log once for a person and hour, the internal ' +
      'parts of a record once for a person and day; of more than so many a minute only the counts are. ' +
      WHOLE_AS_CSV,
    query: { ...TRAIL_PERSON, kind: choice('Only this.', LISTED_ACCESSES), ...TRAIL_FILTERS },
    answer: okOrCsv('Accesses'),
  },
  deadlines: {
    summary:
      'The deadlines of the records that you may see, the earliest date first, with the days left or over.',
    description: WHOLE_AS_CSV,
    reads: true,
    streams: true,
    query: {
      ...DEADLINE_PARAMETERS,
      state: choice('Only deadlines that stand so; overdue includes escalated.', LISTED_STATES),
      outcome: choice(
        'Only deadlines with this outcome by `effectiveOn`, default today: those that /api/statistics/deadlines counts. For `recordedLate`, `recipient` is the body at that time.',
        LISTED_OUTCOMES,
      ),
      issuedFrom: date('Only those of records that were issued on this day or later.'),
      issuedTo: date('Only those of records that were issued on this day or before.'),
      ...VIEW,
      limit: limit(LIST_PAGE),
      cursor,
    },
    answer: okOrCsv('Deadlines'),
    problems: [...QUERY, 'other-organisation', ...AS_CSV],
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
    description:
      'With the filters of the list: each figure is the number of records that the list then has. ' +
      'With `Accept: text/csv` a table of a figure a row.',
    reads: true,
    streams: true,
    query: {
      kind: KIND,
      ...takenBySome(RECORD_FILTERS),
      ...regionFilters(REGIONS, lifecycles.regions),
      ...VIEW,
    },
    answer: okOrCsv('Statistics'),
    problems: [...QUERY, 'other-organisation', ...AS_CSV],
  },
  kinds: {
    summary: 'The kinds of records that there are, with the path of each under `/api`, and its commands.',
    reads: true,
    answer: ok('Kinds'),
    problems: ['invalid-parameter', 'store-unavailable', 'read-model-behind'],
  },
  work: {
    summary:
      'What waits for you: the queues of your roles, of each kind of record, and how many records each has.',
    description:
      'In a queue for decisions is what you may decide: nothing that you asked for yourself, and nothing of your own body. ' +
      '`list` is the path of the list that has exactly the records of the queue.',
    reads: true,
    query: { kind: KIND },
    answer: ok('Work'),
    problems: QUERY,
  },
} satisfies Record<string, RouteDocument>;
