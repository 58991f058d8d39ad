import type { Envelope } from '#event-sourcing/envelope';
import { effectiveView } from '#lifecycle/effective-view';
import type { ViewPoint } from '#lifecycle/effective-view';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import type { Facts } from '#state-machines/inspection-recommendation/v1/facts';
import { inspectionRecommendation } from '#state-machines/inspection-recommendation/v1/lifecycle';
import {
  deadlinesOn,
  pendingOn,
  recordDetails,
  recordIdOf,
  stateOn,
} from '#state-machines/inspection-recommendation/v1/record';
import type { RecordEnvelope } from '#state-machines/inspection-recommendation/v1/record-event';

/** The state after the last of a stream's events; null for a stream without any. */
export function currentState(events: Iterable<Envelope>): LifecycleState<Facts> | null {
  let state: LifecycleState<Facts> | null = null;
  for (const event of events) state = inspectionRecommendation.evolve(state, event);
  return state;
}

/**
 * A record as it stands now, or as it was effective on a date and known at an instant; null where it did not exist
 * then, or was not known yet.
 */
export function readRecord(events: readonly RecordEnvelope[], view: ViewPoint, today: string) {
  const isView = view.effectiveOn !== null || view.knownAt !== null;
  const steps = isView ? effectiveView(inspectionRecommendation, events, view) : [];
  const taken = isView ? steps.map(({ event }) => event) : events;
  const last = steps.at(-1)?.state;
  const state = isView ? last && inStreamOrder(last, taken) : currentState(events);
  const first = taken[0];
  if (!state || first === undefined) return null;
  const day = view.effectiveOn ?? today;
  const { value, facts, firstOn } = state;
  const pending = pendingOn(state);
  return {
    id: recordIdOf(first.streamId) as string,
    ...recordDetails(taken),
    recipient: facts.recipient,
    owner: facts.owner,
    status: value['progress'] as string,
    statusOrigin: facts.statusOrigin,
    state: stateOn(state, day),
    version: taken.reduce((latest, { version }) => Math.max(latest, version), 0),
    lifecycle: first.lifecycle && { name: first.lifecycle.name, version: first.lifecycle.version },
    issuedOn: firstOn,
    deadlines: deadlinesOn(state, day),
    pending,
    proposedDeadlines: pending.proposals,
    supersededBy: facts.supersededBy,
  };
}

/** What a view folds in effective order is listed as the record itself lists it. */
function inStreamOrder(
  { facts, ...state }: LifecycleState<Facts>,
  taken: readonly RecordEnvelope[],
): LifecycleState<Facts> {
  const ordered = <Item>(
    items: readonly Item[],
    keyOf: (item: Item) => string,
    keyIn: (event: RecordEnvelope) => string | null,
  ): readonly Item[] => {
    if (items.length < 2) return items;
    const versions = new Map(taken.map((event) => [keyIn(event), event.version]));
    return items.toSorted((a, b) => (versions.get(keyOf(a)) ?? 0) - (versions.get(keyOf(b)) ?? 0));
  };
  const { deadlines, proposals, extensions } = facts;
  return {
    ...state,
    facts: {
      ...facts,
      deadlines: ordered(
        deadlines,
        ({ id }) => id,
        ({ type, data }) => (type === 'DeadlineSet' ? data.deadlineId : null),
      ),
      proposals: ordered(
        proposals,
        ({ id }) => id,
        ({ type, data }) => (type === 'DeadlineProposed' ? data.deadlineId : null),
      ),
      extensions: ordered(
        extensions,
        ({ eventId }) => eventId,
        ({ eventId }) => eventId,
      ),
    },
  };
}
