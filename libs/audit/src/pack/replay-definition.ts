import type { JsonValue } from '#event-sourcing/envelope';
import type { LifecycleDefinition, RegionConfig, Transition } from '#lifecycle/lifecycle-definition';
import { either, has, isCount, isWhole, listOf, mapOf, matches, unfit } from './shapes.ts';
import { isText, isTexts, shown } from './strict-text.ts';

/** The states of all regions. */
type Value = Readonly<Record<string, string>>;

type Transitions = ReadonlyMap<string, { readonly target: string; readonly guard: string | null }>;

/** A region with what leads on from it in every state, and from each. */
interface Region {
  readonly initial: string;
  readonly on: Transitions;
  readonly states: ReadonlyMap<string, Transitions>;
}
type Regions = ReadonlyMap<string, Region>;
type Guards = ReadonlyMap<string, { readonly region: string; readonly states: ReadonlySet<string> }>;

/** The rules of one lifecycle, read from the file that a pack has of them: what is legal, and what state it leads to. */
export interface Replay {
  readonly name: string;
  readonly version: number;
  /** The value after an event; null where the event is illegal. Before version 1 there is none. */
  readonly after: (type: string, before: Value | null) => Value | null;
}

const NAME = /^[a-z0-9-]+$/;
const isName = matches(NAME);
const targetsOf = (target: RegExp) =>
  mapOf(/^/, either(matches(target), has({ target: matches(target), guard: isName })));
const EVENT = { schemaVersion: isCount };
const KINDS = [
  has({ ...EVENT, kind: matches(/^(?:first|note)$/) }, { sensitive: isTexts }),
  has(
    { ...EVENT, kind: matches(/^move$/), owner: isName },
    { countsFor: listOf(isName), sensitive: isTexts },
  ),
] as const;
const STATE = has({}, { on: targetsOf(NAME) });
const REGION = has({ initial: isName, states: mapOf(NAME, STATE) }, { on: targetsOf(/^\.[a-z0-9-]+$/) });
/** As docs/lifecycle-definition.md says, and nothing else: what a statechart can say besides would be replayed wrongly. */
const DEFINITION = {
  name: isName,
  version: isCount,
  statusRegion: isName,
  machine: has({ id: isText, type: matches(/^parallel$/), states: mapOf(NAME, REGION) }),
  guards: mapOf(NAME, has({ region: isName, in: listOf(isName) })),
  events: mapOf(/^/, either(...KINDS)),
  thresholds: mapOf(/^/, isWhole),
};

/**
 * How events are replayed under a definition, as docs/pack-format.md says.
 * @throws TypeError naming what in the definition cannot be replayed.
 */
export function replayOf(value: JsonValue): Replay {
  const wrong = unfit(value, DEFINITION);
  if (wrong !== null) throw new TypeError(`is no definition, or has no ${shown(wrong)} as one has it`);
  const definition = value as unknown as LifecycleDefinition;
  const regions = new Map(Object.entries(definition.machine.states).map(([name, one]) => [name, read(one)]));
  checkNames(definition, regions);
  checkTransitions(definition, regions);
  const events = new Map(Object.entries(definition.events));
  const guards = readGuards(definition);
  return {
    name: definition.name,
    version: definition.version,
    after(type, before) {
      const event = events.get(type);
      if (event === undefined || (event.kind === 'first') !== (before === null)) return null;
      if (before === null)
        return Object.fromEntries([...regions].map(([region, { initial }]) => [region, initial]));
      return event.kind === 'move' ? moved({ regions, guards }, type, event.owner, before) : before;
    },
  };
}

function read({ initial, on, states }: RegionConfig): Region {
  const each = Object.entries(states).map(([name, state]) => [name, readOn(state.on)] as const);
  return { initial, on: readOn(on), states: new Map(each) };
}

/** A target without the dot that it has at a region. */
const readOn = (on: Readonly<Record<string, Transition>> = {}): Transitions =>
  new Map(
    Object.entries(on).map(([type, to]) => {
      const { target, guard } = typeof to === 'string' ? { target: to, guard: null } : to;
      return [type, { target: target.replace('.', ''), guard }];
    }),
  );

/** Guards by their names; their states are looked up for each region of each event, of which there may be very many. */
const readGuards = ({ guards }: LifecycleDefinition): Guards =>
  new Map(
    Object.entries(guards).map(([name, { region, in: states }]) => [
      name,
      { region, states: new Set(states) },
    ]),
  );

function moved(
  { regions, guards }: { readonly regions: Regions; readonly guards: Guards },
  type: string,
  owner: string,
  before: Value,
): Value | null {
  const after: Record<string, string> = { ...before };
  let isTaken = false;
  for (const [region, { on, states }] of regions) {
    const transition = states.get(before[region] ?? '')?.get(type) ?? on.get(type);
    if (transition === undefined) continue;
    const guard = transition.guard === null ? undefined : guards.get(transition.guard);
    if (guard && !guard.states.has(before[guard.region] ?? '')) continue;
    after[region] = transition.target;
    if (region === owner) isTaken = true;
  }
  return isTaken ? after : null;
}

function demand(condition: boolean, why: string): void {
  if (!condition) throw new TypeError(why);
}

/** What is named has to be there. */
function checkNames({ guards, events, statusRegion }: LifecycleDefinition, regions: Regions): void {
  demand(regions.has(statusRegion), `there is no region ${statusRegion}`);
  for (const [region, { initial, states }] of regions)
    demand(states.has(initial), `there is no state ${initial} in ${region}`);
  for (const [name, { region, in: states }] of Object.entries(guards))
    demand(
      states.length > 0 && states.every((state) => regions.get(region)?.states.has(state)),
      `the guard ${name} names no state, or one that there is not`,
    );
  const taken = new Map([...regions].map(([region, rules]) => [region, takenIn(rules)]));
  for (const [type, event] of Object.entries(events)) {
    if (event.kind !== 'move') continue;
    const { owner, countsFor = [] } = event;
    demand(
      [owner, ...countsFor].every((region) => regions.has(region)),
      `${shown(type)} names a region that there is not`,
    );
    demand(taken.get(owner)?.has(type) === true, `${shown(type)} is never taken by its owner`);
  }
  const firsts = Object.values(events).filter(({ kind }) => kind === 'first');
  demand(firsts.length === 1, 'not exactly one event makes a record');
}

/** The types of event that lead on from somewhere in a region. */
const takenIn = ({ on, states }: Region): ReadonlySet<string> =>
  new Set([on, ...states.values()].flatMap((transitions) => [...transitions.keys()]));

/** Whatever leads on is a move, and leads to a state; nothing is said twice, and something leads to each state. */
function checkTransitions({ guards, events }: LifecycleDefinition, regions: Regions): void {
  const moves = new Set(Object.keys(events).filter((type) => events[type]?.kind === 'move'));
  for (const [region, { initial, on, states }] of regions) {
    for (const transitions of [on, ...states.values()])
      for (const [type, { target, guard }] of transitions) {
        demand(states.has(target), `there is no state ${target} in ${region}`);
        demand(guard === null || Object.hasOwn(guards, guard), `there is no guard ${guard}`);
        demand(moves.has(type), `${shown(type)} leads on from ${region}, and is no move`);
        demand(
          transitions === on || !on.has(type),
          `${shown(type)} leads on from ${region} and from a state of it`,
        );
      }
    const reached = new Set([initial, ...[...on.values()].map(({ target }) => target)]);
    // A set is walked through what is added meanwhile.
    for (const state of reached)
      for (const { target } of states.get(state)?.values() ?? []) reached.add(target);
    demand(reached.size === states.size, `nothing leads to one of the states of ${region}`);
  }
}
