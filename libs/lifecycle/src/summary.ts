import type { Envelope, JsonObject, Pointer, StateValue } from '#event-sourcing/envelope';
import { valueAt } from '#event-sourcing/erasure';
import type { FoldedEvent } from './folded-event.ts';

/**
 * What lists say of records, folded event by event. A lifecycle leaves out the parts that its records do not have. A row keeps the
 * summary as JSON: it holds no text that people write.
 */
export interface SummaryCode<Summary = unknown> {
  readonly initial: Summary;
  /** The types of events that never change a summary; none if absent. */
  readonly asides?: ReadonlySet<string>;
  /** Members of events, mostly long ones, that no summary is folded from; none if absent. */
  readonly unused?: readonly string[];
  /** The summary after an event that leaves the machine at a value; the same object where it changes nothing. */
  after(summary: Summary, event: FoldedEvent, value: StateValue): Summary;
  kept(summary: Summary): JsonObject;
  from(kept: JsonObject): Summary;
  /** Whether a record with this value has come to its end. */
  isClosed(value: StateValue): boolean;
  /** Whether an event that closes a record does so because another record has taken its place. */
  supersedes?(event: Pick<FoldedEvent, 'type' | 'data'>): boolean;
  /** Whether an answer to the record is due, or was given. */
  answer?(value: StateValue): 'due' | 'given' | null;
  /** The body that the record is for, after an event; the same object where the event does not change it. */
  body?(before: NamedBody, event: Pick<FoldedEvent, 'type' | 'eventId' | 'data'>): NamedBody;
  /** The dates by which something is to be done. */
  dates?(summary: Summary): readonly DueDate[];
  /** The kinds of dates by which lists, queues and statistics judge a record; all where it is left out. */
  readonly listedKinds?: readonly string[];
  /** What can wait for a decision, by name. */
  readonly waits?: Readonly<Record<string, Wait<Summary>>>;
  /** What an event says of where the record comes from; a later event replaces what an earlier one said. */
  about?(event: Pick<FoldedEvent, 'type' | 'data'>): About;
}

/** What a capability adds to a summary. */
export interface SummaryPart<Slice = never> extends Pick<
  SummaryCode<Slice>,
  'kept' | 'waits' | 'dates' | 'listedKinds' | 'body' | 'answer'
> {
  /** What of the facts a summary is folded from; all others would only grow. */
  readonly keeps: readonly string[];
  /** What a row has kept. */
  from(kept: JsonObject): Partial<Slice>;
}

export interface Wait<Summary = unknown> {
  /** The commands that decide. */
  readonly decidedBy?: readonly string[];
  /**
   * Who requested what waits, or may not decide it for another reason; null in the place of somebody who is not known. Null where
   * nothing waits.
   */
  persons(summary: Summary, value: StateValue): readonly (string | null)[] | null;
}

/** Of a lifecycle that does not say how its records are summarised: they stay open, and nothing waits. */
export const NO_SUMMARY: SummaryCode = {
  initial: null,
  after: (summary) => summary,
  kept: () => ({}),
  from: () => null,
  isClosed: () => false,
};

/** The body that a record is for, and the event that names it. */
export interface NamedBody {
  /** Null where nobody has named one. */
  readonly body: string | null;
  readonly event: string | null;
}

/** A date by which something is to be done. */
export interface DueDate {
  readonly id: string;
  readonly kind: string;
  readonly dueOn: string;
  /** The date before it was moved for the first time. */
  readonly firstDueOn: string;
  /** Whether one of its dates had passed before it was moved, or before what it is for was done. */
  readonly passed?: true;
  /** The event that claims that it was met, while nobody has confirmed that. */
  readonly claimedBy?: string;
}

export interface About {
  /** The id that it shares with others which began together with it. */
  readonly group?: string | null;
  /** When the report was published that the record comes from. */
  readonly publishedOn?: string | null;
}

/** What a text of a record is. Of comments, public or internal, there can be many; of all others the last one counts. */
export type TextKind = 'title' | 'text' | 'report' | 'owner' | 'comment' | 'internal';

/** Where the events of records say texts, and names of people. */
export interface TextsCode {
  /** By type of event, and pointer from the envelope. */
  readonly at: Readonly<Record<string, Readonly<Record<Pointer, TextKind>>>>;
  /** Whether a comment is internal. */
  isInternal?(event: Pick<FoldedEvent, 'type' | 'data'>): boolean;
  /** The event whose comment this one takes the place of; null for none. */
  completes?(event: Pick<FoldedEvent, 'type' | 'data'>): string | null;
}

/** A text that an event says. */
export interface SaidText {
  readonly kind: TextKind;
  /** The event, and where in its envelope. */
  readonly eventId: string;
  readonly pointer: Pointer;
  /** Null where it was erased. */
  readonly value: string | null;
}

const NO_TEXTS: readonly SaidText[] = [];

/** The texts of an event, also those that were erased. */
export function textsOf(
  code: TextsCode,
  event: Pick<Envelope, 'eventId' | 'type' | 'data' | 'commitments'>,
): readonly SaidText[] {
  const own = code.at[event.type];
  if (own === undefined) return NO_TEXTS;
  const { eventId, commitments } = event;
  return Object.entries(own).flatMap(([pointer, kind]): SaidText[] => {
    const value = valueAt(event, pointer);
    if (typeof value !== 'string' && !Object.hasOwn(commitments, pointer)) return [];
    const isHidden = kind === 'comment' && code.isInternal?.(event) === true;
    const text = typeof value === 'string' ? value : null;
    return [{ kind: isHidden ? 'internal' : kind, eventId, pointer, value: text }];
  });
}

/** What decides from which day something of a record's dates is to be recorded; it never changes. */
export interface Ledger {
  /** The ledger after an event; the same one where the event decides nothing. */
  after(event: Pick<FoldedEvent, 'type' | 'data' | 'effectiveOn'>): Ledger;
  /** The day from which something is to be recorded; null where nothing is. */
  nextCrossingOn(): string | null;
  /** How many events have decided something, or recorded it. */
  readonly revision: number;
  toJSON(): unknown;
}

/** What events say of dates by which something is to be done. */
export interface DatesCode {
  /** What its dates are for: lists, calendars and subscriptions are narrowed to one of these. */
  readonly kinds: readonly string[];
  /** The type of the first event, where the ledger begins with it. */
  readonly first?: string;
  readonly ledger: { readonly empty: Ledger; from(kept: JsonObject): Ledger };
  news(event: Pick<FoldedEvent, 'type' | 'data'>): DateNews | null;
  /** What an event shows to have been done, and the requests that it decides; null for an event that shows nothing. */
  shows(event: Pick<FoldedEvent, 'type' | 'data'>): Shown | null;
}

export type DateNews =
  /** It `replaces` those of its kind, where only one can be in force. */
  | { readonly is: 'set'; readonly id: string; readonly dueOn: string; readonly replaces?: string }
  /** `kept`: a request for another date was refused, or taken back. */
  | { readonly is: 'extended'; readonly id: string }
  | { readonly is: 'withdrawn'; readonly id: string }
  | { readonly is: 'kept'; readonly id: string }
  | Crossed
  /** A date was wrong: that of an id, or all of a kind. */
  | {
      readonly is: 'corrected';
      readonly of: { readonly id: string } | { readonly kind: string };
      readonly was: string;
      readonly dueOn: string;
    }
  /** An event named the wrong body. */
  | { readonly is: 'misnamed'; readonly event: string };

/** A date is near, over or long over, and that is on record. */
export interface Crossed {
  readonly is: 'crossed';
  readonly nearness: 'near' | 'over' | 'long-over';
  readonly id: string;
  readonly kind: string;
  readonly dateVersion: number;
  readonly dueOn: string;
}

export interface Shown {
  /** That the date of an id was met, those of a kind, or all but those of a kind. */
  readonly met: { readonly id: string } | { readonly kind: string } | { readonly notKind: string };
  readonly decides: readonly string[];
}
