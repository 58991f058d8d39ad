import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { initialTransition, transition } from 'xstate';
import { inspectionRecommendation } from '../../../state-machines/inspection-recommendation/v1/lifecycle.ts';
import { differencesFromXstate, everyValue, xstateStep } from '../../../test/support/xstate-reference.ts';
import type { StateValue } from '../../event-sourcing/src/envelope.ts';
import { InvalidLifecycleError } from './check-definition.ts';
import { defineLifecycle } from './lifecycle.ts';
import type { Lifecycle } from './lifecycle.ts';
import type {
  EventDefinition,
  LifecycleDefinition,
  RegionConfig,
  Transition,
} from './lifecycle-definition.ts';

const { table, machine, definition } = inspectionRecommendation;
const types = Object.keys(definition.events);

/** Every value that xstate, asked alone, can reach. */
function reachedByXstate(): StateValue[] {
  const [start] = initialTransition(machine);
  const reached = new Map([[JSON.stringify(start.value), start.value as StateValue]]);
  for (const value of reached.values()) {
    for (const type of types) {
      const next = xstateStep(inspectionRecommendation, value, type);
      if (next !== null) reached.set(JSON.stringify(next), next);
    }
  }
  return [...reached.values()];
}

describe('the table of the recommendation lifecycle', () => {
  test('begins where xstate begins', () => {
    const [start] = initialTransition(machine);
    expect(table.initial).toEqual(start.value);
  });

  test('steps as xstate does, from every value that can be reached, on every event', () => {
    const reached = reachedByXstate();
    expect(reached).toHaveLength(72);
    expect(differencesFromXstate(inspectionRecommendation, reached)).toEqual([]);
  });

  test('steps as xstate does from the other values too', () => {
    expect(everyValue(inspectionRecommendation)).toHaveLength(96);
    expect(differencesFromXstate(inspectionRecommendation)).toEqual([]);
  });

  test('walks where xstate walks', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...types), { maxLength: 60 }), (walk) => {
        let ours: StateValue = table.initial;
        let [theirs] = initialTransition(machine);
        for (const type of walk) {
          const next = table.step(ours, type);
          expect(next).toEqual(xstateStep(inspectionRecommendation, ours, type));
          if (next === null) continue;
          ours = next;
          [theirs] = transition(machine, theirs, { type });
          expect(ours).toEqual(theirs.value);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('takes nothing where only a region that follows would take the event', () => {
    const value = { progress: 'complete', closure: 'requested', evidence: 'none', response: 'due' };
    const snapshot = machine.resolveState({ value, context: {} });
    expect(snapshot.can({ type: 'RecommendationCompleted' })).toBe(true);
    expect(table.step(value, 'RecommendationCompleted')).toBeNull();
  });

  test('takes no note, no first event, and nothing that it does not know', () => {
    for (const type of [
      'CommentAdded',
      'RecommendationIssued',
      'Unheard',
      'constructor',
      '__proto__',
      '*',
      '',
    ]) {
      expect(table.step(table.initial, type)).toBeNull();
      expect(table.move(type)).toBeNull();
    }
  });

  test('leaves the value it was given as it was', () => {
    const before = Object.freeze({ ...table.initial });
    expect(table.step(before, 'ProgressStarted')).toEqual({ ...before, progress: 'being-progressed' });
    expect(before).toEqual(table.initial);
  });

  test('knows what each move moves, and what it counts for', () => {
    expect(table.move('RecommendationReopened')).toEqual({
      owner: 'progress',
      targets: { progress: 'being-progressed', evidence: 'none' },
      countsFor: ['progress', 'closure', 'evidence'],
    });
    expect(table.move('ClosureRefused')).toEqual({
      owner: 'closure',
      targets: { closure: 'none' },
      countsFor: ['closure'],
    });
  });
});

/** Definitions made at random, most of which hold. */
const anyDefinition = fc
  .array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 })
  .chain((sizes) => {
    const regions = sizes.map((_, index) => `r${index}`);
    const stateOf = (region: number) => fc.nat({ max: sizes[region]! - 1 }).map((state) => `s${state}`);
    /** For each region: where a move leads, and from which of the states (null: from the whole region). */
    const arrows = fc.tuple(
      ...sizes.map((size, region) =>
        fc.option(
          fc.record({
            target: stateOf(region),
            from: fc.option(
              fc.subarray(
                Array.from({ length: size }, (_, state) => `s${state}`),
                { minLength: 1 },
              ),
            ),
          }),
        ),
      ),
    );
    const move = fc.record({
      owner: fc.nat({ max: sizes.length - 1 }),
      guard: fc.option(fc.constant('allowed')),
      arrows,
    });
    const guard = fc.nat({ max: sizes.length - 1 }).chain((region) =>
      fc.record({
        region: fc.constant(regions[region]!),
        in: fc.subarray(
          Array.from({ length: sizes[region]! }, (_, state) => `s${state}`),
          { minLength: 1 },
        ),
      }),
    );
    return fc.record({
      sizes: fc.constant(sizes),
      moves: fc.array(move, { minLength: 1, maxLength: 5 }),
      guard,
    });
  })
  .map(({ sizes, moves, guard }): LifecycleDefinition<object> => {
    const events: Record<string, EventDefinition> = { Made: { kind: 'first', schemaVersion: 1 } };
    const states: Record<string, RegionConfig> = {};
    for (const [region, size] of sizes.entries()) {
      const name = `r${region}`;
      const shared: Record<string, Transition> = {};
      const own = Array.from({ length: size }, (): Record<string, Transition> => ({}));
      // One event a state that always leads there, so that every state is reached.
      for (let state = 0; state < size; state++) {
        shared[`Reach.${region}-${state}`] = `.s${state}`;
        events[`Reach.${region}-${state}`] = { kind: 'move', owner: name, schemaVersion: 1 };
      }
      for (const [index, { owner, guard: asked, arrows }] of moves.entries()) {
        const arrow = arrows[region];
        if (!arrow) continue;
        const guarded = (target: string): Transition =>
          asked !== null && owner === region ? { target, guard: asked } : target;
        if (arrow.from === null) shared[`Move${index}`] = guarded(`.${arrow.target}`);
        for (const state of arrow.from ?? [])
          own[Number(state.slice(1))]![`Move${index}`] = guarded(arrow.target);
      }
      states[name] = {
        initial: 's0',
        on: shared,
        states: Object.fromEntries(own.map((on, state) => [`s${state}`, { on }])),
      };
    }
    for (const [index, { owner }] of moves.entries()) {
      events[`Move${index}`] = { kind: 'move', owner: `r${owner}`, schemaVersion: 1 };
    }
    return {
      name: 'random',
      version: 1,
      statusRegion: 'r0',
      machine: { id: 'random', type: 'parallel', states },
      guards: { allowed: guard },
      events,
      thresholds: {},
      facts: { initial: {}, evolve: (facts) => facts },
    };
  });

test('the table of any lifecycle that is accepted steps as xstate does', () => {
  let accepted = 0;
  fc.assert(
    fc.property(anyDefinition, (random) => {
      let lifecycle: Lifecycle<object>;
      try {
        lifecycle = defineLifecycle(random);
      } catch (error) {
        if (error instanceof InvalidLifecycleError) return;
        throw error;
      }
      accepted += 1;
      expect(differencesFromXstate(lifecycle)).toEqual([]);
    }),
    { numRuns: 200 },
  );
  expect(accepted).toBeGreaterThan(50);
});
