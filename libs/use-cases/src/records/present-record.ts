import type { StateValue } from '#event-sourcing/envelope';
import type { EventStore } from '#event-sourcing/event-store';
import { runYielding } from '#event-sourcing/folding';
import type { PresentRecord } from '#notifications/present-notices';
import type { Lifecycle } from '#lifecycle/lifecycle';
import type { Lifecycles, ReadEvent } from '#lifecycle/lifecycles';
import type { DueDate } from '#lifecycle/summary';
import { isSettledBy } from '#state-machines/capabilities/deadlines';
import { foldedState, readRecord } from './read-record.ts';
import { eventsWithDetails, eventsWithoutTexts } from './record-events.ts';
import type { RecordReference } from '#lifecycle/kind';

const NOW = { effectiveOn: null, knownAt: null };

/** Returns a record's current state for comparison with notices; null if the log does not contain it. Reads its title only on demand. */
export async function presentRecord(
  store: Pick<EventStore, 'readStream'>,
  lifecycles: Lifecycles,
  reference: RecordReference,
): Promise<PresentRecord | null> {
  const light = await eventsWithoutTexts({ store, lifecycles }, reference);
  const state = await runYielding(foldedState(lifecycles, light));
  const last = light.at(-1);
  if (state === null || last === undefined) return null;
  const lifecycle = lifecycles.of(last);
  return {
    body: state.body,
    status: lifecycle.statusOf(state.value),
    due: dueDates(lifecycle, light),
    async title() {
      const events = await eventsWithDetails({ store, lifecycles }, light, NOW);
      return (await runYielding(readRecord(lifecycles, events, NOW, last.effectiveOn, state)))?.title ?? null;
    },
  };
}

/** Returns the due dates of open work, as lists show them. */
function dueDates({ code: { summary } }: Lifecycle, events: readonly ReadEvent[]): readonly DueDate[] {
  if (summary?.dates === undefined) return [];
  let summed = summary.initial;
  let value: StateValue = {};
  for (const event of events) {
    value = event.state ?? value;
    summed = summary.after(summed, event, value);
  }
  return summary.dates(summed).filter((date) => !isSettledBy(summary, value, date));
}
