import { describe, expect, test } from '@jest/globals';
import { getShortestPaths, getSimplePaths } from 'xstate/graph';
import type { StateValue } from '#event-sourcing/envelope';
import { IllegalEventError } from '#lifecycle/statechart';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import { everyValue, xstateStep } from '#test/support/xstate-reference';
import type { Facts } from './facts.ts';
import { inspectionRecommendation } from './lifecycle.ts';
import { folded } from '#test/support/recording';

const lifecycle = inspectionRecommendation;
const { machine, initial, definition } = lifecycle;
const isLegal = (value: StateValue | null, type: string): boolean =>
  lifecycle.valueAfter(value, type) !== null;
const types = Object.keys(definition.events);
const open = ({ progress }: StateValue) => progress === 'awaiting-review' || progress === 'being-progressed';

interface DocumentedMove {
  readonly owner: string;
  readonly accepts: (value: StateValue) => boolean;
  readonly to: StateValue;
}
const move = (owner: string, accepts: (value: StateValue) => boolean, to: StateValue): DocumentedMove => ({
  owner,
  accepts,
  to,
});
const always = () => true;

/** The expected transitions of each event. */
const MOVES: Readonly<Record<string, DocumentedMove>> = {
  ProgressStarted: move('progress', ({ progress }) => progress === 'awaiting-review', {
    progress: 'being-progressed',
  }),
  ReturnedToReview: move('progress', ({ progress }) => progress === 'being-progressed', {
    progress: 'awaiting-review',
  }),
  RecommendationCompleted: move('progress', open, { progress: 'complete', closure: 'none' }),
  NoFurtherActionDecided: move('progress', open, { progress: 'no-further-action-needed', closure: 'none' }),
  RecommendationReopened: move('progress', (value) => !open(value), {
    progress: 'being-progressed',
    evidence: 'none',
  }),
  'StatusRecorded.awaiting-review': move('progress', always, { progress: 'awaiting-review' }),
  'StatusRecorded.being-progressed': move('progress', always, { progress: 'being-progressed' }),
  'StatusRecorded.complete': move('progress', always, { progress: 'complete', closure: 'none' }),
  'StatusRecorded.no-further-action-needed': move('progress', always, {
    progress: 'no-further-action-needed',
    closure: 'none',
  }),
  ClosureRequested: move('closure', (value) => value['closure'] === 'none' && open(value), {
    closure: 'requested',
  }),
  ClosureWithdrawn: move('closure', ({ closure }) => closure === 'requested', { closure: 'none' }),
  ClosureRefused: move('closure', ({ closure }) => closure === 'requested', { closure: 'none' }),
  EvidenceSubmitted: move('evidence', open, { evidence: 'submitted' }),
  EvidenceAccepted: move('evidence', (value) => value['evidence'] === 'submitted' && open(value), {
    evidence: 'accepted',
  }),
  EvidenceRejected: move('evidence', (value) => value['evidence'] === 'submitted' && open(value), {
    evidence: 'rejected',
  }),
  ResponseRequired: move('response', ({ response }) => response === 'not-required', { response: 'due' }),
  ResponsePublished: move('response', ({ response }) => response !== 'not-required', {
    response: 'published',
  }),
};

const NOTES = [
  'CommentAdded',
  'CommentRedacted',
  'OwnerAssigned',
  'TextAmended',
  'DeadlineSet',
  'DeadlineProposed',
  'DeadlineDismissed',
  'DeadlineExtended',
  'ExtensionRequested',
  'ExtensionRefused',
  'DeadlineWithdrawn',
  'ExtensionWithdrawn',
  'CorrectionRequested',
  'CorrectionApproved',
  'CorrectionRefused',
  'DeadlineApproaching',
  'DeadlinePassed',
  'DeadlineEscalated',
  'SupersedesRecorded',
  'RecipientAssigned',
  'UnknownStatusRecorded',
  'RegisterRecordImported',
];

describe('the regions', () => {
  test('and their states are those of the document, the first initial', () => {
    const regions = Object.entries(definition.machine.states).map(([region, { initial, states }]) => [
      region,
      initial,
      Object.keys(states),
    ]);
    expect(regions).toEqual([
      [
        'progress',
        'awaiting-review',
        ['awaiting-review', 'being-progressed', 'complete', 'no-further-action-needed'],
      ],
      ['closure', 'none', ['none', 'requested']],
      ['evidence', 'none', ['none', 'submitted', 'accepted', 'rejected']],
      ['response', 'not-required', ['not-required', 'due', 'published']],
    ]);
    expect(definition.statusRegion).toBe('progress');
  });

  test('are after the issue where the document says', () => {
    expect(initial).toEqual({
      progress: 'awaiting-review',
      closure: 'none',
      evidence: 'none',
      response: 'not-required',
    });
  });
});

describe('the events', () => {
  test('are those of the document, each of its one kind', () => {
    const ofKind = (kind: string) =>
      types.filter((type) => lifecycle.eventDefinition(type).kind === kind).sort();
    expect(ofKind('first')).toEqual(['RecommendationIssued']);
    expect(ofKind('move')).toEqual(Object.keys(MOVES).sort());
    expect(ofKind('note')).toEqual(NOTES.toSorted());
  });

  test.each(Object.keys(MOVES))(
    '%s is accepted where the document says, with the target that it says',
    (type) => {
      const { owner, accepts, to } = MOVES[type]!;
      expect(lifecycle.move(type)).toMatchObject({ owner, targets: to });
      for (const value of everyValue(lifecycle)) {
        const expected = accepts(value) ? { ...value, ...to } : null;
        expect(lifecycle.valueAfter(value, type)).toEqual(expected);
      }
    },
  );

  test.each(NOTES)('%s is legal in every state and moves nothing', (type) => {
    for (const value of everyValue(lifecycle)) expect(isLegal(value, type)).toBe(true);
    expect(isLegal(null, type)).toBe(false);
    expect(lifecycle.move(type)).toBeNull();
  });

  test('begin with the issue, which never comes again', () => {
    expect(types.filter((type) => isLegal(null, type))).toEqual(['RecommendationIssued']);
    for (const value of everyValue(lifecycle)) {
      expect(isLegal(value, 'RecommendationIssued')).toBe(false);
    }
  });

  test.each(['Unheard', 'StatusRecorded', 'StatusRecorded.unknown', 'constructor', ''])(
    'are not "%s"',
    (type) => {
      expect(isLegal(initial, type)).toBe(false);
      const event = folded(type);
      expect(() => lifecycle.evolve(null, event)).toThrow(expect.objectContaining({ code: 'unknown-event' }));
    },
  );

  test('count for the regions whose dates they keep in order', () => {
    const wide = ['progress', 'closure', 'evidence'];
    for (const [type, { owner }] of Object.entries(MOVES)) {
      const closesOrReopens =
        /^(RecommendationCompleted|NoFurtherActionDecided|RecommendationReopened|StatusRecorded\..*)$/;
      expect([type, lifecycle.move(type)?.countsFor]).toEqual([
        type,
        closesOrReopens.test(type) ? wide : [owner],
      ]);
    }
  });
});

describe('every path of the machine', () => {
  const events = (snapshot: { value: unknown }) =>
    types
      .filter((type) => xstateStep(lifecycle, snapshot.value as StateValue, type) !== null)
      .map((type) => ({ type }));
  const shortest = getShortestPaths(machine, { events });

  /**
   * The values that can be reached. A closure is pending only while the record is open; the other regions are
   * independent.
   */
  const reachable = everyValue(lifecycle).filter((value) => value['closure'] === 'none' || open(value));
  const text = (value: unknown) => JSON.stringify(value, ['progress', 'closure', 'evidence', 'response']);

  const typesOf = (steps: readonly { readonly event: { readonly type: string } }[]) =>
    steps.map(({ event }) => event.type).filter((type) => type !== 'xstate.init');

  /** Returns the state after a path's events, one a day. */
  function replay(path: readonly string[]): LifecycleState<Facts> {
    let state: LifecycleState<Facts> | null = null;
    for (const [day, type] of ['RecommendationIssued', ...path].entries()) {
      const effectiveOn = `2026-01-${String(day + 1).padStart(2, '0')}`;
      state = lifecycle.evolve(state, folded(type, { effectiveOn }));
    }
    return state!;
  }

  test('together reach the values that the document allows, and no other', () => {
    // Open: 2 statuses, 2 of closure, 4 of evidence. Closed: 2 statuses, 4 of evidence. Each with 3 of response.
    expect(reachable).toHaveLength((2 * 2 * 4 + 2 * 4) * 3);
    expect(shortest.map(({ state }) => text(state.value)).sort()).toEqual(reachable.map(text).sort());
  });

  test('replays to the value that xstate reaches by it', () => {
    for (const { state, steps } of shortest) {
      const replayed = replay(typesOf(steps));
      expect(replayed.value).toEqual(state.value);
      expect(replayed.firstOn).toBe('2026-01-01');
    }
    const longest = Math.max(...shortest.map(({ steps }) => steps.length));
    expect(longest).toBeGreaterThan(4);
  });

  test('without a circle, through progress and closure, replays to the value that xstate reaches by it', () => {
    const narrow = new Set([
      'ProgressStarted',
      'ReturnedToReview',
      'ClosureRequested',
      'ClosureWithdrawn',
      'RecommendationCompleted',
      'NoFurtherActionDecided',
      'RecommendationReopened',
    ]);
    const paths = getSimplePaths(machine, {
      events: (snapshot) => events(snapshot).filter(({ type }) => narrow.has(type)),
    });
    expect(new Set(paths.map(({ state }) => text(state.value))).size).toBe(6);
    expect(paths.length).toBeGreaterThan(20);
    for (const { state, steps } of paths) {
      expect(replay(typesOf(steps)).value).toEqual(state.value);
    }
  });

  test('fails at an event that its state does not accept', () => {
    for (const { state, steps } of shortest) {
      const replayed = replay(typesOf(steps));
      for (const type of types.filter((each) => !isLegal(state.value as StateValue, each))) {
        const event = folded(type, { effectiveOn: '2026-02-01' });
        expect(() => lifecycle.evolve(replayed, event)).toThrow(IllegalEventError);
      }
    }
  });
});
