import { randomUUID } from 'node:crypto';
import { eventId } from '../../audit/src/seal.ts';
import type { Actor, Envelope, LifecycleReference } from '../../event-sourcing/src/envelope.ts';
import { streamEvents } from '../../event-sourcing/src/event-store.ts';
import type { EventDraft, EventStore } from '../../event-sourcing/src/event-store.ts';
import { draftEvents } from '../../lifecycle/src/decide.ts';
import type { DecidedEvent } from '../../lifecycle/src/decide.ts';
import { nameRedacted, personOfStream } from '../../lifecycle/src/person-events.ts';
import { londonDate } from '../../lifecycle/src/plain-date.ts';
import type { ReadModelDatabase } from '../../projections/src/read-model-database.ts';
import { ReadModelMissingError } from '../../projections/src/read-live.ts';
import { redactionsAfter } from '../../projections/src/redactions/redactions-projection.ts';
import type { RedactionRow } from '../../projections/src/redactions/redactions-projection.ts';
import { inspectionRecommendation } from '../../../state-machines/inspection-recommendation/v1/lifecycle.ts';
import { recordIdOf } from '../../../state-machines/inspection-recommendation/v1/record.ts';
import { redactionOf } from '../../event-sourcing/src/erasure.ts';
import { currentState } from './read-record.ts';

export interface RedactedAgain {
  readonly streamId: string;
  readonly eventId: string;
  readonly pointers: readonly string[];
}

const PAGE = 500;
const REASON =
  'Recorded again: the redaction was lost with the end of the log, which was restored from a backup';

/**
 * Records redactions that the read models know of and the log has lost, so that texts and names that came back with a restored
 * backup are withheld and erased again. What the log has of them already is left as it is.
 * @returns those that were recorded.
 */
export async function recordRedactionsAgain(
  store: EventStore,
  database: ReadModelDatabase,
  by: { readonly reference: LifecycleReference; readonly actor: Actor; readonly now: number },
): Promise<RedactedAgain[]> {
  const known = Map.groupBy(await knownRedactions(database), ({ stream_id }) => stream_id);
  const again: RedactedAgain[] = [];
  for (const [streamId, rows] of known) {
    if (recordIdOf(streamId) === null && personOfStream(streamId) === null) continue;
    again.push(...(await recordInStream(store, streamId, rows, by)));
  }
  return again;
}

async function knownRedactions(database: ReadModelDatabase): Promise<RedactionRow[]> {
  const known: RedactionRow[] = [];
  try {
    for (;;) {
      const { rows } = await redactionsAfter(database, known.at(-1)?.id ?? null, PAGE);
      if (rows.length === 0) return known;
      known.push(...rows);
    }
  } catch (error) {
    if (error instanceof ReadModelMissingError) return [];
    throw error;
  }
}

async function recordInStream(
  store: EventStore,
  streamId: string,
  rows: readonly RedactionRow[],
  { reference, actor, now }: Parameters<typeof recordRedactionsAgain>[2],
): Promise<RedactedAgain[]> {
  const events = await Array.fromAsync(streamEvents(store, streamId));
  const named = events.flatMap((event) => redactionOf(event) ?? []);
  const lost = rows.flatMap(({ event_id: redacted, pointers }): RedactedAgain[] => {
    const target = events.find((event) => event.eventId === redacted);
    const left = (JSON.parse(pointers) as string[]).filter(
      (pointer) =>
        target !== undefined &&
        Object.hasOwn(target.commitments, pointer) &&
        !named.some((one) => one.eventId === redacted && one.erased.includes(pointer)),
    );
    return left.length === 0 ? [] : [{ streamId, eventId: redacted, pointers: left }];
  });
  if (lost.length === 0) return [];
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
  return lost;
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
