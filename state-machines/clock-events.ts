import type { Envelope } from '#event-sourcing/envelope';
import type { EventDraft } from '#event-sourcing/event-store';
import type { TypedEvent } from '#event-sourcing/typed-stream';
import { TypedStream } from '#event-sourcing/typed-stream';
import { instant, orNull } from '#lifecycle/fields';
import { shape } from '#lifecycle/shapes';
import type { DataOf } from '#lifecycle/shapes';
import { londonDate } from './london.ts';

/** What was found out about the clock, in one stream of the log; it follows no lifecycle. */
export const CLOCK_STREAM = 'clock';

export const CLOCK_SHAPES = {
  /** That the clock was right when it said this, whatever instants earlier events of the log have. */
  ClockConfirmed: shape({
    now: instant('What the clock said that was confirmed.'),
    latest: orNull(
      instant('The latest instant at which an event was recorded until then; null for an empty log.'),
    ),
  }),
};
type ClockEventData = DataOf<typeof CLOCK_SHAPES>;

export type ClockEvent = TypedEvent<ClockEventData, Envelope>;

const events = new TypedStream<ClockEventData>(CLOCK_SHAPES);

/** An event of that stream as it is read. */
export const asClockEvent = events.asToday;

export const clockConfirmed = (data: ClockEventData['ClockConfirmed']): EventDraft =>
  events.draft('ClockConfirmed', data, londonDate(data.now));

/**
 * The day that it was when the clock was confirmed. An event that was appended before and is effective on a later day was recorded while
 * the clock was wrong.
 */
export const confirmedDay = ({ data }: ClockEvent): string => londonDate(data.now);
