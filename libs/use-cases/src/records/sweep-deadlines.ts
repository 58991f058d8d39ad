import type { Actor } from '#event-sourcing/envelope';
import { hasCode, messageOf } from '#event-sourcing/errors';
import type { AppendedEvent, Commit, EventDraft, EventStore } from '#event-sourcing/event-store';
import { streamEvents } from '#event-sourcing/event-store';
import { retryConflicts } from '#event-sourcing/retry-conflicts';
import { recordDue } from '#lifecycle/due-events';
import type { DueRecorder } from '#lifecycle/due-events';
import type { Lifecycle } from '#lifecycle/lifecycle';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import type { Lifecycles } from '#lifecycle/lifecycles';
import { dueRecords } from '#read-models/deadlines/due-records';
import type { DueRecord } from '#read-models/deadlines/due-records';
import type { ReadModelDatabase } from '#projections/read-model-database';
import type { Crossed } from '#lifecycle/summary';
import { kinds, kindInAnswer } from '#state-machines/record-streams';
import type { RecordReference } from '#lifecycle/kind';
import { streamOf } from '#lifecycle/kind';
import { v5 } from 'uuid';
import { commandIds } from '#audit/seal';

export interface SweepCall {
  /** The last day whose thresholds are recorded; at most today in London. */
  readonly asOf: string;
  readonly actor: Actor;
  /** Returns the current time in milliseconds since 1970, at which the events are recorded. */
  now(): number;
  /** Returns the correlation id of a record's events. Called once per record. */
  readonly correlationId: () => string;
  /** Called with each recorded event and the number of records swept so far. */
  readonly onRecorded?: (recorded: RecordedThreshold) => void;
  readonly onProgress?: (records: number) => void;
  /** Stops the sweep after the current records. */
  readonly signal?: AbortSignal;
}

export interface RecordedThreshold {
  /** The record's id, preceded by its kind's name where ids alone are ambiguous. */
  readonly id: string;
  readonly kind?: string;
  readonly type: string;
  /** The date's id; absent if the lifecycle does not say which date the event concerns. */
  readonly deadlineId?: string;
  readonly dueOn?: string;
  readonly nearness?: Crossed['nearness'];
  /** The day on which the threshold was crossed. */
  readonly effectiveOn: string;
  readonly version: number;
  readonly position: string;
}

export interface SweepOutcome {
  readonly asOf: string;
  /** The number of records swept, and the number of events recorded. */
  readonly records: number;
  readonly recorded: number;
}

/** Some records could not be swept; all others were. */
class SweepIncompleteError extends Error {
  readonly code = 'sweep-incomplete';

  constructor(failed: readonly Failure[]) {
    const [{ id, error }] = failed as readonly [Failure];
    const reason = messageOf(error);
    const more = failed.length === 1 ? '' : ` and ${failed.length - 1} more`;
    super(`${id}${more} could not be swept: ${reason}`, { cause: error });
    this.name = 'SweepIncompleteError';
  }
}

const PAGE = 500;
/** The number of records swept concurrently. The store groups concurrent appends. */
const AT_ONCE = 64;

/**
 * Records each threshold that deadlines have crossed up to a day, once: as an event with a derived id, effective on the day of the
 * crossing. The sweep is idempotent, so concurrent sweeps, retries and interruptions are harmless.
 * @throws ReadModelMissingError, StoreUnavailableError; events recorded before stay recorded.
 * @throws SweepIncompleteError naming a record that cannot be read or that others keep appending to.
 */
export async function sweepDeadlines(
  store: EventStore,
  database: ReadModelDatabase,
  lifecycles: Lifecycles,
  call: SweepCall,
): Promise<SweepOutcome> {
  const tally: Tally = { records: 0, recorded: 0, failed: [] };
  const sweep = (record: RecordReference): Promise<number> => sweepRecord(store, lifecycles, call, record);
  for (let after: DueRecord | null = null; !call.signal?.aborted;) {
    const page = await dueRecords(database, { asOf: call.asOf, after, limit: PAGE });
    after = page.at(-1) ?? null;
    if (after === null) break;
    await sweepPage(page, call, tally, sweep);
  }
  const { records, recorded, failed } = tally;
  if (failed.length > 0) throw new SweepIncompleteError(failed);
  return { asOf: call.asOf, records, recorded };
}

/** The result of a sweep so far. */
interface Tally {
  records: number;
  recorded: number;
  readonly failed: Failure[];
}

interface Failure {
  readonly id: string;
  readonly error: unknown;
}

async function sweepPage(
  page: readonly DueRecord[],
  call: SweepCall,
  tally: Tally,
  sweep: (record: RecordReference) => Promise<number>,
): Promise<void> {
  const waiting = page.values();
  const worker = async (): Promise<void> => {
    for (const { stream } of waiting) {
      if (call.signal?.aborted) return;
      const record = kinds.ofStream(stream);
      if (record === null) continue;
      try {
        const recorded = await sweep(record);
        // Added after the await, because concurrent sweeps change the tally.
        tally.recorded += recorded;
      } catch (error) {
        // A record that cannot be swept must not stop the others; an unavailable store stops the sweep.
        if (hasCode(error, 'store-unavailable')) throw error;
        tally.failed.push({ id: record.id, error });
      }
      tally.records += 1;
      call.onProgress?.(tally.records);
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: AT_ONCE }, worker));
  const stopped = ended.find((each) => each.status === 'rejected');
  if (stopped !== undefined) throw stopped.reason;
}

/** Records the crossed thresholds of one record. Returns the number of events recorded. */
export async function sweepRecord(
  store: EventStore,
  lifecycles: Lifecycles,
  call: SweepCall,
  record: RecordReference,
): Promise<number> {
  const streamId = streamOf(record);
  let recorded = 0;
  await retryConflicts(async () => {
    // Another writer, perhaps another sweep, may have appended: decide again from the current stream.
    const loaded = await load(store, lifecycles, streamId);
    if (loaded === null) return;
    const moment = {
      today: call.asOf,
      now: call.now(),
      correlationId: call.correlationId(),
    };
    const recorder = thresholdRecorder(call.actor);
    for (const commit of recordDue(streamId, loaded, moment, recorder).commits) {
      const { events } = await store.append(commit);
      recorded += 1;
      call.onRecorded?.(recordedThreshold(record, loaded.lifecycle, commit, events));
    }
  });
  return recorded;
}

interface Loaded {
  readonly version: number;
  readonly state: LifecycleState;
  readonly lifecycle: Lifecycle;
}

/** Returns a record's state; null if it has no events. */
async function load(store: EventStore, lifecycles: Lifecycles, streamId: string): Promise<Loaded | null> {
  let last: Loaded | null = null;
  for await (const event of streamEvents(store, streamId)) {
    const state = lifecycles.evolve(last && last.state, event);
    last = { version: event.version, lifecycle: lifecycles.of(event), state };
  }
  return last;
}

function recordedThreshold(
  record: RecordReference,
  { code }: Lifecycle,
  { appends }: Commit,
  stored: readonly AppendedEvent[],
): RecordedThreshold {
  const [draft] = appends.flatMap(({ events }) => events) as [EventDraft];
  const news = code.dates?.news(draft) ?? null;
  const date = news?.is === 'crossed' && { deadlineId: news.id, dueOn: news.dueOn, nearness: news.nearness };
  const { type, effectiveOn } = draft;
  const { version, position } = stored.at(-1) as AppendedEvent;
  return { id: record.id, ...kindInAnswer(record), type, ...date, effectiveOn, version, position };
}

/** The namespace of derived ids (RFC 9562, version 5). */
export const DERIVED_IDS = '0b6c1f0e-6a55-5b0a-9c53-5f1f6f2f0d3e';

/** The actor of thresholds that no person recorded. */
export const SWEEPER: Actor = { subject: 'docket:sweep', roles: ['scheduler'] };

/** Records each threshold with a command id derived from the threshold, so that two processes record it only once. */
export const thresholdRecorder = (actor: Actor): DueRecorder => ({
  actor,
  commandName: 'record-deadline',
  commandIds: (streamId, key) => commandIds(v5(`sweep/${streamId}/${key}`, DERIVED_IDS)),
});
