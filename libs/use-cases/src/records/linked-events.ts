import type { ReadEvent } from '#lifecycle/lifecycles';
import { viewOfEvent } from '#state-machines/any-kind';

/** An event's links to other events of its record, by version. */
export interface EventLinks {
  /** The events that it decides or follows from. */
  readonly causes: readonly number[];
  /** The events that decide it or follow from it. */
  readonly effects: readonly number[];
  /** The other events of the same request. */
  readonly together: readonly number[];
}

/** Returns, by version, the links of some of a record's events to any of its events. */
export function linksOf(
  events: readonly ReadEvent[],
  some: readonly ReadEvent[],
): ReadonlyMap<number, EventLinks> {
  const [first] = events;
  const namedBy = first === undefined ? () => [] : viewOfEvent(first).names(events);
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
