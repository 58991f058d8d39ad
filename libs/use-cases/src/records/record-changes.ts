import type { JsonValue } from '#event-sourcing/envelope';
import type { EventType } from '#state-machines/inspection-recommendation/v1/events';
import type { RecordEnvelope } from '#state-machines/inspection-recommendation/v1/record-event';

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

/** The events that say title and text. */
const SAYS_ITSELF: readonly EventType[] = ['RecommendationIssued', 'TextAmended'];

/** The version of the event that says one of them last, of those that a view takes, in its order. */
export const lastSaid = (taken: readonly RecordEnvelope[], member: 'title' | 'text'): number | undefined =>
  taken.findLast(
    ({ type, commitments }) => SAYS_ITSELF.includes(type) && Object.hasOwn(commitments, `/data/${member}`),
  )?.version;
