import type { Envelope, Pointer } from '#event-sourcing/envelope';
import type { DecisionContext, Rule } from '#lifecycle/decide';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import { datesInTextOf } from '../../capabilities/dates-in-text.ts';
import type { FoundDate } from '../../capabilities/dates-in-text.ts';
import type { Place, TextSource } from '../../capabilities/deadlines.ts';
import type { Facts } from './facts.ts';
import type { AmendTextPayload } from './payloads.ts';
import { recordDetails } from './record.ts';
import { asRecordEvents } from './record-event.ts';
import type { DecidedRecordEvent, RecordEnvelope } from './record-event.ts';
import { withoutRedacted } from '../../capabilities/redacted.ts';

/** The rule of a proposal for an exact day in an amended text. The day is only proposed, because no person set it. */
const AMENDED_TEXT = 'amended-text';

/** A deadline in force or a pending proposal, with its dates and the place of its words. */
interface Item {
  readonly id: string;
  readonly dates: readonly (string | null)[];
  readonly source: TextSource | null;
}

type Searching = Pick<DecisionContext<Facts>, 'history' | 'services' | 'eventIdAt'>;

/**
 * Returns the events of an amendment: the new text or title, the new places of the deadlines' words, and a proposal for
 * each new date. Sets and withdraws no deadline.
 */
export function amendment(
  state: LifecycleState<Facts>,
  { title, text, reason }: Pick<AmendTextPayload, 'title' | 'text' | 'reason'>,
  { history, services, eventIdAt }: Searching,
): DecidedRecordEvent[] {
  const change = {
    ...(title !== undefined && { title }),
    ...(text !== undefined && { text }),
    reason,
  };
  if (text === undefined) return [{ type: 'TextAmended', data: change }];
  const { text: before, report } = recordDetails(asRecordEvents(withoutRedacted(history)));
  const publishedOn = report?.publishedOn ?? state.firstOn;
  const search = { publishedOn, eventId: eventIdAt(0), before: before ?? '', after: text };
  const dates = datesInTextOf(services);
  const [old, found] = [dates.find(search.before, publishedOn), dates.find(text, publishedOn)];
  const items = itemsOf(state.facts);
  const places = items.flatMap((item) => placeOf(item, old, found, search));
  const known = new Set([...old.map(dateOrRule), ...items.flatMap(({ dates }) => dates)]);
  const news = found.filter((each) => !known.has(dateOrRule(each)) && !isPlaced(each, places));
  const proposals = news.map((date, index): DecidedRecordEvent => {
    const { eventId } = search;
    const deadlineId = `d${state.facts.deadlineIds + index + 1}`;
    const { on: suggestedOn, rule, from, to } = date;
    const source = { eventId, from, to };
    const data = { deadlineId, kind: 'action', suggestedOn, rule: rule ?? AMENDED_TEXT, source } as const;
    return { type: 'DeadlineProposed', data };
  });
  const amended = { ...change, ...(places.length > 0 && { places }) };
  return [{ type: 'TextAmended', data: amended, eventId: search.eventId }, ...proposals];
}

/** Returns a date, or its rule if the date cannot be computed. */
const dateOrRule = ({ on, rule }: FoundDate): string | null => on ?? rule;

const itemsOf = ({ deadlines, proposals }: Facts): Item[] => [
  ...deadlines
    .filter(({ kind }) => kind === 'action')
    .map(({ id, dueOn, firstDueOn, source = null }) => ({ id, dates: [firstDueOn, dueOn], source })),
  ...proposals.map(({ id, suggestedOn, rule, source }) => ({ id, dates: [suggestedOn ?? rule], source })),
];

interface Search {
  readonly eventId: string;
  readonly before: string;
  readonly after: string;
}

/**
 * Returns the new place of a deadline's words: the same date in the new text, or else the same words. A deadline that
 * was set without words gets the place of its date.
 */
function placeOf(
  { id, dates, source }: Item,
  old: readonly FoundDate[],
  found: readonly FoundDate[],
  { eventId, before, after }: Search,
): Place[] {
  const previous = source && old.find(({ from, to }) => from === source.from && to === source.to);
  const wanted = [...(previous ? [dateOrRule(previous)] : []), ...dates].filter((date) => date !== null);
  const same = wanted
    .map((date) => found.find((each) => dateOrRule(each) === date))
    .find((each) => each !== undefined);
  const place = same ?? (source && sameWords(before.slice(source.from, source.to), after));
  if (place) return [{ deadlineId: id, source: { eventId, from: place.from, to: place.to } }];
  return source === null ? [] : [{ deadlineId: id, source: null }];
}

function sameWords(words: string, text: string): Pick<TextSource, 'from' | 'to'> | null {
  const from = words === '' ? -1 : text.indexOf(words);
  return from < 0 ? null : { from, to: from + words.length };
}

const isPlaced = ({ from, to }: FoundDate, places: readonly Place[]): boolean =>
  places.some(({ source }) => source !== null && source.from === from && source.to === to);

/** Returns the ids of the events with the current text and title, with which an amendment is compared. */
export const textEventsBefore = (_: unknown, events: readonly Envelope[]): string[] => [
  ...new Set(
    ['/data/text', '/data/title'].flatMap(
      (pointer) => lastStating(asRecordEvents(events), pointer)?.eventId ?? [],
    ),
  ),
];

const lastStating = (events: readonly RecordEnvelope[], pointer: Pointer): RecordEnvelope | undefined =>
  events.findLast(({ type, commitments }) => STATES_TEXT.has(type) && Object.hasOwn(commitments, pointer));

const STATES_TEXT: ReadonlySet<string> = new Set(['RecommendationIssued', 'TextAmended']);

/** Requires a different text or title. A redacted one cannot be compared, and counts as different. */
export const changesSomething: Rule<Facts, AmendTextPayload> = {
  code: 'changes-something',
  kind: 'state',
  isMet: (_, { title, text }, { history }) => {
    const before = recordDetails(asRecordEvents(withoutRedacted(history)));
    return (text !== undefined && text !== before.text) || (title !== undefined && title !== before.title);
  },
  detail: () => 'The record already has this text and title; change at least one of them',
};
