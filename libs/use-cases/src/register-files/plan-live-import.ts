import { decide } from '#lifecycle/decide';
import { decisionServices } from '../records/dates-in-text.ts';
import type { Decided, DecidedEvent, Refusal } from '#lifecycle/decide';
import { permittedRoles } from '#lifecycle/command-roles';
import type { Caller } from '#lifecycle/command-roles';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import { CommandRefusedError } from '#lifecycle/refused';
import type { SeenStream } from '#lifecycle/refused';
import { validatePayload } from '#lifecycle/validate-payload';
import { quoteStatus } from '#register-format/anomalies';
import { compareContents } from '#register-format/compare-history';
import type { ChangedEntry } from '#register-format/compare-history';
import { entriesByDate } from '#register-format/entries';
import type { CommentEntry, RegisterEntry, StatusEntry } from '#register-format/entries';
import type { RegisterRecord } from '#register-format/parse-register-record';
import { isClosingStatus, isRegisterStatus } from '#register-format/statuses';
import type { Facts } from '#state-machines/inspection-recommendation/v1/facts';
import { lifecycles } from '#state-machines/lifecycles';
import { rolesPolicy } from '#state-machines/access';
import { isOpen } from '#state-machines/inspection-recommendation/v1/deadlines';
import type { RecordDifference } from '#state-machines/capabilities/register-imports';
import type { ClosureForm } from '#state-machines/inspection-recommendation/v1/facts';
import type { RecordEnvelope } from '#state-machines/inspection-recommendation/v1/record-event';
import { compareRecord } from './compare-record.ts';
import { effectiveDayOf, historyOfEvents, importedHistory } from './register-history.ts';
import type { RecordedEntry } from './register-history.ts';

/** The differences between a file and a live record. */
interface LiveReading {
  readonly comments: readonly CommentEntry[];
  /** Comments that an earlier file had cut off. */
  readonly completed: readonly ChangedEntry<RecordedEntry, RegisterEntry>[];
  /** Statuses that the record did not have on their days. */
  readonly statuses: readonly StatusEntry[];
  /** Other differences, which the import ignores. */
  readonly differences: readonly RecordDifference[];
  readonly restatesErased: boolean;
  readonly isPartial: boolean;
}

/** Returns the differences between a file and a live record: new comments, statuses, and other differences. */
export function readForLive(known: readonly RecordEnvelope[], record: RegisterRecord): LiveReading {
  const compared = compareRecord(known, record, false);
  if (!compared.agrees) return readOtherwise(known, record);
  const { newEntries, changed: completed, restatesErased, isPartial } = compared;
  const statuses = newEntries.filter((entry) => entry.kind === 'status');
  const comments = newEntries.filter((entry) => entry.kind === 'comment');
  return { comments, completed, statuses, differences: [], restatesErased, isPartial };
}

/** Returns the differences by date and content if the file's history is not the record's. */
function readOtherwise(known: readonly RecordEnvelope[], record: RegisterRecord): LiveReading {
  const { newEntries, changed } = compareContents(historyOfEvents(known).entries, record.entries);
  const corrected = changed.filter(({ how }) => how === 'corrected');
  return {
    comments: newEntries.filter((entry) => entry.kind === 'comment'),
    completed: changed.filter(({ how }) => how === 'completed'),
    statuses: newEntries.filter((entry) => entry.kind === 'status'),
    differences: [
      ...headingDifferences(known, record),
      ...corrected.map(({ read }) =>
        differenceOf(read, "a comment that differs from the record's on that day"),
      ),
    ],
    restatesErased: hasErased(known),
    isPartial: true,
  };
}

/** Returns a title and text that match neither the last import nor the current record. */
function headingDifferences(known: readonly RecordEnvelope[], record: RegisterRecord): RecordDifference[] {
  const readings = [importedHistory(known), historyOfEvents(known)];
  const differs = (value: string | null, of: 'title' | 'reference' | 'text') =>
    readings.every((reading) => reading[of] !== null && reading[of] !== value);
  return [
    ...(differs(record.title, 'title') || differs(record.reference, 'reference')
      ? [{ ...record.titleAt, what: 'title', detail: 'a different title' } as const]
      : []),
    ...(differs(record.text, 'text')
      ? [{ ...record.textAt, what: 'text', detail: 'a different text' } as const]
      : []),
  ];
}

function hasErased(known: readonly RecordEnvelope[]): boolean {
  const { title, text, entries } = historyOfEvents(known);
  return (
    title === null ||
    text === null ||
    entries.some((entry) => (entry.kind === 'comment' ? entry.text : entry.status) === null)
  );
}

function differenceOf({ kind, line, column }: RegisterEntry, detail: string): RecordDifference {
  return { line, column, what: kind, detail };
}

/** A live record, and the file to import. */
export interface LiveRecord {
  readonly record: RegisterRecord;
  readonly known: readonly RecordEnvelope[];
  readonly last: RecordEnvelope;
  /** The state after the commits that precede the import. */
  readonly before: LifecycleState<Facts>;
}

interface StatusResult {
  /** The closure request from the last status; null if it requests none. */
  readonly request: (DecidedEvent & { readonly effectiveOn: string }) | null;
  readonly differences: readonly RecordDifference[];
}

/**
 * Turns the last status of a file into a closure request if it closes an open record. It requests nothing if an earlier file requested the
 * same, or the record does not accept the request now. All other statuses are ignored.
 * @throws CommandRefusedError as `request-closure` does for an importer who may not use it on this record.
 */
export function compareStatuses(
  { statuses }: LiveReading,
  live: LiveRecord,
  importer: Caller & { readonly today: string },
): StatusResult {
  const final = entriesByDate(live.record.entries).findLast((entry) => entry.kind === 'status');
  const closing = statuses.find((entry) => entry === final && isClosingStatus(entry.status));
  const requested =
    closing !== undefined && isOpen(live.before.value) ? closingRequest(closing, live, importer) : '';
  const differences = statuses.flatMap((entry) => {
    if (entry !== closing) return [statusDifference(entry)];
    return typeof requested === 'string' ? [statusDifference(entry, requested)] : [];
  });
  return { request: typeof requested === 'string' ? null : requested, differences };
}

function statusDifference(entry: StatusEntry, why = ''): RecordDifference {
  const quoted = quoteStatus(entry.status);
  const what = isRegisterStatus(entry.status) ? `status ${quoted}` : quoted;
  return differenceOf(entry, `${what} of ${entry.date ?? 'no date'}${why}`);
}

/** Returns the request for a closing status, or the reason why there is none, as the end of a sentence. */
function closingRequest(
  closing: StatusEntry,
  { known, last, before }: LiveRecord,
  importer: Caller & { readonly today: string },
): StatusResult['request'] | string {
  const { effectiveOn } = effectiveDayOf(closing.date, importer.today);
  const payload = payloadFor(closing, effectiveOn);
  if (isPending(before, payload)) return '';
  if (wasRequested(known, payload)) return '; an earlier file requested the closure';
  const decided = decideRequest(payload, before, last, importer);
  if (!decided.allowed) return `; the closure cannot be requested: ${decided.refusal.reason.detail}`;
  const [request] = decided.events;
  if (request === undefined) throw new Error('request-closure decides one event');
  return { ...request, effectiveOn };
}

/** A closure that a status of the file requests. */
type RequestedClosure = ClosureForm & { readonly statement: string; readonly effectiveOn: string };

/** Reports whether a request for this closure is already pending, by anyone. */
const isPending = (
  { facts: { closure } }: LifecycleState<Facts>,
  { outcome, effectiveOn }: RequestedClosure,
): boolean => closure !== null && closure.on === effectiveOn && closure.outcome === outcome;

/** Reports whether a file requested this closure before. Registers repeat their statuses, and users have decided since. */
const wasRequested = (
  known: readonly RecordEnvelope[],
  { outcome, effectiveOn }: RequestedClosure,
): boolean =>
  known.some(
    (event) =>
      event.type === 'ClosureRequested' &&
      event.origin === 'import' &&
      event.data.outcome === outcome &&
      event.effectiveOn === effectiveOn,
  );

/** A register states no reason. This one makes the weakest claim. */
const REASON_OF_REGISTER = 'no-longer-applicable' as const;

function payloadFor({ status, date }: StatusEntry, effectiveOn: string): RequestedClosure {
  const statement = `The register's file has the status ${status} of ${date ?? 'no date'}.`;
  const outcome =
    status === 'complete'
      ? { outcome: 'complete' as const }
      : { outcome: 'no-further-action' as const, reason: REASON_OF_REGISTER };
  return { statement, effectiveOn, ...outcome };
}

const REQUEST = 'request-closure';

/** Returns the request, or a refusal by the record's state. @throws CommandRefusedError if the importer may not request it. */
function decideRequest(
  payload: RequestedClosure,
  state: LifecycleState,
  last: SeenStream & RecordEnvelope,
  { actor, organisations, bodies = organisations, today }: Caller & { readonly today: string },
): Decided {
  const lifecycle = lifecycles.of(last);
  const command = lifecycle.commands[REQUEST];
  if (command === undefined) throw new Error(`${lifecycle.reference.name} has no ${REQUEST}`);
  const caller = { roles: actor.roles, organisations };
  const on = {
    own: actor.roles,
    acting: rolesPolicy.rolesOn(caller, state.body),
    whyNotAs: (roles: readonly string[]) => rolesPolicy.whyNotAs(caller, state.body, roles),
  };
  const permitted = permittedRoles(REQUEST, command, on, payload);
  const decided: Decided =
    'refusal' in permitted
      ? { allowed: false, refusal: permitted.refusal }
      : decide(lifecycle, command, permitted.roles, state, validatePayload(command.payload, payload), {
          actor,
          organisations,
          bodies,
          today,
          streamId: last.streamId,
          others: new Map(),
          history: [],
          services: decisionServices,
          eventIdAt: () => '',
        });
  if (decided.allowed || !ABOUT_THE_PERSON.has(decided.refusal.kind)) return decided;
  const { code, detail, guard } = decided.refusal.reason;
  const why = `The file closes a record in use, so the import requests its closure: ${detail}`;
  throw new CommandRefusedError(decided.refusal.kind, code, why, guard === undefined ? {} : { guard }, last);
}

/**
 * The kinds of refusal that are thrown, because another person could request the closure and import the file.
 * Refusals that apply to everyone are listed instead.
 */
const ABOUT_THE_PERSON: ReadonlySet<Refusal['kind']> = new Set<Refusal['kind']>(['role', 'people']);
