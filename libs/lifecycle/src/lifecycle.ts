import type { LifecycleReference, StateValue } from '#event-sourcing/envelope';
import type { Move } from './deciding-machine.ts';
import type { FoldedEvent } from './folded-event.ts';
import type { EffectiveDays, LifecycleCode, LifecycleState } from './lifecycle-definition.ts';
import { NO_SIZE, sizeAfter } from './record-size.ts';
import { IllegalEventError } from './statechart.ts';
import type { Statechart } from './statechart.ts';

/** A version of a lifecycle: its definition as a statechart, and its code. */
export interface Lifecycle<Facts = unknown> extends Statechart {
  readonly code: LifecycleCode<Facts>;
  /** What events that are recorded under it name. */
  readonly reference: LifecycleReference;
  /**
   * The state after an event.
   * @throws IllegalEventError when the event is unknown, or not legal in the state.
   */
  evolve(state: LifecycleState<Facts> | null, event: FoldedEvent): LifecycleState<Facts>;
  /** The state of a stream whose first event holds on a date, before any fact is folded. */
  initialState(firstOn: string): LifecycleState<Facts>;
}

/** A lifecycle as those see it who know it by name: with the type of its facts. */
interface OwnLifecycle<Facts> extends Lifecycle<Facts> {
  /**
   * The state of a record of this lifecycle, whichever its version, with its facts.
   * @throws Error for a record of another one.
   */
  readonly ownState: (state: LifecycleState) => LifecycleState<Facts>;
  /**
   * The code of a version of this lifecycle.
   * @throws Error for another one.
   */
  readonly ownCode: (version: Lifecycle) => LifecycleCode<Facts>;
}

/**
 * A lifecycle of a statechart and code.
 * @param digest SHA-256 of the canonical JSON of the statechart's identity, in hex; hashing is not done here
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
    days: null,
  });

  const evolve = (state: LifecycleState<Facts> | null, event: FoldedEvent): LifecycleState<Facts> => {
    statechart.eventDefinition(event.type);
    const value = statechart.valueAfter(state && state.value, event.type);
    if (value === null)
      throw notLegal(event.type, state ? `in ${JSON.stringify(state.value)}` : 'before the first event');
    return stateAfter(rules, state ?? initialState(event.effectiveOn), event, value);
  };

  // The one place where the type of the facts is taken on trust: a name is of one lifecycle, and its versions have the same facts.
  const demandOwn = (of: string): void => {
    if (of !== name) throw new Error(`A record of ${of} was read as one of ${name}`);
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

/** The state after an event that leaves the machine at a value. */
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
    days: daysAfter(before.days, event),
  };
}

const daysAfter = (
  before: EffectiveDays | null,
  { effectiveOn: on }: Pick<FoldedEvent, 'effectiveOn'>,
): EffectiveDays => ({
  on,
  latest: before !== null && before.latest > on ? before.latest : on,
  before,
});

/** For each region the date of its last move, after an event that moves this (null: nothing). */
export function movedOn(
  move: Move | null,
  before: Readonly<Record<string, string>>,
  { effectiveOn }: Pick<FoldedEvent, 'effectiveOn'>,
): Readonly<Record<string, string>> {
  if (move === null) return before;
  return { ...before, ...Object.fromEntries(move.countsFor.map((region) => [region, effectiveOn])) };
}
