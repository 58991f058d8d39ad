import type { Envelope } from '#event-sourcing/envelope';
import type { EventDraft } from '#event-sourcing/event-store';
import type { TypedEvent } from '#event-sourcing/typed-stream';
import { TypedStream } from '#event-sourcing/typed-stream';
import { instant, orNull } from '#lifecycle/fields';
import { shape } from '#lifecycle/shapes';
import type { DataOf } from '#lifecycle/shapes';
import { londonDate } from './london.ts';

/** The stream of findings about the clock. It follows no lifecycle. */
export const CLOCK_STREAM = 'clock';

export const CLOCK_SHAPES = {
  /** A confirmation that the clock was right at this time, whatever the times of earlier events. */
  ClockConfirmed: shape({
    now: instant('The confirmed time of the clock.'),
    latest: orNull(instant('The latest recording time of any earlier event; null for an empty log.')),
  }),
};
type ClockEventData = DataOf<typeof CLOCK_SHAPES>;

export type ClockEvent = TypedEvent<ClockEventData, Envelope>;

const events = new TypedStream<ClockEventData>(CLOCK_SHAPES);

/** Returns an event of the stream, typed. */
export const asClockEvent = events.read;

export const clockConfirmed = (data: ClockEventData['ClockConfirmed']): EventDraft =>
  events.draft('ClockConfirmed', data, londonDate(data.now));

/**
 * Returns the day on which the clock was confirmed. Earlier events with a later effective date were recorded while the
 * clock was wrong.
 */
export const confirmedDay = ({ data }: ClockEvent): string => londonDate(data.now);
