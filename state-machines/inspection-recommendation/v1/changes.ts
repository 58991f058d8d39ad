import { requestFrom } from '../../capabilities/persons.ts';
import type { Change } from '../../capabilities/decides.ts';
import type { AnyData, RecordEvent } from './record-event.ts';

/** Returns the change by an event on which decisions can depend; null for any other event. */
export function changeFrom(event: RecordEvent): Change | null {
  const of = changedBy(event);
  return of === null ? null : { ...requestFrom(event), of, recordedAt: event.recordedAt };
}

/** Returns the part that an event changes: the text, the recipient, the publication or a deadline; null if none. */
function changedBy({ type, data }: Pick<RecordEvent, 'type' | 'data'>): string | null {
  const { deadlineId, recipient, publishedOn }: AnyData = data;
  switch (type) {
    case 'TextAmended':
      return 'text';
    case 'RecipientAssigned':
      return 'recipient';
    case 'DeadlineSet':
    case 'DeadlineExtended':
    case 'DeadlineWithdrawn':
      return deadlineId ?? null;
    case 'CorrectionApproved':
      if (recipient !== undefined) return 'recipient';
      return publishedOn === undefined ? (deadlineId ?? null) : 'publication';
    default:
      return null;
  }
}
