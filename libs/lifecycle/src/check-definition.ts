import { arrowsOf, EVENT_TYPE, REGIONS_MAX } from './lifecycle-definition.ts';
import type { Arrow, EventDefinition, LifecycleDefinition } from './lifecycle-definition.ts';
import { DecidingMachine } from './deciding-machine.ts';

/** A definition that must not be used; the message lists every problem with its location. */
export class InvalidLifecycleError extends Error {
  readonly problems: readonly string[];

  constructor(name: string, problems: readonly string[]) {
    super(`Lifecycle ${name} is not valid:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'InvalidLifecycleError';
    this.problems = problems;
  }
}

type Problems = Generator<string>;

/** Yields the problems of members that only some callers know, each with its location. */
type FurtherProblems = (definition: Readonly<Record<string, unknown>>) => Iterable<string>;

/** Checks in addition to those of every definition. */
export interface DefinitionChecks {
  readonly furtherProblems?: FurtherProblems;
  /** Skips walking the machine: a test proves that every state of this build's definitions can be reached. */
  readonly isWalked?: boolean;
}

/** A valid definition with its machine. */
interface CheckedDefinition {
  readonly definition: LifecycleDefinition;
  readonly decides: DecidingMachine;
}

/**
 * Returns a definition if history can be replayed by it: serialisable, flat parallel regions, every state reachable,
 * every target and guard declared, every event of one kind, every move owned by one region with one target per region.
 * Does not trust its input, which may come from a file.
 * @throws InvalidLifecycleError with every problem found.
 */
export function checkDefinition(
  input: unknown,
  { furtherProblems = () => [], isWalked = false }: DefinitionChecks = {},
): CheckedDefinition {
  if (!isMapping(input)) throw new InvalidLifecycleError('', ['definition: must be an object']);
  let problems = [...shapeProblems(input), ...furtherProblems(input)];
  const definition = input as unknown as LifecycleDefinition;
  if (problems.length === 0) {
    const arrows = [...arrowsOf(definition)];
    problems = [
      ...guardProblems(definition),
      ...arrowProblems(definition, arrows),
      ...eventProblems(definition, arrows),
    ];
  }
  const decides = problems.length === 0 ? new DecidingMachine(definition) : null;
  if (decides !== null && !isWalked) problems = [...reachabilityProblems(definition, decides)];
  if (decides !== null && problems.length === 0) return { definition, decides };
  throw new InvalidLifecycleError(`${printable(input['name'])} v${printable(input['version'])}`, [
    ...new Set(problems),
  ]);
}

// xstate uses names in paths, where a dot separates and a star matches everything.
export const NAME = /^[a-z][a-z0-9-]{0,62}$/;

// Verifiers that have only the definition could not interpret other members, so these are refused.
const MACHINE_MEMBERS = ['id', 'type', 'states'];
const REGION_MEMBERS = ['initial', 'on', 'states'];
const STATE_MEMBERS = ['on'];
const TRANSITION_MEMBERS = ['target', 'guard'];
const GUARD_MEMBERS = ['region', 'in'];
const EVENT_MEMBERS = ['kind', 'schemaVersion'];
const MOVE_MEMBERS = [...EVENT_MEMBERS, 'owner', 'countsFor'];

export const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Returns a value as text for a message. An object from a file can have a `toString` member that is not a function. */
const printable = (value: unknown): string =>
  Array.isArray(value) ? 'a list' : typeof value === 'object' && value !== null ? 'an object' : String(value);

const isName = (value: unknown): boolean => typeof value === 'string' && NAME.test(value);

const isListOfNames = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 1;

/** The members that must be objects. */
const MAPPINGS: readonly string[] = ['machine', 'guards', 'events'];

function* shapeProblems(input: Readonly<Record<string, unknown>>): Problems {
  if (!isName(input['name'])) {
    yield `name: "${printable(input['name'])}" must consist of lower-case letters, digits and dashes`;
  }
  if (!isCount(input['version']))
    yield `version: ${printable(input['version'])} is not a whole number from 1`;
  for (const place of MAPPINGS) {
    if (isMapping(input[place])) yield* serialisationProblems(input[place], place);
    else yield `${place}: must be an object`;
  }
  for (const [place, value] of Object.entries(input)) {
    if (!MAPPINGS.includes(place)) yield* serialisationProblems(value, place);
  }
  for (const [name, guard] of mapped(input['guards'])) {
    if (!isName(name)) yield `guards.${name}: must consist of lower-case letters, digits and dashes`;
    if (isMapping(guard)) yield* unknownMembers(guard, GUARD_MEMBERS, `guards.${name}`);
    const { region, in: states } = isMapping(guard) ? guard : {};
    if (typeof region !== 'string') yield `guards.${name}.region: must be the name of a region`;
    if (!isListOfNames(states) || states.length === 0)
      yield `guards.${name}.in: must be a list of at least one state`;
  }
  for (const [type, event] of mapped(input['events'])) yield* declarationProblems(type, event);
  if (isMapping(input['machine'])) yield* machineProblems(input['machine'], printable(input['statusRegion']));
}

export const mapped = (value: unknown): [string, unknown][] =>
  isMapping(value) ? Object.entries(value) : [];

function* serialisationProblems(value: unknown, place: string, depth = 1): Problems {
  if (value === null || typeof value === 'boolean') return;
  if (typeof value === 'string') {
    if (!value.isWellFormed()) yield `${place}: contains a lone surrogate, which cannot be serialised`;
    return;
  }
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) yield `${place}: ${value} cannot be serialised`;
  } else if (typeof value !== 'object') {
    yield `${place}: a ${typeof value} cannot be serialised; use data only`;
  } else if (!['[object Object]', '[object Array]'].includes(Object.prototype.toString.call(value))) {
    yield `${place}: cannot be serialised; use plain objects and arrays only`;
  } else if (depth > 10) {
    yield `${place}: is nested too deeply; regions must be flat`;
  } else {
    for (const [member, child] of Object.entries(value) as [string, unknown][]) {
      if (!member.isWellFormed())
        yield `${place}: has a name with a lone surrogate, which cannot be serialised`;
      yield* serialisationProblems(child, `${place}.${member}`, depth + 1);
    }
  }
}

function* unknownMembers(value: object, allowed: readonly string[], place: string): Problems {
  for (const member of Object.keys(value)) {
    if (!allowed.includes(member)) {
      yield `${place}.${member}: only ${allowed.join(', ')} are allowed here; remove it`;
    }
  }
}

function* machineProblems(machine: Readonly<Record<string, unknown>>, statusRegion: string): Problems {
  yield* unknownMembers(machine, MACHINE_MEMBERS, 'machine');
  if (typeof machine['id'] !== 'string') yield 'machine.id: must be a string';
  const regions = mapped(machine['states']);
  if (machine['type'] !== 'parallel' || regions.length === 0) {
    yield 'machine.type: must be "parallel", with at least one region';
  }
  if (regions.length > REGIONS_MAX) yield `machine.states: has more than ${REGIONS_MAX} regions`;
  if (!regions.some(([region]) => region === statusRegion)) {
    yield `statusRegion: there is no region "${statusRegion}"`;
  }
  for (const [region, config] of regions) {
    const place = `machine.states.${region}`;
    if (!isName(region)) yield `${place}: "${region}" must consist of lower-case letters, digits and dashes`;
    if (isMapping(config)) yield* regionProblems(config, place);
    else yield `${place}: must be a region, with an initial state and states`;
  }
}

function* regionProblems(region: Readonly<Record<string, unknown>>, place: string): Problems {
  yield* unknownMembers(region, REGION_MEMBERS, place);
  const states = mapped(region['states']);
  if (!states.some(([state]) => state === region['initial'])) {
    yield `${place}.initial: there is no state "${printable(region['initial'])}"`;
  }
  yield* transitionProblems(region['on'], `${place}.on`);
  for (const [event, transition] of mapped(region['on'])) {
    const target = isMapping(transition) ? transition['target'] : transition;
    if (typeof target === 'string' && !target.startsWith('.')) {
      yield `${place}.on.${event}: write the target with a leading dot, ".${target}"`;
    }
  }
  for (const [state, config] of states) {
    const within = `${place}.states.${state}`;
    if (!isName(state)) yield `${within}: "${state}" must consist of lower-case letters, digits and dashes`;
    if (!isMapping(config)) {
      yield `${within}: must be a state; use {} for one without arrows`;
      continue;
    }
    yield* unknownMembers(config, STATE_MEMBERS, within);
    yield* transitionProblems(config['on'], `${within}.on`);
    for (const [event] of mapped(config['on'])) {
      // If the state's guard fails, xstate would fall back to the region's arrow.
      if (mapped(region['on']).some(([shared]) => shared === event)) {
        yield `${within}.on.${event}: is also at the region; keep only one of them`;
      }
    }
  }
}

function* transitionProblems(on: unknown, place: string): Problems {
  if (on !== undefined && !isMapping(on)) yield `${place}: must be an object of events`;
  for (const [event, transition] of mapped(on)) {
    const within = `${place}.${event}`;
    if (typeof transition === 'string') continue;
    if (isMapping(transition)) yield* unknownMembers(transition, TRANSITION_MEMBERS, within);
    const { target, guard } = isMapping(transition) ? transition : {};
    if (typeof target !== 'string' || typeof guard !== 'string') {
      yield `${within}: must be a target, or an object with the names of a target and a guard`;
    }
  }
}

function* declarationProblems(type: string, event: unknown): Problems {
  if (!EVENT_TYPE.test(type)) yield `events.${type}: must be a name such as LetterSent or StateRecorded.open`;
  const { kind, owner, countsFor, schemaVersion } = isMapping(event) ? event : {};
  if (isMapping(event))
    yield* unknownMembers(event, kind === 'move' ? MOVE_MEMBERS : EVENT_MEMBERS, `events.${type}`);
  if (!['first', 'move', 'note'].includes(printable(kind)))
    yield `events.${type}.kind: must be first, move or note`;
  if (kind === 'move' && typeof owner !== 'string')
    yield `events.${type}.owner: must be the name of the owning region`;
  if (countsFor !== undefined && !isListOfNames(countsFor))
    yield `events.${type}.countsFor: must be a list of regions`;
  if (!isCount(schemaVersion)) yield `events.${type}.schemaVersion: must be a whole number from 1`;
}

const hasState = ({ machine }: LifecycleDefinition, region: string, state: string): boolean =>
  Object.hasOwn(machine.states, region) && Object.hasOwn(machine.states[region]?.states ?? {}, state);

function* guardProblems(definition: LifecycleDefinition): Problems {
  for (const [guard, { region, in: states }] of Object.entries(definition.guards)) {
    for (const state of states) {
      if (!hasState(definition, region, state))
        yield `guards.${guard}: there is no state "${region}.${state}"`;
    }
  }
}

function* arrowProblems(definition: LifecycleDefinition, arrows: readonly Arrow[]): Problems {
  const { guards, events } = definition;
  for (const { place, region, target, guard, event } of arrows) {
    if (!hasState(definition, region, target)) {
      yield `${place}: there is no state "${target}" in region "${region}"`;
    }
    if (guard !== null && !Object.hasOwn(guards, guard)) yield `${place}: there is no guard "${guard}"`;
    const declared = Object.hasOwn(events, event) ? events[event] : undefined;
    if (declared?.kind !== 'move') yield `${place}: "${event}" is not declared as a move`;
    else if (region !== declared.owner && guard !== null) {
      yield `${place}: a following region cannot have a guard; the owner decides`;
    }
  }
}

function* eventProblems({ events, machine }: LifecycleDefinition, arrows: readonly Arrow[]): Problems {
  const firsts = Object.entries(events).filter(([, { kind }]) => kind === 'first');
  if (firsts.length !== 1) yield `events: exactly one must be of kind "first", not ${firsts.length}`;
  for (const [type, event] of Object.entries(events)) {
    if (event.kind === 'move') yield* moveProblems(type, event, machine, arrows);
  }
}

function* moveProblems(
  type: string,
  { owner, countsFor = [] }: EventDefinition & { readonly kind: 'move' },
  machine: LifecycleDefinition['machine'],
  arrows: readonly Arrow[],
): Problems {
  for (const [member, regions] of Object.entries({ owner: [owner], countsFor })) {
    for (const region of regions) {
      if (!Object.hasOwn(machine.states, region)) {
        yield `events.${type}.${member}: there is no region "${region}"`;
      }
    }
  }
  const own = arrows.filter(({ event }) => event === type);
  if (!own.some(({ region }) => region === owner))
    yield `events.${type}: its owner "${owner}" has no arrow for it`;
  for (const region of Object.keys(machine.states)) {
    const targets = new Set(own.filter((arrow) => arrow.region === region).map(({ target }) => target));
    if (targets.size > 1)
      yield `events.${type}: has several targets in "${region}": ${[...targets].join(', ')}`;
  }
}

/** The most combinations of states that a lifecycle may reach: each is tried with every event. */
const VALUES_MAX = 2_000;

/** Walks every value that the machine can reach, and reports states and moves that no value uses. */
function* reachabilityProblems({ machine, events }: LifecycleDefinition, decides: DecidingMachine): Problems {
  const moves = Object.keys(events).filter((type) => decides.move(type) !== null);
  // Equal values are the same object.
  const reached = new Set([decides.initial]);
  const followed = new Set<string>();
  // Iterating a Set visits items added meanwhile, so the loop ends when nothing new is reached.
  for (const value of reached) {
    for (const type of moves) {
      const next = decides.after(value, type);
      if (next === null) continue;
      followed.add(type);
      reached.add(next);
    }
    if (reached.size > VALUES_MAX) {
      yield `machine: the regions can reach more than ${VALUES_MAX} combinations of states`;
      return;
    }
  }
  for (const [region, { states }] of Object.entries(machine.states)) {
    const alive = new Set([...reached].map((value) => value[region]));
    for (const state of Object.keys(states)) {
      if (!alive.has(state)) yield `machine.states.${region}.states.${state}: no event leads to this state`;
    }
  }
  for (const type of moves) {
    if (!followed.has(type)) yield `events.${type}: its owner has no arrow for it in a reachable state`;
  }
}
