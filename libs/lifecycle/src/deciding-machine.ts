import { initialTransition, or, setup, stateIn, transition } from 'xstate';
import { evaluateGuard } from 'xstate/guards';
import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate';
import type { StateValue } from '#event-sourcing/envelope';
import { writtenArrows } from './lifecycle-definition.ts';
import type { LifecycleDefinition } from './lifecycle-definition.ts';

/** The effect of an event in any state: the target of each region that it moves. */
export interface Move {
  readonly owner: string;
  readonly targets: Readonly<Record<string, string>>;
  readonly countsFor: readonly string[];
}

/** The events and the guard that decide in which states a command is possible. */
export interface MachineCondition {
  /** The events that a command records, in order. Notes are always possible, any number of times. */
  readonly emits: readonly string[];
  /** A guard of the definition, for a command that is possible in fewer states than its events. */
  readonly when?: string;
}

/** A region in a state other than those that a command needs. */
interface Obstacle {
  readonly region: string;
  readonly needed: readonly string[];
  readonly is: string;
}

type Structure = Pick<LifecycleDefinition, 'machine' | 'guards' | 'events'>;

/** Returns the xstate machine, with its guards, of a definition. */
function machineOf({ machine, guards }: Structure): AnyStateMachine {
  const implementations = Object.fromEntries(
    Object.entries(guards).map(([name, guard]) => [
      name,
      or(guard.in.map((state) => stateIn({ [guard.region]: state }))),
    ]),
  );
  // xstate's types cannot express names that are data.
  return setup({ guards: implementations }).createMachine(machine as never) as unknown as AnyStateMachine;
}

/** Returns the moves of a definition, by event type. */
function movesOf(definition: Structure): ReadonlyMap<string, Move> {
  const targets = new Map<string, Record<string, string>>();
  for (const { event, region, target } of writtenArrows(definition)) {
    const own = targets.get(event) ?? {};
    own[region] = target;
    targets.set(event, own);
  }
  const moves = new Map<string, Move>();
  for (const [type, event] of Object.entries(definition.events)) {
    if (event.kind !== 'move') continue;
    const own = targets.get(type) ?? {};
    moves.set(type, { owner: event.owner, targets: own, countsFor: event.countsFor ?? Object.keys(own) });
  }
  return moves;
}

const NO_EVENT = { type: '' };

/** A machine value (one object per value) with the cached results of xstate for it. */
interface CachedValue {
  readonly value: StateValue;
  readonly snapshot: AnyMachineSnapshot;
  /** The next values by event type; null if the owning region refuses the event. */
  readonly after: Map<string, CachedValue | null>;
  /** Whether the value allows a command, by its condition. */
  readonly accepted: WeakMap<MachineCondition, boolean>;
  /** The obstacles by condition; null if nothing prevents the command. */
  readonly obstacles: WeakMap<MachineCondition, readonly Obstacle[] | null>;
}

/**
 * Computes the effect of events on machine values. Results are cached: a lifecycle's machine has no context, so they
 * never change.
 */
export class DecidingMachine {
  readonly machine: AnyStateMachine;
  readonly initial: StateValue;
  readonly #moves: ReadonlyMap<string, Move>;
  readonly #regions: readonly (readonly [region: string, states: ReadonlySet<string>])[];
  readonly #byKey = new Map<string, CachedValue>();
  /** The cached values by object identity. */
  readonly #byValue = new WeakMap<StateValue, CachedValue>();

  constructor(definition: Structure) {
    this.machine = machineOf(definition);
    this.#moves = movesOf(definition);
    this.#regions = Object.entries(definition.machine.states).map(([region, { states }]) => [
      region,
      new Set(Object.keys(states)),
    ]);
    const [start] = initialTransition(this.machine);
    this.initial = (this.#find(start.value as StateValue) as CachedValue).value;
  }

  /** Returns the move of an event type; null for an event that is not a move. */
  move(type: string): Move | null {
    return this.#moves.get(type) ?? null;
  }

  /** Returns the value after a move; null if the owning region refuses it, or for an unknown value. */
  after(value: StateValue, type: string): StateValue | null {
    if (!this.#moves.has(type)) return null;
    const cached = this.#byValue.get(value) ?? this.#find(value);
    return cached && (this.#next(cached, type)?.value ?? null);
  }

  /**
   * Returns the regions that prevent a command; null if it is possible. Compares with the possible states that differ
   * from the present one in the fewest regions; empty if no state allows the command. The first call for a value tries
   * every combination of states, so use it only for trusted definitions.
   */
  obstacles(value: StateValue, condition: MachineCondition): readonly Obstacle[] | null {
    const cached = this.#byValue.get(value) ?? this.#find(value);
    if (cached === null) throw new Error(`The machine has no state ${JSON.stringify(value)}`);
    let found = cached.obstacles.get(condition);
    if (found === undefined) {
      found = this.#accepts(cached, condition) ? null : this.#obstacles(cached, condition);
      cached.obstacles.set(condition, found);
    }
    return found;
  }

  /** Returns whether `first` is possible at a value, and `condition` after it. */
  canRunInSequence(value: StateValue, first: MachineCondition, condition: MachineCondition): boolean {
    const cached = this.#byValue.get(value) ?? this.#find(value);
    if (cached === null || !this.#accepts(cached, first)) return false;
    const after = this.#steps(cached, first);
    return after !== null && after !== cached && this.#accepts(after, condition);
  }

  #obstacles({ value }: CachedValue, condition: MachineCondition): readonly Obstacle[] {
    const changed = (other: StateValue) =>
      this.#regions.map(([region]) => region).filter((region) => other[region] !== value[region]);
    const possible = this.#allValues().filter((other) => this.#accepts(other, condition));
    const fewest = Math.min(...possible.map((other) => changed(other.value).length));
    const nearest = possible.find((other) => changed(other.value).length === fewest);
    if (nearest === undefined) return [];
    const regions = changed(nearest.value);
    const alike = possible.filter((other) => changed(other.value).join() === regions.join());
    return regions.map((region) => ({
      region,
      needed: [...new Set(alike.map((other) => other.value[region] as string))],
      is: value[region] as string,
    }));
  }

  #accepts(cached: CachedValue, condition: MachineCondition): boolean {
    let accepted = cached.accepted.get(condition);
    if (accepted === undefined) {
      accepted = this.#allows(cached, condition);
      cached.accepted.set(condition, accepted);
    }
    return accepted;
  }

  #allows(cached: CachedValue, { emits, when }: MachineCondition): boolean {
    if (when !== undefined && !evaluateGuard(when, {}, NO_EVENT, cached.snapshot)) return false;
    return this.#steps(cached, { emits }) !== null;
  }

  /** Returns the value after the events of a command; a note keeps the value. */
  #steps(cached: CachedValue, { emits }: MachineCondition): CachedValue | null {
    return emits.reduce<CachedValue | null>(
      (at, type) => at && (this.#moves.has(type) ? this.#next(at, type) : at),
      cached,
    );
  }

  #next(cached: CachedValue, type: string): CachedValue | null {
    let next = cached.after.get(type);
    if (next === undefined) {
      next = this.#transition(cached, type);
      cached.after.set(type, next);
    }
    return next;
  }

  /** Returns the value after a move; null if its owner refuses it, even if a following region accepts it. */
  #transition({ snapshot }: CachedValue, type: string): CachedValue | null {
    const transitions = this.machine.getTransitionData(snapshot, { type });
    const owner = this.#moves.get(type)?.owner;
    if (!transitions.some(({ source }) => source.path[0] === owner)) return null;
    const [next] = transition(this.machine, snapshot, { type });
    return this.#find(next.value as StateValue);
  }

  /** Returns every combination of the regions' states. */
  #allValues(): CachedValue[] {
    const values = this.#regions.reduce<StateValue[]>(
      (some, [region, states]) =>
        some.flatMap((value) => [...states].map((state) => ({ ...value, [region]: state }))),
      [{}],
    );
    return values.flatMap((value) => this.#find(value) ?? []);
  }

  #find(value: StateValue): CachedValue | null {
    const states = this.#regions.map(([region]) => value[region] as string);
    if (!this.#regions.every(([, allowed], index) => allowed.has(states[index] as string))) return null;
    const key = states.join(' ');
    let cached = this.#byKey.get(key);
    if (cached === undefined) {
      const entries = this.#regions.map(([region], index) => [region, states[index] as string] as const);
      const value = Object.freeze(Object.fromEntries(entries));
      cached = {
        value,
        snapshot: this.machine.resolveState({ value, context: {} }),
        after: new Map(),
        accepted: new WeakMap(),
        obstacles: new WeakMap(),
      };
      this.#byKey.set(key, cached);
      this.#byValue.set(cached.value, cached);
    }
    return cached;
  }
}
