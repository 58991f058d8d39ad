import type { LifecycleReference, StateValue } from '#event-sourcing/envelope';
import type { Move } from './deciding-machine.ts';
import type { FoldedEvent } from './folded-event.ts';
import type { LifecycleCode, LifecycleState } from './lifecycle-definition.ts';
import { NO_SIZE, sizeAfter } from './record-size.ts';
import { IllegalEventError } from './statechart.ts';
import type { Statechart } from './statechart.ts';

/** A version of a lifecycle: its statechart and its code. */
export interface Lifecycle<Facts = unknown> extends Statechart {
  readonly code: LifecycleCode<Facts>;
  /** The reference in events that are recorded under this version. */
  readonly reference: LifecycleReference;
  /**
   * Returns the state after an event.
   * @throws IllegalEventError if the event is unknown, or not legal in the state.
   */
  evolve(state: LifecycleState<Facts> | null, event: FoldedEvent): LifecycleState<Facts>;
  /** Returns the state of a stream before any fact is folded, with its first effective date. */
  initialState(firstOn: string): LifecycleState<Facts>;
}

/** A lifecycle that also knows the type of its facts. */
interface OwnLifecycle<Facts> extends Lifecycle<Facts> {
  /**
   * Returns the state of a record of any version of this lifecycle, with typed facts.
   * @throws Error for a record of another lifecycle.
   */
  readonly ownState: (state: LifecycleState) => LifecycleState<Facts>;
  /**
   * Returns the code of a version of this lifecycle.
   * @throws Error for another lifecycle.
   */
  readonly ownCode: (version: Lifecycle) => LifecycleCode<Facts>;
}

/**
 * Returns a lifecycle with a statechart and code.
 * @param digest SHA-256 of the canonical JSON of the statechart's identity, in hex; this library does no hashing
 */
export function defineLifecycle<Facts>(
  statechart: Statechart,
  digest: string,
  code: LifecycleCode<Facts>,
): OwnLifecycle<Facts> {
  const { definition, initial } = statechart;
  const { name, version } = definition;
  const rules = { ...statechart, code };

  const initialState = (firstOn: string): LifecycleState<Facts> => ({
    of: name,
    value: initial,
    facts: code.facts.initial,
    body: code.body?.(code.facts.initial) ?? null,
    firstOn,
    movedOn: {},
    size: NO_SIZE,
  });

  const evolve = (state: LifecycleState<Facts> | null, event: FoldedEvent): LifecycleState<Facts> => {
    statechart.eventDefinition(event.type);
    const value = statechart.valueAfter(state && state.value, event.type);
    if (value === null)
      throw notLegal(event.type, state ? `in ${JSON.stringify(state.value)}` : 'before the first event');
    return stateAfter(rules, state ?? initialState(event.effectiveOn), event, value);
  };

  // This is the only unchecked cast of facts: a name belongs to one lifecycle, and its versions have the same facts.
  const demandOwn = (of: string): void => {
    if (of !== name) throw new Error(`A record of ${of} was read as a record of ${name}`);
  };
  const ownState = (state: LifecycleState): LifecycleState<Facts> => {
    demandOwn(state.of);
    return state as LifecycleState<Facts>;
  };
  const ownCode = (other: Lifecycle): LifecycleCode<Facts> => {
    demandOwn(other.reference.name);
    return (other as Lifecycle<Facts>).code;
  };

  const reference = { name, version, digest };
  return { ...rules, reference, evolve, initialState, ownState, ownCode };
}

const notLegal = (type: string, where: string) =>
  new IllegalEventError('illegal-event', `${type} is not legal ${where}`);

/** Returns the state after an event that results in a machine value. */
export function stateAfter<Facts>(
  lifecycle: Pick<Lifecycle<Facts>, 'definition' | 'code' | 'move'>,
  before: LifecycleState<Facts>,
  event: FoldedEvent,
  value: StateValue,
): LifecycleState<Facts> {
  const { code } = lifecycle;
  const facts = code.facts.evolve(before.facts, event);
  return {
    ...before,
    value,
    facts,
    body: code.body?.(facts) ?? null,
    movedOn: movedOn(lifecycle.move(event.type), before.movedOn, event),
    size: sizeAfter(lifecycle, before.size, event),
  };
}

/** Returns the date of each region's last move, after an event with this move (null: none). */
export function movedOn(
  move: Move | null,
  before: Readonly<Record<string, string>>,
  { effectiveOn }: Pick<FoldedEvent, 'effectiveOn'>,
): Readonly<Record<string, string>> {
  if (move === null) return before;
  return { ...before, ...Object.fromEntries(move.countsFor.map((region) => [region, effectiveOn])) };
}
