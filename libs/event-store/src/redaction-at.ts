import type { Envelope } from '../../event-sourcing/src/envelope.ts';
import { redactionOf } from '../../event-sourcing/src/erasure.ts';
import type { Redaction } from '../../event-sourcing/src/event-store.ts';

/** A redaction's event, as the port gives it. */
export function redactionAt(event: Pick<Envelope, 'type' | 'data' | 'position' | 'streamId'>): Redaction {
  const named = redactionOf(event);
  if (named === null) throw new Error(`the event at position ${event.position} names no erased values`);
  return { position: event.position, streamId: event.streamId, ...named };
}
