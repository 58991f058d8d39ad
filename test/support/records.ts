import type { Actor, JsonObject, Origin } from '#event-sourcing/envelope';
import { streamEvents } from '#event-sourcing/event-store';
import type { Commit, EventStore } from '#event-sourcing/event-store';
import { draftEvents } from '#lifecycle/decide';
import type { DecidedEvent } from '#lifecycle/decide';
import { currentState } from '#use-cases/records/read-record';
import { inspectionRecommendation } from '#state-machines/inspection-recommendation/v1/lifecycle';
import { recordStream } from '#state-machines/inspection-recommendation/kind';
import { append, commit } from './event-commits.ts';
import { recordedBy } from './recording.ts';
import { lifecycles } from '#state-machines/lifecycles';

const INSPECTOR: Actor = { subject: 'an-inspector', roles: ['inspector', 'approver'] };

/** Returns an event, effective on the day of its recording by default. */
export const event = (type: string, effectiveOn?: string, data: DecidedEvent['data'] = {}): DecidedEvent => ({
  type,
  data,
  ...(effectiveOn !== undefined && { effectiveOn }),
});

export const issuedEvent = (effectiveOn?: string): DecidedEvent =>
  event('RecommendationIssued', effectiveOn, {
    title: 'A title',
    text: 'A text',
    recipient: 'avon',
    report: null,
    reference: null,
    issue: null,
  });

export const due = (
  dueOn: string,
  { deadlineId = 'd1', kind = 'action' }: { deadlineId?: string; kind?: 'action' | 'response' } = {},
): DecidedEvent => event('DeadlineSet', undefined, { deadlineId, kind, dueOn });

export const extended = (dueOn: string, deadlineId = 'd1'): DecidedEvent =>
  event('DeadlineExtended', undefined, { deadlineId, dueOn });

/** Records a record's events at noon of a day, as commands do. */
export const recordOn = (
  store: EventStore,
  id: string,
  day: string,
  ...events: readonly DecidedEvent[]
): Promise<void> => recordAt(store, id, `${day}T12:00:00.000Z`, ...events);

/** Records events at an instant of the day on which they are effective. */
async function recordAt(
  store: EventStore,
  id: string,
  recordedAt: string,
  ...events: readonly DecidedEvent[]
): Promise<void> {
  await recordDecided(store, id, recordedAt, events);
}

export async function recordDecided(
  store: EventStore,
  id: string,
  recordedAt: string,
  events: readonly DecidedEvent[],
  origin: Origin = 'command',
): Promise<void> {
  const day = recordedAt.slice(0, 10);
  const streamId = recordStream(id);
  const known = await Array.fromAsync(streamEvents(store, streamId));
  const { drafts } = draftEvents(
    inspectionRecommendation,
    currentState(lifecycles, known),
    events,
    day,
    recordedBy(INSPECTOR),
  );
  await store.append({ ...commitAt(recordedAt, [append(streamId, known.length, ...drafts)]), origin });
}

const RECORDS_PER_COMMIT = 250;

/** Creates many records at once, each with the same events. */
export async function recordMany(
  store: EventStore,
  ids: readonly string[],
  day: string,
  ...events: readonly DecidedEvent[]
): Promise<void> {
  const { drafts } = draftEvents(inspectionRecommendation, null, events, day, recordedBy(INSPECTOR));
  for (let from = 0; from < ids.length; from += RECORDS_PER_COMMIT) {
    const part = ids.slice(from, from + RECORDS_PER_COMMIT);
    await store.append(
      commitAt(
        `${day}T12:00:00.000Z`,
        part.map((id) => append(recordStream(id), 0, ...drafts)),
      ),
    );
  }
}

const commitAt = (recordedAt: string, appends: Commit['appends']): Commit => ({
  ...commit(appends, { recordedAt }),
  actor: INSPECTOR,
  lifecycle: lifecycles.current('inspection-recommendation').reference,
});

/** Returns the deadline and date of a sweep's event: `d1/1`. */
export function thresholdOf(data: JsonObject): string {
  const { deadlineId, dateVersion } = data as { deadlineId?: string; dateVersion?: number };
  return `${deadlineId}/${dateVersion}`;
}
