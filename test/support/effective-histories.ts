import type { Envelope, JsonObject } from '#event-sourcing/envelope';
import { redactionOf, withoutNamed } from '#event-sourcing/erasure';
import { addDays } from '#lifecycle/plain-date';
import type { AnyData, RecordEvent } from '#state-machines/inspection-recommendation/v1/record-event';
import { recordStream } from '#state-machines/inspection-recommendation/kind';
import { CLAIMS, RecordLog } from './record-log.ts';
import type { EventOptions } from './record-log.ts';

const IDS = ['a', 'b', 'c'];
const DAY_MS = 86_400_000;
const FIRST = Date.UTC(2026, 0, 10, 12);
const STATUSES = ['awaiting-review', 'being-progressed', 'complete', 'no-further-action-needed'];
const PEOPLE = ['ada', 'bob', 'cli:ada'];
const BODIES = ['avon', 'kent', 'essex'];
const DAYS = [0, 0, 1, 13, 14, 20, 45, 60, 90];

/** The first date and the number of days of these histories. */
export const HISTORY_BEGINS = '2025-12-01';
export const HISTORY_DAYS = 280;

type Add = (log: RecordLog) => void;

/**
 * Fills an empty log with the histories of some records, imported and live. Their effective dates are in any order,
 * and several events may share an instant. Every list of numbers results in a history that the lifecycle accepts.
 */
export function historiesInAnyDateOrder(choices: readonly number[], log = new RecordLog()): RecordLog {
  let now = FIRST;
  for (const choice of choices) {
    const pick = pickerOf(choice);
    now += pick([0, 0, 1, DAY_MS, 9 * DAY_MS, 20 * DAY_MS]);
    const id = pick(IDS);
    if (log.accepts(id, 'RecommendationIssued')) begin(log, id, now, pick);
    else for (const add of eventsFor(log, id, now, pick)) add(log);
  }
  return log;
}

/** Returns the log after its redactions have erased their values. */
export function erasedLog(events: readonly RecordEvent<Envelope>[]): RecordEvent<Envelope>[] {
  const erased = new Map<string, string[]>();
  for (const event of events) {
    const named = redactionOf(event);
    if (named !== null) erased.set(named.eventId, [...(erased.get(named.eventId) ?? []), ...named.erased]);
  }
  return events.map((event) => {
    const { position } = event;
    const left = { ...withoutNamed<Envelope>(event, erased.get(event.eventId) ?? []), position };
    return left as unknown as RecordEvent<Envelope>;
  });
}

/** Issues a record, or imports a whole history, whose first event may be dated later than its entries. */
function begin(log: RecordLog, id: string, now: number, pick: Picker): void {
  const isImported = pick([true, false]);
  const options = {
    recordedAt: new Date(now).toISOString(),
    origin: isImported ? ('import' as const) : ('command' as const),
    subject: pick(PEOPLE),
  };
  const issuedOn = addDays('2026-01-01', pick([0, 0, 9, 40]));
  const data = { title: `Title of ${id}`, recipient: pick([...BODIES, null]), issue: pick([null, 'i-1']) };
  log.issue(id, data, { ...options, effectiveOn: issuedOn });
  if (!isImported) return;
  let on = addDays('2026-01-01', pick([-20, 0, 9]));
  for (let count = pick([0, 1, 3]); count > 0; count -= 1) {
    const entry = { ...options, effectiveOn: on };
    const status = `StatusRecorded.${pick(STATUSES)}`;
    pick<Add>([
      () => log.addAny(id, status, {}, entry),
      () => log.add(id, 'CommentAdded', { text: 'from the file', visibility: 'public' }, entry),
      () =>
        log.add(
          id,
          'DeadlineSet',
          { deadlineId: nextDeadline(log, id), kind: 'action', dueOn: addDays(on, 60) },
          entry,
        ),
    ])(log);
    on = addDays(on, pick([0, 1, 30]));
  }
}

function eventsFor(log: RecordLog, id: string, now: number, pick: Picker): Add[] {
  const today = new Date(now).toISOString().slice(0, 10);
  const effectiveOn = addDays(today, -pick(DAYS));
  const options = {
    recordedAt: new Date(now).toISOString(),
    origin: pick(['command', 'command', 'import', 'sweep'] as const),
    subject: pick(PEOPLE),
    effectiveOn,
  };
  const own = log.events.filter(({ streamId }) => streamId === recordStream(id));
  const add = (type: string, data: JsonObject) => () => void log.addAny(id, type, data, options);
  const decides = own
    .filter(({ type }) => type === 'ExtensionRequested')
    .map(({ eventId }) => eventId)
    .slice(-1);
  const deadlineId = pick(['d1', 'd2', 'd3']);
  const dueOn = addDays(today, pick([-30, -1, 0, 10, 40, 90]));
  // A deadline can pass only if it was set on or before that day.
  const isSet = own.some(
    ({ type, data, effectiveOn: on }) =>
      type === 'DeadlineSet' && data.deadlineId === deadlineId && on <= effectiveOn,
  );
  const notes: Add[] = [
    add('CommentAdded', { text: 'a comment', visibility: 'public' }),
    ...(isSet
      ? [
          add(pick(['DeadlineApproaching', 'DeadlinePassed', 'DeadlineEscalated']), {
            deadlineId,
            dateVersion: 1,
            kind: 'action',
            dueOn,
          }),
        ]
      : []),
    add('OwnerAssigned', { owner: pick(['ann', 'ben']) }),
    add('RecipientAssigned', { recipient: pick(BODIES) }),
    add('TextAmended', { ...pick([{ title: `Title ${now % 97}` }, { text: 'new' }]), reason: 'better' }),
    add('DeadlineSet', { deadlineId: nextDeadline(log, id), kind: pick(['action', 'response']), dueOn }),
    add('DeadlineProposed', {
      deadlineId: nextDeadline(log, id),
      kind: 'action',
      suggestedOn: dueOn,
      rule: 'r',
      source: { eventId: 'e', from: 0, to: 1 },
    }),
    add('DeadlineDismissed', { deadlineId }),
    add('DeadlineExtended', { deadlineId, dueOn, decides }),
    add('DeadlineWithdrawn', { deadlineId, reason: 'a slip' }),
    add('ExtensionRequested', { deadlineId, dueOn, reason: 'more time' }),
    add('ExtensionRefused', { deadlineId, reason: 'no', decides }),
    redaction(log, id, own, pick),
    ...confirmation(log, id, own, options),
    ...corrections(log, id, own, options, pick),
  ];
  const moves = MOVES.filter((type) => log.accepts(id, type)).map((type) =>
    add(type, {
      ...(CLAIMS.has(type) && pick([true, false, false]) && { claim: true }),
      ...(type === 'NoFurtherActionDecided' && pick([true, false]) && { reason: 'superseded' }),
    }),
  );
  return [pick([notes, moves, moves])].map((each) => pick(each.length > 0 ? each : notes));
}

/** Returns the confirmation of the latest claim, effective on the claim's date; empty without a claim. */
function confirmation(
  log: RecordLog,
  id: string,
  own: readonly RecordEvent<Envelope>[],
  options: EventOptions,
): Add[] {
  const claim = own.findLast(({ data }) => (data as AnyData).claim === true);
  if (claim === undefined) return [];
  const { eventId, type, effectiveOn } = claim;
  const kind = type === 'ResponsePublished' ? 'response' : 'action';
  const data = { eventId, confirms: true, kind, decides: [] } as const;
  return [() => void log.add(id, 'CorrectionApproved', data, { ...options, effectiveOn })];
}

/** Returns corrections of a body, of a deadline's date and of the report's publication date, effective as what they correct. */
function corrections(
  log: RecordLog,
  id: string,
  own: readonly RecordEvent<Envelope>[],
  options: EventOptions,
  pick: Picker,
): Add[] {
  const issued = own[0] as RecordEvent<Envelope>;
  const named = own.findLast(({ type }) => type === 'RecipientAssigned') ?? issued;
  const dated = own.findLast(({ type }) => type === 'DeadlineSet' || type === 'DeadlineExtended');
  const correct =
    ({ eventId, effectiveOn }: Envelope, data: JsonObject) =>
    () =>
      void log.addAny(
        id,
        'CorrectionApproved',
        { eventId, decides: [], ...data },
        { ...options, effectiveOn },
      );
  const { deadlineId = '', dueOn } = (dated?.data ?? {}) as AnyData;
  return [
    correct(named, { recipient: pick(BODIES), insteadOf: 'avon' }),
    correct(issued, { publishedOn: pick(['2025-12-01', '2026-02-20']), insteadOf: '2026-01-01' }),
    ...(dated === undefined || typeof dueOn !== 'string'
      ? []
      : [correct(dated, { deadlineId, dueOn: addDays(dueOn, pick([-20, 30])), insteadOf: dueOn })]),
  ];
}

function redaction(log: RecordLog, id: string, own: readonly Envelope[], pick: Picker): Add {
  const redacted = pick(own);
  const recordedAt = own.at(-1)?.recordedAt as string;
  const erased = Object.keys(redacted.commitments);
  return () =>
    void log.add(
      id,
      'CommentRedacted',
      { eventId: redacted.eventId, erased, reason: 'asked' },
      { recordedAt, effectiveOn: recordedAt.slice(0, 10) },
    );
}

/** Returns the next deadline id; ids are never reused. */
const nextDeadline = (log: RecordLog, id: string): string =>
  `d${log.events.filter(({ streamId, type }) => streamId === recordStream(id) && (type === 'DeadlineSet' || type === 'DeadlineProposed')).length + 1}`;

const MOVES = [
  'ProgressStarted',
  'ReturnedToReview',
  'RecommendationCompleted',
  'NoFurtherActionDecided',
  'RecommendationReopened',
  'ClosureRequested',
  'ClosureRefused',
  'ClosureWithdrawn',
  'EvidenceSubmitted',
  'EvidenceAccepted',
  'EvidenceRejected',
  'ResponseRequired',
  'ResponsePublished',
  ...STATUSES.map((status) => `StatusRecorded.${status}`),
];

type Picker = <Value>(values: readonly Value[]) => Value;

function pickerOf(choice: number): Picker {
  let rest = choice >>> 0;
  return (values) => {
    rest = (Math.imul(rest ^ (rest >>> 15), 2_246_822_519) + 3_266_489_917) >>> 0;
    return values[(rest >>> 9) % values.length] as never;
  };
}
