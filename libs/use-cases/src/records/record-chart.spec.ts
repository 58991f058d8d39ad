import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { atOnce } from '#event-sourcing/folding';
import { closedTwice } from '#test/support/record-charts';
import { inspectionRecommendation } from '#state-machines/inspection-recommendation/v1/lifecycle';
import { addDays, daysBetween } from '#lifecycle/plain-date';
import type { TravelledRegion } from '#lifecycle/travelled-chart';
import { RecordLog } from '#test/support/record-log';
import { currentState, readRecord } from './read-record.ts';
import { recordChart } from './record-chart.ts';
import { lifecycles } from '#state-machines/lifecycles';

const TODAY = '2026-07-01';
const NOW_VIEW = { effectiveOn: null, knownAt: null };

let log: RecordLog;
beforeEach(() => {
  log = new RecordLog();
  log.issue('a', {}, { effectiveOn: '2026-01-01' });
});

const chartOn = (effectiveOn: string | null, knownAt: string | null = null) =>
  atOnce(recordChart(lifecycles, log.events, { effectiveOn, knownAt }, TODAY));

function region(name: string, effectiveOn: string | null = null): TravelledRegion {
  const found = chartOn(effectiveOn)?.regions.find((each) => each.region === name);
  if (found === undefined) throw new Error(`There is no region ${name}`);
  return found;
}

/** `state from..to days by event` */
const stays = (name: string, effectiveOn: string | null = null): string[] =>
  region(name, effectiveOn).path.map(
    ({ state, from, to, days, event, version }) =>
      `${state} ${from}..${to ?? ''} ${days} by ${event} v${version}`,
  );

const arrowsUsed = (name: string): string[] =>
  region(name)
    .arrows.filter((arrow) => arrow.taken > 0)
    .map((arrow) => `${arrow.from} ${arrow.event} ${arrow.to} ${arrow.taken}`);

describe('the chart of a record', () => {
  test('given a day before an undated issue, then the stays that an import dates before it', () => {
    log.add('a', 'ProgressStarted', {}, { effectiveOn: '2019-01-01' });
    log.add('a', 'RecommendationCompleted', {}, { effectiveOn: '2019-01-11' });

    expect(stays('progress', '2019-01-21')).toEqual([
      'being-progressed 2019-01-01..2019-01-11 10 by ProgressStarted v2',
      'complete 2019-01-11.. 10 by RecommendationCompleted v3',
    ]);
    expect(chartOn('2018-12-31')).toBeNull();
  });

  test('given an issue, then every region is in its initial state, since then', () => {
    const chart = chartOn(null);

    expect(chart).toMatchObject({
      id: 'a',
      version: 1,
      status: 'awaiting-review',
      view: NOW_VIEW,
      day: TODAY,
    });
    expect(chart?.regions.map(({ current }) => current)).toEqual([
      'awaiting-review',
      'none',
      'none',
      'not-required',
    ]);
    expect(stays('closure')).toEqual(['none 2026-01-01.. 181 by RecommendationIssued v1']);
    expect(arrowsUsed('closure')).toEqual([]);
  });

  test('given a closure, a reopening and a closure again, then the path has each stay, and the days are added up', () => {
    log = closedTwice();

    expect(stays('progress')).toEqual([
      'awaiting-review 2026-01-01..2026-02-01 31 by RecommendationIssued v1',
      'being-progressed 2026-02-01..2026-03-01 28 by ProgressStarted v2',
      'complete 2026-03-01..2026-05-01 61 by RecommendationCompleted v4',
      'being-progressed 2026-05-01..2026-06-01 31 by RecommendationReopened v5',
      'complete 2026-06-01.. 30 by RecommendationCompleted v7',
    ]);
    expect(region('progress').days).toEqual({
      'awaiting-review': 31,
      'being-progressed': 59,
      complete: 91,
      'no-further-action-needed': 0,
    });
    expect(arrowsUsed('progress')).toEqual([
      'awaiting-review ProgressStarted being-progressed 1',
      'being-progressed RecommendationCompleted complete 2',
      'complete RecommendationReopened being-progressed 1',
    ]);
    expect(arrowsUsed('closure')).toEqual([
      'none ClosureRequested requested 2',
      'requested RecommendationCompleted none 2',
    ]);
  });

  test('given a closure that no one requested, then the region of closure has not moved', () => {
    log.add('a', 'RecommendationCompleted', {}, { effectiveOn: '2026-02-01' });

    expect(stays('closure')).toHaveLength(1);
    expect(arrowsUsed('closure')).toEqual([]);
  });

  test('given evidence upon evidence, then the stay continues, and its arrow starts there', () => {
    log.add('a', 'EvidenceSubmitted', {}, { effectiveOn: '2026-02-01' });
    log.add('a', 'EvidenceSubmitted', {}, { effectiveOn: '2026-02-11' });

    expect(stays('evidence')).toEqual([
      'none 2026-01-01..2026-02-01 31 by RecommendationIssued v1',
      'submitted 2026-02-01.. 150 by EvidenceSubmitted v2',
    ]);
    expect(arrowsUsed('evidence')).toEqual([
      'none EvidenceSubmitted submitted 1',
      'submitted EvidenceSubmitted submitted 1',
    ]);
  });

  test('given moves on one day, then the stay between them has no days', () => {
    log.add('a', 'ProgressStarted', {}, { effectiveOn: '2026-02-01' });
    log.add('a', 'RecommendationCompleted', {}, { effectiveOn: '2026-02-01' });

    expect(stays('progress')[1]).toBe('being-progressed 2026-02-01..2026-02-01 0 by ProgressStarted v2');
  });

  test('given a day, then the chart is as it was at its end, and the last stay is counted to it', () => {
    log = closedTwice();

    expect(stays('progress', '2026-05-09')).toHaveLength(4);
    expect(stays('progress', '2026-05-09').at(-1)).toBe(
      'being-progressed 2026-05-01.. 8 by RecommendationReopened v5',
    );
    expect(region('closure', '2026-05-10').current).toBe('requested');
    expect(chartOn('2025-12-31')).toBeNull();
  });

  test('given an instant, then later events are not in it', () => {
    log.add(
      'a',
      'ProgressStarted',
      {},
      { effectiveOn: '2026-01-02', recordedAt: '2026-06-01T12:00:00.000Z' },
    );

    expect(chartOn('2026-03-01', '2026-05-31T00:00:00.000Z')).toMatchObject({ status: 'awaiting-review' });
    expect(chartOn('2026-03-01', '2026-06-02T00:00:00.000Z')).toMatchObject({ status: 'being-progressed' });
    expect(chartOn(null, '2025-12-31T00:00:00.000Z')).toBeNull();
  });

  test('given a register that runs ahead, then a stay that is to come has no days yet', () => {
    log.add('a', 'StatusRecorded.complete', {}, { effectiveOn: '2027-01-01' });

    expect(stays('progress').at(-1)).toBe('complete 2027-01-01.. 0 by StatusRecorded.complete v2');
  });

  test('says which events may come next in each region, and no others', () => {
    const next = (name: string) => region(name).next.map(({ event, to }) => `${event} ${to}`);

    expect(next('closure')).toEqual(['ClosureRequested requested']);
    expect(next('evidence')).toEqual(['EvidenceSubmitted submitted']);
    expect(next('response')).toEqual(['ResponseRequired due']);

    log.add('a', 'RecommendationCompleted', {}, { effectiveOn: '2026-02-01' });

    expect(next('closure')).toEqual([]);
    expect(next('progress')).toEqual([
      'RecommendationReopened being-progressed',
      'StatusRecorded.awaiting-review awaiting-review',
      'StatusRecorded.being-progressed being-progressed',
      'StatusRecorded.complete complete',
      'StatusRecorded.no-further-action-needed no-further-action-needed',
    ]);
  });
});

const { definition } = inspectionRecommendation;
const MOVES = Object.keys(definition.events).filter((type) => inspectionRecommendation.move(type) !== null);

/** Returns a record, for any numbers, whose moves have the date order of live commands. */
function legalHistory(choices: readonly (readonly [move: number, days: number])[]): RecordLog {
  const history = new RecordLog();
  history.issue('a', {}, { effectiveOn: '2026-01-01' });
  for (const [choice, days] of choices) {
    const possible = ['CommentAdded', ...MOVES.filter((type) => history.accepts('a', type))];
    const type = possible[choice % possible.length] as string;
    const { firstOn, movedOn } = currentState(lifecycles, history.events) as NonNullable<
      ReturnType<typeof currentState>
    >;
    const before = (inspectionRecommendation.move(type)?.countsFor ?? []).map(
      (name) => movedOn[name] ?? firstOn,
    );
    const earliest = [firstOn, ...before].sort().at(-1) as string;
    history.addAny('a', type, { text: 'x', visibility: 'public' }, { effectiveOn: addDays(earliest, days) });
  }
  return history;
}

const histories = fc
  .array(fc.tuple(fc.nat({ max: 999 }), fc.constantFrom(0, 0, 1, 30, 400)), { maxLength: 25 })
  .map(legalHistory);

describe('for any legal history', () => {
  const DAY = '2070-01-01';

  test('the path ends where the record is, its days add up, and every step of it is an arrow', () => {
    fc.assert(
      fc.property(histories, ({ events }) => {
        const chart = atOnce(recordChart(lifecycles, events, NOW_VIEW, DAY));
        expect(chart).not.toBeNull();
        for (const { region: name, current, path, days, arrows } of chart?.regions ?? []) {
          expect(path.at(-1)).toMatchObject({ state: current, to: null });
          expect(current).toBe(currentState(lifecycles, events)?.value[name]);
          const total = daysBetween('2026-01-01', DAY);
          expect(path.reduce((sum, stay) => sum + stay.days, 0)).toBe(total);
          expect(Object.values(days).reduce((sum, each) => sum + each, 0)).toBe(total);
          for (const [index, stay] of path.slice(1).entries()) {
            const before = path[index];
            expect(before?.to).toBe(stay.from);
            const arrow = arrows.find(
              ({ event, from, to }) => event === stay.event && from === before?.state && to === stay.state,
            );
            expect(arrow?.taken).toBeGreaterThan(0);
          }
        }
      }),
    );
  });

  test('on any day, the chart has the state of the record', () => {
    fc.assert(
      fc.property(histories, fc.nat({ max: 2_000 }), ({ events }, days) => {
        const view = { effectiveOn: addDays('2026-01-01', days), knownAt: null };
        const chart = atOnce(recordChart(lifecycles, events, view, DAY));
        const record = atOnce(readRecord(lifecycles, events, view, DAY));
        expect(chart?.regions).toHaveLength(4);
        for (const { region: name, current, path } of chart?.regions ?? []) {
          expect([name, current]).toEqual([name, record?.state[name]]);
          expect(path.at(-1)?.state).toBe(current);
        }
        expect(chart?.version).toBe(record?.version);
      }),
    );
  });
});
