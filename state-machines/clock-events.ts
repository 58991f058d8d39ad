import type { Envelope } from '#event-sourcing/envelope';
import { streamDraft } from '#event-sourcing/event-store';
import type { EventDraft } from '#event-sourcing/event-store';
import type { TypedEvent } from '#event-sourcing/typed-event';
import { EventShapes } from '#event-sourcing/upcasting';
import { londonDate } from './london.ts';

/** What was found out about the clock, in one stream of the log; it follows no lifecycle. */
export const CLOCK_STREAM = 'clock';

/** What the events of that stream say. */
export type ClockEventData = {
  /** That the clock was right when it said this, whatever instants earlier events of the log have. */
  readonly ClockConfirmed: {
    /** What the wall clock said, as an instant. */
    readonly now: string;
    /** The latest instant at which an event of the log was recorded until then; null for an empty log. */
    readonly latest: string | null;
  };
};

export type ClockEvent = TypedEvent<ClockEventData, Envelope>;

const shapes = new EventShapes(
  { ClockConfirmed: { schemaVersion: 1 } } satisfies Record<keyof ClockEventData, unknown>,
  {},
);

/**
 * An event of that stream as it is read: in today's shape, and typed; nothing else is appended to it than what is drafted here.
 * @throws UnknownShapeError
 */
export const asClockEvent = (event: Envelope): ClockEvent => shapes.asToday(event) as ClockEvent;

export const clockConfirmed = (data: ClockEventData['ClockConfirmed']): EventDraft =>
  streamDraft('ClockConfirmed', data, londonDate(data.now));

/**
 * The day that it was when the clock was confirmed. An event that was appended before and is effective on a later day was recorded while
 * the clock was wrong.
 */
export const confirmedDay = ({ data }: ClockEvent): string => londonDate(data.now);
