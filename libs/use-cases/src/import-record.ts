import { createHash } from 'node:crypto';
import type { Actor, Envelope, LifecycleReference } from '../../event-sourcing/src/envelope.ts';
import { hasCode } from '../../event-sourcing/src/errors.ts';
import type { CommandRequest, EventStore, StreamAppend } from '../../event-sourcing/src/event-store.ts';
import { streamEvents } from '../../event-sourcing/src/event-store.ts';
import { matchesRequest } from '../../audit/src/seal.ts';
import type { LifecycleState } from '../../lifecycle/src/lifecycle-definition.ts';
import { londonDate } from '../../lifecycle/src/plain-date.ts';
import { repeatedEvents } from '../../lifecycle/src/idempotency.ts';
import { draftEvents } from '../../lifecycle/src/policy.ts';
import type { DecidedEvent } from '../../lifecycle/src/policy.ts';
import { CommandRefusedError } from '../../lifecycle/src/refused.ts';
import type { Anomaly } from '../../register-format/src/anomalies.ts';
import { compareHistory } from '../../register-format/src/compare-history.ts';
import { parseRegisterRecord } from '../../register-format/src/parse-register-record.ts';
import type { RegisterRecord } from '../../register-format/src/parse-register-record.ts';
import type { Facts } from '../../../state-machines/inspection-recommendation/v1/facts.ts';
import { inspectionRecommendation } from '../../../state-machines/inspection-recommendation/v1/lifecycle.ts';
import type { Status } from '../../../state-machines/inspection-recommendation/v1/machine.ts';
import { RECIPIENT, RECORD_ID } from '../../../state-machines/inspection-recommendation/v1/payloads.ts';
import {
  issueStream,
  recordIdOf,
  recordStream,
} from '../../../state-machines/inspection-recommendation/v1/record.ts';
import { entryEvents, recordEvents, recordedHistory } from './register-history.ts';

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
 * @throws CommandRefusedError `file-too-large`, `invalid-payload`, `idempotency-key-reused`, `id-already-used`, or `history-differs` with line and column.
 */
export async function importRecord(
  store: EventStore,
  reference: LifecycleReference,
  call: ImportCall,
): Promise<ImportOutcome> {
  checkCall(call);
  const record = parseRegisterRecord(call.source);
  const repeated = await repeatedEvents(store, matchesRequest, call);
  if (repeated) return repeatedOutcome(repeated, record.anomalies);
  const id = call.id ?? record.reference ?? `r-${sha256(call.source).slice(0, 12)}`;
  for (let conflicts = 0; ; conflicts += 1) {
    const plan = await planImport(store, call, record, id);
    const outcome = { id, outcome: plan.outcome, anomalies: record.anomalies, events: plan.events.length };
    if (plan.events.length === 0 || call.dryRun) {
      const position = plan.events.length === 0 ? plan.lastPosition : null;
      return { ...outcome, version: plan.version + plan.events.length, position };
    }
    try {
      return { ...outcome, ...(await appendImport(store, reference, call, plan)) };
    } catch (error) {
      if (!hasCode(error, 'version-conflict') || conflicts >= CONFLICTS_MAX) throw error;
      // Someone appended meanwhile: compare again with what is there now.
      await refuseUsedIssueId(store, id);
    }
  }
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
    ...(id !== null && !RECORD_ID.test(id)
      ? [{ pointer: '/id', detail: 'must be 1 to 64 letters, digits, dots, underscores or dashes' }]
      : []),
    ...(recipient !== null && !RECIPIENT.test(recipient)
      ? [{ pointer: '/recipient', detail: 'must be a slug: small letters, digits and dashes' }]
      : []),
  ];
  if (errors.length > 0) {
    const detail = errors.map((error) => `${error.pointer.slice(1)} ${error.detail}`).join('; ');
    throw new CommandRefusedError('invalid', 'invalid-payload', detail, { errors });
  }
}

async function planImport(
  store: EventStore,
  call: ImportCall,
  record: RegisterRecord,
  id: string,
): Promise<Plan> {
  const today = londonDate(call.now);
  const known: Envelope[] = await Array.fromAsync(streamEvents(store, recordStream(id)));
  const note = importNote(call.source, record.anomalies, today);
  const last = known.at(-1);
  if (last === undefined) {
    await refuseUsedIssueId(store, id);
    const events = [...recordEvents(record, call.recipient, today), note];
    return { id, outcome: 'created', version: 0, before: null, events, lastPosition: null };
  }
  let before: LifecycleState<Facts> | null = null;
  for (const event of known) before = inspectionRecommendation.evolve(before, event);
  const state = before as LifecycleState<Facts>;
  refuseOtherRecipient(id, call.recipient, state.facts.recipient);
  const news = newEntries(known, record, id);
  const events =
    news.length === 0 ? [] : [...entryEvents(news, state.value['progress'] as Status, today), note];
  const outcome = news.length === 0 ? 'unchanged' : 'appended';
  return { id, outcome, version: last.version, before: state, events, lastPosition: last.position };
}

/** The entries that the record does not have yet. */
function newEntries(known: readonly Envelope[], record: RegisterRecord, id: string) {
  const history = recordedHistory(known);
  const differs = (what: string, { line, column }: { line: number; column: number }) =>
    new CommandRefusedError(
      'state',
      'history-differs',
      `Record ${id} has another ${what} than this file, at line ${line}, column ${column}; nothing was changed`,
      { errors: [{ pointer: '', detail: `line ${line}, column ${column}: another ${what}` }] },
    );
  const otherReference = history.reference !== null && history.reference !== record.reference;
  if (otherReference || (history.title !== null && history.title !== record.title)) {
    throw differs('title', record.titleAt);
  }
  if (history.text !== null && history.text !== record.text) throw differs('text', record.textAt);
  const comparison = compareHistory(history.entries, record.entries);
  if (comparison.outcome === 'differs') throw differs(comparison.at.kind, comparison.at);
  return comparison.news;
}

function refuseOtherRecipient(id: string, given: string | null, known: string | null): void {
  if (given === null || given === known) return;
  const detail =
    known === null
      ? `Record ${id} is there already, without a recipient; import it without one and assign the recipient`
      : `Record ${id} is there already, with another recipient`;
  throw new CommandRefusedError('state', 'history-differs', detail);
}

/** An id under which a recommendation went to several bodies is no record's. */
async function refuseUsedIssueId(store: EventStore, id: string): Promise<void> {
  const used = await store.readStream(issueStream(id), { limit: 1 });
  if (used.length === 0) return;
  const detail = `Recommendation ${id} was issued to several bodies; each has a record of its own`;
  throw new CommandRefusedError('state', 'id-already-used', detail, {
    location: `/api/recommendations?issue=${encodeURIComponent(id)}`,
  });
}

const importNote = (
  source: Uint8Array,
  anomalies: readonly Anomaly[],
  effectiveOn: string,
): DecidedEvent => ({
  type: 'RegisterRecordImported',
  data: {
    source: Buffer.from(source).toString('base64'),
    sourceSha256: sha256(source),
    length: source.length,
    anomalies: anomalies.map(({ code, line, column, detail }) => ({ code, line, column, detail })),
  },
  effectiveOn,
});

async function appendImport(store: EventStore, reference: LifecycleReference, call: ImportCall, plan: Plan) {
  const { drafts } = draftEvents(
    inspectionRecommendation,
    plan.before,
    plan.events,
    londonDate(call.now),
    call.actor,
  );
  const appends: StreamAppend[] = [
    { streamId: recordStream(plan.id), expectedVersion: plan.version, events: drafts },
    ...(plan.version === 0 ? [{ streamId: issueStream(plan.id), expectedVersion: 0, events: [] }] : []),
  ];
  const { events } = await store.append({
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
  const { version, position } = events.at(-1) as (typeof events)[number];
  return { version, position };
}
