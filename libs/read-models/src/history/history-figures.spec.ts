import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { atOnce } from '#event-sourcing/folding';
import type { Envelope } from '#event-sourcing/envelope';
import { effectiveView } from '#lifecycle/effective-view';
import { addDays, daysBetween } from '#lifecycle/plain-date';
import { ownState } from '#state-machines/inspection-recommendation/v1/lifecycle';
import { londonDate } from '#state-machines/london';
import type { RecordEvent } from '#state-machines/inspection-recommendation/v1/record-event';
import { lifecycles } from '#state-machines/lifecycles';
import {
  erasedLog,
  HISTORY_BEGINS,
  HISTORY_DAYS,
  historiesInAnyDateOrder,
} from '#test/support/effective-histories';
import { onEachDatabase } from '#test/support/read-model-harness';
import { readRecord } from '#use-cases/records/read-record';
import { LISTED_OUTCOMES, queryDeadlines } from '../deadlines/deadlines-query.ts';
import type { ListedOutcome } from '../deadlines/deadlines-query.ts';
import { queryRegister } from '../register/register-query.ts';
import { closureTimes, queryClosureTimes } from './closure-times-query.ts';
import { queryDeadlineFigures } from './deadline-figures-query.ts';
import { pastRegister } from './history-source.ts';
import { historyProjection } from './history-projection.ts';
import { pastDeadlines } from './past-deadlines.ts';
import { countIntervals, intervalEnds, INTERVALS } from './series-points.ts';
import { querySeries } from './series-query.ts';

type Events = readonly RecordEvent<Envelope>[];

/** Returns the events of each record that were stored by an instant. */
const streamsOf = (events: Events, known: number): Events[] =>
  [...Map.groupBy(events, ({ streamId }) => streamId).values()].flatMap((own) => {
    const seen = own.filter(({ recordedAt }) => Date.parse(recordedAt) <= known);
    return seen.length === 0 ? [] : [seen];
  });

const CLOSED = ['complete', 'no-further-action-needed'];
const recordOn = (events: Events, on: string) =>
  atOnce(readRecord(lifecycles, events, { effectiveOn: on, knownAt: null }, on));

/** Returns each day with an effective event, and the record at its end. */
const daysOf = (events: Events) =>
  [...new Set(events.map(({ effectiveOn }) => effectiveOn))].sort().flatMap((on) => {
    const record = recordOn(events, on);
    return record === null ? [] : [{ on, record, isClosed: CLOSED.includes(record.status) }];
  });

/** Returns the day from which the record is closed and the day on which that was recorded; null if it is open. */
function closing(events: Events, on: string): { readonly on: string; readonly recordedOn: string } | null {
  const steps = atOnce(effectiveView(lifecycles, events, { effectiveOn: on, knownAt: null }));
  const open = steps.findLastIndex(({ state }) => !CLOSED.includes(state.value['progress'] ?? ''));
  const event = steps[open + 1]?.event;
  return event === undefined ? null : { on: event.effectiveOn, recordedOn: londonDate(event.recordedAt) };
}

/** Returns the day from which the response is published and the day on which that was recorded; null if it is not. */
function answer(events: Events, on: string): { readonly on: string; readonly recordedOn: string } | null {
  const steps = atOnce(effectiveView(lifecycles, events, { effectiveOn: on, knownAt: null }));
  const isPublished = ({ state }: (typeof steps)[number]) => state.value['response'] === 'published';
  if (!steps.some(isPublished)) return null;
  const event = steps[steps.findLastIndex((step) => !isPublished(step)) + 1]?.event;
  return event === undefined ? null : { on: event.effectiveOn, recordedOn: londonDate(event.recordedAt) };
}

const counts = (names: readonly string[]): Record<string, number> => {
  const found: Record<string, number> = {};
  for (const name of names) found[name] = (found[name] ?? 0) + 1;
  return found;
};
const onlyCounted = (of: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(of).filter(([, count]) => count !== 0));

const RUNS = Number(process.env['HISTORY_RUNS'] ?? 25);
const anyDay = fc.integer({ min: -40, max: HISTORY_DAYS + 60 }).map((days) => addDays(HISTORY_BEGINS, days));
const anyHistory = fc.array(fc.nat(), { minLength: 1, maxLength: 60, size: 'max' });
const anyView = fc.record({
  one: anyDay,
  other: anyDay,
  event: fc.nat(),
  interval: fc.constantFrom(...INTERVALS),
  recipients: fc.constantFrom(null, ['avon'], ['kent', 'essex'], []),
  recipient: fc.constantFrom(undefined, 'avon', 'kent'),
});

onEachDatabase('on $name', [historyProjection], (models) => {
  /** Folds a history and chooses a point; returns the events that are known and visible there. */
  async function staged(
    choices: readonly number[],
    view: typeof anyView extends fc.Arbitrary<infer V> ? V : never,
  ) {
    await models.anew();
    const log = historiesInAnyDateOrder(choices, models.log);
    await models.fold();
    const known = Date.parse(
      (log.events[view.event % log.events.length] as RecordEvent<Envelope>).recordedAt,
    );
    const all = erasedLog(log.events);
    const isTheirs = ([first]: Events) => {
      const own = all.filter(({ streamId }) => streamId === first?.streamId);
      const named = own.findLast(
        ({ type }) => type === 'RecommendationIssued' || type === 'RecipientAssigned',
      );
      const { recipient = null } = (named?.data ?? {}) as { recipient?: string | null };
      const bodies: readonly string[] | null = view.recipients;
      return bodies === null || (recipient !== null && bodies.includes(recipient));
    };
    const [from = '', to = ''] = [view.one, view.other].sort();
    const { recipients, recipient } = view;
    return {
      streams: streamsOf(all, known).filter(isTheirs),
      from,
      to,
      query: { recipients, recipient, known },
    };
  }
  const isOf = (recipient: string | undefined, record: { readonly recipient: string | null }) =>
    recipient === undefined || record.recipient === recipient;

  test('a series has at each of its points the state of every record at that time, and the changes in between', async () => {
    await fc.assert(
      fc.asyncProperty(anyHistory, anyView, async (choices, view) => {
        const { streams, from, to, query } = await staged(choices, view);
        const { items } = await querySeries(models.database, { ...query, from, to, interval: view.interval });
        expect(items.map(({ on }) => on)).toEqual(intervalEnds(from, to, view.interval));
        const happened = streams.flatMap((events) => {
          const days = daysOf(events);
          const issuedOn = events.find(({ version }) => version === 1)?.effectiveOn ?? '';
          const issued = recordOn(events, issuedOn);
          return [
            ...(issued && isOf(query.recipient, issued) ? [{ what: 'issued', on: issuedOn }] : []),
            ...days.flatMap(({ on, record, isClosed }) => {
              const isNew = isClosed && closing(events, on)?.on === on;
              return isNew && isOf(query.recipient, record) ? [{ what: 'closed', on }] : [];
            }),
          ];
        });
        for (const [index, { on, open, byStatus, byDeadline, issued, closed }] of items.entries()) {
          const records = streams.flatMap((events) => recordOn(events, on) ?? []);
          const shown = records.filter((record) => isOf(query.recipient, record));
          expect(onlyCounted(byStatus)).toEqual(counts(shown.map(({ status }) => status)));
          expect(onlyCounted(byDeadline)).toEqual(counts(shown.map(({ state }) => state['deadline'] ?? '')));
          expect(open).toBe(shown.filter(({ status }) => !CLOSED.includes(status)).length);
          const after = items[index - 1]?.on ?? addDays(from, -1);
          const within = happened.filter((each) => each.on > after && each.on <= on).map(({ what }) => what);
          expect({ issued, closed }).toEqual({ issued: 0, closed: 0, ...counts(within) });
        }
      }),
      { numRuns: models.kind.cases(RUNS) },
    );
  });

  test('times to closure are those of each record, and outcomes of deadlines those of each deadline', async () => {
    await fc.assert(
      fc.asyncProperty(anyHistory, anyView, anyDay, async (choices, asIs, on) => {
        const { streams, from, to, query } = await staged(choices, asIs);
        const range = { ...query, on, from, to };
        const seen = streams.flatMap((events) => {
          const record = recordOn(events, on);
          const isInRange = record !== null && record.issuedOn >= from && record.issuedOn <= to;
          return isInRange && isOf(query.recipient, record) ? [{ events, record }] : [];
        });
        const observed = seen.map(({ events, record: { issuedOn, recipient, status } }) => {
          const isClosed = CLOSED.includes(status);
          const end = isClosed ? (closing(events, on)?.on ?? '') : on;
          return {
            recipient,
            closed: isClosed ? 1 : 0,
            days: Math.max(0, daysBetween(issuedOn, end)),
            records: 1,
          };
        });
        const times = await queryClosureTimes(models.database, range);
        expect(times.overall).toEqual(closureTimes(observed));
        expect(times.byRecipient.map(({ recipient, closed, open }) => [recipient, closed + open])).toEqual(
          byName(observed.map(({ recipient }) => recipient)),
        );
        const figures = await queryDeadlineFigures(models.database, range);
        const { position: _, ...rest } = figures;
        const outcomes = seen.flatMap(({ events, record }) => outcomesOf(events, record.recipient, on));
        const recordedLate = streams.flatMap((events) => {
          const record = recordOn(events, on);
          const isInRange = record !== null && record.issuedOn >= from && record.issuedOn <= to;
          return isInRange ? recordedLateOf(events, on).filter((each) => isOf(query.recipient, each)) : [];
        });
        expect(rest.overall).toEqual(figuresOf(outcomes, recordedLate));
        for (const { recipient, ...own } of rest.byRecipient) {
          const isTheirs = (each: { readonly recipient: string | null }) => each.recipient === recipient;
          expect(own).toEqual(figuresOf(outcomes.filter(isTheirs), recordedLate.filter(isTheirs)));
        }
        // The counts must match the lists.
        const view = { effectiveOn: on, knownAt: new Date(query.known).toISOString(), named: [] };
        const { recipients, recipient } = query;
        const issued = { today: on, recipients, issuedFrom: from, issuedTo: to, limit: 500 };
        const fellDue = async (outcome: ListedOutcome) => {
          const sought = { ...issued, outcome, ...(recipient !== undefined && { recipient }) };
          return (await queryDeadlines(models.database, sought, pastDeadlines(view))).items.length;
        };
        for (const outcome of LISTED_OUTCOMES) {
          expect({ outcome, listed: await fellDue(outcome) }).toEqual({
            outcome,
            listed: rest.overall[outcome],
          });
        }
        const listed = {
          ...issued,
          status: CLOSED,
          ...(recipient !== undefined && { recipient: [recipient] }),
        };
        const { total } = await queryRegister(models.database, listed, pastRegister(view));
        expect(total).toBe(times.overall.closed);
        expect(rest.byRecipient.map(({ recipient }) => recipient)).toEqual(
          byName([...outcomes, ...recordedLate].map(({ recipient }) => recipient)).map(
            ([recipient]) => recipient,
          ),
        );
      }),
      { numRuns: models.kind.cases(RUNS) },
    );
  });
});

const byName = (recipients: readonly (string | null)[]): [string | null, number][] =>
  [...Map.groupBy(recipients, (each) => each)]
    .map(([recipient, own]): [string | null, number] => [recipient, own.length])
    .sort(([one], [other]) => (one === null ? 1 : other === null ? -1 : one < other ? -1 : 1));

interface Outcome {
  readonly recipient: string | null;
  readonly what: string;
  readonly daysLate: number | null;
  readonly extensions: number;
}

/** Returns the deadlines recorded as passed after entry, once per body responsible at the time. */
function recordedLateOf(
  events: Events,
  on: string,
): { readonly id: string; readonly recipient: string | null }[] {
  let body: string | null = null;
  const found = new Map<string, { readonly id: string; readonly recipient: string | null }>();
  for (const { type, data, effectiveOn } of events) {
    if (type === 'RecommendationIssued' || type === 'RecipientAssigned') body = data.recipient;
    if ((type !== 'DeadlinePassed' && type !== 'DeadlineEscalated') || effectiveOn > on) continue;
    if (isAtEntry(events, data.deadlineId, data.dueOn)) continue;
    found.set(`${data.deadlineId} ${body}`, { id: data.deadlineId, recipient: body });
  }
  return [...found.values()].map((each) => ({ ...each, id: `${events[0]?.streamId}/${each.id}` }));
}

/** Returns whether the deadline's first date had passed when it was entered. */
function isAtEntry(events: Events, deadlineId: string, dueOn: string): boolean {
  const set = events.find(({ type, data }) => type === 'DeadlineSet' && data.deadlineId === deadlineId);
  if (set?.type !== 'DeadlineSet') return false;
  const enteredOn = londonDate(set.recordedAt);
  return addDays(set.data.dueOn, 1) < enteredOn && addDays(dueOn, 1) < enteredOn;
}

/** Returns the outcomes of a record's deadlines by the end of a day, computed day by day. */
function outcomesOf(events: Events, recipient: string | null, on: string): Outcome[] {
  const steps = atOnce(effectiveView(lifecycles, events, { effectiveOn: on, knownAt: null })).map(
    ({ event, state }) => ({ event, state: ownState(state) }),
  );
  const ids = new Set(steps.flatMap(({ state }) => state.facts.deadlines.map(({ id }) => id)));
  return [...ids].flatMap((id): Outcome[] => {
    const standing = steps.map(({ event, state }) => ({
      event,
      deadline: state.facts.deadlines.find((each) => each.id === id),
    }));
    const lastIn = standing.findLastIndex(({ deadline }) => deadline !== undefined);
    const { deadline } = standing[lastIn] as (typeof standing)[number];
    if (deadline === undefined) return [];
    const { kind, dueOn, passed } = deadline;
    const wasThere = (index: number) => standing[index - 1]?.deadline !== undefined;
    const extensions = standing.filter(
      ({ event }, index) =>
        event.type === 'DeadlineExtended' && event.data.deadlineId === id && wasThere(index),
    ).length;
    const passings = standing.flatMap(({ event: { type, data } }, index) =>
      (type === 'DeadlinePassed' || type === 'DeadlineEscalated') && data.deadlineId === id && wasThere(index)
        ? [data.dueOn]
        : [],
    );
    const isRecordedLate = passings.some((passed) => !isAtEntry(events, id, passed));
    const gone = standing[lastIn + 1]?.event.effectiveOn;
    if (dueOn >= on || (gone !== undefined && gone <= dueOn && passings.length === 0)) return [];
    const outcome = (what: string, daysLate: number | null = null) => [
      { recipient, what, daysLate, extensions },
    ];
    if (gone !== undefined) return outcome('withdrawn');
    const record = recordOn(events, on);
    const isClosed = record !== null && CLOSED.includes(record.status);
    const settled = kind === 'response' ? answer(events, on) : isClosed ? closing(events, on) : null;
    const daysLate = settled !== null && settled.on > dueOn ? daysBetween(dueOn, settled.on) : null;
    const isLate = settled === null || passed === true || daysLate !== null;
    const isOverAtEntry = passings.length > 0 ? !isRecordedLate : isLate && isAtEntry(events, id, dueOn);
    if (isOverAtEntry) return outcome('lateAtEntry');
    if (isRecordedLate && !isLate) return outcome('metEstablishedLater');
    if (settled === null) return outcome('stillOpen');
    if (isLate) return outcome('late', daysLate);
    return outcome(settled.recordedOn <= dueOn ? 'metOnRecord' : 'met');
  });
}

function figuresOf(outcomes: readonly Outcome[], recordedLate: readonly { readonly id: string }[]) {
  const count = (...what: string[]) => outcomes.filter((each) => what.includes(each.what)).length;
  const late = outcomes.flatMap(({ daysLate }) => daysLate ?? []).sort((a, b) => a - b);
  const middle = late.length >> 1;
  const upper = late[middle] ?? 0;
  return {
    enteredInError: 0,
    superseded: 0,
    withdrawn: count('withdrawn'),
    lateAtEntry: count('lateAtEntry'),
    metEstablishedLater: count('metEstablishedLater'),
    stillOpen: count('stillOpen'),
    late: count('late'),
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
  const closedAfter = (...days: readonly number[]) =>
    days.map((each) => ({ closed: 1, days: each, records: 1 }));
  const openFor = (...days: readonly number[]) => days.map((each) => ({ closed: 0, days: each, records: 1 }));

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
    expect(closureTimes(observed).days).toEqual(days);
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
