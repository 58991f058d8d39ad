import type { AnyStateMachine } from 'xstate';
import type { JsonObject, StateValue } from '#event-sourcing/envelope';
import { DecidingMachine } from './deciding-machine.ts';
import type { MachineCondition, Move } from './deciding-machine.ts';
import type { EventDefinition, LifecycleDefinition } from './lifecycle-definition.ts';

/**
 * Thrown for an event in history that this lifecycle cannot have recorded: its type is unknown, or it is not legal in
 * its state.
 */
export class IllegalEventError extends Error {
  readonly code: 'unknown-event' | 'illegal-event';

  constructor(code: 'unknown-event' | 'illegal-event', detail: string) {
    super(detail);
    this.name = 'IllegalEventError';
    this.code = code;
  }
}

/** Thrown if a decided or imported event is not possible in its record's state; nothing was stored. */
export class IllegalTransitionError extends Error {
  readonly code = 'illegal-transition';

  constructor(what: string) {
    super(`${what}. Nothing was stored; this is a fault in Docket. Report it to the operator`);
    this.name = 'IllegalTransitionError';
  }
}

/**
 * A definition with its xstate machine. It determines states, statuses and legality without the lifecycle's
 * code.
 */
export interface Statechart {
  readonly definition: LifecycleDefinition;
  readonly machine: AnyStateMachine;
  /** The initial value of a stream. */
  readonly initial: StateValue;
  /** The digest's input, as canonical JSON. Lifecycles with different identities are different versions. */
  readonly identity: JsonObject;
  /** @throws IllegalEventError for an event type that the lifecycle does not declare. */
  eventDefinition(type: string): EventDefinition;
  /** Returns the effect of an event in any state; null for an event that is not a move. */
  move(type: string): Move | null;
  /**
   * Returns the machine's value after an event (null before the first event); null if the event is unknown or not
   * legal.
   */
  valueAfter(value: StateValue | null, type: string): StateValue | null;
  /**
   * Returns a sentence with the states in which a command is possible and the record's state; null if it is possible
   * now. Use it only for this build's definitions.
   */
  whyNot(value: StateValue, condition: MachineCondition): string | null;
  /** Returns whether `first` is possible in a state, and `condition` after it. */
  canRunInSequence(value: StateValue, first: MachineCondition, condition: MachineCondition): boolean;
  /** Returns the status of a record with this machine value. */
  statusOf(value: StateValue): string;
}

/** Returns the statechart of a definition. */
export function statechartOf(definition: LifecycleDefinition): Statechart {
  const decides = new DecidingMachine(definition);
  const { machine, initial } = decides;

  const eventDefinition = (type: string): EventDefinition => {
    const event = Object.hasOwn(definition.events, type) ? definition.events[type] : undefined;
    if (event === undefined) {
      throw new IllegalEventError('unknown-event', `${definition.name} has no event "${type}"`);
    }
    return event;
  };

  const valueAfter = (value: StateValue | null, type: string): StateValue | null => {
    if (!Object.hasOwn(definition.events, type)) return null;
    const { kind } = eventDefinition(type);
    if (value === null || kind === 'first') return value === null && kind === 'first' ? initial : null;
    return kind === 'note' ? value : decides.after(value, type);
  };

  const whyNot = (value: StateValue, condition: MachineCondition): string | null => {
    const found = decides.obstacles(value, condition);
    if (found === null) return null;
    const sentences = found.map(({ region, needed, is }) => {
      const isStatus = region === definition.statusRegion;
      const what = isStatus ? 'The record' : `The state of its ${region.replaceAll('-', ' ')}`;
      return `${what} must be ${needed.join(' or ')}; it is ${is}`;
    });
    return sentences.length === 0 ? 'This is not possible in any state of the record' : sentences.join('. ');
  };

  return {
    definition,
    machine,
    initial,
    identity: JSON.parse(JSON.stringify(definition)) as JsonObject,
    eventDefinition,
    move: (type) => decides.move(type),
    valueAfter,
    whyNot,
    canRunInSequence: (value, first, condition) => decides.canRunInSequence(value, first, condition),
    statusOf: (value) => value[definition.statusRegion] as string,
  };
}
