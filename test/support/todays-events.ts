import type { Envelope } from '#event-sourcing/envelope';
import type { RecordEvent } from '#state-machines/inspection-recommendation/v1/record-event';

/** Returns a test's own stored events, typed. */
export const todaysEvents = (stored: readonly Envelope[]): readonly RecordEvent<Envelope>[] =>
  stored as readonly RecordEvent<Envelope>[];
