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
import { REGIONS } from '#read-models/record-state';
import { RECORD_FILTERS } from '#read-models/record-conditions';
import { PROBLEM_CODES } from '#use-cases/problems';
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
import { AS_CSV, ok, okOrCsv, QUERY, QUERY_PAST, WHOLE_AS_CSV } from './route-document.ts';
import type { RouteDocument } from './route-document.ts';

/** For a list with records of several kinds. */
export const KIND = severalOf('Includes only records of this kind (the name of its lifecycle).', KIND_NAMES);

/** Filters of records for lists and counts. */
const RECORD_PARAMETERS = {
  ...parametersFor(RECORD_FILTERS),
  queue: choice('Includes only records in this queue of yours; /api/work lists your queues.', queueNames()),
};

/** Filters that are named after regions. */
const regionFilters = (regions: readonly string[], statesOf: Readonly<Record<string, readonly string[]>>) =>
  Object.fromEntries(
    regions.map((region) => {
      if (Object.hasOwn({ ...LIST_PARAMETERS, kind: KIND }, region))
        throw new Error(`The region "${region}" has the name of a parameter of lists`);
      const states = severalOf(
        `Includes only records whose ${inWords(region)} is in this state.`,
        statesOf[region] ?? [],
      );
      return [region, { ...states, within: 'regions' as const }];
    }),
  );

const LIST_PARAMETERS = {
  ...RECORD_PARAMETERS,
  ...VIEW,
  q: words(
    'Includes only records that contain all of these words, or forms of them, in the title, the text, the name of the report or comments that you may read. ' +
      'Case is ignored. "Words in quotes" match as a phrase; -word and -"some words" exclude records.',
  ),
  sort: choice(
    'The order; a leading dash reverses it. `relevance`, the default with `q`, lists records with all words in the title first. The default without `q`, and the order among equals, is the latest update first. A view of the past shows the titles of today, and cannot be sorted by them.',
    REGISTER_SORTS,
  ),
  limit: limit(LIST_PAGE),
  cursor: { ...cursor, description: 'The `nextCursor` or `previousCursor` of another page.' },
};

/** Returns the parameters of a kind's list, from its properties. */
function parametersOf({ name, issueStream }: RecordKind): Readonly<Record<string, QueryParameter>> {
  const { definition, code, queues } = lifecycles.current(name);
  const { machine, statusRegion } = definition;
  const { summary, texts } = code;
  const states = Object.fromEntries(
    Object.entries(machine.states).map(([region, { states: all }]) => [region, Object.keys(all)]),
  );
  const hasOwner = Object.values(texts?.at ?? {}).some((members) => Object.values(members).includes('owner'));
  const hasBody = summary.body !== undefined;
  const unnamed = [...(hasOwner ? ['owner'] : []), ...(hasBody ? ['recipient'] : [])];
  const hasParameter: Readonly<Record<string, boolean>> = {
    recipient: hasBody,
    owner: hasOwner,
    without: unnamed.length > 0,
    issue: issueStream !== undefined,
    statusOrigin: summary.about !== undefined,
    ...Object.fromEntries(
      ['deadline', 'dueFrom', 'dueTo'].map((each) => [each, summary.dates !== undefined]),
    ),
    ...Object.fromEntries(
      ['extension', 'proposal'].map((each) => [each, summary.waits?.[each] !== undefined]),
    ),
    queue: Object.keys(queues).length > 0,
  };
  const own = {
    ...LIST_PARAMETERS,
    status: severalOf(RECORD_FILTERS.status.describes, states[statusRegion] ?? []),
    without: choice(RECORD_PARAMETERS.without.description, unnamed),
    queue: choice(RECORD_PARAMETERS.queue.description, Object.keys(queues)),
  };
  return {
    ...Object.fromEntries(Object.entries(own).filter(([each]) => hasParameter[each] !== false)),
    ...regionFilters(
      Object.keys(states).filter((region) => region !== statusRegion),
      states,
    ),
  };
}

const PARAMETERS_OF = new Map(kinds.all.map((kind) => [kind.name, parametersOf(kind)]));

export const listParametersOf = ({ name }: RecordKind): Readonly<Record<string, QueryParameter>> =>
  PARAMETERS_OF.get(name) ?? LIST_PARAMETERS;

/** Removes record filters that no kind's list has; other parameters stay. */
export const withoutUnusedFilters = <Of extends Readonly<Record<string, QueryParameter>>>(
  parameters: Of,
): Of =>
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

/** The routes that return data of read models. */
export const REGISTER_ROUTES = {
  list: {
    summary: 'Lists the records that you may see, with filters and sorting.',
    description: WHOLE_AS_CSV,
    reads: true,
    streams: true,
    query: withoutUnusedFilters(LIST_PARAMETERS),
    queryOfKind: listParametersOf,
    answer: okOrCsv('RecordPage'),
    problems: [...QUERY_PAST, 'other-organisation', ...AS_CSV],
  },
  refusals: {
    ...OF_TRAIL,
    summary: 'Lists refusals, newest first.',
    description:
      'Requires the `auditor` role. Each refusal is recorded before its response, up to a limit per minute. ' +
      WHOLE_AS_CSV,
    query: {
      ...trailParameters(TRAIL.refusals.filters),
      code: choice(TRAIL.refusals.filters.code.describes, PROBLEM_CODES),
    },
    answer: okOrCsv('Refusals'),
  },
  accesses: {
    ...OF_TRAIL,
    summary: 'Lists accesses to exports, packs, the log and internal parts of records, newest first.',
    description:
      'Requires the `auditor` role. Each access is recorded before the data is sent: exports and packs each time, the log once per person per hour, the internal ' +
      'parts of each record once per person per day; up to a limit per minute. ' +
      WHOLE_AS_CSV,
    query: trailParameters(TRAIL.accesses.filters),
    answer: okOrCsv('Accesses'),
  },
  deadlines: {
    summary:
      'Lists the deadlines of the records that you may see, earliest first, with the days left or overdue.',
    description: WHOLE_AS_CSV,
    reads: true,
    streams: true,
    query: {
      ...withoutUnusedFilters(parametersFor(DEADLINE_FILTERS)),
      ...VIEW,
      limit: limit(LIST_PAGE),
      cursor,
    },
    answer: okOrCsv('Deadlines'),
    problems: [...QUERY_PAST, 'other-organisation', ...AS_CSV],
  },
  calendar: {
    summary: 'Retrieves the open deadlines as a calendar to subscribe to.',
    description:
      'Returns iCalendar (RFC 5545). A calendar program can send a token as the password in HTTP Basic authentication, with any user name. ' +
      'If too many deadlines match, the request is refused. Narrow it with filters.',
    reads: true,
    basic: true,
    conditional: true,
    query: {
      ...withoutUnusedFilters(parametersFor(CALENDAR_FILTERS)),
      state: choice('Includes only deadlines in this state today; overdue includes escalated.', DUE_STATES),
    },
    answer: {
      status: 200,
      description: 'The calendar. Its ETag changes with its content.',
      headers: ['Content-Disposition'],
      content: { 'text/calendar': { schema: { type: 'string' } } },
    },
    problems: [...QUERY, 'other-organisation'],
  },
  statistics: {
    summary: 'Counts the records that you may see by status, recipient, deadline state and age.',
    description:
      'Accepts the filters of the list: each figure equals the number of records in the filtered list. ' +
      'With `Accept: text/csv`, returns a table with one figure per row.',
    reads: true,
    streams: true,
    query: {
      kind: KIND,
      ...withoutUnusedFilters(RECORD_PARAMETERS),
      ...regionFilters(REGIONS, lifecycles.regions),
      ...VIEW,
    },
    answer: okOrCsv('Statistics'),
    problems: [...QUERY_PAST, 'other-organisation', ...AS_CSV],
  },
  kinds: {
    summary: 'Lists the kinds of records, with the path of each under `/api` and its commands.',
    reads: true,
    answer: ok('Kinds'),
    problems: ['invalid-parameter', 'store-unavailable', 'read-model-behind'],
  },
  work: {
    summary: 'Lists your queues by role and kind of record, with the number of records in each.',
    description:
      'A queue for decisions contains what you may decide: no requests of your own, and no records of your own body. ' +
      '`list` is the path of the list with exactly the records of the queue.',
    reads: true,
    query: { kind: KIND },
    answer: ok('Work'),
    problems: QUERY,
  },
} satisfies Record<string, RouteDocument>;
