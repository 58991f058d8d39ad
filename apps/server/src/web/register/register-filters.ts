import type { Identity } from '#identity/identity';
import { queuesOf } from '#read-models/queues';
import { visibleBodies } from '#state-machines/access';
import { lifecycles } from '#state-machines/lifecycles';
import { AS_IT_WAS, choicesOf, chosen, day } from '../lists/filters.ts';
import type { Choice, Filter, FilterGroup, Words } from '../lists/filters.ts';
import { bodyName, namedBodies, personName } from '../names.ts';
import { DEADLINE_WORDS, QUEUE_WORDS, regionTitle, stateTitle } from '../words.ts';

const ORIGIN_WORDS: Words = { command: 'Decided here', import: 'From a file' };
const WITHOUT_WORDS: Words = { owner: 'No owner', recipient: 'No body' };

/** The filters of the register, for somebody. */
export const registerFilters = (viewer: Identity): readonly FilterGroup[] => [
  {
    title: 'Status',
    filters: [chosen('status', 'Status', 'several', choicesOf(stateTitles(lifecycles.statuses)))],
  },
  {
    title: 'Deadline',
    filters: [
      chosen('deadline', 'Deadline', 'several', choicesOf(DEADLINE_WORDS)),
      day('dueFrom', 'Due from'),
      day('dueTo', 'Due to'),
    ],
  },
  { title: 'Issued', filters: [day('issuedFrom', 'Issued from'), day('issuedTo', 'Issued to')] },
  { title: 'Body and owner', filters: namesFilters(viewer) },
  {
    title: 'What waits',
    filters: [
      chosen('queue', 'Your work', 'one', choicesOf(QUEUE_WORDS, queuesOf(viewer))),
      ...regionFilters(),
      chosen('extension', 'Extension', 'several', [{ value: 'pending', text: 'An extension is asked for' }]),
      chosen('proposal', 'Dates from the text', 'several', [
        { value: 'waiting', text: 'A date waits to be confirmed' },
      ]),
      chosen('statusOrigin', 'Where the status comes from', 'several', choicesOf(ORIGIN_WORDS)),
    ],
  },
  AS_IT_WAS,
];

const stateTitles = (states: readonly string[]): Words =>
  Object.fromEntries(states.map((state) => [state, stateTitle(state)]));

/** What is not the status of any kind of record. */
const regionFilters = (): Filter[] =>
  Object.entries(lifecycles.regions).flatMap(([region, states]) =>
    lifecycles.currents.some(({ definition }) => definition.statusRegion === region)
      ? []
      : [chosen(region, regionTitle(region), 'several', choicesOf(stateTitles(states)))],
  );

function namesFilters(viewer: Identity): readonly Filter[] {
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
      hint: 'The id that several bodies’ recommendations share',
    },
  ];
}

const knownBodies = (): Choice[] => [...namedBodies()].map(([value, { name }]) => ({ value, text: name }));
