import { arrowsOf } from './lifecycle-definition.ts';
import type { Arrow, LifecycleDefinition } from './lifecycle-definition.ts';

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

/**
 * Checks what the types cannot: every name that a definition uses is declared, every move is owned by one region and
 * has one target in each region. `definition.spec.ts` checks the rest.
 * @throws InvalidLifecycleError with every problem found.
 */
export function checkDefinition(definition: LifecycleDefinition): void {
  const arrows = [...arrowsOf(definition)];
  const problems = new Set([
    ...regionProblems(definition),
    ...guardProblems(definition),
    ...arrowProblems(definition, arrows),
    ...eventProblems(definition, arrows),
  ]);
  if (problems.size > 0)
    throw new InvalidLifecycleError(`${definition.name} v${definition.version}`, [...problems]);
}

// xstate uses names in paths, where a dot separates and a star matches everything.
const NAME = /^[a-z][a-z0-9-]{0,62}$/;

const BADLY_NAMED = 'must consist of lower-case letters, digits and dashes';

function* nameProblems(place: string, names: object): Problems {
  for (const name of Object.keys(names)) if (!NAME.test(name)) yield `${place}.${name}: ${BADLY_NAMED}`;
}

function* regionProblems({ name, machine, guards, statusRegion }: LifecycleDefinition): Problems {
  yield* nameProblems('name', { [name]: name });
  yield* nameProblems('guards', guards);
  yield* nameProblems('machine.states', machine.states);
  if (!Object.hasOwn(machine.states, statusRegion))
    yield `statusRegion: there is no region "${statusRegion}"`;
  for (const [region, { initial, on: shared = {}, states }] of Object.entries(machine.states)) {
    const place = `machine.states.${region}`;
    yield* nameProblems(`${place}.states`, states);
    if (!Object.hasOwn(states, initial)) yield `${place}.initial: there is no state "${initial}"`;
    for (const [event, transition] of Object.entries(shared)) {
      const target = typeof transition === 'string' ? transition : transition.target;
      if (!target.startsWith('.'))
        yield `${place}.on.${event}: write the target with a leading dot, ".${target}"`;
    }
    for (const [state, { on = {} }] of Object.entries(states))
      for (const event of Object.keys(on))
        // If the state's guard fails, xstate would fall back to the region's arrow.
        if (Object.hasOwn(shared, event))
          yield `${place}.states.${state}.on.${event}: is also at the region; keep only one of them`;
  }
}

const hasState = ({ machine }: LifecycleDefinition, region: string, state: string): boolean =>
  Object.hasOwn(machine.states, region) && Object.hasOwn(machine.states[region]?.states ?? {}, state);

function* guardProblems(definition: LifecycleDefinition): Problems {
  for (const [guard, { region, in: states }] of Object.entries(definition.guards)) {
    if (states.length === 0) yield `guards.${guard}.in: must be a list of at least one state`;
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
  const firsts = Object.values(events).filter(({ kind }) => kind === 'first');
  if (firsts.length !== 1) yield `events: exactly one must be of kind "first", not ${firsts.length}`;
  for (const [type, event] of Object.entries(events)) {
    if (event.kind !== 'move') continue;
    const { owner, countsFor = [] } = event;
    for (const [member, regions] of Object.entries({ owner: [owner], countsFor }))
      for (const region of regions)
        if (!Object.hasOwn(machine.states, region))
          yield `events.${type}.${member}: there is no region "${region}"`;
    const own = arrows.filter((arrow) => arrow.event === type);
    if (!own.some(({ region }) => region === owner))
      yield `events.${type}: its owner "${owner}" has no arrow for it`;
    for (const region of Object.keys(machine.states)) {
      const targets = new Set(own.filter((arrow) => arrow.region === region).map(({ target }) => target));
      if (targets.size > 1)
        yield `events.${type}: has several targets in "${region}": ${[...targets].join(', ')}`;
    }
  }
}
