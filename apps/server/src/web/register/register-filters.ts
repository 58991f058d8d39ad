import type { RecordKind } from '#lifecycle/kind';
import type { Identity } from '#identity/identity';
import { queuesOf } from '#read-models/queue-conditions';
import { visibleBodies } from '#state-machines/access';
import { lifecycles } from '#state-machines/lifecycles';
import { listParametersOf } from '../../api/register-routes.ts';
import { AS_IT_WAS, choicesOf, choiceFilter, day } from '../lists/filters.ts';
import type { Choice, Filter, FilterGroup, Words } from '../lists/filters.ts';
import { NAMES_OF_BODIES, NAMES_OF_PEOPLE, bodyName, personName } from '../names.ts';
import { DEADLINE_WORDS, regionTitle, stateTitle } from '../words.ts';

const WITHOUT_WORDS: Words = { owner: 'No owner', recipient: 'No body' };

/** Returns the filters that the kind's list accepts. */
export function registerFilters(viewer: Identity, kind: RecordKind): readonly FilterGroup[] {
  const accepted = listParametersOf(kind);
  const hasBody = Object.hasOwn(accepted, 'recipient');
  const queues = queuesOf(viewer, [kind.name]).map(({ name, queue }) => ({ value: name, text: queue.title }));
  const groups: readonly FilterGroup[] = [
    {
      title: 'Status',
      filters: [choiceFilter('status', 'Status', 'several', statesOf(kind)), ...regionFilters(kind)],
    },
    DEADLINES,
    { title: 'Issued', filters: [day('issuedFrom', 'Issued from'), day('issuedTo', 'Issued to')] },
    { title: hasBody ? 'Body and owner' : 'Owner', filters: namesFilters(viewer, kind) },
    {
      title: 'Waiting',
      filters: [
        ...(queues.length > 0 ? [choiceFilter('queue', 'Your work', 'one', queues)] : []),
        ...WAITING,
      ],
    },
    AS_IT_WAS,
  ];
  return groups
    .map(({ title, filters }) => ({
      title,
      filters: filters.filter(({ name }) => Object.hasOwn(accepted, name)),
    }))
    .filter(({ filters }) => filters.length > 0);
}

const DEADLINES: FilterGroup = {
  title: 'Deadline',
  filters: [
    choiceFilter('deadline', 'Deadline', 'several', choicesOf(DEADLINE_WORDS)),
    day('dueFrom', 'Due from'),
    day('dueTo', 'Due to'),
  ],
};

const WAITING = [
  choiceFilter('extension', 'Extension', 'several', [
    { value: 'pending', text: 'An extension is requested' },
  ]),
  choiceFilter('proposal', 'Dates from the text', 'several', [
    { value: 'waiting', text: 'A date is waiting to be confirmed' },
  ]),
];

/** Returns the states of a region; by default that of the status. */
function statesOf({ name }: RecordKind, region?: string): Choice[] {
  const { definition } = lifecycles.current(name);
  const states = Object.keys(definition.machine.states[region ?? definition.statusRegion]?.states ?? {});
  return (
    states
      // Nothing to find: nearly every record has no request and no evidence.
      .filter((value) => region === undefined || value !== 'none')
      .map((value) => ({ value, text: stateTitle(value) }))
  );
}

const regionFilters = (kind: RecordKind): Filter[] => {
  const { machine, statusRegion } = lifecycles.current(kind.name).definition;
  return Object.keys(machine.states)
    .filter((region) => region !== statusRegion)
    .map((region) => choiceFilter(region, regionTitle(region), 'several', statesOf(kind, region)));
};

function namesFilters(viewer: Identity, kind: RecordKind): readonly Filter[] {
  const accepted = listParametersOf(kind);
  const without = Object.keys(WITHOUT_WORDS).filter((name) => Object.hasOwn(accepted, name));
  const bodies = visibleBodies(viewer);
  const recipient: Filter =
    bodies === null
      ? { name: 'recipient', label: 'Body', kind: 'names', names: NAMES_OF_BODIES, format: bodyName }
      : choiceFilter(
          'recipient',
          'Body',
          'several',
          bodies.map((slug) => ({ value: slug, text: bodyName(slug) })),
        );
  return [
    recipient,
    { name: 'owner', label: 'Owner', kind: 'names', names: NAMES_OF_PEOPLE, format: personName },
    choiceFilter('without', 'Missing details', 'one', choicesOf(WITHOUT_WORDS, without)),
  ];
}
