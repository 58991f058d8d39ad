import type { Random } from '#event-sourcing/random';
import { commandIds } from '#audit/seal';
import type { Actor, Envelope } from '#event-sourcing/envelope';
import { streamEvents } from '#event-sourcing/event-store';
import type { EventStore } from '#event-sourcing/event-store';
import { retryConflicts } from '#event-sourcing/retry-conflicts';
import { commitFor } from '#lifecycle/commit-for';
import { personRedacted, personOfStream } from '#state-machines/person-events';
import { londonDate } from '#state-machines/london';
import type { Lifecycles } from '#lifecycle/lifecycles';
import { REDACT } from '#state-machines/capabilities/redaction';
import { kinds } from '#state-machines/record-streams';
import { REDACTION, redactionOf } from '#event-sourcing/erasure';
import { currentState } from './read-record.ts';
import type { DecidedEvent } from '#lifecycle/decide';

export interface RedactedAgain {
  readonly streamId: string;
  readonly eventId: string;
  readonly pointers: readonly string[];
}

const REASON =
  'Recorded again: the redaction was lost with the end of the log, which was restored from a backup';

export interface RecordingAgain {
  readonly lifecycles: Lifecycles;
  readonly random: Random;
  readonly actor: Actor;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Records redactions that the log lost, so that texts and names from a restored backup are withheld and
 * erased again. Leaves redactions that the log contains unchanged.
 * @returns the recorded redactions, and those of events that the log does not contain.
 */
export async function recordRedactionsAgain(
  store: EventStore,
  redactions: readonly RedactedAgain[],
  by: RecordingAgain,
): Promise<{ readonly recorded: RedactedAgain[]; readonly waiting: RedactedAgain[] }> {
  const recorded: RedactedAgain[] = [];
  const waiting: RedactedAgain[] = [];
  for (const [streamId, known] of Map.groupBy(redactions, (each) => each.streamId)) {
    if (kinds.ofStream(streamId) === null && personOfStream(streamId) === null) continue;
    const inStream = await recordInStream(store, streamId, mergedByEvent(known), by);
    recorded.push(...inStream.recorded);
    waiting.push(...inStream.waiting);
  }
  return { recorded, waiting };
}

/** Merges the redactions of each event. */
function mergedByEvent(redactions: readonly RedactedAgain[]): RedactedAgain[] {
  const byEvent = Map.groupBy(redactions, ({ eventId }) => eventId);
  return [...byEvent.values()].map((each) => ({
    ...(each[0] as RedactedAgain),
    pointers: [...new Set(each.flatMap(({ pointers }) => pointers))],
  }));
}

async function recordInStream(
  store: EventStore,
  streamId: string,
  known: readonly RedactedAgain[],
  by: RecordingAgain,
): ReturnType<typeof recordRedactionsAgain> {
  return retryConflicts(async () => {
    const events = await Array.fromAsync(streamEvents(store, streamId));
    const waiting = known.filter(({ eventId: id }) => !events.some(({ eventId }) => eventId === id));
    const recorded = lostIn(events, known);
    const last = events.at(-1);
    if (last !== undefined && recorded.length > 0) await append(store, { events, last, lost: recorded }, by);
    return { recorded, waiting };
  });
}

/** Returns the values of these redactions that the stream's own redactions lack. */
function lostIn(events: readonly Envelope[], known: readonly RedactedAgain[]): RedactedAgain[] {
  const named = events.flatMap((event) => redactionOf(event) ?? []);
  return known.flatMap((redaction): RedactedAgain[] => {
    const target = events.find(({ eventId }) => eventId === redaction.eventId);
    const pointers = redaction.pointers.filter(
      (pointer) =>
        target !== undefined &&
        Object.hasOwn(target.commitments, pointer) &&
        !named.some(({ eventId, erased }) => eventId === target.eventId && erased.includes(pointer)),
    );
    return pointers.length === 0 ? [] : [{ ...redaction, pointers }];
  });
}

interface LostIn {
  readonly events: readonly Envelope[];
  readonly last: Envelope;
  readonly lost: readonly RedactedAgain[];
}

async function append(
  store: EventStore,
  { events, last, lost }: LostIn,
  { lifecycles, random, actor, now }: RecordingAgain,
): Promise<void> {
  const ids = commandIds(random.uuid());
  const header = { ids, actor, now, correlationId: random.uuid(), origin: 'import' } as const;
  const day = londonDate(now);
  const { streamId, version: expectedVersion } = last;
  const at = { streamId, expectedVersion };
  const { commit } =
    personOfStream(streamId) === null
      ? commitFor({ ...header, name: REDACT }, [
          {
            ...at,
            lifecycle: lifecycles.after(last),
            before: currentState(lifecycles, events),
            decided: () => lost.map(redactedAgain),
            effectiveOn: day,
          },
        ])
      : commitFor({ ...header, name: 'erase-name' }, [
          {
            ...at,
            events: lost.map(({ eventId, pointers: erased }) => personRedacted({ eventId, erased }, day)),
          },
        ]);
  await store.append(commit);
}

const redactedAgain = ({ eventId, pointers }: RedactedAgain): DecidedEvent => ({
  type: REDACTION,
  data: { eventId, erased: [...pointers], reason: REASON },
});
