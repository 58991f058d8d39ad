import { createHash } from 'node:crypto';
import type { Envelope } from '#event-sourcing/envelope';
import type { AppendedEvent, Commit, EventStore } from '#event-sourcing/event-store';
import { retryConflicts } from '#event-sourcing/retry-conflicts';
import { commandIds, matchesRequest } from '#audit/seal';
import { londonDate } from '#state-machines/london';
import { refuseOtherRequest, repeatedEvents } from '#lifecycle/idempotency';
import { commitFor } from '#lifecycle/commit-for';
import type { Lifecycles } from '#lifecycle/lifecycles';
import { firstRole } from '#lifecycle/command-roles';
import { CommandRefusedError } from '#lifecycle/refused';
import { parseRegisterRecord } from '#register-format/parse-register-record';
import type { RegisterRecord } from '#register-format/parse-register-record';
import { IMPORTS } from './export-formats.ts';
import { issueStream, recordIdOf, recordStream } from '#state-machines/inspection-recommendation/kind';
import { ANY_RECORD_ID } from '#lifecycle/kind';
import { BODY_SLUG } from '#state-machines/body-events';
import { asRecordEvent } from '#state-machines/inspection-recommendation/v1/record-event';
import type { RecordDifference, RecordedAnomaly } from '#state-machines/capabilities/register-imports';
import type { AnyData } from '#state-machines/inspection-recommendation/v1/record-event';
import { INVALID_ID, invalidImport, planImport } from './plan-import.ts';
import type { ImportCall, ImportedFile, ImportPlan } from './plan-import.ts';

/** The maximum size of an imported register record, in bytes. */
export const RECORD_BYTES_MAX = 512 * 1024;

export interface ImportOutcome {
  readonly id: string;
  readonly outcome: ImportPlan['outcome'];
  /** The record's version after the import, also for a dry run. */
  readonly version: number;
  /** The position of the last event; null for a dry run that would append. */
  readonly position: string | null;
  /** The number of events that the import appends. */
  readonly events: number;
  readonly anomalies: readonly RecordedAnomaly[];
  /** The number of further anomalies; absent if all are listed. */
  readonly moreAnomalies?: number;
  /** What the file states and a record in use does not; absent for other records. */
  readonly differences?: readonly RecordDifference[];
}

/**
 * Imports a register record: every status and comment becomes an event, and anomalies are flagged. Importing the same file again changes
 * nothing; a file with more history appends the new part. On a record in use, an import changes nothing and lists the differences.
 * @throws CommandRefusedError `file-too-large`, `invalid-payload`, `role-not-permitted`, `idempotency-key-reused`, `id-already-used`,
 * `history-differs` with line and column, `not-a-register-record` or `record-full`.
 */
export async function importRecord(
  store: EventStore,
  lifecycles: Lifecycles,
  call: ImportCall,
): Promise<ImportOutcome> {
  if (call.source.length > RECORD_BYTES_MAX) throw recordTooLarge();
  refuseCall(call);
  const known = await earlierOutcome(store, call);
  if (known) return known;
  const record = parseRegisterRecord(call.source, londonDate(call.now));
  const id = recordIdFor(record, call.id);
  const { at = FILE_START } = call;
  const file = { record, id, isDerivedId: call.id === null && record.reference === null, at };
  const found = await retryConflicts(() => importFile(store, lifecycles, call, file)).catch(refusalIn);
  if (!(found instanceof CommandRefusedError) && APPENDING.includes(found.outcome)) return found;
  // Another node may have stored this import before the record was read.
  const meanwhile = await earlierOutcome(store, call);
  if (meanwhile) return meanwhile;
  if (found instanceof CommandRefusedError) throw found;
  return found;
}

const APPENDING: readonly ImportPlan['outcome'][] = ['created', 'appended'];

function refusalIn(error: unknown): CommandRefusedError {
  if (error instanceof CommandRefusedError) return error;
  throw error;
}

/** The position of a record that is alone in its file. */
const FILE_START = { line: 1, column: 1 };

/** Compares a file with the stored record and appends the new events. */
async function importFile(
  store: EventStore,
  lifecycles: Lifecycles,
  call: ImportCall,
  file: ImportedFile,
): Promise<ImportOutcome> {
  const { id, record } = file;
  const plan = await planImport(store, lifecycles, call, file);
  const outcome = (events: number, version: number, position: string | null) =>
    outcomeOf(
      { id, outcome: plan.outcome, version, position, events },
      record.anomalies,
      record.moreAnomalies,
      plan.differences,
    );
  if (plan.outcome === 'unchanged' || plan.outcome === 'differs')
    return outcome(0, plan.version, plan.lastPosition);
  const commit = importCommit(call, plan);
  const count = commit.appends.reduce((sum, { events }) => sum + events.length, 0);
  if (call.dryRun) return outcome(count, plan.version + count, null);
  const result = await store.append(commit);
  if (result.repeated) {
    refuseOtherRequest(matchesRequest, call, result.events);
    return repeatedOutcome(result.events);
  }
  const { version, position } = result.events.at(-1) as AppendedEvent;
  return outcome(count, version, position);
}

/**
 * Returns the id for a register record: the requested one, or its reference, or an id derived from title and
 * text, so that a later copy has the same id.
 */
export const recordIdFor = ({ reference, title, text }: RegisterRecord, requested: string | null): string =>
  requested ??
  reference ??
  `r-${createHash('sha256').update(`${title}\n\n${text}`).digest('hex').slice(0, 12)}`;

/** Returns the outcome of an earlier import under the same Idempotency-Key; null if there was none. */
async function earlierOutcome(store: EventStore, call: ImportCall): Promise<ImportOutcome | null> {
  const events = await repeatedEvents(store, matchesRequest, call);
  return events && repeatedOutcome(events);
}

/** Returns the outcome of the first request, with the anomalies recorded then. */
function repeatedOutcome(events: readonly Envelope[]): ImportOutcome {
  const { streamId, version, position, data } = asRecordEvent(events.at(-1) as Envelope);
  const outcome = events[0]?.version === 1 ? 'created' : 'appended';
  const { anomalies = [], moreAnomalies = 0 }: AnyData = data;
  const id = recordIdOf(streamId) as string;
  return outcomeOf({ id, outcome, version, position, events: events.length }, anomalies, moreAnomalies, null);
}

/** Returns an outcome with its members in the same order for first and repeated requests. */
const outcomeOf = (
  done: Omit<ImportOutcome, 'anomalies' | 'moreAnomalies' | 'differences'>,
  anomalies: readonly RecordedAnomaly[],
  moreAnomalies: number,
  differences: readonly RecordDifference[] | null,
): ImportOutcome => ({
  ...done,
  anomalies,
  ...(moreAnomalies > 0 && { moreAnomalies }),
  ...(differences !== null && { differences }),
});

/** Refuses a call that is invalid for all records. @throws CommandRefusedError `invalid-payload` or `role-not-permitted`. */
export function refuseCall(call: Pick<ImportCall, 'id' | 'recipient' | 'actor'>): void {
  const { id, recipient, actor } = call;
  const errors = [
    ...(id !== null && !ANY_RECORD_ID.test(id) ? [INVALID_ID] : []),
    ...(recipient !== null && !BODY_SLUG.matches.test(recipient)
      ? [{ pointer: '/recipient', detail: BODY_SLUG.message }]
      : []),
  ];
  if (errors.length > 0) throw invalidImport(errors);
  const permitted = firstRole('Register records are imported by', IMPORTS, actor.roles);
  if ('detail' in permitted) throw new CommandRefusedError('role', 'role-not-permitted', permitted.detail);
}

function recordTooLarge(): CommandRefusedError {
  const detail = `The record has more than ${RECORD_BYTES_MAX} bytes, the limit for a register record`;
  return new CommandRefusedError('invalid', 'file-too-large', detail);
}

function importCommit(call: ImportCall, plan: ImportPlan): Commit {
  const ids = commandIds(call.commandId);
  const header = { ...call, ids, name: 'import', origin: 'import' } as const;
  const record = {
    streamId: recordStream(plan.id),
    expectedVersion: plan.version,
    lifecycle: plan.lifecycle,
    before: plan.before,
    decided: plan.events,
    effectiveOn: londonDate(call.now),
  };
  const unused = { streamId: issueStream(plan.id), expectedVersion: 0, events: [] };
  const { commit } = commitFor(header, plan.version === 0 ? [record, unused] : [record]);
  return plan.preceding.length === 0 ? commit : { ...commit, preceding: plan.preceding };
}
