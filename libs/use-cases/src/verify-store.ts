import { StreamVerifier } from '../../audit/src/verify.ts';
import type { Problem } from '../../audit/src/verify.ts';
import type { Envelope, StateValue } from '../../event-sourcing/src/envelope.ts';
import { logEvents, streamEvents } from '../../event-sourcing/src/event-store.ts';
import type { EventStore } from '../../event-sourcing/src/event-store.ts';
import { inspectionRecommendation } from '../../../state-machines/inspection-recommendation/v1/lifecycle.ts';
import { recordIdOf, recordStream } from '../../../state-machines/inspection-recommendation/v1/record.ts';

/** Where history does not hold. Beside what the chain says: an event that the statechart does not take, or whose state differs. */
export interface Divergence extends Omit<Problem, 'code'> {
  readonly code: Problem['code'] | 'illegal-event' | 'state' | 'not-found';
}

export interface Verification {
  readonly ok: boolean;
  readonly streams: number;
  readonly events: number;
  readonly firstDivergence: Divergence | null;
}

/**
 * Verifies the whole log, or the records named: every hash, every commitment, every chain without a hole, every event
 * legal in its stream and its stored state the one that the statechart gives. Ends at the first divergence.
 */
export async function verifyStore(
  store: EventStore,
  ids: readonly string[],
  onProgress: (events: number) => void = () => undefined,
): Promise<Verification> {
  const chains = new StreamVerifier();
  const values = new Map<string, StateValue | null>();
  const found = (divergence: Divergence | null): Verification => ({
    ok: divergence === null,
    streams: values.size,
    events,
    firstDivergence: divergence,
  });
  let events = 0;
  for await (const event of ids.length === 0 ? logEvents(store) : recordsEvents(store, ids)) {
    if ('missing' in event) {
      return found({
        streamId: event.missing,
        version: 0,
        code: 'not-found',
        detail: 'there is no such record',
      });
    }
    events += 1;
    const divergence = chains.add(event) ?? chartDivergence(values, event);
    if (divergence !== null) return found(divergence);
    onProgress(events);
  }
  return found(chains.finish()[0] ?? null);
}

async function* recordsEvents(
  store: EventStore,
  ids: readonly string[],
): AsyncGenerator<Envelope | { readonly missing: string }> {
  for (const id of new Set(ids)) {
    let found = false;
    for await (const event of streamEvents(store, recordStream(id))) {
      found = true;
      yield event;
    }
    if (!found) yield { missing: recordStream(id) };
  }
}

/** Follows the statechart beside the stored states. */
function chartDivergence(values: Map<string, StateValue | null>, event: Envelope): Divergence | null {
  const { streamId, version, type, state } = event;
  const before = values.get(streamId) ?? null;
  // A record always follows its lifecycle, whatever an event of it says.
  if (event.lifecycle === null && recordIdOf(streamId) === null) {
    values.set(streamId, null);
    return null;
  }
  const after = inspectionRecommendation.valueAfter(before, type);
  if (after === null) {
    const detail = `${type} is not legal ${before === null ? 'as the first event' : `in ${JSON.stringify(before)}`}`;
    return { streamId, version, code: 'illegal-event', detail };
  }
  values.set(streamId, after);
  const regions = new Set([...Object.keys(after), ...Object.keys(state ?? {})]);
  const other = [...regions].find((region) => state?.[region] !== after[region]);
  if (other === undefined) return null;
  const detail = `the stored state of ${other} is ${String(state?.[other])}; the statechart gives ${String(after[other])}`;
  return { streamId, version, code: 'state', detail };
}
