import { randomUUID } from 'node:crypto';
import type { Actor, Envelope, LifecycleReference } from '../../event-sourcing/src/envelope.ts';
import { hasCode } from '../../event-sourcing/src/errors.ts';
import type { AppendedEvent, EventStore } from '../../event-sourcing/src/event-store.ts';
import { streamEvents } from '../../event-sourcing/src/event-store.ts';
import { draftEvents } from '../../lifecycle/src/decide.ts';
import type { LifecycleState } from '../../lifecycle/src/lifecycle-definition.ts';
import { dueRecords } from '../../projections/src/deadlines/due-records.ts';
import type { DueRecord } from '../../projections/src/deadlines/due-records.ts';
import type { ReadModelDatabase } from '../../projections/src/read-model-database.ts';
import type { Facts } from '../../../state-machines/inspection-recommendation/v1/facts.ts';
import { inspectionRecommendation } from '../../../state-machines/inspection-recommendation/v1/lifecycle.ts';
import { recordStream } from '../../../state-machines/inspection-recommendation/v1/record.ts';
import {
  crossings,
  emptyLedger,
  evolveLedger,
} from '../../../state-machines/inspection-recommendation/v1/thresholds.ts';
import type {
  Crossing,
  DeadlineLedger,
} from '../../../state-machines/inspection-recommendation/v1/thresholds.ts';

export interface SweepCall {
  /** The last day whose thresholds are recorded; never later than today in London. */
  readonly asOf: string;
  readonly actor: Actor;
  /** The moment of the sweep, in milliseconds since 1970: what is recorded is recorded then. */
  now(): number;
  /** The id of the command that records a threshold: the same for the same threshold, whoever sweeps. */
  commandId(threshold: string): string;
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

const PAGE = 500;
/** So many records are swept at once: the store writes what waits in groups. */
const AT_ONCE = 64;
const CONFLICTS_MAX = 50;

/**
 * Records every threshold that deadlines have crossed up to a day, each once: as an event that is effective on that
 * day, with an id of its own. Two sweeps at once, a retry, or an end in the middle change nothing.
 * @throws ReadModelMissingError, StoreUnavailableError; what was recorded before stays recorded.
 */
export async function sweepDeadlines(
  store: EventStore,
  database: ReadModelDatabase,
  reference: LifecycleReference,
  call: SweepCall,
): Promise<SweepOutcome> {
  let [records, recorded] = [0, 0];
  for (let after: DueRecord | null = null; !call.signal?.aborted;) {
    const page = await dueRecords(database, { asOf: call.asOf, after, limit: PAGE });
    after = page.at(-1) ?? null;
    if (after === null) break;
    const waiting = page.values();
    const worker = async (): Promise<void> => {
      for (const { id } of waiting) {
        if (call.signal?.aborted) return;
        recorded += await sweepRecord(store, reference, call, id);
        records += 1;
        call.onProgress?.(records);
      }
    };
    const ended = await Promise.allSettled(Array.from({ length: AT_ONCE }, worker));
    const failed = ended.find((each) => each.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }
  return { asOf: call.asOf, records, recorded };
}

interface Swept {
  readonly version: number;
  readonly state: LifecycleState<Facts>;
  readonly ledger: DeadlineLedger;
}

/** Records what one record's deadlines have crossed; gives how many events that made. */
async function sweepRecord(
  store: EventStore,
  reference: LifecycleReference,
  call: SweepCall,
  id: string,
): Promise<number> {
  let recorded = 0;
  let swept = await load(store, id);
  for (let conflicts = 0; ;) {
    const crossing = swept && crossings(swept.ledger).find(({ day }) => day <= call.asOf);
    if (!swept || !crossing) return recorded;
    try {
      swept = await recordCrossing(store, reference, call, id, swept, crossing);
      recorded += 1;
    } catch (error) {
      // Someone appended meanwhile, perhaps another sweep this very event: what is there now decides.
      if (!hasCode(error, 'version-conflict') || conflicts++ >= CONFLICTS_MAX) throw error;
      swept = await load(store, id);
    }
  }
}

async function load(store: EventStore, id: string): Promise<Swept | null> {
  let swept: Swept | null = null;
  for await (const event of streamEvents(store, recordStream(id))) swept = follow(swept, event);
  return swept;
}

const follow = (before: Swept | null, event: Envelope): Swept => ({
  version: event.version,
  state: inspectionRecommendation.evolve(before && before.state, event),
  ledger: evolveLedger(before?.ledger ?? emptyLedger, event),
});

async function recordCrossing(
  store: EventStore,
  reference: LifecycleReference,
  call: SweepCall,
  id: string,
  { version, state, ledger }: Swept,
  { event: type, day, deadlineId, dateVersion, kind, dueOn }: Crossing,
): Promise<Swept> {
  const data = { deadlineId, dateVersion, kind, dueOn };
  const drafted = draftEvents(inspectionRecommendation, state, [{ type, data }], day, call.actor);
  const streamId = recordStream(id);
  const result = await store.append({
    command: {
      id: call.commandId(`${streamId}/${deadlineId}/${dateVersion}/${type}`),
      name: 'record-deadline',
      request: null,
    },
    actor: call.actor,
    decision: null,
    correlationId: randomUUID(),
    causationId: null,
    origin: 'sweep',
    lifecycle: reference,
    recordedAt: new Date(call.now()).toISOString(),
    appends: [{ streamId, expectedVersion: version, events: drafted.drafts }],
  });
  const stored = result.events.at(-1) as AppendedEvent;
  call.onRecorded?.({
    id,
    type,
    deadlineId,
    dueOn,
    effectiveOn: day,
    version: stored.version,
    position: stored.position,
  });
  const folded = { type, data, effectiveOn: day, actor: call.actor };
  return { version: stored.version, state: drafted.state, ledger: evolveLedger(ledger, folded) };
}
