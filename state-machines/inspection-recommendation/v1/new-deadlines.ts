import type { FoundDate } from '../../capabilities/dates-in-text.ts';
import type { EventData } from './events.ts';
import type { DecidedRecordEvent } from './record-event.ts';

export interface NewDeadlines {
  /** The dates in the payload. */
  readonly requested: readonly string[];
  /** The date of the response; null if none is required. */
  readonly responseDueOn: string | null;
  /** The dates in the record's text, which is searched once for all bodies of the issue. */
  readonly found: readonly FoundDate[];
  /** The event with the text. */
  readonly eventId: string;
}

/**
 * Returns the deadline events of a new record: for the dates in the payload, for the response, and for the dates in its
 * text, exact or proposed. A date that is both in the payload and in the text becomes one deadline with a place.
 */
export function deadlineEvents({
  requested,
  responseDueOn,
  found,
  eventId,
}: NewDeadlines): DecidedRecordEvent[] {
  const sourceOf = ({ from, to }: FoundDate) => ({ source: { eventId, from, to } });
  const known = new Set<string | null>(requested);
  const fromPayload = [...new Set(requested)].map((dueOn): NewDeadline => {
    const place = found.find(({ on }) => on === dueOn);
    return { kind: 'action', dueOn, ...(place && sourceOf(place)) };
  });
  const response: NewDeadline[] = responseDueOn === null ? [] : [{ kind: 'response', dueOn: responseDueOn }];
  const fromText = found
    .filter(({ on }) => !known.has(on))
    .map((each): NewDeadline => {
      const { on, rule } = each;
      return on !== null && rule === null
        ? { kind: 'action', dueOn: on, ...sourceOf(each) }
        : { kind: 'action', suggestedOn: on, rule: rule ?? '', ...sourceOf(each) };
    });
  return [...fromPayload, ...response, ...fromText].map((deadline, index): DecidedRecordEvent => {
    const deadlineId = `d${index + 1}`;
    return 'dueOn' in deadline
      ? { type: 'DeadlineSet', data: { deadlineId, ...deadline } }
      : { type: 'DeadlineProposed', data: { deadlineId, ...deadline } };
  });
}

/** A new deadline or proposal, without its id. */
type NewDeadline =
  | Omit<EventData['DeadlineSet'], 'deadlineId'>
  | Omit<EventData['DeadlineProposed'], 'deadlineId'>;
