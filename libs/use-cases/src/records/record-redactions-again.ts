import { randomUUID } from 'node:crypto';
import { eventId } from '#audit/seal';
import type { Actor, Envelope, LifecycleReference } from '#event-sourcing/envelope';
import { streamEvents } from '#event-sourcing/event-store';
import type { EventDraft, EventStore } from '#event-sourcing/event-store';
import { retryingConflicts } from '#event-sourcing/retrying-conflicts';
import { draftEvents } from '#lifecycle/decide';
import type { DecidedEvent } from '#lifecycle/decide';
import { nameRedacted, personOfStream } from '#lifecycle/person-events';
import { londonDate } from '#lifecycle/plain-date';
import { inspectionRecommendation } from '#state-machines/inspection-recommendation/v1/lifecycle';
import { recordIdOf } from '#state-machines/inspection-recommendation/v1/record';
import { redactionOf } from '#event-sourcing/erasure';
import { currentState } from './read-record.ts';

export interface RedactedAgain {
  readonly streamId: string;
  readonly eventId: string;
  readonly pointers: readonly string[];
}

const REASON =
  'Recorded again: the redaction was lost with the end of the log, which was restored from a backup';

export interface RecordingAgain {
  readonly reference: LifecycleReference;
  readonly actor: Actor;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Records redactions that the log has lost, so that texts and names that came back with a restored backup are withheld and erased
 * again. What the log has of them already is left as it is.
 * @returns those that were recorded, and those that name events which the log does not have.
 */
export async function recordRedactionsAgain(
  store: EventStore,
  redactions: readonly RedactedAgain[],
  by: RecordingAgain,
): Promise<{ readonly recorded: RedactedAgain[]; readonly waiting: RedactedAgain[] }> {
  const recorded: RedactedAgain[] = [];
  const waiting: RedactedAgain[] = [];
  for (const [streamId, known] of Map.groupBy(redactions, (each) => each.streamId)) {
    if (recordIdOf(streamId) === null && personOfStream(streamId) === null) continue;
    const inStream = await recordInStream(store, streamId, mergedByEvent(known), by);
    recorded.push(...inStream.recorded);
    waiting.push(...inStream.waiting);
  }
  return { recorded, waiting };
}

/** One redaction for each event. */
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
  return retryingConflicts(async () => {
    const events = await Array.fromAsync(streamEvents(store, streamId));
    const waiting = known.filter(({ eventId: id }) => !events.some(({ eventId }) => eventId === id));
    const recorded = lostIn(events, known);
    if (recorded.length > 0) await append(store, streamId, { events, lost: recorded }, by);
    return { recorded, waiting };
  });
}

/** What redactions name of a stream's events, and no redaction in it does. */
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

async function append(
  store: EventStore,
  streamId: string,
  { events, lost }: { readonly events: readonly Envelope[]; readonly lost: readonly RedactedAgain[] },
  { reference, actor, now }: RecordingAgain,
): Promise<void> {
  const isPerson = personOfStream(streamId) !== null;
  const commandId = randomUUID();
  const recordedAt = new Date(now).toISOString();
  await store.append({
    command: { id: commandId, name: isPerson ? 'erase-name' : 'redact-comment', request: null },
    actor,
    decision: null,
    correlationId: randomUUID(),
    causationId: null,
    origin: 'import',
    lifecycle: isPerson ? null : reference,
    recordedAt,
    appends: [
      {
        streamId,
        expectedVersion: events.at(-1)?.version ?? 0,
        events: isPerson
          ? lost.map((each) => nameRedacted(each.eventId, londonDate(now)))
          : draftsInRecord(events, lost, { commandId, actor, recordedAt }),
      },
    ],
  });
}

function draftsInRecord(
  events: readonly Envelope[],
  lost: readonly RedactedAgain[],
  { commandId, actor, recordedAt }: { commandId: string; actor: Actor; recordedAt: string },
): readonly EventDraft[] {
  const decided = lost.map(({ pointers, ...target }): DecidedEvent => {
    const data = { eventId: target.eventId, erased: [...pointers], reason: REASON };
    return { type: 'CommentRedacted', data };
  });
  const day = londonDate(Date.parse(recordedAt));
  return draftEvents(inspectionRecommendation, currentState(events), decided, day, {
    actor,
    origin: 'import',
    decision: null,
    recordedAt,
    eventIdAt: (index) => eventId(commandId, index),
  }).drafts;
}
