import type { AnyData, RecordEnvelope } from '#state-machines/inspection-recommendation/v1/record-event';

/** How an event hangs together with others of its record, by their versions. */
export interface EventLinks {
  /** Those that it answers, or that it was found in. */
  readonly causes: readonly number[];
  /** Those that answer it. */
  readonly effects: readonly number[];
  /** The others that came by the same request. */
  readonly together: readonly number[];
}

/** The links of some of a record's events, among all of them, by their versions. */
export function linksOf(
  events: readonly RecordEnvelope[],
  some: readonly RecordEnvelope[],
): ReadonlyMap<number, EventLinks> {
  const namedBy = namesIn(events);
  const named = new Map(some.map((event) => [event.eventId, namedBy(event)]));
  const wanted = new Set([...named.values()].flat());
  const requests = new Set(some.map(({ correlationId }) => correlationId));
  const versions = new Map<string, number>();
  const effects = new Map<string, number[]>();
  const byRequest = new Map<string, number[]>();
  for (const event of events) {
    const { eventId, version, correlationId } = event;
    if (wanted.has(eventId)) versions.set(eventId, version);
    for (const id of namedBy(event)) if (named.has(id)) push(effects, id, version);
    if (requests.has(correlationId)) push(byRequest, correlationId, version);
  }
  return new Map(
    some.map(({ eventId, version, correlationId }) => [
      version,
      {
        causes: (named.get(eventId) ?? []).flatMap((id) => versions.get(id) ?? []),
        effects: effects.get(eventId) ?? [],
        together: (byRequest.get(correlationId) ?? []).filter((other) => other !== version),
      },
    ]),
  );
}

function push(lists: Map<string, number[]>, key: string, version: number): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [version]);
  else list.push(version);
}

/**
 * The ids of the events that an event names: that it decides on or considers, or does not, completes, redacts, or has a deadline from; what is about a deadline
 * names the event that set it, or proposed it.
 */
function namesIn(events: readonly RecordEnvelope[]): (event: RecordEnvelope) => readonly string[] {
  const setBy = new Map<string, string>();
  for (const { type, data, eventId } of events)
    if (type === 'DeadlineProposed' || type === 'DeadlineSet')
      setBy.set(data.deadlineId, setBy.get(data.deadlineId) ?? eventId);
  return ({ data, causationId, eventId: own }) => {
    const { decides = NONE, notConsidered = NONE, considers = NONE }: AnyData = data;
    const { completes, eventId, source, deadlineId }: AnyData = data;
    const about = deadlineId === undefined ? undefined : setBy.get(deadlineId);
    const found: string[] = [];
    const named = [...decides, ...notConsidered, ...considers];
    for (const id of [...named, completes, eventId, sourceOf(source), about, causationId])
      if (typeof id === 'string' && id !== own && !found.includes(id)) found.push(id);
    return found;
  };
}

const NONE: readonly string[] = [];

/** A register's own words for where something comes from are no event. */
const sourceOf = (source: AnyData['source']): string | undefined =>
  typeof source === 'object' ? source?.eventId : undefined;
