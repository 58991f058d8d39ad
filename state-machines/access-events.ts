import type { Envelope } from '#event-sourcing/envelope';
import { streamDraft } from '#event-sourcing/event-store';
import type { EventDraft } from '#event-sourcing/event-store';
import type { TypedEvent } from '#event-sourcing/typed-event';
import { EventShapes } from '#event-sourcing/upcasting';

/** What was given out on a day, in a stream of its own: it belongs to no record and follows no lifecycle. */
export const accessStream = (day: string): string => `access-${day}`;

/** What the events of such a stream say; who it was given to is the event's actor. */
export type AccessEventData = {
  /** That an evidence pack was made of a record as it stood: at this place of the log it ended at this version. */
  readonly PackMade: {
    /** The record's stream. */
    readonly streamId: string;
    readonly version: number;
    /** The hash of the event of that version. */
    readonly hash: string;
    /** How many values were withheld, and SHA-256 of the list of them. */
    readonly withheld: { readonly count: number; readonly sha256: string };
  };
};

export type AccessEvent = TypedEvent<AccessEventData, Envelope>;

const shapes = new EventShapes(
  { PackMade: { schemaVersion: 1 } } satisfies Record<keyof AccessEventData, unknown>,
  {},
);

/**
 * An event of such a stream as it is read: in today's shape, and typed; taken on trust, since nothing else is appended to it than
 * what is drafted here.
 * @throws UnknownShapeError
 */
export const asAccessEvent = (event: Envelope): AccessEvent => shapes.asToday(event) as AccessEvent;

export const packMade = (data: AccessEventData['PackMade'], day: string): EventDraft =>
  streamDraft('PackMade', data, day);
