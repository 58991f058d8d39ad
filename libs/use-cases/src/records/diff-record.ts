import type { JsonValue } from '#event-sourcing/envelope';
import { atOnce } from '#event-sourcing/folding';
import type { Lifecycles, ReadEvent } from '#lifecycle/lifecycles';
import { eventsInView } from '#lifecycle/effective-view';
import { readRecord } from './read-record.ts';
import { changesBetween, lastStating } from './record-changes.ts';
import type { Fact, Facts } from './record-changes.ts';
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
    changes: changesBetween(before, after).map(({ what, before: was, after: is }) => ({
      what,
      from: was,
      to: is,
    })),
    // A view includes the issue even if an import dates other events before it.
    events: replay.lines.filter(({ effectiveOn }) => effectiveOn > from && effectiveOn <= to),
  };
}

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
