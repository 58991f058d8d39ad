import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { atOnce } from '#event-sourcing/folding';
import type { Envelope } from '#event-sourcing/envelope';
import { effectiveView } from '#lifecycle/effective-view';
import type { ViewPoint, ViewStep } from '#lifecycle/effective-view';
import { addDays } from '#lifecycle/plain-date';
import { rowDeadlineState } from '#read-models/record-row';
import { personLine, regionsOf } from '#read-models/record-state';
import { personOf } from '#state-machines/capabilities/persons';
import { ownState } from '#state-machines/inspection-recommendation/v1/lifecycle';
import type { pendingOn } from '#state-machines/inspection-recommendation/v1/record';
import type { AnyData, RecordEvent } from '#state-machines/inspection-recommendation/v1/record-event';
import { lifecycles } from '#state-machines/lifecycles';
import {
  erasedLog,
  HISTORY_BEGINS,
  HISTORY_DAYS,
  historiesInAnyDateOrder,
} from '#test/support/effective-histories';
import { deadlinesOn, livesOf, rowsOn } from '#test/support/lives';
import { RecordLog } from '#test/support/record-log';
import { readRecord } from '#use-cases/records/read-record';
import type { DayRow, Lives } from './lives.ts';

type Events = readonly RecordEvent<Envelope>[];

const RUNS = Number(process.env['HISTORY_RUNS'] ?? 200);
const anyHistory = fc.array(fc.nat(), { minLength: 1, maxLength: 60, size: 'max' });
const anyPoints = fc.array(
  fc.tuple(fc.integer({ min: -2, max: HISTORY_DAYS }), fc.nat(), fc.constantFrom(-1, 0, 1)),
  { minLength: 4, maxLength: 4 },
);

test('on any day, as known at any instant, each row and deadline is that of the record’s own page', () => {
  fc.assert(
    fc.property(anyHistory, anyPoints, (choices, points) => {
      const { events } = historiesInAnyDateOrder(choices);
      const erased = erasedLog(events);
      for (const [day, event, after] of points) {
        const on = addDays(HISTORY_BEGINS, day);
        const known = Date.parse((events[event % events.length] as Envelope).recordedAt) + after;
        const view = { effectiveOn: on, knownAt: new Date(known).toISOString() };
        const lives = livesOf(erased, view.knownAt);
        expect(shownBy(lives, on, erased)).toEqual(replayed(erased, on, view));
        // What is erased later does not change a life.
        expect(rowsOn(livesOf(events, view.knownAt), on)).toEqual(rowsOn(lives, on));
      }
    }),
    { numRuns: RUNS },
  );
});

test('given lives that are replaced many times, then the others are as before', () => {
  fc.assert(
    fc.property(anyHistory, fc.array(fc.nat()), (choices, replaced) => {
      const { events } = historiesInAnyDateOrder(choices);
      const lives = livesOf(events);
      const before = rowsOn(lives, '2026-06-01');
      const streams = [...lives.streams()];
      for (const each of [...replaced, ...Array.from({ length: 2_000 }, (_, index) => index)])
        livesOf(
          events.filter(({ streamId }) => streamId === streams[each % streams.length]),
          null,
          lives,
        );
      expect(rowsOn(lives, '2026-06-01')).toEqual(before);
    }),
    { numRuns: 3 },
  );
});

test('given a record that is removed, then no day has it', () => {
  const log = new RecordLog();
  log.issue('a');
  const lives = livesOf(log.events);
  lives.delete('recommendation-a');
  expect(rowsOn(lives, '2026-06-01')).toEqual([]);
  expect(lives.bodyToday('recommendation-a')).toBeNull();
});

test('given events without the first, then there is no life', () => {
  const log = new RecordLog();
  log.issue('a');
  log.comment('a', 'later');
  expect([...livesOf(log.events.slice(1)).streams()]).toEqual([]);
});

/** Returns what lives say about a day. */
function shownBy(lives: Lives, on: string, events: Events) {
  const owners = new Map(events.map(({ eventId, data }) => [eventId, (data as AnyData).owner ?? null]));
  const deadlines = Map.groupBy(deadlinesOn(lives, on), ({ stream }) => stream);
  const rows = rowsOn(lives, on).sort((a, b) => (a.stream < b.stream ? -1 : 1));
  return rows.map((row: DayRow) => ({
    ...{ stream: row.stream, recipient: row.recipient, status: row.status, statusOrigin: row.status_origin },
    owner: row.owner === null ? null : owners.get(row.owner),
    bodyToday: lives.bodyToday(row.stream),
    state: { ...regionsOf(row), deadline: rowDeadlineState(row, on) },
    ...{ version: row.version, issue: row.issue, publishedOn: row.report_published_on },
    ...{ issuedOn: row.issued_on, updatedOn: row.updated_on, dueOn: row.due_on, closedOn: row.closed_on },
    lifecycle: { name: row.lifecycle_name, version: row.lifecycle_version },
    waits: row.waits.trim().split(' ').filter(Boolean),
    asked: [row['closure_by'], row['evidence_by'], row['extension_by']],
    deadlines: (deadlines.get(row.stream) ?? [])
      .filter(({ withdrawn }) => withdrawn === 0)
      .map((each) => [
        ...[each.deadline_id, each.kind, each.due_on, each.first_due_on, each.settled === 1],
        ...[each.status, each.recipient, each.revision, each.changed_at],
      ])
      .sort(),
  }));
}

/** Returns the same from each record's own page. */
function replayed(events: Events, on: string, view: ViewPoint) {
  const streams = [...Map.groupBy(events, ({ streamId }) => streamId)].sort(([a], [b]) => (a < b ? -1 : 1));
  const isKnown = ({ recordedAt }: Envelope) => recordedAt <= (view.knownAt ?? recordedAt);
  return streams.flatMap(([stream, own]) => {
    const record = atOnce(readRecord(lifecycles, own, view, on));
    if (record === null) return [];
    const steps = atOnce(effectiveView(lifecycles, own, view));
    const now = atOnce(readRecord(lifecycles, own.filter(isKnown), { effectiveOn: null, knownAt: null }, on));
    const { recipient, status, statusOrigin, owner, state, version, issue, report, issuedOn } = record;
    const isSeen = (event: Envelope) => isKnown(event) && (event.version === 1 || event.effectiveOn <= on);
    const { revision, changedAt } = ledgerOf(own, isSeen);
    const actions = record.deadlines.filter(({ kind }) => kind === 'action').map(({ dueOn }) => dueOn);
    const deadlines = record.deadlines.map(({ id, kind, dueOn, firstDueOn, state: each }) => [
      ...[id, kind, dueOn, firstDueOn, each === 'settled'],
      ...[status, recipient, revision, changedAt],
    ]);
    return [
      {
        ...{ stream, recipient, status, statusOrigin, owner, bodyToday: now?.recipient ?? null },
        ...{ state, version, issue, publishedOn: report?.publishedOn ?? null, issuedOn },
        updatedOn: latest(steps.map(({ event }) => event.effectiveOn).filter((day) => day <= on)),
        dueOn: actions.toSorted()[0] ?? null,
        closedOn: closedOn(steps),
        lifecycle: record.lifecycle,
        ...requests(record.pending as ReturnType<typeof pendingOn>, steps),
        deadlines: deadlines.sort(),
      },
    ];
  });
}

/** Returns the names of the pending requests, and the people who may not decide them. */
function requests(pending: ReturnType<typeof pendingOn>, steps: readonly ViewStep[]) {
  const last = steps.at(-1);
  const submitters = last ? ownState(last.state).facts.submissions.map(({ requester }) => requester) : [];
  const waiting = {
    closure: pending.closure !== undefined,
    evidence: pending.evidence !== undefined,
    extension: pending.extensions.length > 0,
    proposal: pending.proposals.length > 0,
    claim: pending.claims !== undefined,
  };
  return {
    waits: Object.entries(waiting).flatMap(([what, isPending]) => (isPending ? [what] : [])),
    asked: [
      persons(pending.closure === undefined ? [] : [pending.closure.requester]),
      pending.evidence === undefined ? null : (persons(submitters) ?? '\n'),
      barredFromAll(pending.extensions),
    ],
  };
}

/** Returns the requester of all of these requests. */
function barredFromAll(requests: readonly { readonly requester: string | null }[]): string | null {
  const requester = persons(requests.map((each) => each.requester));
  return (requester?.trim().split('\n').length ?? 1) === 1 ? requester : '\n';
}

function persons(subjects: readonly (string | null)[]): string | null {
  const lines = new Set(subjects.map((each) => personLine(each === null ? null : personOf(each)).trim()));
  const [requester, ...others] = lines;
  return requester === undefined ? null : `\n${[requester, ...others.sort()].join('\n')}\n`;
}

const ON_DEADLINES = [
  ...['RecommendationIssued', 'DeadlineSet', 'DeadlineExtended', 'DeadlineWithdrawn', 'ResponsePublished'],
  ...['DeadlineApproaching', 'DeadlinePassed', 'DeadlineEscalated', 'CorrectionApproved'],
];
const ON_THEIR_LIST = ['OwnerAssigned', 'ExtensionRefused', 'ExtensionWithdrawn'];

/** Returns the number of events that affect deadlines, and the time of the last that changed their list. */
function ledgerOf(events: Events, isSeen: (event: Envelope) => boolean) {
  const isOfBody = ({ type, data }: RecordEvent<Envelope>) =>
    type === 'CorrectionApproved' && data.recipient !== undefined;
  const deciding = events.filter((event) => {
    // A claim does not settle anything until it is confirmed.
    if ((event.data as AnyData).claim === true || isOfBody(event)) return false;
    const isMove = lifecycles.of(event).move(event.type)?.targets['progress'] !== undefined;
    return isMove || ON_DEADLINES.includes(event.type);
  });
  const others = events.filter((event) => ON_THEIR_LIST.includes(event.type) || isOfBody(event));
  const changing = [...deciding, ...others, ...showingOther(events)].filter(isSeen);
  return {
    revision: deciding.filter(isSeen).length,
    changedAt: latest(changing.map(({ recordedAt }) => recordedAt)),
  };
}

/** Returns the events that change the record's body or status, in the order of storage. */
function showingOther(events: Events): RecordEvent<Envelope>[] {
  let [recipient, status, namedBy]: (string | null)[] = [null, null, null];
  return events.filter((event) => {
    const before = [recipient, status];
    status = event.state === null ? status : lifecycles.of(event).statusOf(event.state);
    const { type, data, eventId } = event;
    if (type === 'RecommendationIssued' || type === 'RecipientAssigned')
      [recipient, namedBy] = [data.recipient, eventId];
    else if (type === 'CorrectionApproved' && data.eventId === namedBy)
      recipient = data.recipient ?? recipient;
    return before[0] !== recipient || before[1] !== status;
  });
}

const latest = (days: readonly string[]): string => days.toSorted().at(-1) as string;

const CLOSED = ['complete', 'no-further-action-needed'];

function closedOn(steps: readonly ViewStep[]): string | null {
  const open = steps.findLastIndex(({ state }) => !CLOSED.includes(state.value['progress'] as string));
  return steps[open + 1]?.event.effectiveOn ?? null;
}
