import { randomUUID } from 'node:crypto';
import type { Actor, Envelope } from '#event-sourcing/envelope';
import { hasCode, messageOf } from '#event-sourcing/errors';
import type { AppendedEvent, Commit, EventDraft, EventStore } from '#event-sourcing/event-store';
import { streamEvents } from '#event-sourcing/event-store';
import { retryingConflicts } from '#event-sourcing/retrying-conflicts';
import { recordDue } from '#lifecycle/due-events';
import type { DueRecorder } from '#lifecycle/due-events';
import type { Lifecycle } from '#lifecycle/lifecycle';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import type { Lifecycles } from '#lifecycle/lifecycles';
import { falseThresholds } from '#read-models/thresholds/false-thresholds';
import type { FalseFuture } from '#read-models/thresholds/false-thresholds';
import { dueRecords } from '#read-models/deadlines/due-records';
import type { DueRecord } from '#read-models/deadlines/due-records';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { kinds } from '#state-machines/record-streams';
import { ownState } from '#state-machines/inspection-recommendation/v1/lifecycle';
import { asRecordEvent } from '#state-machines/inspection-recommendation/v1/record-event';
import type { AnyData } from '#state-machines/inspection-recommendation/v1/record-event';
import { NO_LEDGER, thresholdKey } from '#state-machines/inspection-recommendation/v1/thresholds';
import { isOfFalseFuture } from './false-futures.ts';
import { thresholdRecorder } from './threshold-recorder.ts';
import type { RecordReference } from '#lifecycle/kind';
import { streamOf } from '#lifecycle/kind';

export interface SweepCall {
  /** The last day whose thresholds are recorded; never later than today in London. */
  readonly asOf: string;
  readonly actor: Actor;
  /** The moment of the sweep, in milliseconds since 1970: what is recorded is recorded then. */
  now(): number;
  /** The times that a wrong clock showed: a threshold that was recorded in one of them is recorded again on its day. */
  readonly falseFutures?: readonly FalseFuture[];
  /** Under which a record's events are recorded; each record has one of its own where this is not said. */
  readonly correlationId?: () => string;
  /** Told of each event that was recorded, and of how many records were looked at so far. */
  readonly onRecorded?: (recorded: RecordedThreshold) => void;
  readonly onProgress?: (records: number) => void;
  /** Ends the sweep after the records that it is at. */
  readonly signal?: AbortSignal;
}

export interface RecordedThreshold {
  /** The record. */
  readonly id: string;
  readonly type: string;
  readonly deadlineId: string;
  readonly dueOn: string;
  /** The day on which the threshold was crossed. */
  readonly effectiveOn: string;
  readonly version: number;
  readonly position: string;
}

export interface SweepOutcome {
  readonly asOf: string;
  /** How many records were looked at, and how many events were recorded. */
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
/** So many records are swept at once: the store writes what waits in groups. */
const AT_ONCE = 64;

/**
 * Records every threshold that deadlines have crossed up to a day, each once: as an event that is effective on that
 * day, with an id of its own. Two sweeps at once, a retry, or an end in the middle change nothing.
 * @throws ReadModelMissingError, StoreUnavailableError; what was recorded before stays recorded.
 * @throws SweepIncompleteError naming a record that cannot be read, or that others wrote to all the time.
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
  const { falseFutures = [] } = call;
  const again = falseFutures.length === 0 ? [] : await falseThresholds(database, falseFutures, call.asOf);
  await sweepPage(
    again.map((stream) => ({ stream })),
    call,
    tally,
    sweep,
  );
  const { records, recorded, failed } = tally;
  if (failed.length > 0) throw new SweepIncompleteError(failed);
  return { asOf: call.asOf, records, recorded };
}

/** What came of a sweep so far. */
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
  page: readonly Pick<DueRecord, 'stream'>[],
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
        // Added when it is known: others have added meanwhile.
        tally.recorded += recorded;
      } catch (error) {
        // A record that cannot be swept keeps none behind it from its turn; a store that is away keeps all.
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

/** Records what one record's deadlines have crossed; gives how many events that made. */
export async function sweepRecord(
  store: EventStore,
  lifecycles: Lifecycles,
  call: SweepCall,
  record: RecordReference,
): Promise<number> {
  const streamId = streamOf(record);
  let recorded = 0;
  await retryingConflicts(async () => {
    // Someone appended meanwhile, perhaps another sweep this very event: what is there now decides.
    const loaded = await load(store, lifecycles, streamId, call.falseFutures ?? []);
    if (loaded === null) return;
    const moment = {
      today: call.asOf,
      now: call.now(),
      correlationId: call.correlationId?.() ?? randomUUID(),
    };
    const recorder = recordingAgain(thresholdRecorder(call.actor), loaded.falselyRecorded);
    for (const commit of recordDue(streamId, loaded, moment, recorder).commits) {
      const { events } = await store.append(commit);
      recorded += 1;
      call.onRecorded?.(recordedThreshold(record.id, commit, events));
    }
  });
  return recorded;
}

interface Loaded {
  readonly version: number;
  readonly state: LifecycleState;
  /** The one that the record follows. */
  readonly lifecycle: Lifecycle;
  /** How often each threshold was recorded in a false future. */
  readonly falselyRecorded: ReadonlyMap<string, number>;
}

/** Where some of its thresholds were recorded in a false future, the state is as if they were not recorded. */
async function load(
  store: EventStore,
  lifecycles: Lifecycles,
  streamId: string,
  futures: readonly FalseFuture[],
): Promise<Loaded | null> {
  const falselyRecorded = new Map<string, number>();
  let ledger = NO_LEDGER;
  let last: Omit<Loaded, 'falselyRecorded'> | null = null;
  for await (const event of streamEvents(store, streamId)) {
    const state = lifecycles.evolve(last && last.state, event);
    last = { version: event.version, lifecycle: lifecycles.after(event), state };
    if (futures.length === 0) continue;
    const threshold = isOfFalseFuture(futures, event) ? thresholdOf(event) : null;
    if (threshold === null) ledger = ledger.after(asRecordEvent(event));
    else falselyRecorded.set(threshold, (falselyRecorded.get(threshold) ?? 0) + 1);
  }
  if (last === null || falselyRecorded.size === 0) return last && { ...last, falselyRecorded };
  const state = ownState(last.state);
  return { ...last, state: { ...state, facts: { ...state.facts, ledger } }, falselyRecorded };
}

/** The name of the threshold that an event tells of; null for one that tells of none. */
function thresholdOf(event: Envelope): string | null {
  const { type, data } = asRecordEvent(event);
  switch (type) {
    case 'DeadlineApproaching':
    case 'DeadlinePassed':
    case 'DeadlineEscalated':
      return thresholdKey(data, type);
    default:
      return null;
  }
}

/** Each time that a threshold is recorded again, it is by a command of its own. */
const recordingAgain = (recorder: DueRecorder, times: ReadonlyMap<string, number>): DueRecorder => ({
  ...recorder,
  commandIds: (streamId, key) =>
    recorder.commandIds(streamId, times.has(key) ? `${key}/${times.get(key)}` : key),
});

function recordedThreshold(
  id: string,
  { appends }: Commit,
  stored: readonly AppendedEvent[],
): RecordedThreshold {
  const [draft] = appends.flatMap(({ events }) => events) as [EventDraft];
  const { type, data, effectiveOn } = asRecordEvent(draft);
  const { deadlineId = '', dueOn }: AnyData = data;
  const { version, position } = stored.at(-1) as AppendedEvent;
  return { id, type, deadlineId, dueOn: dueOn ?? '', effectiveOn, version, position };
}
