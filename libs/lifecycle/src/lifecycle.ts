import { or, setup, stateIn } from 'xstate';
import type { AnyStateMachine } from 'xstate';
import type { JsonObject, StateValue } from '../../event-sourcing/src/envelope.ts';
import { checkDefinition } from './check-definition.ts';
import type {
  EventDefinition,
  FoldedEvent,
  LifecycleDefinition,
  LifecycleState,
} from './lifecycle-definition.ts';
import { compileTable } from './transition-table.ts';
import type { TransitionTable } from './transition-table.ts';

/** History that this lifecycle cannot have written: an unknown event, or one that its state does not take. */
export class IllegalEventError extends Error {
  readonly code: 'unknown-event' | 'illegal-event';

  constructor(code: 'unknown-event' | 'illegal-event', detail: string) {
    super(detail);
    this.name = 'IllegalEventError';
    this.code = code;
  }
}

/** A lifecycle that was checked and compiled. */
export interface Lifecycle<Facts> {
  readonly definition: LifecycleDefinition<Facts>;
  readonly table: TransitionTable;
  /** The same chart as an xstate machine: the reference, and what draws and walks it. */
  readonly machine: AnyStateMachine;
  /** What the digest is taken of (as canonical JSON): two lifecycles that differ here are different versions. */
  readonly identity: JsonObject;
  /** @throws IllegalEventError for a type that the lifecycle does not declare. */
  eventDefinition(type: string): EventDefinition;
  /**
   * The state after an event.
   * @throws IllegalEventError when the event is unknown, or not legal in the state.
   */
  evolve(state: LifecycleState<Facts> | null, event: FoldedEvent): LifecycleState<Facts>;
  /** Whether the event may follow in that state; unknown types may not. */
  isLegal(value: StateValue | null, type: string): boolean;
}

/** @throws InvalidLifecycleError when the definition does not hold what replay needs. */
export function defineLifecycle<Facts>(definition: LifecycleDefinition<Facts>): Lifecycle<Facts> {
  checkDefinition(definition as LifecycleDefinition<never>);
  const table = compileTable(definition as LifecycleDefinition<never>);

  const eventDefinition = (type: string): EventDefinition => {
    const event = Object.hasOwn(definition.events, type) ? definition.events[type] : undefined;
    if (event === undefined) {
      throw new IllegalEventError('unknown-event', `${definition.name} knows no event "${type}"`);
    }
    return event;
  };

  const evolve = (state: LifecycleState<Facts> | null, event: FoldedEvent): LifecycleState<Facts> => {
    const { kind } = eventDefinition(event.type);
    if (state === null) {
      if (kind !== 'first') throw notLegal(event.type, 'before the first event');
      const facts = definition.facts.evolve(definition.facts.initial, event);
      return { value: table.initial, facts, firstOn: event.effectiveOn, movedOn: {} };
    }
    const facts = definition.facts.evolve(state.facts, event);
    if (kind === 'note') return facts === state.facts ? state : { ...state, facts };
    const value = kind === 'move' ? table.step(state.value, event.type) : null;
    if (value === null) throw notLegal(event.type, `in ${JSON.stringify(state.value)}`);
    return { ...state, value, facts, movedOn: movedOn(table, state.movedOn, event) };
  };

  return {
    definition,
    table,
    machine: toMachine(definition),
    identity: identityOf(definition),
    eventDefinition,
    evolve,
    isLegal(value, type) {
      if (!Object.hasOwn(definition.events, type)) return false;
      const { kind } = eventDefinition(type);
      if (value === null || kind === 'first') return value === null && kind === 'first';
      return kind === 'note' || table.step(value, type) !== null;
    },
  };
}

const notLegal = (type: string, where: string) =>
  new IllegalEventError('illegal-event', `${type} is not legal ${where}`);

export function movedOn(
  table: TransitionTable,
  before: Readonly<Record<string, string>>,
  event: Pick<FoldedEvent, 'type' | 'effectiveOn'>,
): Readonly<Record<string, string>> {
  const after: Record<string, string> = { ...before };
  for (const region of table.move(event.type)?.countsFor ?? []) after[region] = event.effectiveOn;
  return after;
}

function toMachine<Facts>({ machine, guards }: LifecycleDefinition<Facts>): AnyStateMachine {
  const implementations = Object.fromEntries(
    Object.entries(guards).map(([name, guard]) => [
      name,
      or(guard.in.map((state) => stateIn({ [guard.region]: state }))),
    ]),
  );
  // The configuration was checked to be of xstate's form; xstate's types cannot follow names that are data.
  return setup({ guards: implementations }).createMachine(machine as never) as unknown as AnyStateMachine;
}

function identityOf<Facts>(definition: LifecycleDefinition<Facts>): JsonObject {
  const { name, version, machine, guards, events, statusRegion, thresholds } = definition;
  return JSON.parse(
    JSON.stringify({ name, version, machine, guards, events, statusRegion, thresholds }),
  ) as JsonObject;
}
