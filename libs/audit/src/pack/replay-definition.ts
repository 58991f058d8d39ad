import type { JsonObject, JsonValue } from '#event-sourcing/envelope';
import { hasExactly, isObject, isText, isTexts, shown } from './strict-text.ts';

/** The states of all regions. */
type Value = Readonly<Record<string, string>>;

interface Transition {
  readonly target: string;
  readonly guard: string | null;
}
type Transitions = ReadonlyMap<string, Transition>;

interface Region {
  readonly initial: string;
  readonly on: Transitions;
  readonly states: ReadonlyMap<string, Transitions>;
}

interface Guard {
  readonly region: string;
  readonly in: readonly string[];
}

type EventKind = { readonly kind: 'first' | 'note' } | { readonly kind: 'move'; readonly owner: string };

/** The rules of one lifecycle, read from the file that a pack has of them: what is legal, and what state it leads to. */
export interface Replay {
  readonly name: string;
  readonly version: number;
  /** The value after an event; null where the event is illegal. Before version 1 there is none. */
  readonly after: (type: string, before: Value | null) => Value | null;
}

/**
 * How events are replayed under a definition, as docs/pack-format.md says.
 * @throws TypeError naming what in the definition cannot be replayed.
 */
export function replayOf(definition: JsonValue): Replay {
  if (!isObject(definition)) throw new TypeError('is no definition of a lifecycle');
  const { name, version, machine } = definition;
  if (!isText(name) || typeof version !== 'number') throw new TypeError('has no name and version');
  const regions = mapped(isObject(machine) ? machine['states'] : undefined, 'machine.states', readRegion);
  const guards = mapped(definition['guards'], 'guards', readGuard);
  const events = mapped(definition['events'], 'events', readEvent);
  check(regions, guards, events);
  return {
    name,
    version,
    after(type, before) {
      const event = events.get(type);
      if (event === undefined || (event.kind === 'first') !== (before === null)) return null;
      if (before === null)
        return Object.fromEntries([...regions].map(([region, { initial }]) => [region, initial]));
      return event.kind === 'move' ? moved(regions, guards, type, event.owner, before) : before;
    },
  };
}

function moved(
  regions: ReadonlyMap<string, Region>,
  guards: ReadonlyMap<string, Guard>,
  type: string,
  owner: string,
  before: Value,
): Value | null {
  const after: Record<string, string> = { ...before };
  let isTaken = false;
  for (const [region, { on, states }] of regions) {
    const transition = states.get(before[region] ?? '')?.get(type) ?? on.get(type);
    if (transition === undefined) continue;
    const guard = transition.guard === null ? null : guards.get(transition.guard);
    if (guard && !guard.in.includes(before[guard.region] ?? '')) continue;
    after[region] = transition.target;
    if (region === owner) isTaken = true;
  }
  return isTaken ? after : null;
}

function mapped<T>(
  value: JsonValue | undefined,
  place: string,
  read: (value: JsonValue, place: string) => T,
): Map<string, T> {
  if (!isObject(value)) throw new TypeError(`${place} is no object`);
  return new Map(Object.entries(value).map(([name, member]) => [name, read(member, `${place}.${name}`)]));
}

/** An object with no other members than these: what else a statechart can say would be replayed wrongly. */
function onlyWith(value: JsonValue, members: readonly string[], place: string): JsonObject {
  if (!isObject(value) || Object.keys(value).some((name) => !members.includes(name)))
    throw new TypeError(`${place} is no object of only ${members.join(', ')}`);
  return value;
}

function readRegion(value: JsonValue, place: string): Region {
  const { initial, on, states } = onlyWith(value, ['initial', 'on', 'states', 'description'], place);
  if (!isText(initial)) throw new TypeError(`${place} has no initial state`);
  return {
    initial,
    on: readOn(on, place, '.'),
    states: mapped(states, `${place}.states`, (state, name) =>
      readOn(onlyWith(state, ['on', 'description'], name)['on'], name, ''),
    ),
  };
}

function readOn(value: JsonValue | undefined, place: string, prefix: string): Transitions {
  if (value === undefined) return new Map();
  return mapped(value, `${place}.on`, (transition, name) => {
    const { target, guard = null } = isText(transition)
      ? { target: transition }
      : onlyWith(transition, ['target', 'guard'], name);
    if (!isText(target) || !target.startsWith(prefix) || !(guard === null || isText(guard)))
      throw new TypeError(`${name} is no target with a guard or without one`);
    return { target: target.slice(prefix.length), guard };
  });
}

function readGuard(value: JsonValue, place: string): Guard {
  if (!hasExactly(value, ['region', 'in'])) throw new TypeError(`${place} is no guard`);
  const { region, in: states } = value;
  if (!isText(region) || !isTexts(states)) throw new TypeError(`${place} is no guard`);
  return { region, in: states };
}

function readEvent(value: JsonValue, place: string): EventKind {
  const { kind, owner } = isObject(value) ? value : {};
  if (kind === 'first' || kind === 'note') return { kind };
  if (kind !== 'move' || !isText(owner)) throw new TypeError(`${place} is no kind of event`);
  return { kind, owner };
}

/** What is named has to be there, and nothing may be said twice. */
function check(
  regions: ReadonlyMap<string, Region>,
  guards: ReadonlyMap<string, Guard>,
  events: ReadonlyMap<string, EventKind>,
): void {
  const known = (region: string, state: string): void => {
    if (regions.get(region)?.states.has(state) !== true)
      throw new TypeError(`there is no state ${shown(state)} in a region ${shown(region)}`);
  };
  for (const [name, { initial, on, states }] of regions) {
    known(name, initial);
    for (const transitions of [on, ...states.values()]) {
      for (const [type, { target, guard }] of transitions) {
        known(name, target);
        if (guard !== null && !guards.has(guard)) throw new TypeError(`there is no guard ${shown(guard)}`);
        if (transitions !== on && on.has(type))
          throw new TypeError(`${type} leads on from ${name} and from one of its states`);
      }
    }
  }
  for (const { region, in: states } of guards.values()) for (const state of states) known(region, state);
  for (const event of events.values())
    if (event.kind === 'move' && !regions.has(event.owner))
      throw new TypeError(`there is no region ${shown(event.owner)}`);
  if ([...events.values()].filter(({ kind }) => kind === 'first').length !== 1)
    throw new TypeError('not exactly one event makes a record');
}
