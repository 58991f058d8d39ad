import { examineEvent } from '#audit/forms';
import type { ExaminedEvent } from '#audit/examine-event';
import type { StoredEntry } from '#event-sourcing/event-store';

/** An event as a store keeps it, with all that it shows by itself. */
export interface ExaminedEntry extends Omit<StoredEntry, 'event'> {
  readonly event: ExaminedEvent | null;
}

export const examineEntry = ({ position, streamId, version, event, faults }: StoredEntry): ExaminedEntry => ({
  position,
  streamId,
  version,
  event: event === null ? null : examineEvent(event),
  faults,
});
