import { transition } from 'xstate';
import type { StateValue } from '#event-sourcing/envelope';
import type { Statechart } from '#lifecycle/statechart';
import type { LifecycleDefinition } from '#lifecycle/lifecycle-definition';

type AnyLifecycle = Pick<Statechart, 'machine'> & {
  readonly definition: Pick<LifecycleDefinition, 'machine' | 'events'>;
};

/**
 * Returns XState's next value for an event; null if the owning region does not handle it. `can()` would also be true if
 * only another region follows the event.
 */
export function xstateStep(lifecycle: AnyLifecycle, value: StateValue, type: string): StateValue | null {
  const { machine, definition } = lifecycle;
  const event = definition.events[type];
  if (event?.kind !== 'move') return null;
  const snapshot = machine.resolveState({ value, context: {} });
  const transitions = machine.getTransitionData(snapshot, { type });
  if (!transitions.some(({ source }) => source.path[0] === event.owner)) return null;
  const [next] = transition(machine, snapshot, { type });
  return next.value as StateValue;
}

/** Returns every combination of the regions' states, reachable or not. */
export function everyValue({ definition }: Pick<AnyLifecycle, 'definition'>): StateValue[] {
  let values: Record<string, string>[] = [{}];
  for (const [region, { states }] of Object.entries(definition.machine.states)) {
    values = values.flatMap((value) => Object.keys(states).map((state) => ({ ...value, [region]: state })));
  }
  return values;
}
