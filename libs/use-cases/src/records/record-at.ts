import { runYielding, turnIfLong } from '#event-sourcing/folding';
import { eventsInView } from '#lifecycle/effective-view';
import type { ViewPoint } from '#lifecycle/effective-view';
import { londonDate, londonDay } from '#state-machines/london';
import type { RecordHistory } from './known-histories.ts';
import { withAllParts, shownRecord } from './read-record.ts';
import type { ReadRecord } from './read-record.ts';
import { eventsWithDetails } from './record-events.ts';
import type { RecordsAccess } from './records-access.ts';
import type { ReadEvent } from '#lifecycle/lifecycles';
import type { ShownRecord } from '#state-machines/record-view';
import { isPlainDate, parseInstant } from '#lifecycle/plain-date';

/** A point in a record's history: a view, or a version of its stream, from 0. */
export type Point = { readonly view: ViewPoint } | { readonly version: number };

/** Returns the events that a point includes, in its order; null for a version that the record does not have. */
export function eventsAtPoint(point: Point, events: readonly ReadEvent[]): readonly ReadEvent[] | null {
  if ('view' in point) return eventsInView(point.view, events);
  return point.version <= events.length ? events.slice(0, point.version) : null;
}

/** A record at a point. */
interface RecordAt {
  readonly record: ReadRecord;
  /** The record with only the parts of its lifecycle. */
  readonly shown: ShownRecord;
  /** The date at whose end the record is shown. */
  readonly day: string;
  /** The stored events in stream order, with the texts of those that state the record's details. */
  readonly events: readonly ReadEvent[];
  /** The view of the events that applies. */
  readonly view: ViewPoint;
}

/** A view of all stored events. */
const EVERYTHING: ViewPoint = { effectiveOn: null, knownAt: null };

/** Returns a record at a point of its history; null before it existed. @param now milliseconds since 1970. */
export async function recordAt(
  { store, lifecycles }: RecordsAccess,
  { events: light, state }: Pick<RecordHistory, 'events' | 'state'>,
  point: Point,
  now: number,
): Promise<RecordAt | null> {
  const isView = 'view' in point;
  const view = isView ? point.view : EVERYTHING;
  const included = isView ? light : light.slice(0, point.version);
  const last = included.at(-1);
  if (last === undefined) return null;
  const events = await eventsWithDetails({ store, lifecycles }, included, view);
  await turnIfLong(events);
  // A version shows the deadline state of the day on which it was stored, as a command's response does.
  const today = londonDate(isView ? now : last.recordedAt);
  const foldedState = events.length === light.length ? state : null;
  const shown = await runYielding(shownRecord(lifecycles, events, view, today, foldedState));
  return shown && { record: withAllParts(shown), shown, day: view.effectiveOn ?? today, events, view };
}

/** The reason for which a text is not a valid instant of a view. */
type NotKnown = 'no-instant' | 'in-future';

/**
 * Parses the instant at which a view was known: an instant, or a date, which means the end of that London
 * day. Today's date means now. The future is invalid.
 */
export function parseKnownAt(text: string, now: number): { readonly knownAt: string } | NotKnown {
  const knownAt = isPlainDate(text) ? knownByDay(text, now) : parseInstant(text);
  if (knownAt === null) return 'no-instant';
  return Date.parse(knownAt) > now ? 'in-future' : { knownAt };
}

const knownByDay = (day: string, now: number): string =>
  day === londonDate(now) ? new Date(now).toISOString() : londonDay(day).to;

/** Returns a view; both parameters are optional. With only an instant, the view is effective on that instant's London day. */
export const viewPoint = (effectiveOn: string | null, knownAt: string | null): ViewPoint => ({
  effectiveOn: effectiveOn ?? (knownAt === null ? null : londonDate(knownAt)),
  knownAt,
});
