import { definitionsOf } from '#lifecycle/shapes';
import { ownStatechart } from '../../definition.ts';
import type { DocketDefinition } from '../../definition.ts';
import { thresholds } from './deadlines.ts';
import { events } from './events.ts';
import type { EventType } from './events.ts';
import { guards, machine } from './machine.ts';

/** The review lifecycle of an inspection recommendation, version 1: all of it that is data. */
export const definition = {
  name: 'inspection-recommendation',
  version: 1,
  machine,
  guards,
  events: definitionsOf(events),
  statusRegion: 'progress',
  thresholds,
} as const satisfies DocketDefinition;

export const statechart = ownStatechart(definition);

/** The definition in which a guard that commands alone ask for was none of the definition's. */
const withoutGuardsOfCommands: DocketDefinition = { ...definition, guards: { open: guards.open } };

/** Definitions that events of version 1 name and that are not in use any more, each with its digest. */
export const earlier = [
  {
    digest: '0879e5d99158dcc5bc4833c806af1149a54661f2e97c0d3601474f116beacfcb',
    statechart: ownStatechart({
      ...withoutGuardsOfCommands,
      machine: machineBeforeClaims(),
      events: eventsWithout('CorrectionRequested', 'CorrectionApproved', 'CorrectionRefused'),
    }),
  },
  {
    digest: 'cee1e22b7b66bc161c81a1171e8367fbc9aee204e8347e35a17bbe3349347e1f',
    statechart: ownStatechart(withoutGuardsOfCommands),
  },
] as const;

/** The machine in which a response was published once. */
function machineBeforeClaims(): DocketDefinition['machine'] {
  const { response } = machine.states;
  const states = { ...response.states, published: {} };
  return { ...machine, states: { ...machine.states, response: { ...response, states } } };
}

function eventsWithout(...types: readonly EventType[]): DocketDefinition['events'] {
  const added: ReadonlySet<string> = new Set(types);
  return Object.fromEntries(Object.entries(definition.events).filter(([type]) => !added.has(type)));
}
