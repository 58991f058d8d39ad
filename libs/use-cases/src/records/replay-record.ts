import type { LifecycleReference, Origin, StateValue } from '#event-sourcing/envelope';
import { atOnce } from '#event-sourcing/folding';
import { effectiveView } from '#lifecycle/effective-view';
import type { ViewPoint } from '#lifecycle/effective-view';
import { stateAfter } from '#lifecycle/lifecycle';
import type { Lifecycles, ReadEvent } from '#lifecycle/lifecycles';
import type { Statechart } from '#lifecycle/statechart';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import { groundsOf } from '#state-machines/record-view';
import type { Grounds, LineMembers } from '#state-machines/record-view';
import { viewOf } from '#state-machines/any-kind';

/** An event of a history, with its grounds and content. */
export interface ReplayLine extends Grounds, LineMembers {
  readonly eventId: string;
  readonly version: number;
  readonly type: string;
  readonly effectiveOn: string;
  readonly recordedAt: string;
  readonly actor: string;
  readonly status: string;
  /** The regions after the event, and the deadline on the event's effective date. */
  readonly state: Readonly<Record<string, string>>;
  /** Whether the statechart accepts the event at its place in the stream. */
  readonly legal: boolean;
  readonly origin: Origin;
  /** The role that allowed the command, and the evaluated guards; null if the event had no command. */
  readonly role: string | null;
  readonly guards: readonly string[] | null;
  /** The lifecycle version under which it was recorded. */
  readonly lifecycle: LifecycleReference | null;
}

export interface Replay {
  readonly lines: readonly ReplayLine[];
  readonly view: ViewPoint;
  /** The version of the latest event in the view. */
  readonly version: number;
  readonly status: string;
  readonly state: Readonly<Record<string, string>>;
  /** The final state, including the facts that policies need. */
  readonly last: LifecycleState;
}

interface Step {
  readonly event: ReadEvent;
  readonly state: LifecycleState;
  readonly lifecycle: Statechart;
}

/**
 * Returns a record's history, replayed through its statechart: in stream order, or as effective on a date and
 * known at an instant. Returns null if the record did not exist or was not known then.
 * @throws UnknownLifecycleError
 */
export function replayRecord(
  lifecycles: Lifecycles,
  events: readonly ReadEvent[],
  view: ViewPoint,
  today: string,
): Replay | null {
  const { steps, legal } = streamOrder(lifecycles, events);
  const isView = view.effectiveOn !== null || view.knownAt !== null;
  const shown: readonly Step[] = isView ? atOnce(effectiveView(lifecycles, events, view)) : steps;
  const lines = shown.map((step) => line(step, legal.get(step.event.version) ?? false));
  const end = shown.at(-1);
  const lastLine = lines.at(-1);
  if (end === undefined || lastLine === undefined) return null;
  const { state: last } = end;
  return {
    lines,
    view,
    version: lines.reduce((latest, { version }) => Math.max(latest, version), 0),
    status: lastLine.status,
    state: viewOf(last.of).stateOn(last, view.effectiveOn ?? today),
    last,
  };
}

const line = ({ event, state, lifecycle }: Step, legal: boolean): ReplayLine => ({
  eventId: event.eventId,
  version: event.version,
  type: event.type,
  effectiveOn: event.effectiveOn,
  recordedAt: event.recordedAt,
  actor: event.actor.subject,
  status: lifecycle.statusOf(state.value),
  state: viewOf(state.of).stateOn(state, event.effectiveOn),
  legal,
  origin: event.origin,
  role: event.decision && event.decision.role,
  guards: event.decision && event.decision.guards,
  lifecycle: event.lifecycle,
  ...groundsOf(event),
  ...viewOf(state.of).lineMembers(event),
});

/** Replays the stream. An illegal event is marked and does not change the state. */
function streamOrder(
  lifecycles: Lifecycles,
  events: readonly ReadEvent[],
): { steps: Step[]; legal: Map<number, boolean> } {
  const legal = new Map<number, boolean>();
  const steps: Step[] = [];
  let state: LifecycleState | null = null;
  let value: StateValue | null = null;
  for (const event of events) {
    const lifecycle = lifecycles.of(event);
    const after = lifecycle.valueAfter(value, event.type);
    legal.set(event.version, after !== null);
    state ??= lifecycle.initialState(event.effectiveOn);
    if (after !== null) {
      value = after;
      state = stateAfter(lifecycle, state, event, value);
    }
    steps.push({ event, state, lifecycle });
  }
  return { steps, legal };
}
