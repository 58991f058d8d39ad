import type { RecordKind } from '#lifecycle/kind';
import type { Identity } from '#identity/identity';
import { queuesOf } from '#read-models/queue-conditions';
import { visibleBodies } from '#state-machines/access';
import { lifecycles } from '#state-machines/lifecycles';
import { AS_IT_WAS, choicesOf, chosen, day } from '../lists/filters.ts';
import type { Choice, Filter, FilterGroup, Words } from '../lists/filters.ts';
import { partsOf } from '../kind-parts.ts';
import { bodyName, namedBodies, personName } from '../names.ts';
import { DEADLINE_WORDS, regionTitle, stateTitle } from '../words.ts';

const ORIGIN_WORDS: Words = { command: 'Decided here', import: 'From a file' };
const WITHOUT_WORDS: Words = { owner: 'No owner', recipient: 'No body' };

/** The filters of the register, for somebody: by what records of the kind have. */
export function registerFilters(viewer: Identity, kind: RecordKind): readonly FilterGroup[] {
  const parts = partsOf(kind.name);
  const queues = queuesOf(viewer, [kind.name]).map(({ name, queue }) => ({ value: name, text: queue.title }));
  const waits = [
    ...(queues.length > 0 ? [chosen('queue', 'Your work', 'one', queues)] : []),
    ...regionFilters(kind),
    ...(parts.dates ? OF_DATES : []),
    ...(parts.origin
      ? [chosen('statusOrigin', 'Where the status comes from', 'several', choicesOf(ORIGIN_WORDS))]
      : []),
  ];
  return [
    { title: 'Status', filters: [chosen('status', 'Status', 'several', statesOf(kind))] },
    ...(parts.dates ? [DEADLINES] : []),
    { title: 'Issued', filters: [day('issuedFrom', 'Issued from'), day('issuedTo', 'Issued to')] },
    ...(parts.body ? [{ title: 'Body and owner', filters: namesFilters(viewer, kind) }] : []),
    ...(waits.length > 0 ? [{ title: 'What waits', filters: waits }] : []),
    AS_IT_WAS,
  ];
}

const DEADLINES: FilterGroup = {
  title: 'Deadline',
  filters: [
    chosen('deadline', 'Deadline', 'several', choicesOf(DEADLINE_WORDS)),
    day('dueFrom', 'Due from'),
    day('dueTo', 'Due to'),
  ],
};

const OF_DATES = [
  chosen('extension', 'Extension', 'several', [{ value: 'pending', text: 'An extension is asked for' }]),
  chosen('proposal', 'Dates from the text', 'several', [
    { value: 'waiting', text: 'A date waits to be confirmed' },
  ]),
];

/** The states of a region, or of the one that the status is of. */
function statesOf({ name }: RecordKind, region?: string): Choice[] {
  const { definition } = lifecycles.current(name);
  const states = Object.keys(definition.machine.states[region ?? definition.statusRegion]?.states ?? {});
  return states.map((value) => ({ value, text: stateTitle(value) }));
}

const regionFilters = (kind: RecordKind): Filter[] => {
  const { machine, statusRegion } = lifecycles.current(kind.name).definition;
  return Object.keys(machine.states)
    .filter((region) => region !== statusRegion)
    .map((region) => chosen(region, regionTitle(region), 'several', statesOf(kind, region)));
};

function namesFilters(viewer: Identity, { noun }: RecordKind): readonly Filter[] {
  const bodies = visibleBodies(viewer);
  const recipient: Filter =
    bodies === null
      ? { name: 'recipient', label: 'Body', kind: 'names', choices: knownBodies(), told: bodyName }
      : chosen(
          'recipient',
          'Body',
          'several',
          bodies.map((slug) => ({ value: slug, text: bodyName(slug) })),
        );
  return [
    recipient,
    { name: 'owner', label: 'Owner', kind: 'names', told: personName },
    chosen('without', 'Without', 'one', choicesOf(WITHOUT_WORDS)),
    {
      name: 'issue',
      label: 'Issued together as',
      kind: 'names',
      told: (id) => id,
      hint: `The id that several bodies’ ${noun.plural} share`,
    },
  ];
}

const knownBodies = (): Choice[] => [...namedBodies()].map(([value, { name }]) => ({ value, text: name }));
