import { findDeadlines } from '#deadlines/find-deadlines';
import type { FoundDeadline } from '#deadlines/found-deadline';
import type { FoundDate } from '#lifecycle/decide';
import type { EventData } from '#state-machines/inspection-recommendation/v1/events';
import type { DecidedRecordEvent } from '#state-machines/inspection-recommendation/v1/record-event';

export interface NewDeadlines {
  /** The dates that were given. */
  readonly given: readonly string[];
  /** By when the response is due; null where none is required. */
  readonly responseDueOn: string | null;
  /** What the record's text sets, as `findDeadlines` found it: once, however many bodies the text goes to. */
  readonly found: readonly FoundDeadline[];
  /** The event that the text stands in. */
  readonly eventId: string;
}

/**
 * The events that record a new record's deadlines: those that were given, the one of the response, and those that its
 * text names, to the day or as a proposal. A date of the text that was given is that deadline, and lends it its place.
 */
export function deadlineEvents({ given, responseDueOn, found, eventId }: NewDeadlines): DecidedRecordEvent[] {
  const sourceOf = ({ span }: FoundDeadline) => ({ source: { eventId, from: span.from, to: span.to } });
  const known = new Set<string | null>(given);
  const fromGiven = [...new Set(given)].map((dueOn): NewDeadline => {
    const place = found.find((each) => dateOf(each) === dueOn);
    return { kind: 'action', dueOn, ...(place && sourceOf(place)) };
  });
  const response: NewDeadline[] = responseDueOn === null ? [] : [{ kind: 'response', dueOn: responseDueOn }];
  const fromText = found
    .filter((each) => !known.has(dateOf(each)))
    .map((each): NewDeadline => {
      const source = sourceOf(each);
      return each.kind === 'exact'
        ? { kind: 'action', dueOn: each.dueOn, ...source }
        : { kind: 'action', suggestedOn: each.suggestedOn, rule: each.rule, ...source };
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

/** The dates of a text as decisions look at them. */
export const findDates = (text: string, publishedOn: string): FoundDate[] =>
  findDeadlines(text, { publishedOn }).map((found) => ({
    ...found.span,
    on: dateOf(found),
    rule: found.kind === 'exact' ? null : found.rule,
  }));

const dateOf = (found: FoundDeadline): string | null =>
  found.kind === 'exact' ? found.dueOn : found.suggestedOn;
