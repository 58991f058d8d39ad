import type { Envelope } from '#event-sourcing/envelope';
import type { EventDraft } from '#event-sourcing/event-store';
import type { TypedEvent } from '#event-sourcing/typed-event';
import { TypedStream } from '#event-sourcing/typed-stream';
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

const events = new TypedStream<ClockEventData>({ ClockConfirmed: { schemaVersion: 1 } });

/** An event of that stream as it is read. */
export const asClockEvent = events.asToday;

export const clockConfirmed = (data: ClockEventData['ClockConfirmed']): EventDraft =>
  events.draft('ClockConfirmed', data, londonDate(data.now));

/**
 * The day that it was when the clock was confirmed. An event that was appended before and is effective on a later day was recorded while
 * the clock was wrong.
 */
export const confirmedDay = ({ data }: ClockEvent): string => londonDate(data.now);
