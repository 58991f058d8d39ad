import { initialTransition, or, setup, stateIn, transition } from 'xstate';
import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate';
import type { StateValue } from '#event-sourcing/envelope';
import { arrowsOf } from './lifecycle-definition.ts';
import type { LifecycleDefinition } from './lifecycle-definition.ts';

/** What an event does, whatever the state: the one target of each region that it moves. */
export interface Move {
  readonly owner: string;
  readonly targets: Readonly<Record<string, string>>;
  readonly countsFor: readonly string[];
}

type Structure = Pick<LifecycleDefinition, 'machine' | 'guards' | 'events'>;

/** The xstate machine of a definition whose structure was checked, its guards among it. */
function machineOf({ machine, guards }: Structure): AnyStateMachine {
  const implementations = Object.fromEntries(
    Object.entries(guards).map(([name, guard]) => [
      name,
      or(guard.in.map((state) => stateIn({ [guard.region]: state }))),
    ]),
  );
  // The configuration was checked to be of xstate's form; xstate's types cannot follow names that are data.
  return setup({ guards: implementations }).createMachine(machine as never) as unknown as AnyStateMachine;
}

/** The moves of a definition, by event type. */
function movesOf(definition: Structure): ReadonlyMap<string, Move> {
  const arrows = [...arrowsOf(definition)];
  const moves = new Map<string, Move>();
  for (const [type, event] of Object.entries(definition.events)) {
    if (event.kind !== 'move') continue;
    const own = arrows.filter((arrow) => arrow.event === type);
    const targets = Object.fromEntries(own.map(({ region, target }) => [region, target]));
    moves.set(type, { owner: event.owner, targets, countsFor: event.countsFor ?? Object.keys(targets) });
  }
  return moves;
}

/** A value of the machine, one object for each, and what xstate answered of it. */
interface Known {
  readonly value: StateValue;
  readonly snapshot: AnyMachineSnapshot;
  /** By event type; null where the owning region does not take it. */
  readonly after: Map<string, Known | null>;
}

/**
 * Asks xstate what an event does to a value, once for each pair of the two: a lifecycle's machine has no context, so that
 * the answer is the same ever after.
 */
export class DecidingMachine {
  readonly machine: AnyStateMachine;
  readonly initial: StateValue;
  readonly #moves: ReadonlyMap<string, Move>;
  readonly #regions: readonly (readonly [region: string, states: ReadonlySet<string>])[];
  readonly #known = new Map<string, Known>();
  /** The values that were given out, so that they are found again without being read. */
  readonly #given = new WeakMap<StateValue, Known>();

  constructor(definition: Structure) {
    this.machine = machineOf(definition);
    this.#moves = movesOf(definition);
    this.#regions = Object.entries(definition.machine.states).map(([region, { states }]) => [
      region,
      new Set(Object.keys(states)),
    ]);
    const [start] = initialTransition(this.machine);
    this.initial = (this.#find(start.value as StateValue) as Known).value;
  }

  /** Null for an event that is no move. */
  move(type: string): Move | null {
    return this.#moves.get(type) ?? null;
  }

  /** The value after a move; null where the owning region does not take it, and for a value that the machine does not have. */
  after(value: StateValue, type: string): StateValue | null {
    const move = this.#moves.get(type);
    const known = move && (this.#given.get(value) ?? this.#find(value));
    if (!known) return null;
    let next = known.after.get(type);
    if (next === undefined) {
      next = this.#asked(known, type, move);
      known.after.set(type, next);
    }
    return next && next.value;
  }

  /** That xstate takes an event is not enough, since a region that follows may take it alone: the owner decides. */
  #asked({ snapshot }: Known, type: string, { owner }: Move): Known | null {
    const taken = this.machine.getTransitionData(snapshot, { type });
    if (!taken.some(({ source }) => source.path[0] === owner)) return null;
    const [next] = transition(this.machine, snapshot, { type });
    return this.#find(next.value as StateValue);
  }

  #find(value: StateValue): Known | null {
    const states = this.#regions.map(([region]) => value[region] as string);
    if (!this.#regions.every(([, known], index) => known.has(states[index] as string))) return null;
    const key = states.join(' ');
    let known = this.#known.get(key);
    if (known === undefined) {
      const entries = this.#regions.map(([region], index) => [region, states[index] as string] as const);
      const value = Object.freeze(Object.fromEntries(entries));
      known = { value, snapshot: this.machine.resolveState({ value, context: {} }), after: new Map() };
      this.#known.set(key, known);
      this.#given.set(known.value, known);
    }
    return known;
  }
}
