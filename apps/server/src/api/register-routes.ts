import type { TrailName } from '#state-machines/audit-trail-events';
import { DUE_STATES } from '#state-machines/capabilities/deadlines';
import { lifecycles } from '#state-machines/lifecycles';
import { kinds } from '#state-machines/record-streams';
import { inWords } from '#lifecycle/fields';
import type { RecordKind } from '#lifecycle/kind';
import { TRAIL } from '#read-models/audit-trail';
import { CALENDAR_FILTERS, DEADLINE_FILTERS } from '#read-models/deadlines/deadlines-query';
import { KIND_NAMES } from '#read-models/ground';
import { queueNames } from '#read-models/queue-conditions';
import { REGISTER_SORTS } from '#read-models/register/register-query';
import { REGIONS } from '#read-models/standing';
import { RECORD_FILTERS } from '#read-models/standing-conditions';
import { PROBLEM_CODES } from './problems.ts';
import {
  choice,
  cursor,
  limit,
  LIST_PAGE,
  ofRecord,
  parametersFor,
  severalOf,
  VIEW,
  words,
} from './query-parameters.ts';
import type { QueryParameter } from './query-parameters.ts';
import { AS_CSV, ok, okOrCsv, QUERY, WHOLE_AS_CSV } from './route-document.ts';
import type { RouteDocument } from './route-document.ts';

/** For a list with records of several kinds. */
export const KIND = severalOf('Only records of this kind, by the name of its lifecycle.', KIND_NAMES);

/** Filters of records for lists and counts. */
const RECORD_PARAMETERS = {
  ...parametersFor(RECORD_FILTERS),
  queue: choice('Only what waits for you in this queue; /api/work names yours.', queueNames()),
};

/** Filters that are named after regions. */
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
  ...RECORD_PARAMETERS,
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

/** Returns the parameters of a kind's list, from its properties. */
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
    status: severalOf(RECORD_PARAMETERS.status.description, states[statusRegion] ?? []),
    without: choice(RECORD_PARAMETERS.without.description, unnamed),
    queue: choice(RECORD_PARAMETERS.queue.description, Object.keys(queues)),
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

/** Returns the parameters of a kind's list. */
export const listParametersOf = ({ name }: RecordKind): Readonly<Record<string, QueryParameter>> =>
  PARAMETERS_OF.get(name) ?? LIST_PARAMETERS;

/** Removes record filters that no kind's list has; other parameters stay. */
export const takenBySome = <Of extends Readonly<Record<string, QueryParameter>>>(parameters: Of): Of =>
  Object.fromEntries(
    Object.entries(parameters).filter(
      ([name]) =>
        !Object.hasOwn(RECORD_PARAMETERS, name) ||
        kinds.all.some((kind) => Object.hasOwn(listParametersOf(kind), name)),
    ),
  ) as Of;

/** Returns the parameters of a list of the audit trail. */
const trailParameters = <Of extends (typeof TRAIL)[TrailName]['filters']>(filters: Of) => {
  const { recommendation, ...others } = parametersFor<Of>(filters);
  return { ...others, recommendation: ofRecord(recommendation), limit: limit(LIST_PAGE), cursor };
};

/** What all lists of the audit trail share. */
const OF_TRAIL = {
  reads: true,
  streams: true,
  problems: [...QUERY, 'role-not-permitted', ...AS_CSV],
} as const;

/** The routes that read models answer. */
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
      ...trailParameters(TRAIL.refusals.filters),
      code: choice(TRAIL.refusals.filters.code.describes, PROBLEM_CODES),
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
    query: trailParameters(TRAIL.accesses.filters),
    answer: okOrCsv('Accesses'),
  },
  deadlines: {
    summary:
      'The deadlines of the records that you may see, the earliest date first, with the days left or over.',
    description: WHOLE_AS_CSV,
    reads: true,
    streams: true,
    query: { ...takenBySome(parametersFor(DEADLINE_FILTERS)), ...VIEW, limit: limit(LIST_PAGE), cursor },
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
      ...takenBySome(parametersFor(CALENDAR_FILTERS)),
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
      ...takenBySome(RECORD_PARAMETERS),
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
