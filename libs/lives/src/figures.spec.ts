import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { atOnce } from '#event-sourcing/folding';
import type { Envelope } from '#event-sourcing/envelope';
import { effectiveView } from '#lifecycle/effective-view';
import type { ViewStep } from '#lifecycle/effective-view';
import { addDays, daysBetween } from '#lifecycle/plain-date';
import { OUTCOMES } from '#read-models/deadlines/outcomes';
import type { DeadlineOutcome } from '#read-models/deadlines/outcomes';
import { responseDueOn } from '#state-machines/capabilities/deadlines';
import { ownState } from '#state-machines/inspection-recommendation/v1/lifecycle';
import type { RecordEvent } from '#state-machines/inspection-recommendation/v1/record-event';
import { lifecycles } from '#state-machines/lifecycles';
import { londonDate } from '#state-machines/london';
import { HISTORY_BEGINS, HISTORY_DAYS, historiesInAnyDateOrder } from '#test/support/effective-histories';
import { deadlinesOn, livesOf } from '#test/support/lives';
import { readRecord } from '#use-cases/records/read-record';
import { closureTimes, timesOf } from './closure-times.ts';
import { deadlineFigures } from './deadline-figures.ts';
import type { IssuedQuery } from './figures.ts';
import { countIntervals, intervalEnds, INTERVALS } from './intervals.ts';
import { seriesOf } from './series.ts';

type Events = readonly RecordEvent<Envelope>[];

const RUNS = Number(process.env['HISTORY_RUNS'] ?? 100);
const CLOSED = ['complete', 'no-further-action-needed'];
const EVERYTHING = { effectiveOn: null, knownAt: null };

const stepsOn = (events: Events, on: string | null) =>
  atOnce(effectiveView(lifecycles, events, { effectiveOn: on, knownAt: null }));
const recordOn = (events: Events, on: string) =>
  atOnce(readRecord(lifecycles, events, { effectiveOn: on, knownAt: null }, on));

/** Returns each day with an effective event, and the record at its end. */
const daysOf = (events: Events) =>
  [...new Set(events.map(({ effectiveOn }) => effectiveOn))].sort().flatMap((on) => {
    const record = recordOn(events, on);
    return record === null ? [] : [{ on, record, isClosed: CLOSED.includes(record.status) }];
  });

/** Returns the event since which a condition is met; null if it is not. */
function since(events: Events, on: string, holds: (step: ViewStep) => boolean): RecordEvent<Envelope> | null {
  const steps = stepsOn(events, on);
  const event = steps[steps.findLastIndex((step) => !holds(step)) + 1]?.event;
  return event ?? null;
}

const closing = (events: Events, on: string) =>
  since(events, on, ({ state }) => CLOSED.includes(state.value['progress'] ?? ''));
const answer = (events: Events, on: string) =>
  since(events, on, ({ state }) => state.value['response'] === 'published');

const counts = (names: readonly string[]): Record<string, number> => {
  const found: Record<string, number> = {};
  for (const name of names) found[name] = (found[name] ?? 0) + 1;
  return found;
};
const onlyCounted = (of: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(of).filter(([, count]) => count !== 0));

const anyDay = fc.integer({ min: -40, max: HISTORY_DAYS + 60 }).map((days) => addDays(HISTORY_BEGINS, days));
const anyHistory = fc.array(fc.nat(), { minLength: 1, maxLength: 60, size: 'max' });
const anyView = fc.record({
  one: anyDay,
  other: anyDay,
  on: anyDay,
  event: fc.nat(),
  interval: fc.constantFrom(...INTERVALS),
  recipients: fc.constantFrom(null, ['avon'], ['kent', 'essex'], []),
  recipient: fc.constantFrom(undefined, 'avon', 'kent'),
});

/** Returns the lives at an instant, and the events of the records that the caller may see today. */
function staged(choices: readonly number[], view: typeof anyView extends fc.Arbitrary<infer V> ? V : never) {
  const { events } = historiesInAnyDateOrder(choices);
  const { recordedAt } = events[view.event % events.length] as RecordEvent<Envelope>;
  const bodies: readonly string[] | null = view.recipients;
  const streams = [...Map.groupBy(events, ({ streamId }) => streamId).values()].flatMap((own): Events[] => {
    const body = atOnce(readRecord(lifecycles, own, EVERYTHING, view.on))?.recipient ?? null;
    const known = own.filter((event) => event.recordedAt <= recordedAt);
    const isSeen = bodies === null || (body !== null && bodies.includes(body));
    return isSeen && known.length > 0 ? [known] : [];
  });
  const [from = '', to = ''] = [view.one, view.other].sort();
  const { recipients, recipient } = view;
  const inView = { lives: livesOf(events, recordedAt), today: livesOf(events) };
  return { inView, streams, from, to, query: { recipients, recipient } };
}

const isOf = (recipient: string | undefined, record: { readonly recipient: string | null }) =>
  recipient === undefined || record.recipient === recipient;

test('a series has at each of its points the state of every record at that time, and the changes in between', () => {
  fc.assert(
    fc.property(anyHistory, anyView, (choices, view) => {
      const { inView, streams, from, to, query } = staged(choices, view);
      const { interval } = view;
      const items = seriesOf(inView, { ...query, from, to, interval });
      expect(items.map(({ on }) => on)).toEqual(intervalEnds(from, to, interval));
      const happened = streams.flatMap((events) => {
        const days = daysOf(events);
        return [
          ...days
            .slice(0, 1)
            .flatMap(({ on, record }) => (isOf(query.recipient, record) ? [{ what: 'issued', on }] : [])),
          ...days.flatMap(({ on, record, isClosed }) => {
            const isNew = isClosed && closing(events, on)?.effectiveOn === on;
            return isNew && isOf(query.recipient, record) ? [{ what: 'closed', on }] : [];
          }),
        ];
      });
      for (const [index, item] of items.entries()) {
        const { on, open, byStatus, byDeadline, issued, closed, reopened, transferredIn, transferredOut } =
          item;
        const records = streams.flatMap((events) => recordOn(events, on) ?? []);
        const shown = records.filter((record) => isOf(query.recipient, record));
        expect(onlyCounted(byStatus)).toEqual(counts(shown.map(({ status }) => status)));
        expect(onlyCounted(byDeadline)).toEqual(counts(shown.map(({ state }) => state['deadline'] ?? '')));
        expect(open).toBe(shown.filter(({ status }) => !CLOSED.includes(status)).length);
        const after = items[index - 1]?.on ?? addDays(from, -1);
        const openBefore = streams
          .flatMap((events) => recordOn(events, after) ?? [])
          .filter((record) => isOf(query.recipient, record) && !CLOSED.includes(record.status));
        const came = issued + reopened + transferredIn;
        expect(openBefore.length + came - closed - transferredOut).toBe(open);
        if (query.recipient === undefined) expect([transferredIn, transferredOut]).toEqual([0, 0]);
        const within = happened.filter((each) => each.on > after && each.on <= on).map(({ what }) => what);
        expect({ issued, closed }).toEqual({ issued: 0, closed: 0, ...counts(within) });
      }
    }),
    { numRuns: RUNS },
  );
});

test('times to closure are those of each record, and outcomes of deadlines those of each deadline', () => {
  fc.assert(
    fc.property(anyHistory, anyView, (choices, view) => {
      const { inView, streams, from, to, query } = staged(choices, view);
      const { on } = view;
      const range: IssuedQuery = { ...query, on, from, to };
      const issued = streams.flatMap((events) => {
        const record = recordOn(events, on);
        return record !== null && record.issuedOn >= from && record.issuedOn <= to
          ? [{ events, record }]
          : [];
      });
      const seen = issued.filter(({ record }) => isOf(query.recipient, record));
      const observed = seen.map(({ events, record: { issuedOn, recipient, status } }) => {
        const isClosed = CLOSED.includes(status);
        const end = isClosed ? (closing(events, on)?.effectiveOn ?? '') : on;
        return { recipient, isClosed, days: Math.max(0, daysBetween(issuedOn, end)) };
      });
      const times = closureTimes(inView, range);
      expect(times.overall).toEqual(timesOf(observed));
      expect(times.byRecipient.map(({ recipient, closed, open }) => [recipient, closed + open])).toEqual(
        byName(observed.map(({ recipient }) => recipient)),
      );
      const outcomes = seen.flatMap(({ events, record }) => outcomesOf(events, record.recipient, on));
      const late = issued.flatMap(({ events }) => recordedLateOf(events, on));
      const recordedLate = late.filter((each) => isOf(query.recipient, each));
      const figures = deadlineFigures(inView, range);
      expect(figures.overall).toEqual(figuresOf(outcomes, recordedLate));
      const bodies = byName([...outcomes, ...recordedLate].map(({ recipient }) => recipient));
      expect(figures.byRecipient.map(({ recipient }) => recipient)).toEqual(
        bodies.map(([recipient]) => recipient),
      );
      for (const { recipient, ...own } of figures.byRecipient) {
        const isTheirs = (each: { readonly recipient: string | null }) => each.recipient === recipient;
        expect(own).toEqual(figuresOf(outcomes.filter(isTheirs), recordedLate.filter(isTheirs)));
      }
      const listed = deadlinesOn(inView.lives, on).filter(({ stream }) =>
        seen.some(({ events }) => events[0]?.streamId === stream),
      );
      for (const outcome of OUTCOMES)
        expect(listed.filter((each) => each.outcome === outcome).length).toBe(figures.overall[outcome]);
    }),
    { numRuns: RUNS },
  );
});

const byName = (recipients: readonly (string | null)[]): [string | null, number][] =>
  [...Map.groupBy(recipients, (each) => each)]
    .map(([recipient, own]): [string | null, number] => [recipient, own.length])
    .sort(([one], [other]) => (one === null ? 1 : other === null ? -1 : one < other ? -1 : 1));

interface Outcome {
  readonly recipient: string | null;
  readonly what: DeadlineOutcome | 'metOnRecord';
  readonly daysLate: number | null;
  readonly extensions: number;
}

/** Returns the deadlines recorded as passed after entry, once per body responsible at the time. */
function recordedLateOf(events: Events, on: string) {
  const found = new Map<string, { readonly id: string; readonly recipient: string | null }>();
  for (const { type, data, effectiveOn, version } of events) {
    if ((type !== 'DeadlinePassed' && type !== 'DeadlineEscalated') || effectiveOn > on) continue;
    if (isAtEntry(entriesOf(stepsOn(events, null), data.deadlineId), { ...data, version })) continue;
    const before = events.filter((each) => each.version < version);
    const recipient = atOnce(readRecord(lifecycles, before, EVERYTHING, on))?.recipient ?? null;
    found.set(`${data.deadlineId} ${recipient}`, {
      id: `${events[0]?.streamId}/${data.deadlineId}`,
      recipient,
    });
  }
  return [...found.values()];
}

/** An event at which a deadline existed before, and the deadline after it. */
interface DeadlineStep {
  readonly event: RecordEvent<Envelope>;
  readonly before: ReturnType<typeof deadlineIn>;
  readonly after: ReturnType<typeof deadlineIn>;
  /** The event that set the body before. */
  readonly under: string | null;
}

const deadlineIn = (step: ViewStep | undefined, id: string) =>
  step && ownState(step.state).facts.deadlines.find((each) => each.id === id);

const stepsOfDeadline = (steps: readonly ViewStep[], id: string): DeadlineStep[] =>
  steps.map((step, index) => {
    const last = steps[index - 1];
    return {
      event: step.event as RecordEvent<Envelope>,
      before: deadlineIn(last, id),
      after: deadlineIn(step, id),
      under: last ? ownState(last.state).facts.recipientEvent : null,
    };
  });

/** Returns the corrections of a deadline's date. */
const correctionsIn = (steps: readonly DeadlineStep[]) =>
  steps.flatMap(({ event, before }) => {
    if (event.type !== 'CorrectionApproved' || before === undefined) return [];
    const { insteadOf, publishedOn, deadlineId, dueOn } = event.data;
    if (insteadOf === undefined) return [];
    if (publishedOn !== undefined)
      return before.kind === 'response'
        ? [{ event, was: responseDueOn(insteadOf), now: responseDueOn(publishedOn) }]
        : [];
    return deadlineId === before.id && dueOn !== undefined ? [{ event, was: insteadOf, now: dueOn }] : [];
  });

type Entry = readonly [enteredOn: string, version: number];

/** Returns the days on which dates of the deadline were entered that had passed. */
function entriesOf(views: readonly ViewStep[], id: string): Entry[] {
  const steps = stepsOfDeadline(views, id);
  const entered = [
    ...steps.flatMap(({ event }) =>
      event.type === 'DeadlineSet' && event.data.deadlineId === id ? [{ event, now: event.data.dueOn }] : [],
    ),
    ...correctionsIn(steps).filter(({ was, now }) => now < was),
  ];
  return entered
    .map(({ event, now }) => ({ day: londonDate(event.recordedAt), version: event.version, now }))
    .filter(({ day, now }) => addDays(now, 1) < day)
    .map(({ day, version }): Entry => [day, version]);
}

const isAtEntry = (
  entries: readonly Entry[],
  { dueOn, version }: { readonly dueOn: string; readonly version: number },
): boolean => entries.some(([on, entry]) => entry < version && addDays(dueOn, 1) < on);

/** Returns the outcomes of a record's deadlines by the end of a day, computed event by event. */
function outcomesOf(events: Events, recipient: string | null, on: string): Outcome[] {
  const views = stepsOn(events, on);
  const ids = new Set(views.flatMap(({ state }) => ownState(state).facts.deadlines.map(({ id }) => id)));
  return [...ids].flatMap((id): Outcome[] => {
    const all = stepsOfDeadline(views, id);
    const lastIn = all.findLastIndex(({ after }) => after !== undefined);
    const deadline = all[lastIn]?.after;
    if (deadline === undefined) return [];
    const gone = all[lastIn + 1]?.event.effectiveOn;
    const steps = all.slice(0, lastIn + 1);
    const extensions = steps.filter(
      ({ event, before }) => event.type === 'DeadlineExtended' && before && event.data.deadlineId === id,
    ).length;
    const what = outcomeOf(events, on, {
      deadline,
      gone,
      steps,
      entries: entriesOf(views.slice(0, lastIn + 1), id),
    });
    return what === null ? [] : [{ recipient, extensions, ...what }];
  });
}

function outcomeOf(
  events: Events,
  on: string,
  {
    deadline,
    gone,
    steps,
    entries,
  }: {
    readonly deadline: NonNullable<DeadlineStep['after']>;
    readonly gone: string | undefined;
    readonly steps: readonly DeadlineStep[];
    readonly entries: readonly Entry[];
  },
): Pick<Outcome, 'what' | 'daysLate'> | null {
  const { kind, dueOn } = deadline;
  const { all, own } = passingsIn(steps);
  const isRecordedLate = own.some((each) => !isAtEntry(entries, each));
  const outcome = (what: Outcome['what'], daysLate: number | null = null) => ({ what, daysLate });
  if (own.length < all.length && !isRecordedLate) return outcome('enteredInError');
  if (dueOn >= on || (gone !== undefined && gone <= dueOn && own.length === 0)) return null;
  if (gone !== undefined) return outcome('withdrawn');
  const end = closing(events, on);
  if (kind !== 'response' && end?.type === 'NoFurtherActionDecided' && end.data.reason === 'superseded')
    return outcome('superseded');
  const settled = deadline.claimedBy !== undefined ? null : kind === 'response' ? answer(events, on) : end;
  const daysLate =
    settled !== null && settled.effectiveOn > dueOn ? daysBetween(dueOn, settled.effectiveOn) : null;
  const isLate = settled === null || deadline.passed === true || daysLate !== null;
  const wasLate = entries.some(([entered]) => addDays(dueOn, 1) < entered);
  if (own.length > 0 ? !isRecordedLate : isLate && wasLate) return outcome('lateAtEntry');
  if (isRecordedLate && !isLate) return outcome('metEstablishedLater');
  if (settled === null) return outcome('stillOpen');
  if (isLate) return outcome('late', daysLate);
  return outcome(londonDate(settled.recordedAt) <= dueOn ? 'metOnRecord' : 'met');
}

/** Returns the events that recorded a deadline as passed, and those of them that no later correction shows to be wrong. */
function passingsIn(steps: readonly DeadlineStep[]) {
  const corrections = correctionsIn(steps);
  const all = steps.flatMap(({ event, before, under }) =>
    (event.type === 'DeadlinePassed' || event.type === 'DeadlineEscalated') &&
    event.data.deadlineId === before?.id
      ? [{ dueOn: event.data.dueOn, version: event.version, under }]
      : [],
  );
  const own = all.filter(({ dueOn, version, under }) => {
    const right = corrections.reduce((date, { was, now }) => (date === was ? now : date), dueOn);
    const isMisnamed = steps.some(
      ({ event }) =>
        event.type === 'CorrectionApproved' &&
        event.data.recipient !== undefined &&
        event.data.eventId === under &&
        event.version > version,
    );
    return right <= dueOn && !isMisnamed;
  });
  return { all, own };
}

function figuresOf(outcomes: readonly Outcome[], recordedLate: readonly { readonly id: string }[]) {
  const count = (...what: string[]) => outcomes.filter((each) => what.includes(each.what)).length;
  const late = outcomes.flatMap(({ daysLate }) => daysLate ?? []).sort((a, b) => a - b);
  const middle = late.length >> 1;
  const upper = late[middle] ?? 0;
  return {
    ...Object.fromEntries(OUTCOMES.map((name) => [name, count(name)])),
    met: count('met', 'metOnRecord'),
    metOnRecord: count('metOnRecord'),
    medianDaysLate:
      late.length === 0 ? null : late.length % 2 === 1 ? upper : ((late[middle - 1] ?? 0) + upper) / 2,
    extensions: outcomes.reduce((sum, { extensions }) => sum + extensions, 0),
    extended: outcomes.filter(({ what, extensions }) => what !== 'withdrawn' && extensions > 0).length,
    recordedLate: new Set(recordedLate.map(({ id }) => id)).size,
  };
}
describe('times to closure', () => {
  const closedAfter = (...days: readonly number[]) => days.map((each) => ({ isClosed: true, days: each }));
  const openFor = (...days: readonly number[]) => days.map((each) => ({ isClosed: false, days: each }));

  test.each([
    ['none at all', [], { q1: null, median: null, q3: null }],
    ['all closed', closedAfter(10, 20, 30, 40), { q1: 10, median: 20, q3: 30 }],
    [
      'half of them open longer',
      [...closedAfter(10, 20), ...openFor(90, 90)],
      { q1: 10, median: 20, q3: null },
    ],
    // The numbers at risk are 10, 9, 8, 6, 5 and 3. Shares: .9, .8, .8 * 5/6 = .67, .67 * 4/5 = .53, .53 * 2/3 = .36.
    [
      'some that left early',
      [...closedAfter(1, 2, 5, 6, 9), ...openFor(3, 3, 7, 7, 12).slice(0, 5)],
      { q1: 5, median: 9, q3: null },
    ],
    [
      'one that closed on the day up to which another is open',
      [...closedAfter(5), ...openFor(5)],
      { q1: 5, median: 5, q3: null },
    ],
    ['those that never were open', closedAfter(0, 0), { q1: 0, median: 0, q3: 0 }],
  ])('given %s', (_, observed, days) => {
    expect(timesOf(observed).days).toEqual(days);
  });
});

describe('intervals of the calendar', () => {
  test.each([
    ['2026-01-15', '2026-03-10', 'month', ['2026-01-31', '2026-02-28', '2026-03-10']],
    ['2023-12-31', '2024-02-29', 'month', ['2023-12-31', '2024-01-31', '2024-02-29']],
    ['2025-11-01', '2026-06-30', 'quarter', ['2025-12-31', '2026-03-31', '2026-06-30']],
    ['2024-06-01', '2026-01-01', 'year', ['2024-12-31', '2025-12-31', '2026-01-01']],
    ['2026-05-05', '2026-05-05', 'year', ['2026-05-05']],
    ['9999-11-30', '9999-12-31', 'month', ['9999-11-30', '9999-12-31']],
    ['0001-01-01', '0001-02-01', 'month', ['0001-01-31', '0001-02-01']],
  ] as const)('from %s to %s, each %s', (from, to, interval, ends) => {
    expect(intervalEnds(from, to, interval)).toEqual(ends);
    expect(countIntervals(from, to, interval)).toBe(ends.length);
  });
});
