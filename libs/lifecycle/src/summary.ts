import type { Envelope, JsonObject, Pointer, StateValue } from '#event-sourcing/envelope';
import { valueAt } from '#event-sourcing/erasure';
import type { FoldedEvent } from './folded-event.ts';

/**
 * The facts of a record that lists need, folded event by event. A lifecycle leaves out the parts that its records do
 * not have. The summary is stored as it is: a JSON value without texts written by people, and without lists that grow
 * with every event.
 */
export interface SummaryCode<Summary = unknown> {
  readonly initial: Summary;
  /** Returns the summary after an event that results in a machine value; the same object if nothing changed. */
  after(summary: Summary, event: FoldedEvent, value: StateValue): Summary;
  /** Returns whether a record with this machine value is closed. */
  isClosed(value: StateValue): boolean;
  /** Returns whether an event closes a record because another record replaced it. */
  supersedes?(event: Pick<FoldedEvent, 'type' | 'data'>): boolean;
  /** Returns whether a response is due or was received. */
  answer?(value: StateValue): 'due' | 'given' | null;
  /** Returns the record's body after an event; the same object if it did not change. */
  body?(before: NamedBody, event: Pick<FoldedEvent, 'type' | 'eventId' | 'data'>): NamedBody;
  dates?(summary: Summary): readonly DueDate[];
  /** The date kinds that lists, queues and statistics use; all if absent. */
  readonly listedKinds?: readonly string[];
  /** The possible open requests, by name. */
  readonly waits?: Readonly<Record<string, Wait<Summary>>>;
  /** Returns the record's source. A later event replaces an earlier one. */
  about?(event: Pick<FoldedEvent, 'type' | 'data'>): About;
}

/** The part of a summary that a capability adds. */
export type SummaryPart<Slice = never> = Pick<
  SummaryCode<Slice>,
  'waits' | 'dates' | 'listedKinds' | 'body' | 'answer'
>;

export interface Wait<Summary = unknown> {
  /** The commands that decide the request. */
  readonly decidedBy?: readonly string[];
  /**
   * Returns the requester first, and others who may not decide, null for an unknown person. Returns null if no request
   * is open.
   */
  persons(summary: Summary, value: StateValue): readonly (string | null)[] | null;
}

/** The summary of a lifecycle that declares none: its records stay open, without requests. */
export const NO_SUMMARY: SummaryCode = {
  initial: null,
  after: (summary) => summary,
  isClosed: () => false,
};

/** The body of a record, and the event that set it. */
export interface NamedBody {
  /** The body; null if none is set. */
  readonly body: string | null;
  readonly event: string | null;
}

export interface DueDate {
  /** The id in the record: `d1`, `d2`, … */
  readonly id: string;
  readonly kind: string;
  readonly dueOn: string;
  /** The due date before any extension. */
  readonly firstDueOn: string;
  /** True if one of the dates had passed, by effective date, before it was extended or settled. */
  readonly passed?: true;
  /** The event with an unconfirmed claim that the date was met in time. A claim does not settle it. */
  readonly claimedBy?: string;
}

interface About {
  /** The id that the record shares with the other records of one issue. */
  readonly group?: string | null;
  /** The publication date of the record's report. */
  readonly publishedOn?: string | null;
}

/**
 * The kinds of text in a record. There can be many comments, public or internal; of each other kind, the last one
 * applies.
 */
export type TextKind = 'title' | 'text' | 'report' | 'owner' | 'comment' | 'internal';

/** The texts and names of people in the events of records. */
export interface TextsCode {
  /** The kinds of text by event type and by pointer from the envelope. */
  readonly at: Readonly<Record<string, Readonly<Record<Pointer, TextKind>>>>;
  /** Returns whether a comment is internal. */
  isInternal?(event: Pick<FoldedEvent, 'type' | 'data'>): boolean;
  /** Returns the event whose comment this one replaces; null if it replaces none. */
  completes?(event: Pick<FoldedEvent, 'type' | 'data'>): string | null;
}

/** A text of an event. */
export interface EventText {
  readonly kind: TextKind;
  /** The event, and the pointer into its envelope. */
  readonly eventId: string;
  readonly pointer: Pointer;
  /** The text; null if erased. */
  readonly value: string | null;
}

const NO_TEXTS: readonly EventText[] = [];

/** Returns the texts of an event, including erased ones. */
export function textsOf(
  code: TextsCode,
  event: Pick<Envelope, 'eventId' | 'type' | 'data' | 'commitments'>,
): readonly EventText[] {
  const own = code.at[event.type];
  if (own === undefined) return NO_TEXTS;
  const { eventId, commitments } = event;
  return Object.entries(own).flatMap(([pointer, kind]): EventText[] => {
    const value = valueAt(event, pointer);
    if (typeof value !== 'string' && !Object.hasOwn(commitments, pointer)) return [];
    const isHidden = kind === 'comment' && code.isInternal?.(event) === true;
    const text = typeof value === 'string' ? value : null;
    return [{ kind: isHidden ? 'internal' : kind, eventId, pointer, value: text }];
  });
}

/** Computes when a record's due dates require an event; immutable. */
export interface Ledger {
  /** Returns the ledger after an event; the same one if the event changes nothing. */
  after(event: Pick<FoldedEvent, 'type' | 'data' | 'effectiveOn'>): Ledger;
  /** Returns the day on which the next event is due; null if none is. */
  nextCrossingOn(): string | null;
  /** The number of events that changed or recorded something. */
  readonly revision: number;
  toJSON(): unknown;
}

/** The due dates of a lifecycle's events. */
export interface DatesCode {
  /** The kinds of dates, by which lists and calendars can filter. */
  readonly kinds: readonly string[];
  /** The type of the first event, if the ledger starts with it. */
  readonly first?: string;
  readonly ledger: { readonly empty: Ledger; from(kept: JsonObject): Ledger };
  news(event: Pick<FoldedEvent, 'type' | 'data'>): DateNews | null;
  /** Returns the dates that an event proves to be met, and the requests that it decides; null if neither. */
  shows(event: Pick<FoldedEvent, 'type' | 'data'>): Shown | null;
}

export type DateNews =
  | { readonly is: 'set'; readonly id: string; readonly dueOn: string }
  /** `kept`: a request to change the date was refused or withdrawn. */
  | { readonly is: 'extended'; readonly id: string }
  | { readonly is: 'withdrawn'; readonly id: string }
  | { readonly is: 'kept'; readonly id: string }
  | Crossed
  /** A correction of a wrong date: that of an id, or all of a kind. */
  | {
      readonly is: 'corrected';
      readonly of: { readonly id: string } | { readonly kind: string };
      readonly was: string;
      readonly dueOn: string;
    }
  /** A correction of an event with the wrong body. */
  | { readonly is: 'misnamed'; readonly event: string };

/** A recorded event about a due date: it is near, passed or long passed. */
export interface Crossed {
  readonly is: 'crossed';
  readonly nearness: 'near' | 'over' | 'long-over';
  readonly id: string;
  readonly kind: string;
  readonly dateVersion: number;
  readonly dueOn: string;
}

export interface Shown {
  /** The dates that were met: that of an id, those of a kind, or all except those of a kind. */
  readonly met: { readonly id: string } | { readonly kind: string } | { readonly notKind: string };
  readonly decides: readonly string[];
}
