import type { JsonValue } from '#event-sourcing/envelope';
import { atOnce } from '#event-sourcing/folding';
import type { Lifecycles, ReadEvent } from '#lifecycle/lifecycles';
import { eventsInView } from '#lifecycle/effective-view';
import { readRecord } from './read-record.ts';
import { viewOfEvent } from '#state-machines/any-kind';
import type { OwnText } from '#state-machines/record-view';
import { replayRecord } from './replay-record.ts';
import type { ReplayLine } from './replay-record.ts';

/** A difference. `from` and `to` are null if there was no value, or it was erased. */
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
  /** The events effective after the first date, up to and including the second, in effective order. */
  readonly events: readonly ReplayLine[];
}

/** The two days at whose ends the record is compared, and the instant up to which it was known. */
export interface Span {
  readonly from: string;
  readonly to: string;
  readonly knownAt: string | null;
}

/**
 * Returns the changes of a record between the ends of two days, without redacted values; null if it did not
 * exist or was not known at the later one.
 * @throws UnknownLifecycleError
 */
export function diffRecord(
  lifecycles: Lifecycles,
  events: readonly ReadEvent[],
  { from, to, knownAt }: Span,
): RecordDiff | null {
  const knownEvents = events.filter((event) => knownAt === null || event.recordedAt <= knownAt);
  const before = snapshot(lifecycles, knownEvents, from);
  const after = snapshot(lifecycles, knownEvents, to);
  const replay = replayRecord(lifecycles, events, { effectiveOn: to, knownAt }, to);
  if (after === null || replay === null) return null;
  return {
    from,
    to,
    knownAt,
    existed: before !== null,
    changes: changesBetween(before, after),
    // A view includes the issue even if an import dates other events before it.
    events: replay.lines.filter(({ effectiveOn }) => effectiveOn > from && effectiveOn <= to),
  };
}

/** A fact of a record, and the version of the event that states it, which distinguishes erased texts. */
interface Fact {
  readonly value: JsonValue;
  readonly statedBy?: number | undefined;
}

type Facts = ReadonlyMap<string, Fact>;

const changesBetween = (before: Facts | null, after: Facts): Change[] =>
  [...new Set([...(before?.keys() ?? []), ...after.keys()])]
    .map((what) => ({ what, was: before?.get(what), is: after.get(what) }))
    .filter(({ was, is }) => !isSame(was, is))
    .map(({ what, was, is }) => ({ what, from: was?.value ?? null, to: is?.value ?? null }));

function isSame(was: Fact | undefined, is: Fact | undefined): boolean {
  const [before, after] = [was?.value ?? null, is?.value ?? null];
  if (before === null && after === null) return was?.statedBy === is?.statedBy;
  return JSON.stringify(before) === JSON.stringify(after);
}

/** Returns the version of the last event, in a view's order, that states a text. */
const lastStating = (events: readonly ReadEvent[], member: OwnText): number | undefined =>
  events.findLast((event) => viewOfEvent(event).ownTexts(event).includes(member))?.version;

/** Returns the record's facts at the end of a day. */
function snapshot(lifecycles: Lifecycles, events: readonly ReadEvent[], day: string): Facts | null {
  const view = { effectiveOn: day, knownAt: null };
  const record = atOnce(readRecord(lifecycles, events, view, day));
  if (record === null) return null;
  const { status, state, deadlines, owner, recipient, title, text } = record;
  const included = eventsInView(view, events);
  return new Map<string, Fact>([
    ['status', { value: status }],
    ...Object.entries(state).map(([region, value]): [string, Fact] => [region, { value }]),
    ...deadlines.map(({ id, kind, dueOn, state: deadlineState }): [string, Fact] => [
      `deadlines.${id}`,
      { value: { kind, dueOn, state: deadlineState } },
    ]),
    ['owner', { value: owner }],
    ['recipient', { value: recipient }],
    ['title', { value: title, statedBy: lastStating(included, 'title') }],
    ['text', { value: text, statedBy: lastStating(included, 'text') }],
  ]);
}
