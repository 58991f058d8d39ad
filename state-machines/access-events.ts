import type { Envelope } from '#event-sourcing/envelope';
import type { TypedEvent } from '#event-sourcing/typed-event';
import { TypedStream } from '#event-sourcing/typed-stream';

/** What was given out on a day, in a stream of its own: it belongs to no record and follows no lifecycle. */
export const accessStream = (day: string): string => `access-${day}`;

export const isAccessStream = (streamId: string): boolean => streamId.startsWith('access-');

/** What can be given out: a record as a file, the whole log, a record's internal parts. Packs have an event of their own. */
export const ACCESS_KINDS = ['export', 'log', 'internal'] as const;
export type AccessKind = (typeof ACCESS_KINDS)[number];

/** Something that was given out; who got it is the event's actor. Nothing that a person wrote is kept. */
export type RecordedAccess = {
  readonly kind: AccessKind;
  /** The record's stream; null for the log. */
  readonly streamId: string | null;
  /** Of an export, up to which version the file goes, and its format; null else. */
  readonly version: number | null;
  readonly format: string | null;
};

/** What was given out beyond what is recorded one by one. */
export type CountedAccesses = {
  /** Null for all the others together, where too many people were given something. */
  readonly subject: string | null;
  readonly count: number;
  /** The instants of the first and the last. */
  readonly from: string;
  readonly to: string;
  /** How many of each kind. */
  readonly kinds: Readonly<Record<string, number>>;
};

/** What the events of such a stream say; who it was given to is the event's actor. */
export type AccessEventData = {
  readonly AccessRecorded: RecordedAccess;
  readonly AccessesCounted: CountedAccesses;
  /** That an evidence pack was made of a record as it stood: at this place of the log it ended at this version. */
  readonly PackMade: {
    /** The record's stream. */
    readonly streamId: string;
    readonly version: number;
    /** The hash of the event of that version. */
    readonly hash: string;
    /** How many values were withheld, and SHA-256 of the list of them. */
    readonly withheld: { readonly count: number; readonly sha256: string };
    /** The text that the requester sent, by which they know a pack that was made for this request; null without one. */
    readonly challenge: string | null;
  };
};

export type AccessEvent = TypedEvent<AccessEventData, Envelope>;

const events = new TypedStream<AccessEventData>(
  {
    AccessRecorded: { schemaVersion: 1 },
    AccessesCounted: { schemaVersion: 1 },
    PackMade: { schemaVersion: 2 },
  },
  { PackMade: { 1: { data: (data) => ({ ...data, challenge: null }) } } },
);

/** An event of such a stream as it is read. */
export const asAccessEvent = events.asToday;

const RECORDED = 'AccessRecorded' satisfies keyof AccessEventData;

/** Whether an event says that somebody read the log. */
export function saysLogWasRead(event: Envelope): boolean {
  if (event.type !== RECORDED) return false;
  const access = asAccessEvent(event);
  return access.type === RECORDED && access.data.kind === 'log';
}

/** Whether such events are asked for, where these types are; null means all. */
export const asksForAccesses = (types: readonly string[] | null): boolean =>
  types?.includes(RECORDED) === true;

/** An event to append to such a stream. */
export const accessDraft = events.draft;
