import type { Lifecycle } from '#lifecycle/lifecycle';
import type { ReadEvent } from '#lifecycle/lifecycles';
import { textsOf } from '#lifecycle/summary';
import type { DateNews, EventText, NamedBody } from '#lifecycle/summary';
import { lifecycles } from '#state-machines/lifecycles';

/** The members of a record's event from which its life is folded. Erased or left-out texts do not change it. */
export type LifeEvent = Pick<
  ReadEvent,
  | ('streamId' | 'version' | 'eventId' | 'type' | 'effectiveOn' | 'recordedAt' | 'origin')
  | ('actor' | 'lifecycle' | 'state' | 'data' | 'commitments')
>;

/** An event with what its lifecycle reads in it. */
export interface Step extends Count {
  readonly event: LifeEvent;
  readonly rules: Lifecycle;
  /** True if it changes no column of lists except those that count events. */
  readonly isAside: boolean;
  readonly owner: EventText | undefined;
  readonly news: DateNews | null;
  /** The record before and after the event, in the order of storage. */
  readonly before: Stored;
  readonly after: Stored;
}

interface Stored extends NamedBody {
  readonly status: string;
}

/** What events add to the version of a record and to its list of deadlines. */
export interface Count {
  /** The highest version. */
  readonly version: number;
  /** The number of events that affect or report deadlines. */
  readonly revision: number;
  /** The latest time at which an event was stored that changed the list, in milliseconds since 1970; 0 if none did. */
  readonly changedAt: number;
}

/**
 * Returns the steps in the order of storage.
 * @throws UnknownLifecycleError
 */
export function stepsOf(events: readonly LifeEvent[]): Step[] {
  let before: Stored = { body: null, event: null, status: '' };
  return events
    .toSorted((a, b) => a.version - b.version)
    .map((event) => {
      const step = stepOf(event, before);
      before = step.after;
      return step;
    });
}

function stepOf(event: LifeEvent, before: Stored): Step {
  const { version, recordedAt, state } = event;
  const rules = lifecycles.of(event);
  const { asides, dates, texts } = rules.code;
  const { body, event: named } = rules.code.summary.body?.(before, event) ?? before;
  const after = { body, event: named, status: state === null ? before.status : rules.statusOf(state) };
  const owner = texts && textsOf(texts, event).find(({ kind }) => kind === 'owner');
  const news = dates?.news(event) ?? null;
  const decides = dates !== undefined && dates.ledger.empty.after(event) !== dates.ledger.empty;
  const isOther = body !== before.body || after.status !== before.status;
  const isListed = dates !== undefined && (decides || isOther || news !== null || owner !== undefined);
  return {
    ...{ event, rules, isAside: asides?.has(event.type) === true, owner, news, before, after },
    ...{ version, revision: decides ? 1 : 0, changedAt: isListed ? Date.parse(recordedAt) : 0 },
  };
}

/** Compares events by effective date and then by version. */
export const byEffectiveOrder = ({ event: a }: Step, { event: b }: Step): number =>
  a.effectiveOn === b.effectiveOn ? a.version - b.version : a.effectiveOn < b.effectiveOn ? -1 : 1;
