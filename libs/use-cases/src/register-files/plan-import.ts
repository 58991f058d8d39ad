import { createHash } from 'node:crypto';
import type { Envelope } from '#event-sourcing/envelope';
import type { Commit, EventStore } from '#event-sourcing/event-store';
import type { EventIdAt } from '#lifecycle/commit-for';
import { RECORD_ID } from '#lifecycle/kind';
import { recordDue } from '#lifecycle/due-events';
import { fullReason, RECORD_LIMITS } from '#lifecycle/record-limits';
import type { Lifecycle } from '#lifecycle/lifecycle';
import type { Lifecycles } from '#lifecycle/lifecycles';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import { londonDate } from '#state-machines/london';
import { CommandRefusedError } from '#lifecycle/refused';
import type { PayloadProblem, SeenStream } from '#lifecycle/refused';
import type { Position } from '#register-format/anomalies';
import type { RegisterRecord } from '#register-format/parse-register-record';
import { placeInFile } from '#register-format/slice-register-file';
import { ownState } from '#state-machines/inspection-recommendation/v1/lifecycle';
import type { Status } from '#state-machines/inspection-recommendation/v1/machine';
import type { CommandCaller } from '../call-context.ts';
import { IMPORTS } from './export-formats.ts';
import {
  issueAddress,
  issueStream,
  recommendationOf,
  recommendation,
  recordStream,
} from '#state-machines/inspection-recommendation/kind';
import { asRecordEvent, asRecordEvents } from '#state-machines/inspection-recommendation/v1/record-event';
import type {
  ImportedRecordEvent,
  RecordEnvelope,
} from '#state-machines/inspection-recommendation/v1/record-event';
import type { RecordDifference } from '#state-machines/capabilities/register-imports';
import { compareRecord, differencesFrom } from './compare-record.ts';
import type { Agreement } from './compare-record.ts';
import { currentState } from '../records/read-record.ts';
import { storedEvents } from '../records/record-events.ts';
import { refuseOwnBody } from '../records/refuse-own-body.ts';
import { SWEEPER, thresholdRecorder } from '../records/sweep-deadlines.ts';
import { completionEvents, entryEvents, recordEvents } from './register-history.ts';

export interface ImportCall extends CommandCaller {
  readonly source: Uint8Array;
  /** The start of the record in a file with several; absent if it is the file's start. */
  readonly at?: Position;
  /** If null, the id is the title's reference, or is derived from title and text. */
  readonly id: string | null;
  readonly recipient: string | null;
  /** Whether only to report what would happen. */
  readonly dryRun: boolean;
}

/** The outcomes of an import. One that `differs` from a record in use changes nothing. */
export const IMPORT_OUTCOMES = ['created', 'appended', 'unchanged', 'differs'] as const;

/** The effect of an import on the current record. */
export interface ImportPlan {
  readonly id: string;
  readonly outcome: (typeof IMPORT_OUTCOMES)[number];
  /** The record's version after the preceding commits. */
  readonly version: number;
  /** The deadline events that are due before the import and not recorded yet. */
  readonly preceding: readonly Commit[];
  readonly before: LifecycleState | null;
  /** The lifecycle of the record, or of the record to create. */
  readonly lifecycle: Lifecycle;
  /**
   * Returns the events to append, with ids from `eventIdAt`; empty for the outcomes `unchanged` and `differs`.
   * @throws CommandRefusedError if the record is full.
   */
  readonly events: (eventIdAt: EventIdAt) => readonly ImportedRecordEvent[];
  readonly lastPosition: string | null;
  /** What the import states and a record in use does not; null for other records. */
  readonly differences: readonly RecordDifference[] | null;
}

/** A parsed file and the id of its record. */
export interface ImportedFile {
  readonly record: RegisterRecord;
  readonly id: string;
  /** The start of the record in the file. */
  readonly at: Position;
  /** Whether the id was derived from title and text, which another body's record can share. */
  readonly isDerivedId: boolean;
}

/**
 * Plans an import. The outcome is `unchanged` if the record already contains everything in the file.
 * @throws CommandRefusedError if the import is refused.
 */
export async function planImport(
  store: EventStore,
  lifecycles: Lifecycles,
  call: ImportCall,
  file: ImportedFile,
): Promise<ImportPlan> {
  const plan = await comparedPlan(store, lifecycles, call, file);
  if (plan.outcome === 'unchanged' || plan.outcome === 'differs') return plan;
  refuseNonRecord(file);
  return {
    ...plan,
    events: (eventIdAt) => {
      const events = plan.events(eventIdAt);
      refuseOwnBodyDecision(call, plan, events);
      refuseFull(plan, events);
      return events;
    },
  };
}

async function comparedPlan(
  store: EventStore,
  lifecycles: Lifecycles,
  call: ImportCall,
  file: ImportedFile,
): Promise<ImportPlan> {
  const { id } = file;
  const history = await storedEvents(store, recommendationOf(id));
  const last = history.at(-1);
  return last === undefined
    ? planRecord(store, lifecycles.current(recommendation.name), call, file)
    : planAppend(lifecycles, call, file, history, asRecordEvent(last));
}

async function planRecord(
  store: EventStore,
  lifecycle: Lifecycle,
  call: ImportCall,
  file: ImportedFile,
): Promise<ImportPlan> {
  const { id, record } = file;
  // Longer ids belong to records that were issued to several bodies.
  if (!RECORD_ID.test(id)) throw invalidImport([INVALID_ID]);
  await refuseUsedIssueId(store, id);
  refuseOwnBody(call, IMPORTS, [call.recipient], recommendation);
  const today = londonDate(call.now);
  const note = importNote(record, today, false);
  return {
    id,
    outcome: 'created',
    version: 0,
    preceding: [],
    before: null,
    lifecycle,
    events: (eventIdAt) => [...recordEvents(record, call.recipient, today, eventIdAt(0)), note],
    lastPosition: null,
    differences: null,
  };
}

function planAppend(
  lifecycles: Lifecycles,
  call: ImportCall,
  file: ImportedFile,
  history: readonly Envelope[],
  last: RecordEnvelope,
): ImportPlan {
  const { id, record } = file;
  const recordEvents = asRecordEvents(history);
  const state = ownState(currentState(lifecycles, recordEvents) as LifecycleState);
  refuseOwnBody(call, IMPORTS, [state.body], recommendation);
  const lifecycle = lifecycles.of(last);
  const { version, position: lastPosition } = last;
  const unchanged = { id, version, preceding: [], before: state, lifecycle, events: () => [], lastPosition };
  if (isInUse(recordEvents)) {
    const differences = differencesFrom(recordEvents, record, {
      requested: call.recipient,
      known: state.body,
    });
    return { ...unchanged, outcome: differences.length > 0 ? 'differs' : 'unchanged', differences };
  }
  refuseOtherRecipient(file, last, call.recipient, state.body);
  const agreement = requireAgreement(file, recordEvents, last);
  const { newEntries, completed, isPartial } = agreement;
  if (newEntries.length === 0 && completed.length === 0)
    return { ...unchanged, outcome: 'unchanged', differences: null };
  const today = londonDate(call.now);
  const stored = { version, state, lifecycle };
  const recorder = thresholdRecorder(SWEEPER);
  const { at, commits: preceding } = recordDue(last.streamId, stored, { ...call, today }, recorder);
  const events = [
    ...completionEvents(completed),
    ...entryEvents(newEntries, lifecycle.statusOf(at.state.value) as Status, today, at.state.facts),
    importNote(record, today, isPartial),
  ];
  return {
    ...{ id, outcome: 'appended', version: at.version, preceding, before: at.state, lifecycle },
    ...{ events: () => events, lastPosition, differences: null },
  };
}

/** Reports whether a person has worked on the record: an import then changes nothing. */
const isInUse = (known: readonly RecordEnvelope[]): boolean =>
  known.some(({ origin }) => origin === 'command');

function requireAgreement(
  file: ImportedFile,
  known: readonly RecordEnvelope[],
  last: RecordEnvelope,
): Agreement {
  const comparison = compareRecord(known, file.record);
  if (comparison.agrees) return comparison;
  const { what } = comparison;
  const { line, column } = placeInFile(file, comparison.at);
  const where = `line ${line}, column ${column}`;
  throw refusal(
    `Record ${file.id} and this file differ in the ${what} at ${where}; nothing was changed${otherBody(file)}`,
    last,
    [{ pointer: '', detail: `${where}: the ${what} differs` }],
  );
}

/** The part of messages that names the option of programs; pages have a field for it, and remove the hint. */
export const ID_HINT = ' with --id (id=)';

/** Returns a hint for a derived id: two bodies can have the same text, so derived ids can collide. */
const otherBody = ({ isDerivedId }: ImportedFile): string =>
  isDerivedId ? `. If this record is for a different body, set an id${ID_HINT}` : '';

function refuseOtherRecipient(
  file: ImportedFile,
  last: RecordEnvelope,
  requested: string | null,
  known: string | null,
): void {
  if (requested === null || requested === known) return;
  const detail =
    known === null
      ? `without a recipient; import it without one and assign the recipient${otherBody(file)}`
      : `with a different recipient. Import the file without a recipient; if it is for a different body, set an id${ID_HINT}`;
  throw refusal(`Record ${file.id} already exists ${detail}`, last);
}

const refusal = (
  detail: string,
  { streamId, version }: SeenStream,
  errors: readonly PayloadProblem[] = [],
): CommandRefusedError =>
  new CommandRefusedError('state', 'history-differs', detail, errors.length > 0 ? { errors } : {}, {
    streamId,
    version,
  });

/** Refuses an import that exceeds a record's size limits, which also apply to imports. */
function refuseFull(
  { id, version, preceding, before, lifecycle }: ImportPlan,
  events: readonly ImportedRecordEvent[],
): void {
  const reason = fullReason(lifecycle, before, events, null, RECORD_LIMITS);
  if (reason === null) return;
  const detail = `${reason.detail}. The file would add ${events.length} events to ${version}; nothing was imported`;
  const seen = version === 0 ? null : { streamId: recordStream(id), version: version - preceding.length };
  throw new CommandRefusedError('rule', reason.code, detail, {}, seen);
}

/** Refuses a file that closes or reopens a record of the importer's own body. */
function refuseOwnBodyDecision(
  { organisations, bodies = organisations, recipient }: ImportCall,
  { before }: ImportPlan,
  events: readonly ImportedRecordEvent[],
): void {
  const hasNoBody = (before === null ? recipient : before.body) === null;
  if (!hasNoBody || bodies.length === 0 || !events.some(({ type }) => DECIDING.has(type))) return;
  const detail =
    'The file closes or reopens a record without a recipient, which may be for one of your organisations. ' +
    'Import a new record with its recipient (--recipient, recipient=), assign the recipient of an existing one first (assign-recipient), or ask a person without an organisation';
  throw new CommandRefusedError('people', 'own-body-decides', detail);
}

const DECIDING: ReadonlySet<string> = new Set<ImportedRecordEvent['type']>([
  'RecommendationCompleted',
  'NoFurtherActionDecided',
  'RecommendationReopened',
  'StatusRecorded.complete',
  'StatusRecorded.no-further-action-needed',
]);

/** Refuses a file without any sign of a register record: it is probably something else, and records are permanent. */
function refuseNonRecord(file: ImportedFile): void {
  const why = notARecordReason(file);
  if (why === null) return;
  throw new CommandRefusedError('rule', 'not-a-register-record', why);
}

function notARecordReason({ record, at }: ImportedFile): string | null {
  const { source, reference, text, entries } = record;
  const line = lineOfAnotherRecord(record);
  if (line !== null)
    return `At line ${at.line + line - 1} another record seems to start, but its title has no reference: a status follows text outside any dated block. Add a reference to that title, or import the two records from separate files`;
  if (text === '' && (at.line > 1 || at.column > 1))
    return `At line ${at.line} a title with a reference starts a record without text. Add its text, or remove the line`;
  if (source.includes(0))
    return 'The file does not look like a register record: it contains NUL bytes, as programs, images and UTF-16 text do. Convert UTF-16 text to UTF-8';
  if (reference === null && entries.length === 0)
    return 'The file does not look like a register record: its title has no reference, and it has no history';
  return null;
}

/**
 * Returns the line at which another record seems to start; null if there is none. The signs are two or more
 * lines of text between dated blocks, followed by a status.
 */
function lineOfAnotherRecord({ source, segments, entries }: RegisterRecord): number | null {
  const textOf = (start: number, end: number) => Buffer.from(source.subarray(start, end)).toString();
  const segment = segments.find(
    ({ kind, start, end }) => kind === 'between' && (textOf(start, end).match(/[^\s].*/g) ?? []).length > 1,
  );
  if (segment === undefined) return null;
  const before = textOf(0, segment.start) + (/^\s*/.exec(textOf(segment.start, segment.end))?.[0] ?? '');
  const line = before.split(/\r\n?|\n/).length;
  return entries.some((entry) => entry.kind === 'status' && entry.line > line) ? line : null;
}

/** Refuses an id that a recommendation to several bodies already uses. */
async function refuseUsedIssueId(store: EventStore, id: string): Promise<void> {
  const used = await store.readStream(issueStream(id), { limit: 1 });
  if (used.length === 0) return;
  const detail = `Recommendation ${id} was issued to several bodies; each has a record of its own`;
  throw new CommandRefusedError('state', 'id-already-used', detail, {
    location: issueAddress(id),
  });
}

/** Returns the event that records an import. A source that lacks history is marked as partial, because it is not a full copy. */
const importNote = (
  { source, anomalies, moreAnomalies }: RegisterRecord,
  effectiveOn: string,
  isPartial: boolean,
): ImportedRecordEvent => ({
  type: 'RegisterRecordImported',
  data: {
    ...(isPartial && { partial: true }),
    ...{ source: Buffer.from(source).toString('base64'), sourceSha256: sha256(source) },
    length: source.length,
    anomalies: anomalies.map(({ code, line, column, detail }) => ({ code, line, column, detail })),
    ...(moreAnomalies > 0 && { moreAnomalies }),
  },
  effectiveOn,
});

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export const INVALID_ID: PayloadProblem = {
  pointer: '/id',
  detail: 'must be 1 to 64 letters, digits, dots, underscores or dashes',
};

export function invalidImport(errors: readonly PayloadProblem[]): CommandRefusedError {
  const detail = errors.map((error) => `${error.pointer.slice(1)} ${error.detail}`).join('; ');
  return new CommandRefusedError('invalid', 'invalid-payload', detail, { errors });
}
