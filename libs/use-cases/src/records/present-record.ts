import type { EventStore } from '#event-sourcing/event-store';
import { byTurns } from '#event-sourcing/folding';
import type { PresentRecord } from '#notifications/present-notices';
import type { Lifecycles } from '#lifecycle/lifecycles';
import { foldedState, readRecord } from './read-record.ts';
import { eventsWithDetails, eventsWithoutTexts } from './record-events.ts';
import type { RecordReference } from '#lifecycle/kind';

const NOW = { effectiveOn: null, knownAt: null };

/** A record as notices are held against it; null where the log does not have it. Its title is read when it is asked for. */
export async function presentRecord(
  store: Pick<EventStore, 'readStream'>,
  lifecycles: Lifecycles,
  reference: RecordReference,
): Promise<PresentRecord | null> {
  const light = await eventsWithoutTexts({ store, lifecycles }, reference);
  const state = await byTurns(foldedState(lifecycles, light));
  const last = light.at(-1);
  if (state === null || last === undefined) return null;
  return {
    state,
    status: lifecycles.of(last).statusOf(state.value),
    async title() {
      const events = await eventsWithDetails({ store, lifecycles }, light, NOW);
      return (await byTurns(readRecord(lifecycles, events, NOW, last.effectiveOn, state)))?.title ?? null;
    },
  };
}
