import type { Envelope } from '#event-sourcing/envelope';
import type { RecordEvent } from '#state-machines/inspection-recommendation/v1/record-event';

/** Events that a test has just stored: of today's shape, so that they are read as they stand, and are envelopes all the same. */
export const todaysEvents = (stored: readonly Envelope[]): readonly RecordEvent<Envelope>[] =>
  stored as readonly RecordEvent<Envelope>[];
