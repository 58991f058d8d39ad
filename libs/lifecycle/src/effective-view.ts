import type { StateValue } from '#event-sourcing/envelope';
import { FOLDED_AT_ONCE, stopIfLong } from '#event-sourcing/folding';
import type { Folding } from '#event-sourcing/folding';
import { movedOn } from './lifecycle.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { FoldableEvent, Lifecycles } from './lifecycles.ts';
import type { LifecycleState } from './lifecycle-definition.ts';

/**
 * The bounds of a view: events effective on or before a day, and recorded at or before an instant; null for no bound.
 */
export interface ViewPoint {
  /** A plain date. */
  readonly effectiveOn: string | null;
  /** An instant, ISO 8601 in UTC with milliseconds. */
  readonly knownAt: string | null;
}

export interface ViewStep<Facts = unknown, Event extends FoldableEvent = FoldableEvent> {
  readonly event: Event;
  readonly state: LifecycleState<Facts>;
  /** The lifecycle under which the event was recorded. */
  readonly lifecycle: Lifecycle<Facts>;
}

/**
 * Returns the events of a view, sorted by effective date and version, each with the state after it. Every region is at
 * the target of its last move in that order. The stream's first event is always included. Empty before the earliest
 * event, or if the record did not exist yet.
 * @throws UnknownLifecycleError
 */
export function* effectiveView<Facts, Event extends FoldableEvent>(
  lifecycles: Lifecycles<Facts>,
  events: readonly Event[],
  view: ViewPoint,
): Folding<ViewStep<Facts, Event>[]> {
  const included = eventsInView(view, events);
  yield* stopIfLong(included);
  const first = included.find(({ version }) => version === 1);
  if (first === undefined) return [];
  let state = lifecycles.of(first).initialState(first.effectiveOn);
  const steps: ViewStep<Facts, Event>[] = [];
  for (const event of included) {
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

/** An event of a view, and the machine's value after it. */
export interface PathStep<Facts = unknown, Event extends FoldableEvent = FoldableEvent> extends Omit<
  ViewStep<Facts, Event>,
  'state'
> {
  readonly value: StateValue;
}

/**
 * Returns the same events as `effectiveView` without the facts, which are much slower to fold.
 * @throws UnknownLifecycleError
 */
export function* effectivePath<Facts, Event extends FoldableEvent>(
  lifecycles: Lifecycles<Facts>,
  events: readonly Event[],
  view: ViewPoint,
): Folding<PathStep<Facts, Event>[]> {
  const included = eventsInView(view, events);
  yield* stopIfLong(included);
  const first = included.find(({ version }) => version === 1);
  if (first === undefined) return [];
  let value = lifecycles.of(first).initial;
  const steps: PathStep<Facts, Event>[] = [];
  for (const event of included) {
    const lifecycle = lifecycles.of(event);
    const move = lifecycle.move(event.type);
    if (move !== null) value = { ...value, ...move.targets };
    steps.push({ event, value, lifecycle });
    if (steps.length % FOLDED_AT_ONCE === 0) yield;
  }
  return steps;
}

/** Returns the events of a view, sorted by effective date and version. */
export function eventsInView<Event extends FoldableEvent>(
  { effectiveOn, knownAt }: ViewPoint,
  events: readonly Event[],
): Event[] {
  const recorded = events
    .filter((event) => knownAt === null || event.recordedAt <= knownAt)
    .sort((a, b) => compare(a.effectiveOn, b.effectiveOn) || a.version - b.version);
  const first = recorded.find(({ version }) => version === 1);
  const [earliest] = recorded;
  if (first === undefined || earliest === undefined) return [];
  if (effectiveOn !== null && earliest.effectiveOn > effectiveOn) return [];
  // The first event describes the record, even if an import dates other events before it.
  return recorded.filter(
    (event) => event === first || effectiveOn === null || event.effectiveOn <= effectiveOn,
  );
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
