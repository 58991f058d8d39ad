import { describe, expect, test } from '@jest/globals';
import { inspectionRecommendation } from '#state-machines/inspection-recommendation/v1/lifecycle';
import { chartOf } from './chart.ts';
import { arrowsOf } from './lifecycle-definition.ts';

const { definition } = inspectionRecommendation;
const reference = { name: 'inspection-recommendation', version: 1, digest: '0'.repeat(64) };
const chart = chartOf(definition, reference);

describe('the chart of a lifecycle', () => {
  test('has every region with its states, and where it begins', () => {
    expect(chart.regions.map(({ region, initial, states }) => [region, initial, states])).toEqual(
      Object.entries(definition.machine.states).map(([region, { initial, states }]) => [
        region,
        initial,
        Object.keys(states),
      ]),
    );
    expect(chart.lifecycle).toEqual(reference);
    expect(chart.guards).toEqual(definition.guards);
  });

  test('has every arrow of the definition once, in its region', () => {
    const drawn = chart.regions.flatMap(({ region, arrows }) =>
      arrows.map(({ event, guard, from, to }) => ({ region, event, guard, from, target: to })),
    );
    const defined = [...arrowsOf(definition)].map(({ region, event, guard, from, target }) => ({
      region,
      event,
      guard,
      from,
      target,
    }));
    expect(drawn).toEqual(defined);
    expect(drawn.length).toBeGreaterThan(30);
  });

  test('tells an arrow of one state from one that leads from all of them', () => {
    const progress = chart.regions[0]?.arrows ?? [];
    expect(progress.filter(({ event }) => event === 'StatusRecorded.complete')).toEqual(
      ['awaiting-review', 'being-progressed', 'complete', 'no-further-action-needed'].map((from) => ({
        event: 'StatusRecorded.complete',
        guard: null,
        from,
        to: 'complete',
        fromAny: true,
      })),
    );
    expect(
      progress.filter(({ event }) => event === 'RecommendationReopened').map(({ fromAny }) => fromAny),
    ).toEqual([false, false]);
  });
});
