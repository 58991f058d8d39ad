import type { JsonValue } from '#event-sourcing/envelope';
import type { EventType } from '#state-machines/inspection-recommendation/v1/events';
import type { RecordEnvelope } from '#state-machines/inspection-recommendation/v1/record-event';
import type { Lifecycles } from '#lifecycle/lifecycles';
import type { Facts } from '#state-machines/inspection-recommendation/v1/facts';
import { readRecord } from './read-record.ts';
import { replayRecord } from './replay-record.ts';
import type { ReplayLine } from './replay-record.ts';

/** One thing that differs: null where there was none, or where it was erased. */
export interface Change {
  /** `status`, a region, `deadline` (the computed state), `owner`, `recipient`, `title`, `text`, or `deadlines.<id>`. */
  readonly what: string;
  readonly from: JsonValue;
  readonly to: JsonValue;
}

export interface RecordDiff {
  readonly from: string;
  readonly to: string;
  readonly knownAt: string | null;
  /** Whether the record existed at the first date. */
  readonly existed: boolean;
  readonly changes: readonly Change[];
  /** What became effective after the first date and by the second, in effective order. */
  readonly events: readonly ReplayLine[];
}

/** The two plain dates at whose ends a record is looked at, and the instant up to which it was known. */
export interface Span {
  readonly from: string;
  readonly to: string;
  readonly knownAt: string | null;
}

/**
 * What changed in a record between the ends of two days, by its events without what was redacted. Null where it did not exist at the later one, or was not known
 * yet.
 * @throws UnknownLifecycleError
 */
export function diffRecord(
  lifecycles: Lifecycles<Facts>,
  events: readonly RecordEnvelope[],
  { from, to, knownAt }: Span,
): RecordDiff | null {
  const known = events.filter((event) => knownAt === null || event.recordedAt <= knownAt);
  const before = snapshot(lifecycles, known, from);
  const after = snapshot(lifecycles, known, to);
  const replay = replayRecord(lifecycles, events, { effectiveOn: to, knownAt }, to);
  if (after === null || replay === null) return null;
  return {
    from,
    to,
    knownAt,
    existed: before !== null,
    changes: changesBetween(before, after),
    // A view has the issue also where an import dates others before it.
    events: replay.lines.filter(({ effectiveOn }) => effectiveOn > from && effectiveOn <= to),
  };
}

interface Fact {
  readonly value: JsonValue;
  /** The version of the event that gave it: an erased text cannot be told from another one by itself. */
  readonly givenBy?: number | undefined;
}

/** The events that say title and text. */
const SAYS_ITSELF: readonly EventType[] = ['RecommendationIssued', 'TextAmended'];

/** What a record says at the end of a day, fact by fact. */
function snapshot(
  lifecycles: Lifecycles<Facts>,
  events: readonly RecordEnvelope[],
  day: string,
): Map<string, Fact> | null {
  const record = readRecord(lifecycles, events, { effectiveOn: day, knownAt: null }, day);
  if (record === null) return null;
  const { status, state, deadlines, owner, recipient, title, text } = record;
  const lastOf = (pointer: string): number | undefined =>
    events
      .filter(
        ({ commitments, type, effectiveOn, version }) =>
          SAYS_ITSELF.includes(type) &&
          Object.hasOwn(commitments, pointer) &&
          (version === 1 || effectiveOn <= day),
      )
      .reduce<RecordEnvelope | undefined>(
        (last, event) => (last !== undefined && last.effectiveOn > event.effectiveOn ? last : event),
        undefined,
      )?.version;
  return new Map<string, Fact>([
    ['status', { value: status }],
    ...Object.entries(state).map(([region, value]): [string, Fact] => [region, { value }]),
    ...deadlines.map(({ id, kind, dueOn, state: stands }): [string, Fact] => [
      `deadlines.${id}`,
      { value: { kind, dueOn, state: stands } },
    ]),
    ['owner', { value: owner }],
    ['recipient', { value: recipient }],
    ['title', { value: title, givenBy: lastOf('/data/title') }],
    ['text', { value: text, givenBy: lastOf('/data/text') }],
  ]);
}

function changesBetween(
  before: ReadonlyMap<string, Fact> | null,
  after: ReadonlyMap<string, Fact>,
): Change[] {
  return [...new Set([...(before?.keys() ?? []), ...after.keys()])]
    .map((what) => ({ what, from: before?.get(what), to: after.get(what) }))
    .filter(({ from, to }) => !isSame(from, to))
    .map(({ what, from, to }) => ({ what, from: from?.value ?? null, to: to?.value ?? null }));
}

function isSame(from: Fact | undefined, to: Fact | undefined): boolean {
  const [was, is] = [from?.value ?? null, to?.value ?? null];
  if (was === null && is === null) return from?.givenBy === to?.givenBy;
  return JSON.stringify(was) === JSON.stringify(is);
}
