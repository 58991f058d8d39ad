import type { AnyStateMachine } from 'xstate';
import type { JsonObject, StateValue } from '#event-sourcing/envelope';
import { checkDefinition } from './check-definition.ts';
import type {
  EventDefinition,
  FoldedEvent,
  LifecycleDefinition,
  LifecycleState,
} from './lifecycle-definition.ts';
import { NO_SIZE, sizeAfter } from './record-size.ts';
import type { Move } from './deciding-machine.ts';

/** History that this lifecycle cannot have written: an unknown event, or one that its state does not take. */
export class IllegalEventError extends Error {
  readonly code: 'unknown-event' | 'illegal-event';

  constructor(code: 'unknown-event' | 'illegal-event', detail: string) {
    super(detail);
    this.name = 'IllegalEventError';
    this.code = code;
  }
}

/** A lifecycle that was checked, with the xstate machine that decides what is legal in it. */
export interface Lifecycle<Facts> {
  readonly definition: LifecycleDefinition<Facts>;
  readonly machine: AnyStateMachine;
  /** The value in which a stream begins. */
  readonly initial: StateValue;
  /** What the digest is taken of (as canonical JSON): two lifecycles that differ here are different versions. */
  readonly identity: JsonObject;
  /** @throws IllegalEventError for a type that the lifecycle does not declare. */
  eventDefinition(type: string): EventDefinition;
  /**
   * The state after an event.
   * @throws IllegalEventError when the event is unknown, or not legal in the state.
   */
  evolve(state: LifecycleState<Facts> | null, event: FoldedEvent): LifecycleState<Facts>;
  /** What an event moves, whatever the state; null for one that is no move. */
  move(type: string): Move | null;
  /** The machine's value after an event, from null before the first; null where it is not legal, or unknown. */
  valueAfter(value: StateValue | null, type: string): StateValue | null;
  /** The state of a stream whose first event holds on a date, before any fact is folded. */
  initialState(firstOn: string): LifecycleState<Facts>;
}

/** @throws InvalidLifecycleError when the definition does not hold what replay needs. */
export function defineLifecycle<Facts>(definition: LifecycleDefinition<Facts>): Lifecycle<Facts> {
  const decides = checkDefinition(definition as LifecycleDefinition<never>);
  const { machine, initial } = decides;

  const eventDefinition = (type: string): EventDefinition => {
    const event = Object.hasOwn(definition.events, type) ? definition.events[type] : undefined;
    if (event === undefined) {
      throw new IllegalEventError('unknown-event', `${definition.name} knows no event "${type}"`);
    }
    return event;
  };

  const initialState = (firstOn: string): LifecycleState<Facts> => ({
    value: initial,
    facts: definition.facts.initial,
    firstOn,
    movedOn: {},
    size: NO_SIZE,
  });

  const valueAfter = (value: StateValue | null, type: string): StateValue | null => {
    if (!Object.hasOwn(definition.events, type)) return null;
    const { kind } = eventDefinition(type);
    if (value === null || kind === 'first') return value === null && kind === 'first' ? initial : null;
    return kind === 'note' ? value : decides.after(value, type);
  };

  const evolve = (state: LifecycleState<Facts> | null, event: FoldedEvent): LifecycleState<Facts> => {
    eventDefinition(event.type);
    const value = valueAfter(state && state.value, event.type);
    if (value === null)
      throw notLegal(event.type, state ? `in ${JSON.stringify(state.value)}` : 'before the first event');
    const before = state ?? initialState(event.effectiveOn);
    const facts = definition.facts.evolve(before.facts, event);
    const size = sizeAfter(definition, before.size, event);
    return {
      ...before,
      value,
      facts,
      movedOn: movedOn(decides.move(event.type), before.movedOn, event),
      size,
    };
  };

  return {
    definition,
    machine,
    initial,
    move: (type) => decides.move(type),
    identity: identityOf(definition),
    eventDefinition,
    evolve,
    valueAfter,
    initialState,
  };
}

const notLegal = (type: string, where: string) =>
  new IllegalEventError('illegal-event', `${type} is not legal ${where}`);

/** For each region the date of its last move, after an event that moves this (null: nothing). */
export function movedOn(
  move: Move | null,
  before: Readonly<Record<string, string>>,
  { effectiveOn }: Pick<FoldedEvent, 'effectiveOn'>,
): Readonly<Record<string, string>> {
  if (move === null) return before;
  return { ...before, ...Object.fromEntries(move.countsFor.map((region) => [region, effectiveOn])) };
}

function identityOf<Facts>(definition: LifecycleDefinition<Facts>): JsonObject {
  const { name, version, machine, guards, events, statusRegion, thresholds } = definition;
  return JSON.parse(
    JSON.stringify({ name, version, machine, guards, events, statusRegion, thresholds }),
  ) as JsonObject;
}
