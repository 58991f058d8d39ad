import { describe, expect, test } from '@jest/globals';
import { bookDefinition as definition } from '#test/support/book-lifecycle';
import { chartOf } from './chart.ts';
import { arrowsOf } from './lifecycle-definition.ts';

const reference = { name: 'book', version: 1, digest: '0'.repeat(64) };
const chart = chartOf(definition, reference);

describe('the chart of a lifecycle', () => {
  test('has every region with its states, and its initial state', () => {
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
    expect(drawn.length).toBeGreaterThan(8);
  });

  test('distinguishes an arrow of one state from an arrow of all states', () => {
    const [place, wish] = chart.regions;
    expect(place?.arrows.filter(({ event }) => event === 'Sold')).toEqual(
      ['shelf', 'out', 'gone'].map((from) => ({
        event: 'Sold',
        guard: null,
        from,
        to: 'gone',
        fromAny: true,
      })),
    );
    expect(wish?.arrows.filter(({ event }) => event === 'Wished')).toEqual([
      { event: 'Wished', guard: 'lent', from: 'none', to: 'waiting', fromAny: false },
    ]);
  });
});
