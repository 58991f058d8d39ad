import type { JsonValue, StateValue } from '#event-sourcing/envelope';
import { DecidingMachine } from '#lifecycle/deciding-machine';
import { EVENT_TYPE, REGIONS_MAX, writtenArrows } from '#lifecycle/lifecycle-definition';
import type { LifecycleDefinition, WrittenArrow } from '#lifecycle/lifecycle-definition';
import { either, has, isCount, isWhole, listOf, mapOf, matches, unfit } from './shapes.ts';
import { isText, quoteTruncated } from './strict-text.ts';

/** The rules of a lifecycle, read from the pack: the legal events and the states after them. */
export interface Replay {
  readonly name: string;
  readonly version: number;
  /** Returns the state after an event; null if the event is illegal. Before version 1, the state is null. */
  readonly after: (type: string, before: StateValue | null) => StateValue | null;
}

const NAME = /^[a-z0-9-]{1,63}$/;
const isName = matches(NAME);
const targetsOf = (target: RegExp) =>
  mapOf(EVENT_TYPE, either(matches(target), has({ target: matches(target), guard: isName })));
const EVENT = { schemaVersion: isCount };
const MEMBERS = { members: listOf(isText) };
const KINDS = [
  has({ ...EVENT, kind: matches(/^(?:first|note)$/) }, MEMBERS),
  has({ ...EVENT, kind: matches(/^move$/), owner: isName }, { ...MEMBERS, countsFor: listOf(isName) }),
] as const;
const STATE = has({}, { on: targetsOf(NAME) });
const REGION = has({ initial: isName, states: mapOf(NAME, STATE) }, { on: targetsOf(/^\.[a-z0-9-]{1,63}$/) });
/** Exactly the members in docs/lifecycle-definition.md. Other XState features would be replayed incorrectly. */
const DEFINITION = {
  name: isName,
  version: isCount,
  statusRegion: isName,
  machine: has({ id: isText, type: matches(/^parallel$/), states: mapOf(NAME, REGION) }),
  guards: mapOf(NAME, has({ region: isName, in: listOf(isName) })),
  events: mapOf(EVENT_TYPE, either(...KINDS)),
  thresholds: mapOf(/^/, isWhole),
};

/** The state of a region whose value is not a defined state. No name can equal it. */
const ELSEWHERE = '?';

/**
 * Returns the replay of a definition, as docs/pack-format.md specifies.
 * @throws TypeError naming the part that cannot be replayed.
 */
export function replayOf(value: JsonValue): Replay {
  const wrong = unfit(value, DEFINITION);
  if (wrong !== null) throw new TypeError(`is not a definition, or has an invalid ${quoteTruncated(wrong)}`);
  const definition = value as unknown as LifecycleDefinition;
  const { name, version, machine } = definition;
  const regions = new Map(
    Object.entries(machine.states).map(([region, { states }]) => [region, new Set(Object.keys(states))]),
  );
  demand(regions.size <= REGIONS_MAX, `has more than ${REGIONS_MAX} regions`);
  const arrows = [...writtenArrows(definition)];
  checkNames(definition, regions, arrows);
  checkArrows(definition, regions, arrows);
  const states = Object.entries(machine.states).map(([region, config]) => [
    region,
    { ...config, states: { ...config.states, [ELSEWHERE]: {} } },
  ]);
  const decides = new DecidingMachine({
    ...definition,
    // XState prefixes each state's id with the machine's, which can be long.
    machine: { ...machine, id: name, states: Object.fromEntries(states) as typeof machine.states },
  });
  const events = new Map(Object.entries(definition.events));
  const afterMove = (type: string, before: StateValue): StateValue | null => {
    const definedStates = [...regions].map(([region, states]) => {
      const state = before[region] ?? ELSEWHERE;
      return [region, states.has(state) ? state : ELSEWHERE];
    });
    const after = decides.after(Object.fromEntries(definedStates) as StateValue, type);
    if (after === null) return null;
    const changedStates = Object.entries(after).filter(([, state]) => state !== ELSEWHERE);
    return { ...before, ...Object.fromEntries(changedStates) };
  };
  return {
    name,
    version,
    after(type, before) {
      const event = events.get(type);
      if (event === undefined || (event.kind === 'first') !== (before === null)) return null;
      if (before === null) return decides.initial;
      return event.kind === 'move' ? afterMove(type, before) : before;
    },
  };
}

type Regions = ReadonlyMap<string, ReadonlySet<string>>;

function demand(condition: boolean, why: string): void {
  if (!condition) throw new TypeError(why);
}

/** Checks that each referenced name is defined. */
function checkNames(
  { guards, events, statusRegion, machine }: LifecycleDefinition,
  regions: Regions,
  arrows: readonly WrittenArrow[],
): void {
  demand(regions.has(statusRegion), `there is no region ${statusRegion}`);
  for (const [region, { initial }] of Object.entries(machine.states))
    demand(regions.get(region)?.has(initial) === true, `there is no state ${initial} in ${region}`);
  for (const [name, { region, in: states }] of Object.entries(guards))
    demand(
      states.length > 0 && states.every((state) => regions.get(region)?.has(state)),
      `the guard ${name} names no state, or an undefined one`,
    );
  const transitions = new Set(arrows.map(({ region, event }) => `${region} ${event}`));
  for (const [type, event] of Object.entries(events)) {
    if (event.kind !== 'move') continue;
    const { owner, countsFor = [] } = event;
    demand(
      [owner, ...countsFor].every((region) => regions.has(region)),
      `${quoteTruncated(type)} names an undefined region`,
    );
    demand(
      transitions.has(`${owner} ${type}`),
      `${quoteTruncated(type)} has no transition in its own region`,
    );
  }
  const firsts = Object.values(events).filter(({ kind }) => kind === 'first');
  demand(firsts.length === 1, 'exactly one event must create a record');
}

/** Checks that each transition is unique and targets a state, and that each state can be reached. */
function checkArrows(
  { guards, events, machine }: LifecycleDefinition,
  regions: Regions,
  arrows: readonly WrittenArrow[],
): void {
  for (const { region, from, event, target, guard } of arrows) {
    demand(regions.get(region)?.has(target) === true, `there is no state ${target} in ${region}`);
    demand(guard === null || Object.hasOwn(guards, guard), `there is no guard ${guard}`);
    const isMove = Object.hasOwn(events, event) && events[event]?.kind === 'move';
    demand(isMove, `${quoteTruncated(event)} has a transition in ${region}, but is not a move`);
    demand(
      from === null || !Object.hasOwn(machine.states[region]?.on ?? {}, event),
      `${quoteTruncated(event)} has transitions from ${region} and from one of its states`,
    );
  }
  const targets = Map.groupBy(arrows, ({ region, from }) => `${region} ${from ?? ''}`);
  for (const [region, states] of regions) {
    const from = (state: string) => targets.get(`${region} ${state}`)?.map(({ target }) => target) ?? [];
    const reached = new Set([machine.states[region]?.initial ?? '', ...from('')]);
    // Iterating over a set includes items that are added during the iteration.
    for (const state of reached) for (const target of from(state)) reached.add(target);
    demand(reached.size === states.size, `one of the states of ${region} cannot be reached`);
  }
}
