import type { Envelope } from '../../event-sourcing/src/envelope.ts';
import { withoutTexts } from '../../event-sourcing/src/erasure.ts';
import { streamEvents } from '../../event-sourcing/src/event-store.ts';
import type { EventStore } from '../../event-sourcing/src/event-store.ts';
import { effectiveView } from '../../lifecycle/src/effective-view.ts';
import type { ViewPoint } from '../../lifecycle/src/effective-view.ts';
import { inspectionRecommendation } from '../../../state-machines/inspection-recommendation/v1/lifecycle.ts';
import { amended, recordStream } from '../../../state-machines/inspection-recommendation/v1/record.ts';

type Reads = Pick<EventStore, 'readStream'>;

/** What facts are folded from, and is short. */
const KEPT = ['/data/owner'];
const IMPORTED = 'RegisterRecordImported';

/**
 * A record's events without what people wrote in them: enough to fold how it stands. A record's texts, all of them, may be more
 * than memory holds.
 */
export async function eventsWithoutTexts(store: Reads, id: string): Promise<Envelope[]> {
  const events: Envelope[] = [];
  for await (const event of streamEvents(store, recordStream(id))) {
    const light = withoutTexts(event, KEPT);
    // Anomalies are not erased with their source, and are as many.
    events.push(light.type === IMPORTED ? { ...light, data: { ...light.data, anomalies: [] } } : light);
  }
  return events;
}

/** The same, where those that say what the record says of itself in a view are whole. */
export async function eventsWithDetails(
  store: Reads,
  events: readonly Envelope[],
  view: ViewPoint,
): Promise<Envelope[]> {
  const steps = effectiveView(inspectionRecommendation, events, view).map(({ event }) => event);
  const isView = view.effectiveOn !== null || view.knownAt !== null;
  const taken = isView ? steps : events;
  const telling = new Set([
    taken.find(({ version }) => version === 1),
    taken.findLast((event) => event.type === 'TextAmended' && amended(event).title !== undefined),
    taken.findLast((event) => event.type === 'TextAmended' && amended(event).text !== undefined),
    taken.findLast(({ type }) => type === IMPORTED),
  ]);
  const whole = new Map<Envelope, Envelope>();
  for (const event of telling) if (event !== undefined) whole.set(event, await wholeEvent(store, event));
  return events.map((event) => whole.get(event) ?? event);
}

/** An event as it is stored now. */
export async function wholeEvent(store: Reads, event: Envelope): Promise<Envelope> {
  const [stored] = await store.readStream(event.streamId, { after: event.version - 1, limit: 1 });
  return stored ?? event;
}
