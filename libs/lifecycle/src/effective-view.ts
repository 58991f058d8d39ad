import type { StateValue } from '#event-sourcing/envelope';
import { FOLDED_AT_ONCE, stopIfLong } from '#event-sourcing/folding';
import type { Folding } from '#event-sourcing/folding';
import { movedOn } from './lifecycle.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { FoldedByRule, Lifecycles } from './lifecycles.ts';
import type { LifecycleState } from './lifecycle-definition.ts';

/** Which facts a view takes: those that hold by the end of a day, and were stored by an instant. Null: all. */
export interface ViewPoint {
  /** A plain date. */
  readonly effectiveOn: string | null;
  /** An instant, ISO 8601 in UTC with milliseconds. */
  readonly knownAt: string | null;
}

export interface ViewStep<Facts = unknown, Event extends FoldedByRule = FoldedByRule> {
  readonly event: Event;
  readonly state: LifecycleState<Facts>;
  /** The one that the event was recorded under. */
  readonly lifecycle: Lifecycle<Facts>;
}

/**
 * The events that a view takes, sorted by effective date and version, each with the state that the view has after it:
 * every region stands at the target of its last move in that order. The stream's first event is one of them whatever its date.
 * Empty before the earliest event, or where the record was not known yet.
 * @throws UnknownLifecycleError
 */
export function* effectiveView<Facts, Event extends FoldedByRule>(
  lifecycles: Lifecycles<Facts>,
  events: readonly Event[],
  view: ViewPoint,
): Folding<ViewStep<Facts, Event>[]> {
  const taken = takenBy(view, events);
  yield* stopIfLong(taken);
  const first = taken.find(({ version }) => version === 1);
  if (first === undefined) return [];
  let state = lifecycles.of(first).initialState(first.effectiveOn);
  const steps: ViewStep<Facts, Event>[] = [];
  for (const event of taken) {
    const lifecycle = lifecycles.of(event);
    const move = lifecycle.move(event.type);
    const value: StateValue = { ...state.value, ...move?.targets };
    const { code } = lifecycle;
    const facts = code.facts.evolve(state.facts, event);
    state = {
      ...state,
      value,
      facts,
      body: code.body?.(facts) ?? null,
      movedOn: movedOn(move, state.movedOn, event),
    };
    steps.push({ event, state, lifecycle });
    if (steps.length % FOLDED_AT_ONCE === 0) yield;
  }
  return steps;
}

/** An event that a view takes, and where every region stands after it. */
export interface PathStep<Facts = unknown, Event extends FoldedByRule = FoldedByRule> extends Omit<
  ViewStep<Facts, Event>,
  'state'
> {
  readonly value: StateValue;
}

/**
 * The same without the facts, which it takes much longer to fold.
 * @throws UnknownLifecycleError
 */
export function* effectivePath<Facts, Event extends FoldedByRule>(
  lifecycles: Lifecycles<Facts>,
  events: readonly Event[],
  view: ViewPoint,
): Folding<PathStep<Facts, Event>[]> {
  const taken = takenBy(view, events);
  yield* stopIfLong(taken);
  const first = taken.find(({ version }) => version === 1);
  if (first === undefined) return [];
  let value = lifecycles.of(first).initial;
  const steps: PathStep<Facts, Event>[] = [];
  for (const event of taken) {
    const lifecycle = lifecycles.of(event);
    const move = lifecycle.move(event.type);
    if (move !== null) value = { ...value, ...move.targets };
    steps.push({ event, value, lifecycle });
    if (steps.length % FOLDED_AT_ONCE === 0) yield;
  }
  return steps;
}

/** The events that a view takes, in its order, as above. */
export function takenBy<Event extends FoldedByRule>(
  { effectiveOn, knownAt }: ViewPoint,
  events: readonly Event[],
): Event[] {
  const known = events
    .filter((event) => knownAt === null || event.recordedAt <= knownAt)
    .sort((a, b) => compare(a.effectiveOn, b.effectiveOn) || a.version - b.version);
  const first = known.find(({ version }) => version === 1);
  const [earliest] = known;
  if (first === undefined || earliest === undefined) return [];
  if (effectiveOn !== null && earliest.effectiveOn > effectiveOn) return [];
  // What the record is about is said by its first event, also where an import dates others before it.
  return known.filter((event) => event === first || effectiveOn === null || event.effectiveOn <= effectiveOn);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
