import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { statechartOf } from '#lifecycle/statechart';
import type { Envelope, StateValue } from '#event-sourcing/envelope';
import { historyFrom } from '#test/support/record-log';
import { definition } from './definition.ts';
import { inspectionRecommendation } from './lifecycle.ts';

/** The definition in a file or a pack, without this program's code. */
const stored = JSON.parse(JSON.stringify(definition)) as typeof definition;
const statechart = statechartOf(stored);

const inStreams = (events: readonly Envelope[]): Envelope[][] => [
  ...Map.groupBy(
    events.filter(({ lifecycle }) => lifecycle !== null),
    ({ streamId }) => streamId,
  ).values(),
];

describe('the definition, stored as JSON and read again', () => {
  test('is the same one', () => {
    expect(statechart.identity).toEqual(inspectionRecommendation.identity);
  });

  test('given any history, returns each state and status that the lifecycle with its code recorded', () => {
    let replayed = 0;
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 1, maxLength: 60 }), (choices) => {
        for (const events of inStreams(historyFrom(choices).events)) {
          let value: StateValue | null = null;
          for (const { type, state } of events) {
            value = statechart.valueAfter(value, type);
            expect(value).toEqual(state);
            expect(statechart.statusOf(value!)).toBe(state!['progress']);
            replayed += 1;
          }
        }
      }),
    );
    expect(replayed).toBeGreaterThan(200);
  });

  test('given any event in any state of such a history, accepts it or not as the lifecycle does', () => {
    const types = [...Object.keys(definition.events), 'Unheard'];
    fc.assert(
      fc.property(
        fc.array(fc.nat(), { minLength: 1, maxLength: 40 }),
        fc.constantFrom(...types),
        (choices, type) => {
          for (const { state } of historyFrom(choices).events) {
            expect(statechart.valueAfter(state, type)).toEqual(
              inspectionRecommendation.valueAfter(state, type),
            );
          }
        },
      ),
    );
  });
});
