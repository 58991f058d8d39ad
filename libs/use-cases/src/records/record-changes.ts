import type { JsonValue } from '#event-sourcing/envelope';
import type { ReadEvent } from '#lifecycle/lifecycles';
import { viewOfEvent } from '#state-machines/any-kind';
import type { OwnText } from '#state-machines/record-view';

/** A fact of a record, for comparing two views. */
export interface Fact {
  readonly value: JsonValue;
  /** The version of the event that states it. It distinguishes one erased text from another. */
  readonly statedBy?: number | undefined;
}

export type Facts = ReadonlyMap<string, Fact>;

/** Returns the differences between two views, in the order of the earlier view's facts, then the later's. Null means no value. */
export const changesBetween = (
  before: Facts | null,
  after: Facts,
): { readonly what: string; readonly before: JsonValue; readonly after: JsonValue }[] =>
  [...new Set([...(before?.keys() ?? []), ...after.keys()])]
    .map((what) => ({ what, was: before?.get(what), is: after.get(what) }))
    .filter(({ was, is }) => !isSame(was, is))
    .map(({ what, was, is }) => ({ what, before: was?.value ?? null, after: is?.value ?? null }));

function isSame(was: Fact | undefined, is: Fact | undefined): boolean {
  const [before, after] = [was?.value ?? null, is?.value ?? null];
  if (before === null && after === null) return was?.statedBy === is?.statedBy;
  return JSON.stringify(before) === JSON.stringify(after);
}

/** Returns the version of the last event, in a view's order, that states a text. */
export const lastStating = (events: readonly ReadEvent[], member: OwnText): number | undefined =>
  events.findLast((event) => viewOfEvent(event).ownTexts(event).includes(member))?.version;
