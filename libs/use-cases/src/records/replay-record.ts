import type { LifecycleReference, Origin, StateValue } from '#event-sourcing/envelope';
import { effectiveView } from '#lifecycle/effective-view';
import type { ViewPoint } from '#lifecycle/effective-view';
import { movedOn } from '#lifecycle/lifecycle';
import { sizeAfter } from '#lifecycle/record-size';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import type { Facts } from '#state-machines/inspection-recommendation/v1/facts';
import { inspectionRecommendation } from '#state-machines/inspection-recommendation/v1/lifecycle';
import { groundsOf, namedIds, particularsOf } from '#state-machines/inspection-recommendation/v1/told';
import type { Grounds, NamedIds, Particulars } from '#state-machines/inspection-recommendation/v1/told';
import { stateOn } from '#state-machines/inspection-recommendation/v1/record';
import type { RecordEnvelope } from '#state-machines/inspection-recommendation/v1/record-event';

/** One event of a history, with the grounds that people gave, the ids of what it names, and what else it says. */
export interface ReplayLine extends Grounds, NamedIds, Particulars {
  readonly eventId: string;
  readonly version: number;
  readonly type: string;
  readonly effectiveOn: string;
  readonly recordedAt: string;
  readonly actor: string;
  readonly status: string;
  /** The regions after the event, and the deadline on the event's effective date. */
  readonly state: Readonly<Record<string, string>>;
  /** Whether the statechart takes the event where it stands in the stream. */
  readonly legal: boolean;
  readonly origin: Origin;
  /** The role under which it was allowed, and the guards that were asked; null where no command was decided. */
  readonly role: string | null;
  readonly guards: readonly string[] | null;
  /** Under which definition it was recorded. */
  readonly lifecycle: LifecycleReference | null;
}

export interface Replay {
  readonly lines: readonly ReplayLine[];
  readonly view: ViewPoint;
  /** The version of the latest event that the view takes. */
  readonly version: number;
  readonly status: string;
  readonly state: Readonly<Record<string, string>>;
  /** The state with what policy needs besides, for who wants to know more. */
  readonly last: LifecycleState<Facts>;
}

type Step = readonly [RecordEnvelope, LifecycleState<Facts>];

/**
 * A record's history through its statechart: in stream order, or as it was effective on a date and known at an
 * instant. Null where the record did not exist then, or was not known yet.
 */
export function replayRecord(
  events: readonly RecordEnvelope[],
  view: ViewPoint,
  today: string,
): Replay | null {
  const { steps, legal } = streamOrder(events);
  const isView = view.effectiveOn !== null || view.knownAt !== null;
  const shown: readonly Step[] = isView
    ? effectiveView(inspectionRecommendation, events, view).map(({ event, state }) => [event, state] as const)
    : steps;
  const last = shown.at(-1)?.[1];
  if (last === undefined) return null;
  const lines = shown.map(([event, state]) => line(event, state, legal.get(event.version) ?? false));
  return {
    lines,
    view,
    version: shown.reduce((latest, [event]) => Math.max(latest, event.version), 0),
    status: last.value['progress'] as string,
    state: stateOn(last, view.effectiveOn ?? today),
    last,
  };
}

const line = (event: RecordEnvelope, state: LifecycleState<Facts>, legal: boolean): ReplayLine => ({
  eventId: event.eventId,
  version: event.version,
  type: event.type,
  effectiveOn: event.effectiveOn,
  recordedAt: event.recordedAt,
  actor: event.actor.subject,
  status: state.value['progress'] as string,
  state: stateOn(state, event.effectiveOn),
  legal,
  origin: event.origin,
  role: event.decision && event.decision.role,
  guards: event.decision && event.decision.guards,
  lifecycle: event.lifecycle,
  ...groundsOf(event),
  ...namedIds(event),
  ...particularsOf(event),
});

/** Follows the stream; an event that is not legal is said to be so, and moves nothing. */
function streamOrder(events: readonly RecordEnvelope[]): { steps: Step[]; legal: Map<number, boolean> } {
  const { definition } = inspectionRecommendation;
  const legal = new Map<number, boolean>();
  const steps: Step[] = [];
  let state = inspectionRecommendation.initialState(events[0]?.effectiveOn ?? '');
  let value: StateValue | null = null;
  for (const event of events) {
    const after = inspectionRecommendation.valueAfter(value, event.type);
    legal.set(event.version, after !== null);
    if (after !== null) {
      value = after;
      const facts = definition.facts.evolve(state.facts, event);
      const size = sizeAfter(definition, state.size, event);
      const move = inspectionRecommendation.move(event.type);
      state = { ...state, value, facts, movedOn: movedOn(move, state.movedOn, event), size };
    }
    steps.push([event, state]);
  }
  return { steps, legal };
}
