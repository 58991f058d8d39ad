import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { JsonObject } from '#event-sourcing/envelope';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import type { RecordEvent } from './record-event.ts';
import { addDays } from '#lifecycle/plain-date';
import { dayOf, RecordOracle } from '#test/simulation/day-by-day-oracle';
import { growthOf } from '#test/support/growth';
import { isOpen } from './deadlines.ts';
import { evolveFacts, noFacts } from './evolve-facts.ts';
import type { Facts } from './facts.ts';
import { inspectionRecommendation } from './lifecycle.ts';
import { THRESHOLDS } from '../../capabilities/deadline-ledger.ts';
import type { DeadlineLedger, LedgerData } from '../../capabilities/deadline-ledger.ts';
import { deadlineCapability } from './deadline-capability.ts';
import { folded } from '#test/support/recording';

const event = (type: string, effectiveOn: string, data: JsonObject = {}): RecordEvent =>
  folded(type, { effectiveOn, data });
const issued = (on: string) => event('RecommendationIssued', on);
const due = (on: string, dueOn: string, deadlineId = 'd1', kind = 'action') =>
  event('DeadlineSet', on, { deadlineId, kind, dueOn });
const extended = (on: string, dueOn: string, deadlineId = 'd1') =>
  event('DeadlineExtended', on, { deadlineId, dueOn });
const withdrawn = (on: string, deadlineId = 'd1') => event('DeadlineWithdrawn', on, { deadlineId });
const recorded = (type: string, on: string, dateVersion = 1, deadlineId = 'd1') =>
  event(type, on, { deadlineId, dateVersion });

const ledgerOf = (...events: readonly RecordEvent[]): DeadlineLedger =>
  events.reduce((ledger, each) => ledger.after(each), deadlineCapability.initial.ledger);

/** Returns the events to record as texts: deadline, date version, threshold and day. */
const toRecord = (...events: readonly RecordEvent[]): string[] =>
  ledgerOf(...events)
    .crossings()
    .map(({ deadlineId, dateVersion, event: type, day }) => `${deadlineId}/${dateVersion} ${type} ${day}`);

describe('a date that nothing comes between', () => {
  const history = [issued('2015-11-30'), due('2015-11-30', '2016-06-30')];

  test('is approaching two weeks before, passed the day after, escalated a month after', () => {
    expect(toRecord(...history)).toEqual([
      'd1/1 DeadlineApproaching 2016-06-16',
      'd1/1 DeadlinePassed 2016-07-01',
      'd1/1 DeadlineEscalated 2016-07-30',
    ]);
  });

  test('is recorded once', () => {
    const passed = [
      ...history,
      recorded('DeadlineApproaching', '2016-06-16'),
      recorded('DeadlinePassed', '2016-07-01'),
    ];
    expect(toRecord(...passed)).toEqual(['d1/1 DeadlineEscalated 2016-07-30']);
    expect(ledgerOf(...passed).nextCrossingOn()).toBe('2016-07-30');
    expect(toRecord(...passed, recorded('DeadlineEscalated', '2016-07-30'))).toEqual([]);
    expect(ledgerOf(...passed, recorded('DeadlineEscalated', '2016-07-30')).nextCrossingOn()).toBeNull();
  });

  test('that was set when it had long passed is recorded by its last threshold alone', () => {
    expect(toRecord(issued('2020-01-01'), due('2026-11-24', '2020-06-30'))).toEqual([
      'd1/1 DeadlineEscalated 2026-11-24',
    ]);
  });

  test('that was set within two weeks of it is approaching at once', () => {
    expect(toRecord(issued('2026-01-01'), due('2026-06-20', '2026-06-30'))[0]).toBe(
      'd1/1 DeadlineApproaching 2026-06-20',
    );
  });
});

describe('a record that an import closed before the day of its undated issue', () => {
  const history = [issued('2026-11-24'), due('2026-11-24', '2026-11-30')];
  const closedLongAgo = event('RecommendationCompleted', '2020-01-01');

  test('has no threshold to record', () => {
    expect(toRecord(...history, closedLongAgo)).toEqual([]);
    expect(ledgerOf(...history, closedLongAgo).nextCrossingOn()).toBeNull();
  });

  test('is recorded again from when it is reopened', () => {
    const reopened = event('RecommendationReopened', '2026-12-05');
    expect(toRecord(...history, closedLongAgo, reopened)).toEqual([
      'd1/1 DeadlinePassed 2026-12-05',
      'd1/1 DeadlineEscalated 2026-12-30',
    ]);
  });
});

describe('the worked examples', () => {
  test('3: extended after the date, the first date has passed, and the second counts anew', () => {
    const history = [
      issued('2026-01-01'),
      due('2026-01-01', '2026-03-31'),
      extended('2026-04-10', '2026-06-30'),
    ];
    expect(toRecord(...history)).toEqual([
      'd1/1 DeadlineApproaching 2026-03-17',
      'd1/1 DeadlinePassed 2026-04-01',
      'd1/2 DeadlineApproaching 2026-06-16',
      'd1/2 DeadlinePassed 2026-07-01',
      'd1/2 DeadlineEscalated 2026-07-30',
    ]);
  });

  test('4: closed after the date and opened again, it escalates on the day of the reopening', () => {
    const closed = [
      issued('2026-01-01'),
      due('2026-01-01', '2026-03-31'),
      event('RecommendationCompleted', '2026-04-03'),
    ];
    expect(toRecord(...closed)).toEqual([
      'd1/1 DeadlineApproaching 2026-03-17',
      'd1/1 DeadlinePassed 2026-04-01',
    ]);
    const swept = [
      ...closed,
      recorded('DeadlineApproaching', '2026-03-17'),
      recorded('DeadlinePassed', '2026-04-01'),
    ];
    expect(ledgerOf(...swept).nextCrossingOn()).toBeNull();
    expect(toRecord(...swept, event('RecommendationReopened', '2026-05-10'))).toEqual([
      'd1/1 DeadlineEscalated 2026-05-10',
    ]);
  });

  test('5: each of two dates is recorded, and an extension leaves the other alone', () => {
    const history = [
      issued('2017-01-01'),
      due('2017-01-01', '2017-03-31'),
      due('2017-01-01', '2017-09-30', 'd2'),
      extended('2017-04-10', '2017-12-31'),
    ];
    expect(toRecord(...history)).toEqual([
      'd1/1 DeadlineApproaching 2017-03-17',
      'd1/1 DeadlinePassed 2017-04-01',
      'd2/1 DeadlineApproaching 2017-09-16',
      'd2/1 DeadlinePassed 2017-10-01',
      'd2/1 DeadlineEscalated 2017-10-30',
      'd1/2 DeadlineApproaching 2017-12-17',
      'd1/2 DeadlinePassed 2018-01-01',
      'd1/2 DeadlineEscalated 2018-01-30',
    ]);
  });
});

describe('events in between', () => {
  const history = [issued('2026-01-01'), due('2026-01-01', '2026-03-31')];

  test('a closure before the date: nothing of it is recorded', () => {
    expect(toRecord(...history, event('NoFurtherActionDecided', '2026-03-01'))).toEqual([]);
  });

  test('a closure on the day of a threshold comes first: it is the end of the day that counts', () => {
    const closed = event('RecommendationCompleted', '2026-04-01');
    expect(toRecord(...history, closed)).toEqual(['d1/1 DeadlineApproaching 2026-03-17']);
  });

  test('a closure that is recorded late, and is effective before the threshold', () => {
    const later = [...history, recorded('DeadlineApproaching', '2026-03-17')];
    expect(toRecord(...later, event('RecommendationCompleted', '2026-03-31'))).toEqual([]);
  });

  test('a reopening after several thresholds: the last of them is recorded, on that day', () => {
    const reopened = [
      ...history,
      event('RecommendationCompleted', '2026-03-01'),
      event('RecommendationReopened', '2026-06-01'),
    ];
    expect(toRecord(...reopened)).toEqual(['d1/1 DeadlineEscalated 2026-06-01']);
  });

  test('an extension of an extension: each date has its own events', () => {
    const twice = [...history, extended('2026-03-20', '2026-04-30'), extended('2026-04-25', '2026-05-31')];
    expect(toRecord(...twice)).toEqual([
      'd1/1 DeadlineApproaching 2026-03-17',
      'd1/2 DeadlineApproaching 2026-04-16',
      'd1/3 DeadlineApproaching 2026-05-17',
      'd1/3 DeadlinePassed 2026-06-01',
      'd1/3 DeadlineEscalated 2026-06-30',
    ]);
  });

  test('a duty to respond continues after closure, and ends with the response', () => {
    const response = [issued('2026-01-01'), due('2026-01-01', '2026-02-25', 'd1', 'response')];
    const closed = [...response, event('RecommendationCompleted', '2026-01-10')];
    expect(toRecord(...closed)).toHaveLength(3);
    expect(toRecord(...closed, event('ResponsePublished', '2026-02-26'))).toEqual([
      'd1/1 DeadlineApproaching 2026-02-11',
    ]);
  });

  test('a leap day and a clock change move nothing', () => {
    expect(toRecord(issued('2028-01-01'), due('2028-01-01', '2028-03-01'))).toEqual([
      'd1/1 DeadlineApproaching 2028-02-16',
      'd1/1 DeadlinePassed 2028-03-02',
      'd1/1 DeadlineEscalated 2028-03-31',
    ]);
  });
});

describe('a withdrawal', () => {
  const history = [issued('2026-01-01'), due('2026-01-01', '2026-03-31')];

  test('before the date: nothing of it is recorded', () => {
    expect(toRecord(...history, withdrawn('2026-03-16'))).toEqual([]);
    expect(ledgerOf(...history, withdrawn('2026-03-16')).nextCrossingOn()).toBeNull();
  });

  test('after the date: what was crossed while it was in force is recorded, and nothing later', () => {
    expect(toRecord(...history, withdrawn('2026-04-20'))).toEqual([
      'd1/1 DeadlineApproaching 2026-03-17',
      'd1/1 DeadlinePassed 2026-04-01',
    ]);
  });

  test('on the day of a threshold comes first: it is the end of the day that counts', () => {
    expect(toRecord(...history, withdrawn('2026-04-01'))).toEqual(['d1/1 DeadlineApproaching 2026-03-17']);
  });

  test('leaves the others alone, and a reopening brings nothing back', () => {
    const two = [...history, due('2026-01-01', '2026-03-31', 'd2'), withdrawn('2026-02-01')];
    const reopened = [
      ...two,
      event('RecommendationCompleted', '2026-03-01'),
      event('RecommendationReopened', '2026-06-01'),
    ];
    expect(toRecord(...reopened)).toEqual(['d2/1 DeadlineEscalated 2026-06-01']);
  });

  test('of an extended deadline ends its second date, and not the thresholds of the first', () => {
    const twice = [...history, extended('2026-03-20', '2026-06-30'), withdrawn('2026-06-20')];
    expect(toRecord(...twice)).toEqual([
      'd1/1 DeadlineApproaching 2026-03-17',
      'd1/2 DeadlineApproaching 2026-06-16',
    ]);
  });
});

const START = '2026-01-01';
const day = fc.integer({ min: 0, max: 150 }).map((days) => addDays(START, days));
const change = fc.oneof(
  fc.record({ type: fc.constantFrom('close', 'reopen', 'answer'), on: day }),
  fc.record({
    type: fc.constantFrom('set', 'extend', 'withdraw'),
    on: day,
    deadlineId: fc.constantFrom('d1', 'd2'),
    dueOn: day,
    kind: fc.constantFrom('action', 'response'),
  }),
);

/**
 * Returns the history from the changes on. Ids are unique, and only deadlines that were set are extended or withdrawn.
 */
function historyOf(changes: readonly Record<string, string>[], from = -1): RecordEvent[] {
  const set = new Set<string>();
  const happened = changes.map(({ type, on = START, deadlineId = '', dueOn = '', kind = '' }) => {
    switch (type) {
      case 'close':
        return [event('StatusRecorded.complete', on)];
      case 'reopen':
        return [event('StatusRecorded.being-progressed', on)];
      case 'answer':
        return [event('ResponsePublished', on)];
      case 'set':
        if (set.has(deadlineId)) return [];
        set.add(deadlineId);
        return [due(on, dueOn, deadlineId, kind)];
      case 'withdraw':
        return set.has(deadlineId) ? [withdrawn(on, deadlineId)] : [];
      default:
        return set.has(deadlineId) ? [extended(on, dueOn, deadlineId)] : [];
    }
  });
  return from < 0 ? [issued(START), ...happened.flat()] : happened.slice(from).flat();
}

/** Returns the facts and the value at the end of a day, from the lifecycle's view. */
function stateAtEndOf(history: readonly RecordEvent[], on: string): LifecycleState<Facts> {
  const effective = history
    .map((each, index) => ({ each, index }))
    .filter(({ each }) => each.effectiveOn <= on);
  effective.sort((a, b) =>
    a.each.effectiveOn < b.each.effectiveOn
      ? -1
      : a.each.effectiveOn > b.each.effectiveOn
        ? 1
        : a.index - b.index,
  );
  let state = { ...inspectionRecommendation.initialState(START), facts: noFacts };
  for (const { each } of effective) {
    const targets = inspectionRecommendation.move(each.type)?.targets;
    state = { ...state, value: { ...state.value, ...targets }, facts: evolveFacts(state.facts, each) };
  }
  return state;
}

const datesOf = (history: readonly RecordEvent[]) =>
  ledgerOf(...history)
    .toJSON()
    .entries.filter((entry) => entry.fact === 'date');

describe('any history', () => {
  test('crosses each threshold on the first day of its view', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 8 }), (changes) => {
        const history = historyOf(changes);
        const days = Array.from({ length: 260 }, (_, index) => addDays(START, index - 20));
        const states = days.map((on) => ({ on, state: stateAtEndOf(history, on) }));
        const expected = datesOf(history).flatMap(({ deadlineId, dateVersion, dueOn, kind }) => {
          // The view cannot distinguish two versions with the same date.
          const firstDays = THRESHOLDS.map(({ days: offset }) => {
            const found = states.find(({ on, state }) => {
              const deadline = state.facts.deadlines.find(({ id }) => id === deadlineId);
              const settled =
                kind === 'response' ? state.value['response'] === 'published' : !isOpen(state.value);
              return on >= addDays(dueOn, offset) && deadline?.dueOn === dueOn && !settled && on >= START;
            });
            return found?.on ?? null;
          });
          return THRESHOLDS.flatMap(({ event: type }, index) => {
            const on = firstDays[index];
            return on == null || firstDays[index + 1] === on
              ? []
              : [`${deadlineId}/${dateVersion} ${type} ${on}`];
          });
        });
        const dates = datesOf(history).map(({ deadlineId, dueOn }) => `${deadlineId} ${dueOn}`);
        fc.pre(new Set(dates).size === dates.length);
        expect(toRecord(...history).toSorted()).toEqual(expected.toSorted());
      }),
      { numRuns: 100 },
    );
  });
});

/** Applies an event to the simulation's day-by-day oracle, which shares no code with the ledger. */
function applyTo(oracle: RecordOracle, { type, effectiveOn, data }: RecordEvent): void {
  const on = dayOf(effectiveOn);
  if (type === 'StatusRecorded.complete') oracle.closed(on);
  else if (type === 'StatusRecorded.being-progressed') oracle.reopened(on);
  else if (type === 'ResponsePublished') oracle.answered(on);
  else if (type === 'DeadlineSet')
    oracle.set(on, dayOf(data.dueOn), data.kind === 'response', data.deadlineId);
  else if (type === 'DeadlineExtended') oracle.extended(on, data.deadlineId, dayOf(data.dueOn));
  else if (type === 'DeadlineWithdrawn') oracle.withdrawn(on, data.deadlineId);
}

describe('any history, swept now and then', () => {
  test('has recorded the same as an oracle that goes through its days one by one', () => {
    const sweep = fc.record({ type: fc.constant('sweep'), on: day });
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ arbitrary: change, weight: 4 }, sweep), { maxLength: 40 }),
        (changes) => {
          const oracle = new RecordOracle(dayOf(START));
          let ledger = ledgerOf(issued(START));
          let sweptTo = '';
          const sweepTo = (on: string) => {
            // A later sweep checks again all days that an earlier one has checked.
            sweptTo = on > sweptTo ? on : sweptTo;
            const due = ledger.crossings().filter((each) => each.day <= sweptTo);
            for (const each of due) {
              ledger = ledger.after(recorded(each.event, each.day, each.dateVersion, each.deadlineId));
            }
            const found = due.map(
              (each) => `${each.deadlineId}/${each.dateVersion} ${each.event} ${each.day}`,
            );
            expect(found.toSorted()).toEqual(oracle.sweep(dayOf(sweptTo)).toSorted());
          };
          for (const [index, each] of changes.entries()) {
            if (each.type === 'sweep') sweepTo(each.on);
            else {
              for (const happened of historyOf(changes.slice(0, index + 1), index)) {
                ledger = ledger.after(happened);
                applyTo(oracle, happened);
              }
            }
          }
          sweepTo(addDays(START, 400));
        },
      ),
      { numRuns: 100 },
    );
  });

  test('is the same from the ledger as it is kept', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 20 }), (changes) => {
        const history = historyOf(changes);
        const [before, after] = [history.slice(0, 5), history.slice(5)];
        const read = deadlineCapability.initial.ledger.from(
          JSON.parse(JSON.stringify(ledgerOf(...before))) as LedgerData,
        );
        const kept = after.reduce((ledger, each) => ledger.after(each), read);
        expect(kept.crossings()).toEqual(ledgerOf(...history).crossings());
        expect(kept.nextCrossingOn()).toBe(kept.crossings()[0]?.day ?? null);
      }),
    );
  });
});

describe('a record with many deadlines, extensions, withdrawals and reopenings', () => {
  test('is folded and looked through in a time that grows with them', async () => {
    const work = (deadlines: number): void => {
      let ledger = ledgerOf(issued(START));
      const add = (each: RecordEvent) => {
        ledger = ledger.after(each);
      };
      for (let index = 1; index <= deadlines; index++) {
        const on = addDays(START, index % 300);
        add(due(on, addDays(on, 60), `d${index}`));
        add(extended(addDays(on, 9), addDays(on, 90), `d${index}`));
        if (index % 3 === 0) add(withdrawn(addDays(on, 30), `d${index}`));
        add(event('RecommendationCompleted', addDays(on, 200)));
        add(event('RecommendationReopened', addDays(on, 201)));
      }
      ledger.crossings();
    };
    const bound = 20;
    expect(await growthOf(work, { from: 500, to: 4_000, bound })).toBeLessThan(bound);
  });
});
