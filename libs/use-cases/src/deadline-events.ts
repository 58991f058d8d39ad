import { findDeadlines } from '../../deadlines/src/find-deadlines.ts';
import type { FoundDeadline } from '../../deadlines/src/found-deadline.ts';
import type { DecidedEvent } from '../../lifecycle/src/decide.ts';

/** More dates than any recommendation sets; what follows them in a text is not looked at. */
export const FOUND_MAX = 200;

export interface NewDeadlines {
  /** The dates that were given. */
  readonly given: readonly string[];
  /** By when the response is due; null where none is required. */
  readonly responseDueOn: string | null;
  readonly text: string;
  /** What relative words of the text count from. */
  readonly publishedOn: string;
  /** The event that the text stands in. */
  readonly eventId: string;
}

/**
 * The events that record a new record's deadlines: those that were given, the one of the response, and those that its
 * text names, to the day or as a proposal. A date of the text that was given is that deadline, and lends it its place.
 */
export function deadlineEvents({
  given,
  responseDueOn,
  text,
  publishedOn,
  eventId,
}: NewDeadlines): DecidedEvent[] {
  const found = foundOnce(text, publishedOn);
  const sourceOf = ({ span }: FoundDeadline) => ({ source: { eventId, from: span.from, to: span.to } });
  const known = new Set(given);
  const fromGiven = [...known].map((dueOn): DecidedEvent => {
    const place = found.find((each) => dateOf(each) === dueOn);
    return { type: 'DeadlineSet', data: { kind: 'action', dueOn, ...(place && sourceOf(place)) } };
  });
  const response: DecidedEvent[] =
    responseDueOn === null ? [] : [{ type: 'DeadlineSet', data: { kind: 'response', dueOn: responseDueOn } }];
  const fromText = found.flatMap((each): DecidedEvent[] => {
    if (known.has(dateOf(each))) return [];
    const source = sourceOf(each);
    return each.kind === 'exact'
      ? [{ type: 'DeadlineSet', data: { kind: 'action', dueOn: each.dueOn, ...source } }]
      : [
          {
            type: 'DeadlineProposed',
            data: { kind: 'action', suggestedOn: each.suggestedOn, rule: each.rule, ...source },
          },
        ];
  });
  return [...fromGiven, ...response, ...fromText].map(({ type, data }, index) => ({
    type,
    data: { deadlineId: `d${index + 1}`, ...data },
  }));
}

/** Each date once, in the order of their places: a day that the text names goes before one that is only suggested. */
function foundOnce(text: string, publishedOn: string): FoundDeadline[] {
  const byDate = new Map<string, FoundDeadline>();
  for (const found of findDeadlines(text, { publishedOn })) {
    const known = byDate.get(dateOf(found));
    if (known === undefined || (known.kind === 'proposed' && found.kind === 'exact')) {
      byDate.set(dateOf(found), found);
    }
  }
  return [...byDate.values()].sort((a, b) => a.span.from - b.span.from).slice(0, FOUND_MAX);
}

const dateOf = (found: FoundDeadline): string => (found.kind === 'exact' ? found.dueOn : found.suggestedOn);
