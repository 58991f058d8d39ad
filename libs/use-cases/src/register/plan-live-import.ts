import type { Actor } from '#event-sourcing/envelope';
import { decide } from '#lifecycle/decide';
import type { Allowed, DecidedEvent } from '#lifecycle/decide';
import { permittedRoles } from '#lifecycle/command-roles';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import { CommandRefusedError } from '#lifecycle/refused';
import type { SeenStream } from '#lifecycle/refused';
import { validatePayload } from '#lifecycle/validate-payload';
import { quoteStatus } from '#register-format/anomalies';
import { compareHistory } from '#register-format/compare-history';
import type { ChangedEntry } from '#register-format/compare-history';
import { entriesByDate } from '#register-format/entries';
import type { CommentEntry, RegisterEntry, StatusEntry } from '#register-format/entries';
import type { RegisterRecord } from '#register-format/parse-register-record';
import { isClosingStatus } from '#register-format/statuses';
import { commandedLifecycles } from '#state-machines/commanded-lifecycles';
import { isOpen } from '#state-machines/inspection-recommendation/v1/deadlines';
import type { Facts } from '#state-machines/inspection-recommendation/v1/facts';
import type { RecordDifference } from '#state-machines/inspection-recommendation/v1/event-members';
import type { RequestClosurePayload } from '#state-machines/inspection-recommendation/v1/payloads';
import type { RecordEnvelope } from '#state-machines/inspection-recommendation/v1/record-event';
import { rolesPolicy } from '#state-machines/lifecycles';
import { compareRecord } from './compare-record.ts';
import { heldOn, historyOfEvents, importedHistory } from './register-history.ts';
import type { RecordedEntry } from './register-history.ts';

/** What a file says of a record that people here work on. */
export interface LiveReading {
  readonly comments: readonly CommentEntry[];
  /** Comments that an earlier file had cut. */
  readonly completed: readonly ChangedEntry<RecordedEntry, RegisterEntry>[];
  /** Statuses that the record does not have on their days. */
  readonly statuses: readonly StatusEntry[];
  /** What else the file says otherwise, which changes nothing. */
  readonly differences: readonly RecordDifference[];
  readonly restatesErased: boolean;
  readonly lacks: boolean;
}

/** Reads what a file has beyond a live record: comments that are new, statuses, and what differs. */
export function readForLive(known: readonly RecordEnvelope[], record: RegisterRecord): LiveReading {
  const compared = compareRecord(known, record, false);
  if (!compared.agrees) return readOtherwise(known, record);
  const { news, changed: completed, restatesErased, lacks } = compared;
  const statuses = news.filter((entry) => entry.kind === 'status');
  const comments = news.filter((entry) => entry.kind === 'comment');
  return { comments, completed, statuses, differences: [], restatesErased, lacks };
}

/** The same where the record's history is another one than the file's: comments and statuses are compared each by themselves. */
function readOtherwise(known: readonly RecordEnvelope[], record: RegisterRecord): LiveReading {
  const entries: readonly RecordedEntry[] = historyOfEvents(known).entries;
  const comments = compareHistory(
    entries.filter(({ kind }) => kind === 'comment'),
    record.entries.filter((entry) => entry.kind === 'comment'),
    { corrects: true },
  );
  const isCompleted = ({ how }: ChangedEntry<unknown, unknown>) => how === 'completed';
  const others = comments.agrees
    ? comments.changed.filter((each) => !isCompleted(each)).map(({ read }) => read)
    : unknown(entries, record.entries, 'comment');
  return {
    comments: comments.agrees ? comments.news : [],
    completed: comments.agrees ? comments.changed.filter(isCompleted) : [],
    statuses: unknown(entries, record.entries, 'status'),
    differences: [
      ...headingDifferences(known, record),
      ...others.map((entry) => differenceOf(entry, 'another comment than the record has there')),
    ],
    restatesErased: hasErased(known),
    lacks: true,
  };
}

/** The entries of a file of which the record has none that says the same on that day; an erased one stands for any. */
function unknown<Kind extends RegisterEntry['kind']>(
  known: readonly RecordedEntry[],
  read: readonly RegisterEntry[],
  kind: Kind,
): Extract<RegisterEntry, { kind: Kind }>[] {
  const isKind = (entry: RegisterEntry): entry is Extract<RegisterEntry, { kind: Kind }> =>
    entry.kind === kind;
  const left = known.filter((entry) => entry.kind === kind);
  return entriesByDate(read)
    .filter(isKind)
    .filter((entry) => {
      const same = left.findIndex((each) => compareHistory([each], [entry]).agrees);
      if (same === -1) return true;
      left.splice(same, 1);
      return false;
    });
}

/** Title and text that are neither those last imported nor those that stand. */
function headingDifferences(known: readonly RecordEnvelope[], record: RegisterRecord): RecordDifference[] {
  const readings = [importedHistory(known), historyOfEvents(known)];
  const differs = (said: string | null, of: 'title' | 'reference' | 'text') =>
    readings.every((reading) => reading[of] !== null && reading[of] !== said);
  return [
    ...(differs(record.title, 'title') || differs(record.reference, 'reference')
      ? [{ ...record.titleAt, what: 'title', detail: 'another title' } as const]
      : []),
    ...(differs(record.text, 'text')
      ? [{ ...record.textAt, what: 'text', detail: 'another text' } as const]
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

/** Who imports a file, the bodies that they belong to, and the day. */
interface Importer {
  readonly actor: Actor;
  readonly organisations: readonly string[];
  readonly ownOrganisations?: readonly string[];
  readonly today: string;
}

/** What becomes of the statuses of a file. */
export interface StatusesTaken {
  /** The request that the last one becomes, where it closes the record; null where none does. */
  readonly request: (DecidedEvent & { readonly effectiveOn: string }) | null;
  readonly differences: readonly RecordDifference[];
}

/**
 * The status with which a file ends becomes a closure request where it closes an open record; every other one changes nothing.
 * @throws CommandRefusedError as `request-closure` does, for the importer on the status's day.
 */
export function takeStatuses(
  { statuses }: LiveReading,
  record: RegisterRecord,
  state: LifecycleState<Facts>,
  last: SeenStream & RecordEnvelope,
  importer: Importer,
): StatusesTaken {
  const final = entriesByDate(record.entries).findLast((entry) => entry.kind === 'status');
  const closing = statuses.find((entry) => entry === final && isClosingStatus(entry.status));
  const others = (kept: readonly StatusEntry[]) =>
    kept.map((entry) =>
      differenceOf(entry, `status ${quoteStatus(entry.status)} of ${entry.date ?? 'no date'}`),
    );
  if (closing === undefined || !isOpen(state.value)) return { request: null, differences: others(statuses) };
  const { effectiveOn } = heldOn(closing.date, importer.today);
  const payload = payloadFor(closing, effectiveOn);
  const { closure } = state.facts;
  const isRequested = closure?.on === effectiveOn && closure.outcome === payload.outcome;
  if (isRequested) return { request: null, differences: others(statuses) };
  const [request] = decideRequest(payload, state, last, importer);
  if (request === undefined) throw new Error('request-closure decides one event');
  return {
    request: { ...request, effectiveOn },
    differences: others(statuses.filter((entry) => entry !== closing)),
  };
}

/** A register gives no reason; this is the one that claims the least. */
const REASON_OF_REGISTER = 'no-longer-applicable' as const;

function payloadFor({ status, date }: StatusEntry, effectiveOn: string): RequestClosurePayload {
  const statement = `The register's file has the status ${status} of ${date ?? 'no date'}.`;
  const outcome =
    status === 'complete'
      ? { outcome: 'complete' as const }
      : { outcome: 'no-further-action' as const, reason: REASON_OF_REGISTER };
  return { statement, effectiveOn, ...outcome };
}

const REQUEST = 'request-closure';

function decideRequest(
  payload: RequestClosurePayload,
  state: LifecycleState<Facts>,
  last: SeenStream & RecordEnvelope,
  { actor, organisations, ownOrganisations = [], today }: Importer,
): Allowed['events'] {
  const lifecycle = commandedLifecycles.of(last);
  const command = lifecycle.commands[REQUEST];
  if (command === undefined) throw new Error(`${lifecycle.reference.name} has no ${REQUEST}`);
  const caller = { roles: actor.roles, organisations };
  const on = {
    held: actor.roles,
    acting: rolesPolicy.rolesOn(caller, state.facts),
    whyNotAs: (roles: readonly string[]) => rolesPolicy.whyNotAs(caller, state.facts, roles),
  };
  const permitted = permittedRoles(REQUEST, command, on, payload);
  const decided =
    'refusal' in permitted
      ? ({ allowed: false, refusal: permitted.refusal } as const)
      : decide(lifecycle, command, permitted.roles, state, validatePayload(command.payload, payload), {
          actor,
          organisations,
          bodies: organisations.filter((each) => !ownOrganisations.includes(each)),
          today,
          streamId: last.streamId,
          others: new Map(),
          index: [],
          history: [],
          findDates: () => [],
          eventIdAt: () => '',
        });
  if (decided.allowed) return decided.events;
  const { code, detail, guard } = decided.refusal.reason;
  const why = `The file closes the record, which people here work on, and so requests its closure: ${detail}`;
  throw new CommandRefusedError(decided.refusal.kind, code, why, guard === undefined ? {} : { guard }, last);
}
