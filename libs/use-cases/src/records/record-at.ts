import { byTurns, turnIfLong } from '#event-sourcing/folding';
import { takenBy } from '#lifecycle/effective-view';
import type { ViewPoint } from '#lifecycle/effective-view';
import { londonDate } from '#state-machines/london';
import type { RecordHistory } from './known-histories.ts';
import { filled, shownRecord } from './read-record.ts';
import type { ReadRecord } from './read-record.ts';
import { eventsWithDetails } from './record-events.ts';
import type { RecordsAccess } from './records-access.ts';
import type { ReadEvent } from '#lifecycle/lifecycles';
import type { ShownRecord } from '#state-machines/record-view';

/** Where a record is looked at: a view, or its stream up to a version, from 0 on. */
export type Point = { readonly view: ViewPoint } | { readonly version: number };

/** The events that a point takes, in its order; null where it names no version of the record. */
export function takenAt(point: Point, events: readonly ReadEvent[]): readonly ReadEvent[] | null {
  if ('view' in point) return takenBy(point.view, events);
  return point.version <= events.length ? events.slice(0, point.version) : null;
}

/** A record as it is read at a point. */
export interface RecordAt {
  readonly record: ReadRecord;
  /** The same, with the parts alone that its lifecycle has. */
  readonly shown: ShownRecord;
  /** The plain date for whose end it is told. */
  readonly day: string;
  /** Those that it is read from, in stream order; of those that the point takes, what says the record's details is whole. */
  readonly events: readonly ReadEvent[];
  /** In which of their views. */
  readonly view: ViewPoint;
}

/** All that is stored, in its order. */
const EVERYTHING: ViewPoint = { effectiveOn: null, knownAt: null };

/**
 * A record at a point, by its history; null before it existed.
 * @param now milliseconds since 1970.
 */
export async function recordAt(
  { store, lifecycles }: Pick<RecordsAccess, 'store' | 'lifecycles'>,
  { events: light, state }: Pick<RecordHistory, 'events' | 'state'>,
  point: Point,
  now: number,
): Promise<RecordAt | null> {
  const isView = 'view' in point;
  const view = isView ? point.view : EVERYTHING;
  const taken = isView ? light : light.slice(0, point.version);
  const last = taken.at(-1);
  if (last === undefined) return null;
  const events = await eventsWithDetails({ store, lifecycles }, taken, view);
  await turnIfLong(events);
  // How a deadline stands after a version is told for the day on which that was stored, as in a command's answer.
  const today = londonDate(isView ? now : last.recordedAt);
  const known = events.length === light.length ? state : null;
  const shown = await byTurns(shownRecord(lifecycles, events, view, today, known));
  return shown && { record: filled(shown), shown, day: view.effectiveOn ?? today, events, view };
}
