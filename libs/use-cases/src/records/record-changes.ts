import type { JsonValue } from '#event-sourcing/envelope';
import type { ReadEvent } from '#lifecycle/lifecycles';
import { viewOfEvent } from '#state-machines/any-kind';
import type { OwnText } from '#state-machines/record-view';

/** Something that a record says, by which two of its views are compared. */
export interface Fact {
  readonly value: JsonValue;
  /** The version of the event that gave it: an erased text cannot be told from another one by itself. */
  readonly givenBy?: number | undefined;
}

export type Facts = ReadonlyMap<string, Fact>;

/** What differs between two views, in the order of the earlier's facts and then the later's; null stands for what is not there. */
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
  if (before === null && after === null) return was?.givenBy === is?.givenBy;
  return JSON.stringify(before) === JSON.stringify(after);
}

/** The version of the event that says one of them last, of those that a view takes, in its order. */
export const lastSaid = (taken: readonly ReadEvent[], member: OwnText): number | undefined =>
  taken.findLast((event) => viewOfEvent(event).says(event).includes(member))?.version;
