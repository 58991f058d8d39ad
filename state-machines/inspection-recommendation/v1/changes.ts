import { requestFrom } from './persons.ts';
import type { Request } from './persons.ts';
import type { RecordEvent } from './record-event.ts';

/** An event that changed what a decision can be about: the text, the recipient, or a deadline by its id. */
export interface Change extends Request {
  readonly of: string;
}

/** What an event changes of that which a decision can be about; null for any other event. */
export function changeFrom(event: RecordEvent): Change | null {
  switch (event.type) {
    case 'TextAmended':
      return { ...requestFrom(event), of: 'text' };
    case 'RecipientAssigned':
      return { ...requestFrom(event), of: 'recipient' };
    case 'DeadlineSet':
    case 'DeadlineExtended':
    case 'DeadlineWithdrawn':
      return { ...requestFrom(event), of: event.data.deadlineId };
    case 'CorrectionApproved': {
      const { recipient, deadlineId, publishedOn } = event.data;
      if (recipient !== undefined) return { ...requestFrom(event), of: 'recipient' };
      if (publishedOn !== undefined) return { ...requestFrom(event), of: 'publication' };
      return deadlineId === undefined ? null : { ...requestFrom(event), of: deadlineId };
    }
    default:
      return null;
  }
}
