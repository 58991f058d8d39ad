import { createHash } from 'node:crypto';
import type { Actor, Envelope, LifecycleReference } from '../../event-sourcing/src/envelope.ts';
import { hasCode } from '../../event-sourcing/src/errors.ts';
import type {
  AppendedEvent,
  AppendResult,
  CommandRequest,
  EventStore,
  StreamAppend,
} from '../../event-sourcing/src/event-store.ts';
import { streamEvents } from '../../event-sourcing/src/event-store.ts';
import { eventId, matchesRequest } from '../../audit/src/seal.ts';
import type { LifecycleState } from '../../lifecycle/src/lifecycle-definition.ts';
import { londonDate } from '../../lifecycle/src/plain-date.ts';
import { refuseOtherRequest, repeatedEvents } from '../../lifecycle/src/idempotency.ts';
import { draftEvents, firstRole } from '../../lifecycle/src/decide.ts';
import type { DecidedEvent } from '../../lifecycle/src/decide.ts';
import { CommandRefusedError } from '../../lifecycle/src/refused.ts';
import type { PayloadProblem } from '../../lifecycle/src/refused.ts';
import type { SeenStream } from '../../lifecycle/src/refused.ts';
import type { Anomaly } from '../../register-format/src/anomalies.ts';
import { parseRegisterRecord } from '../../register-format/src/parse-register-record.ts';
import type { RegisterRecord } from '../../register-format/src/parse-register-record.ts';
import type { Facts } from '../../../state-machines/inspection-recommendation/v1/facts.ts';
import { inspectionRecommendation } from '../../../state-machines/inspection-recommendation/v1/lifecycle.ts';
import type { Status } from '../../../state-machines/inspection-recommendation/v1/machine.ts';
import {
  ANY_RECORD_ID,
  RECIPIENT,
  RECORD_ID,
} from '../../../state-machines/inspection-recommendation/v1/payloads.ts';
import { IMPORTS } from '../../../state-machines/inspection-recommendation/v1/policy.ts';
import {
  issueStream,
  recordIdOf,
  recordStream,
} from '../../../state-machines/inspection-recommendation/v1/record.ts';
import { withoutRedacted } from '../../../state-machines/inspection-recommendation/v1/redaction.ts';
import { compareRecord } from './compare-record.ts';
import { currentState } from './read-record.ts';
import { entryEvents, recordEvents } from './register-history.ts';

/** The largest register record that is imported, in bytes. */
export const RECORD_BYTES_MAX = 512 * 1024;

export interface ImportCall {
  readonly source: Uint8Array;
  /** Else the title's reference, else one made of the source's digest. */
  readonly id: string | null;
  readonly recipient: string | null;
  /** Says what would happen, and appends nothing. */
  readonly dryRun: boolean;
  readonly actor: Actor;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly commandId: string;
  readonly request: CommandRequest | null;
  readonly correlationId: string;
}

export interface ImportOutcome {
  readonly id: string;
  readonly outcome: 'created' | 'appended' | 'unchanged';
  /** The record's version after the import; for a dry run, what it would be. */
  readonly version: number;
  /** Null for a dry run that would append. */
  readonly position: string | null;
  /** How many events the import appends. */
  readonly events: number;
  readonly anomalies: readonly Anomaly[];
}

interface Plan {
  readonly id: string;
  readonly outcome: ImportOutcome['outcome'];
  readonly version: number;
  readonly before: LifecycleState<Facts> | null;
  readonly events: readonly DecidedEvent[];
  readonly lastPosition: string | null;
}

const CONFLICTS_MAX = 20;

/**
 * Brings a register record in: every status and comment an event, history as it was found, what is odd flagged. The
 * same file again changes nothing; one with more history appends what is new.
 * @throws CommandRefusedError `file-too-large`, `invalid-payload`, `role-not-permitted`, `idempotency-key-reused`, `id-already-used`, or `history-differs` with line and column.
 */
export async function importRecord(
  store: EventStore,
  reference: LifecycleReference,
  call: ImportCall,
): Promise<ImportOutcome> {
  checkCall(call);
  refuseRole(call.actor);
  const record = parseRegisterRecord(call.source);
  const repeated = await repeatedEvents(store, matchesRequest, call);
  if (repeated) return repeatedOutcome(repeated, record.anomalies);
  const id = recordIdFor(record, call.id);
  for (let conflicts = 0; ; conflicts += 1) {
    const plan = await planImport(store, call, record, id);
    const outcome = { id, outcome: plan.outcome, anomalies: record.anomalies, events: plan.events.length };
    if (plan.events.length === 0 || call.dryRun) {
      const position = plan.events.length === 0 ? plan.lastPosition : null;
      return { ...outcome, version: plan.version + plan.events.length, position };
    }
    try {
      const result = await appendImport(store, reference, call, plan);
      if (result.repeated) {
        refuseOtherRequest(matchesRequest, call, result.events);
        return repeatedOutcome(result.events, record.anomalies);
      }
      const { version, position } = result.events.at(-1) as AppendedEvent;
      return { ...outcome, version, position };
    } catch (error) {
      if (!hasCode(error, 'version-conflict') || conflicts >= CONFLICTS_MAX) throw error;
      // Someone appended meanwhile: compare again with what is there now.
      await refuseUsedIssueId(store, id);
    }
  }
}

/** The id under which a register record is imported: as given, else its reference, else one of the source's digest. */
export const recordIdFor = ({ reference, source }: RegisterRecord, given: string | null): string =>
  given ?? reference ?? `r-${sha256(source).slice(0, 12)}`;

function refuseRole({ roles }: Actor): void {
  const permitted = firstRole('Register records are imported by', IMPORTS, roles);
  if ('detail' in permitted) throw new CommandRefusedError('role', 'role-not-permitted', permitted.detail);
}

function repeatedOutcome(events: readonly Envelope[], anomalies: readonly Anomaly[]): ImportOutcome {
  const { streamId, version, position } = events.at(-1) as Envelope;
  const outcome = events[0]?.version === 1 ? 'created' : 'appended';
  return { id: recordIdOf(streamId) as string, outcome, version, position, events: events.length, anomalies };
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function checkCall({ source, id, recipient }: ImportCall): void {
  if (source.length > RECORD_BYTES_MAX) {
    const detail = `The file has ${source.length} bytes; a register record has at most ${RECORD_BYTES_MAX}`;
    throw new CommandRefusedError('invalid', 'file-too-large', detail);
  }
  const errors = [
    ...(id !== null && !ANY_RECORD_ID.test(id) ? [INVALID_ID] : []),
    ...(recipient !== null && !RECIPIENT.test(recipient)
      ? [{ pointer: '/recipient', detail: 'must be a slug: small letters, digits and dashes' }]
      : []),
  ];
  if (errors.length > 0) throw invalid(errors);
}

const INVALID_ID = {
  pointer: '/id',
  detail: 'must be 1 to 64 letters, digits, dots, underscores or dashes',
};

function invalid(errors: readonly PayloadProblem[]): CommandRefusedError {
  const detail = errors.map((error) => `${error.pointer.slice(1)} ${error.detail}`).join('; ');
  return new CommandRefusedError('invalid', 'invalid-payload', detail, { errors });
}

async function planImport(
  store: EventStore,
  call: ImportCall,
  record: RegisterRecord,
  id: string,
): Promise<Plan> {
  const today = londonDate(call.now);
  // What was redacted counts as gone, also where the eraser has not come to it yet.
  const known = withoutRedacted(await Array.fromAsync(streamEvents(store, recordStream(id))));
  const last = known.at(-1);
  if (last === undefined) {
    // Longer ones are of records that went to one body of several.
    if (!RECORD_ID.test(id)) throw invalid([INVALID_ID]);
    await refuseUsedIssueId(store, id);
    const note = importNote(call.source, record.anomalies, today, true);
    const events = [...recordEvents(record, call.recipient, today, eventId(call.commandId, 0)), note];
    return { id, outcome: 'created', version: 0, before: null, events, lastPosition: null };
  }
  const before = currentState(known) as LifecycleState<Facts>;
  refuseOtherRecipient(last, call.recipient, before.facts.recipient);
  const unchanged = { id, version: last.version, before, lastPosition: last.position };
  // A backdated live comment stands between the entries of a file that is still the same one.
  if (wasImported(known, call.source)) return { ...unchanged, outcome: 'unchanged', events: [] };
  const { news, restatesErased } = agreeing(known, record, last);
  if (news.length === 0) return { ...unchanged, outcome: 'unchanged', events: [] };
  const note = importNote(call.source, record.anomalies, today, !restatesErased);
  const events = [...entryEvents(news, before.value['progress'] as Status, today), note];
  return { ...unchanged, outcome: 'appended', events };
}

function wasImported(known: readonly Envelope[], source: Uint8Array): boolean {
  const digest = sha256(source);
  return known.some(({ type, data }) => type === 'RegisterRecordImported' && data['sourceSha256'] === digest);
}

function agreeing(known: readonly Envelope[], record: RegisterRecord, last: Envelope) {
  const comparison = compareRecord(known, record);
  if (comparison.agrees) return comparison;
  const { what, at } = comparison;
  const where = `line ${at.line}, column ${at.column}`;
  throw new CommandRefusedError(
    'state',
    'history-differs',
    `Record ${recordIdOf(last.streamId)} has another ${what} than this file, at ${where}; nothing was changed`,
    { errors: [{ pointer: '', detail: `${where}: another ${what}` }] },
    seenBy(last),
  );
}

function refuseOtherRecipient(last: Envelope, given: string | null, known: string | null): void {
  if (given === null || given === known) return;
  const id = recordIdOf(last.streamId);
  const detail =
    known === null
      ? `Record ${id} is there already, without a recipient; import it without one and assign the recipient`
      : `Record ${id} is there already, with another recipient`;
  throw new CommandRefusedError('state', 'history-differs', detail, {}, seenBy(last));
}

const seenBy = ({ streamId, version }: Envelope): SeenStream => ({ streamId, version });

/** An id under which a recommendation went to several bodies is no record's. */
async function refuseUsedIssueId(store: EventStore, id: string): Promise<void> {
  const used = await store.readStream(issueStream(id), { limit: 1 });
  if (used.length === 0) return;
  const detail = `Recommendation ${id} was issued to several bodies; each has a record of its own`;
  throw new CommandRefusedError('state', 'id-already-used', detail, {
    location: `/api/recommendations?issue=${encodeURIComponent(id)}`,
  });
}

/** A source that says again what was erased is not kept: the text would be back. */
const importNote = (
  source: Uint8Array,
  anomalies: readonly Anomaly[],
  effectiveOn: string,
  keepSource: boolean,
): DecidedEvent => ({
  type: 'RegisterRecordImported',
  data: {
    ...(keepSource && { source: Buffer.from(source).toString('base64'), sourceSha256: sha256(source) }),
    length: source.length,
    anomalies: anomalies.map(({ code, line, column, detail }) => ({ code, line, column, detail })),
  },
  effectiveOn,
});

async function appendImport(
  store: EventStore,
  reference: LifecycleReference,
  call: ImportCall,
  plan: Plan,
): Promise<AppendResult> {
  const { drafts } = draftEvents(inspectionRecommendation, plan.before, plan.events, londonDate(call.now), {
    actor: call.actor,
    origin: 'import',
    decision: null,
    eventIdAt: (index) => eventId(call.commandId, index),
  });
  const appends: StreamAppend[] = [
    { streamId: recordStream(plan.id), expectedVersion: plan.version, events: drafts },
    ...(plan.version === 0 ? [{ streamId: issueStream(plan.id), expectedVersion: 0, events: [] }] : []),
  ];
  return store.append({
    command: { id: call.commandId, name: 'import', request: call.request },
    actor: call.actor,
    decision: null,
    correlationId: call.correlationId,
    causationId: null,
    origin: 'import',
    lifecycle: reference,
    recordedAt: new Date(call.now).toISOString(),
    appends,
  });
}
