import type { Actor } from '#event-sourcing/envelope';
import type { Recording } from '#lifecycle/decide';
import type { FoldedEvent } from '#lifecycle/folded-event';
import { asRecordEvent } from '#state-machines/inspection-recommendation/v1/record-event';
import type { RecordEvent } from '#state-machines/inspection-recommendation/v1/record-event';

/** Returns the recording of a command's events, with arbitrary ids. */
export const recordedBy = (actor: Actor, more: Partial<Recording> = {}): Recording => ({
  actor,
  origin: 'command',
  decision: null,
  recordedAt: '2026-01-01T00:00:00.000Z',
  eventIdAt: (index) => `event ${index}`,
  ...more,
});

/** Returns an event in the form that projections read, recorded by a command by default. */
export const folded = (
  type: string,
  { subject = 's-1', ...more }: Partial<FoldedEvent> & { readonly subject?: string } = {},
): RecordEvent =>
  asRecordEvent({
    eventId: `of ${type}`,
    version: 1,
    type,
    effectiveOn: '2026-01-01',
    recordedAt: '2026-01-01T00:00:00.000Z',
    origin: 'command',
    actor: { subject, roles: [] },
    decision: null,
    data: {},
    ...more,
  });
