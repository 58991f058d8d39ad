import type { AnyStateMachine } from 'xstate';
import type { JsonObject, StateValue } from '#event-sourcing/envelope';
import { checkDefinition } from './check-definition.ts';
import type { DefinitionChecks } from './check-definition.ts';
import type { AskedOfMachine, Move } from './deciding-machine.ts';
import type { EventDefinition, LifecycleDefinition } from './lifecycle-definition.ts';

/** History that this lifecycle cannot have written: an unknown event, or one that its state does not take. */
export class IllegalEventError extends Error {
  readonly code: 'unknown-event' | 'illegal-event';

  constructor(code: 'unknown-event' | 'illegal-event', detail: string) {
    super(detail);
    this.name = 'IllegalEventError';
    this.code = code;
  }
}

/** What was decided or is imported is not possible in its record's state: nothing of it is stored. */
export class IllegalTransitionError extends Error {
  readonly code = 'illegal-transition';

  constructor(what: string) {
    super(`${what}. Nothing was stored; this is a fault of the service`);
    this.name = 'IllegalTransitionError';
  }
}

/**
 * A definition that was checked, with the xstate machine that decides what is legal in it: states, statuses and legality can be
 * told from this alone, without the lifecycle's code.
 */
export interface Statechart {
  readonly definition: LifecycleDefinition;
  readonly machine: AnyStateMachine;
  /** The value in which a stream begins. */
  readonly initial: StateValue;
  /** What the digest is taken of (as canonical JSON): two lifecycles that differ here are different versions. */
  readonly identity: JsonObject;
  /** @throws IllegalEventError for a type that the lifecycle does not declare. */
  eventDefinition(type: string): EventDefinition;
  /** What an event moves, whatever the state; null for one that is no move. */
  move(type: string): Move | null;
  /** The machine's value after an event, from null before the first; null where it is not legal, or unknown. */
  valueAfter(value: StateValue | null, type: string): StateValue | null;
  /** In which states a command is possible, and in which the record is; null where it is possible. For definitions of this build alone. */
  whyNot(value: StateValue, asked: AskedOfMachine): string | null;
  /** Whether a command is possible in a state, and another one after it. */
  leadsTo(value: StateValue, first: AskedOfMachine, asked: AskedOfMachine): boolean;
  /** The status of a record whose machine has this value. */
  statusOf(value: StateValue): string;
}

/**
 * Makes a statechart of a definition: one that is written here, or one that was stored as JSON and read again.
 * @throws InvalidLifecycleError when the definition does not hold what replay needs.
 */
export function statechartOf(given: unknown, checks?: DefinitionChecks): Statechart {
  const { definition, decides } = checkDefinition(given, checks);
  const { machine, initial } = decides;

  const eventDefinition = (type: string): EventDefinition => {
    const event = Object.hasOwn(definition.events, type) ? definition.events[type] : undefined;
    if (event === undefined) {
      throw new IllegalEventError('unknown-event', `${definition.name} knows no event "${type}"`);
    }
    return event;
  };

  const valueAfter = (value: StateValue | null, type: string): StateValue | null => {
    if (!Object.hasOwn(definition.events, type)) return null;
    const { kind } = eventDefinition(type);
    if (value === null || kind === 'first') return value === null && kind === 'first' ? initial : null;
    return kind === 'note' ? value : decides.after(value, type);
  };

  const whyNot = (value: StateValue, asked: AskedOfMachine): string | null => {
    const found = decides.obstacles(value, asked);
    if (found === null) return null;
    const sentences = found.map(({ region, needed, is }) => {
      const isStatus = region === definition.statusRegion;
      const what = isStatus ? 'The record' : `The state of its ${region.replaceAll('-', ' ')}`;
      return `${what} must be ${needed.join(' or ')}; it is ${is}`;
    });
    return sentences.length === 0 ? 'No state of the record allows this' : sentences.join('. ');
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
    leadsTo: (value, first, asked) => decides.leadsTo(value, first, asked),
    statusOf: (value) => value[definition.statusRegion] as string,
  };
}
