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
import { NO_SIZE, sizeAfter } from './record-size.ts';
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
  /** The machine's value after an event, from null before the first; null where it is not legal, or unknown. */
  valueAfter(value: StateValue | null, type: string): StateValue | null;
  /** The state of a stream whose first event holds on a date, before any fact is folded. */
  initialState(firstOn: string): LifecycleState<Facts>;
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

  const initialState = (firstOn: string): LifecycleState<Facts> => ({
    value: table.initial,
    facts: definition.facts.initial,
    firstOn,
    movedOn: {},
    size: NO_SIZE,
  });

  const valueAfter = (value: StateValue | null, type: string): StateValue | null => {
    if (!Object.hasOwn(definition.events, type)) return null;
    const { kind } = eventDefinition(type);
    if (value === null || kind === 'first') return value === null && kind === 'first' ? table.initial : null;
    return kind === 'note' ? value : table.step(value, type);
  };

  const evolve = (state: LifecycleState<Facts> | null, event: FoldedEvent): LifecycleState<Facts> => {
    eventDefinition(event.type);
    const value = valueAfter(state && state.value, event.type);
    if (value === null)
      throw notLegal(event.type, state ? `in ${JSON.stringify(state.value)}` : 'before the first event');
    const before = state ?? initialState(event.effectiveOn);
    const facts = definition.facts.evolve(before.facts, event);
    const size = sizeAfter(definition, before.size, event);
    return { ...before, value, facts, movedOn: movedOn(table, before.movedOn, event), size };
  };

  return {
    definition,
    table,
    machine: toMachine(definition),
    identity: identityOf(definition),
    eventDefinition,
    evolve,
    valueAfter,
    initialState,
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
