import type { EventDefinition, LifecycleDefinition, Transition } from './lifecycle-definition.ts';

/** A definition that must not be used; every problem is named with its place. */
export class InvalidLifecycleError extends Error {
  readonly problems: readonly string[];

  constructor(name: string, problems: readonly string[]) {
    super(`Lifecycle ${name} is not valid:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'InvalidLifecycleError';
    this.problems = problems;
  }
}

type AnyDefinition = LifecycleDefinition<never>;

interface Arrow {
  readonly place: string;
  readonly region: string;
  readonly from: string;
  readonly event: string;
  readonly target: string;
  readonly guard: string | null;
}

const targetOf = (transition: Transition): string =>
  typeof transition === 'string' ? transition : transition.target;

/** Every arrow of the chart, with a region's own `on` spread over the states that do not list the event. */
export function* arrowsOf({ machine }: Pick<AnyDefinition, 'machine'>): Generator<Arrow> {
  for (const [region, config] of Object.entries(machine.states)) {
    for (const [from, state] of Object.entries(config.states)) {
      const shared = Object.entries(config.on ?? {}).filter(([event]) => state.on?.[event] === undefined);
      for (const [event, transition] of [...Object.entries(state.on ?? {}), ...shared]) {
        const own = state.on?.[event] !== undefined;
        yield {
          place: own
            ? `machine.states.${region}.states.${from}.on.${event}`
            : `machine.states.${region}.on.${event}`,
          region,
          from,
          event,
          target: own ? targetOf(transition) : targetOf(transition).replace(/^\./, ''),
          guard: typeof transition === 'string' ? null : transition.guard,
        };
      }
    }
  }
}

/**
 * Checks what a lifecycle must hold to be replayable: serialisable, flat parallel regions, every state reachable, every
 * target and guard known, every event of one kind, every move owned by one region with one target a region.
 * @throws InvalidLifecycleError naming every problem found.
 */
export function checkDefinition(definition: AnyDefinition): void {
  const problems = [...shapeProblems(definition)];
  if (problems.length === 0) {
    const arrows = [...arrowsOf(definition)];
    problems.push(
      ...arrowProblems(definition, arrows),
      ...reachabilityProblems(definition, arrows),
      ...eventProblems(definition, arrows),
    );
  }
  if (problems.length > 0) {
    throw new InvalidLifecycleError(`${definition.name} v${definition.version}`, [...new Set(problems)]);
  }
}

const MACHINE_MEMBERS = new Set(['id', 'type', 'states', 'description']);
const REGION_MEMBERS = new Set(['initial', 'on', 'states', 'description']);
const STATE_MEMBERS = new Set(['on', 'description']);

function* unknownMembers(value: object, allowed: Set<string>, place: string): Generator<string> {
  for (const member of Object.keys(value)) {
    if (!allowed.has(member))
      yield `${place}.${member}: a lifecycle's machine holds only structure; leave it out`;
  }
}

function* shapeProblems({ machine, name, version, statusRegion, guards }: AnyDefinition): Generator<string> {
  if (!/^[a-z][a-z0-9-]{0,62}$/.test(name))
    yield `name: "${name}" is not of small letters, digits and dashes`;
  if (!Number.isInteger(version) || version < 1) yield `version: ${version} is not a whole number from 1`;
  yield* serialisationProblems(machine, 'machine');
  yield* serialisationProblems(guards, 'guards');
  if ((machine.type as string) !== 'parallel')
    yield 'machine.type: must be "parallel", with one region or more';
  yield* unknownMembers(machine, MACHINE_MEMBERS, 'machine');
  for (const [region, config] of Object.entries(machine.states)) {
    const place = `machine.states.${region}`;
    yield* unknownMembers(config, REGION_MEMBERS, place);
    if (!Object.hasOwn(config.states, config.initial)) {
      yield `${place}.initial: there is no state "${config.initial}"`;
    }
    for (const [state, { on, ...rest }] of Object.entries(config.states)) {
      yield* unknownMembers({ ...(on && { on }), ...rest }, STATE_MEMBERS, `${place}.states.${state}`);
    }
  }
  if (!Object.hasOwn(machine.states, statusRegion))
    yield `statusRegion: there is no region "${statusRegion}"`;
}

function* serialisationProblems(value: unknown, place: string): Generator<string> {
  if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return;
  if (typeof value !== 'object') {
    yield `${place}: a ${typeof value} cannot be serialised; only data belongs here`;
    return;
  }
  for (const [member, child] of Object.entries(value))
    yield* serialisationProblems(child, `${place}.${member}`);
}

function* arrowProblems({ machine, guards, events }: AnyDefinition, arrows: Arrow[]): Generator<string> {
  for (const { place, region, target, guard, event } of arrows) {
    if (!Object.hasOwn(machine.states[region]?.states ?? {}, target)) {
      yield `${place}: there is no state "${target}" in region "${region}"`;
    }
    if (guard !== null && !Object.hasOwn(guards, guard)) yield `${place}: there is no guard "${guard}"`;
    if (events[event]?.kind !== 'move') yield `${place}: "${event}" is not declared as a move`;
  }
  for (const [guard, { region, in: states }] of Object.entries(guards)) {
    const known = machine.states[region]?.states ?? {};
    for (const state of states) {
      if (!Object.hasOwn(known, state)) yield `guards.${guard}: there is no state "${region}.${state}"`;
    }
  }
}

function* reachabilityProblems({ machine }: AnyDefinition, arrows: Arrow[]): Generator<string> {
  for (const [region, config] of Object.entries(machine.states)) {
    const reached = new Set([config.initial]);
    // A set visits what is added while it is walked, so this runs until nothing new is reached.
    for (const state of reached) {
      for (const arrow of arrows) {
        if (arrow.region === region && arrow.from === state) reached.add(arrow.target);
      }
    }
    for (const state of Object.keys(config.states)) {
      if (!reached.has(state)) yield `machine.states.${region}.states.${state}: no event leads here`;
    }
  }
}

function* eventProblems({ events, machine }: AnyDefinition, arrows: Arrow[]): Generator<string> {
  const firsts = Object.entries(events).filter(([, { kind }]) => kind === 'first');
  if (firsts.length !== 1) yield `events: exactly one must be of kind "first", not ${firsts.length}`;
  for (const [type, event] of Object.entries(events)) {
    yield* declarationProblems(type, event);
    if (event.kind !== 'move') continue;
    if (!Object.hasOwn(machine.states, event.owner))
      yield `events.${type}.owner: there is no region "${event.owner}"`;
    const own = arrows.filter((arrow) => arrow.event === type);
    if (!own.some((arrow) => arrow.region === event.owner)) {
      yield `events.${type}: its owner "${event.owner}" never takes it`;
    }
    for (const region of Object.keys(machine.states)) {
      const targets = new Set(own.filter((arrow) => arrow.region === region).map((arrow) => arrow.target));
      if (targets.size > 1)
        yield `events.${type}: has several targets in "${region}": ${[...targets].join(', ')}`;
    }
    for (const arrow of own) {
      if (arrow.region !== event.owner && arrow.guard !== null) {
        yield `${arrow.place}: a region that follows may not have a guard; the owner decides`;
      }
    }
  }
}

function* declarationProblems(type: string, event: EventDefinition): Generator<string> {
  if (!['first', 'move', 'note'].includes(event.kind))
    yield `events.${type}.kind: must be first, move or note`;
  if (!Number.isInteger(event.schemaVersion) || event.schemaVersion < 1) {
    yield `events.${type}.schemaVersion: must be a whole number from 1`;
  }
  for (const pointer of event.sensitive ?? []) {
    if (!/^\/data(\/[^/]+)+$/.test(pointer))
      yield `events.${type}.sensitive: "${pointer}" does not point into /data`;
  }
}
