import type { FoundDate } from '../../capabilities/dates-in-text.ts';
import type { EventData } from './events.ts';
import type { DecidedRecordEvent } from './record-event.ts';

export interface NewDeadlines {
  /** The dates that were given. */
  readonly given: readonly string[];
  /** By when the response is due; null where none is required. */
  readonly responseDueOn: string | null;
  /** The dates in the record's text: searched for once, however many bodies the text goes to. */
  readonly found: readonly FoundDate[];
  /** The event that the text stands in. */
  readonly eventId: string;
}

/**
 * The events that record a new record's deadlines: those that were given, the one of the response, and those that its
 * text names, to the day or as a proposal. A date of the text that was given is that deadline, and lends it its place.
 */
export function deadlineEvents({ given, responseDueOn, found, eventId }: NewDeadlines): DecidedRecordEvent[] {
  const sourceOf = ({ from, to }: FoundDate) => ({ source: { eventId, from, to } });
  const known = new Set<string | null>(given);
  const fromGiven = [...new Set(given)].map((dueOn): NewDeadline => {
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
  return [...fromGiven, ...response, ...fromText].map((deadline, index): DecidedRecordEvent => {
    const deadlineId = `d${index + 1}`;
    return 'dueOn' in deadline
      ? { type: 'DeadlineSet', data: { deadlineId, ...deadline } }
      : { type: 'DeadlineProposed', data: { deadlineId, ...deadline } };
  });
}

/** A deadline that is set, or proposed, before it has its number. */
type NewDeadline =
  Omit<EventData['DeadlineSet'], 'deadlineId'> | Omit<EventData['DeadlineProposed'], 'deadlineId'>;
