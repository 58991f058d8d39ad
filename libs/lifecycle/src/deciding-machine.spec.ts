import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { initialTransition } from 'xstate';
import { inspectionRecommendation } from '#state-machines/inspection-recommendation/v1/lifecycle';
import { everyValue, xstateStep } from '#test/support/xstate-reference';
import type { StateValue } from '#event-sourcing/envelope';
import { DecidingMachine } from './deciding-machine.ts';

const { definition } = inspectionRecommendation;
const types = Object.keys(definition.events);

describe('a machine that decides', () => {
  const decides = new DecidingMachine(definition);

  test('begins where xstate begins', () => {
    const [start] = initialTransition(decides.machine);
    expect(decides.initial).toEqual(start.value);
  });

  test('given any walk, answers as xstate does that is asked anew, however often it was asked before', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...types), { maxLength: 60 }), (walk) => {
        let value = decides.initial;
        for (const type of walk) {
          const next = decides.after(value, type);
          expect(next).toEqual(xstateStep(inspectionRecommendation, value, type));
          value = next ?? value;
        }
      }),
      { numRuns: 60 },
    );
  });

  test('given a value as it was read from a store, answers with the same object as for its own', () => {
    for (const value of everyValue(inspectionRecommendation)) {
      const read = JSON.parse(JSON.stringify(value)) as StateValue;
      for (const type of types) expect(decides.after(read, type)).toBe(decides.after(value, type));
    }
  });

  test('given an event that only a region that follows would take, takes nothing', () => {
    const value = { progress: 'complete', closure: 'requested', evidence: 'none', response: 'due' };
    const snapshot = decides.machine.resolveState({ value, context: {} });
    expect(snapshot.can({ type: 'RecommendationCompleted' })).toBe(true);
    expect(decides.after(value, 'RecommendationCompleted')).toBeNull();
  });

  test.each([
    { progress: 'lost', closure: 'none', evidence: 'none', response: 'due' },
    { progress: 'awaiting-review' },
    {},
  ])('given %j, which is no value of it, takes nothing', (value) => {
    expect(decides.after(value as unknown as StateValue, 'ProgressStarted')).toBeNull();
  });

  test.each(['CommentAdded', 'RecommendationIssued', 'Unheard', 'constructor', '__proto__', '*', ''])(
    'given "%s", which is no move, moves nothing',
    (type) => {
      expect(decides.after(decides.initial, type)).toBeNull();
      expect(decides.move(type)).toBeNull();
    },
  );

  test('leaves the value that it was given as it was', () => {
    const before = Object.freeze({ ...decides.initial });
    expect(decides.after(before, 'ProgressStarted')).toEqual({ ...before, progress: 'being-progressed' });
    expect(before).toEqual(decides.initial);
  });

  test('knows what each move moves, and what it counts for', () => {
    expect(decides.move('RecommendationReopened')).toEqual({
      owner: 'progress',
      targets: { progress: 'being-progressed', evidence: 'none' },
      countsFor: ['progress', 'closure', 'evidence'],
    });
    expect(decides.move('ClosureRefused')).toEqual({
      owner: 'closure',
      targets: { closure: 'none' },
      countsFor: ['closure'],
    });
  });
});
