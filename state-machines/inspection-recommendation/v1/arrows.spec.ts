import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { StateValue } from '#event-sourcing/envelope';
import { reasonsBeforehand } from '#lifecycle/reasons-beforehand';
import type { CommandDefinition, CommandTable } from '#lifecycle/decide';
import { plainAnswers } from '#lifecycle/answers';
import { defineLifecycle } from '#lifecycle/lifecycle';
import { arrowsOf } from '#lifecycle/lifecycle-definition';
import type { Arrow, LifecycleDefinition, LifecycleState, Transition } from '#lifecycle/lifecycle-definition';
import type { CommandedLifecycle } from '#lifecycle/lifecycles';
import { statechartOf } from '#lifecycle/statechart';
import { NO_EVENT, PEOPLE } from '#test/support/documented-commands';
import { folded } from '#test/support/recording';
import { pastEvent, historyOf, reachableValues, situationsOf, VARIANTS } from '#test/support/situations';
import { everyValue } from '#test/support/xstate-reference';
import { issue } from './issue.ts';
import { isOfTheRecipient } from '../../access.ts';
import { recommendation } from '../kind.ts';
import { definition } from './definition.ts';
import type { Facts } from './facts.ts';
import { inspectionRecommendation } from './lifecycle.ts';
import { commands } from './policy.ts';

type State = LifecycleState<Facts>;

const rows: CommandTable<Facts> = commands;
const data: LifecycleDefinition = definition;
const TODAY = '2026-11-24';

const afterIssue: State = inspectionRecommendation.evolve(
  null,
  folded('RecommendationIssued', { data: { recipient: 'wiltshire' } }),
);
const at = (value: StateValue): State => ({ ...afterIssue, value });

/** Returns the definition in which the owner of a move accepts it only in these states. */
function acceptedFrom(type: string, sources: readonly string[]): LifecycleDefinition {
  const event = data.events[type];
  if (event?.kind !== 'move') throw new Error(`${type} is no move`);
  const { owner } = event;
  const region = data.machine.states[owner]!;
  const { target, guard } = [...arrowsOf(data)].find(
    (arrow) => arrow.event === type && arrow.region === owner,
  )!;
  const transition: Transition = guard === null ? target : { target, guard };
  const others = (on: Readonly<Record<string, Transition>> = {}) =>
    Object.fromEntries(Object.entries(on).filter(([each]) => each !== type));
  const states = Object.fromEntries(
    Object.entries(region.states).map(([state, { on }]) => [
      state,
      { on: { ...others(on), ...(sources.includes(state) && { [type]: transition }) } },
    ]),
  );
  const changed = { ...region, on: others(region.on), states };
  return { ...data, machine: { ...data.machine, states: { ...data.machine.states, [owner]: changed } } };
}

const commanded = (changed: LifecycleDefinition): CommandedLifecycle<Facts> => ({
  ...defineLifecycle(statechartOf(changed), '0'.repeat(64), inspectionRecommendation.code),
  kind: recommendation,
  commands: rows,
  words: {},
  answers: plainAnswers({ shapes: {} }),
  queues: {},
  issue,
});

/** Returns whether a command is possible, from arrows and guards alone. */
function letsThrough(
  { guards, ...changed }: LifecycleDefinition,
  { emits, when }: CommandDefinition<Facts>,
  value: StateValue,
): boolean {
  const isMet = (name: string | null | undefined): boolean => {
    const guard = name == null ? null : guards[name]!;
    return guard === null || guard.in.includes(value[guard.region] as string);
  };
  const isAccepted = (type: string): boolean => {
    const event = changed.events[type]!;
    const starts = ({ region, from, guard, event: each }: Arrow) =>
      each === type && value[region] === from && isMet(guard);
    return (
      event.kind !== 'move' ||
      [...arrowsOf(changed)].some((arrow) => arrow.region === event.owner && starts(arrow))
    );
  };
  if (!isMet(when)) return false;
  // No command of version 1 records two moves.
  return emits.every(isAccepted);
}

/** Returns whether the machine refuses a command; such a refusal has no guard. */
const isRefused = (lifecycle: CommandedLifecycle<Facts>, row: CommandDefinition<Facts>, value: StateValue) =>
  reasonsBeforehand(
    lifecycle,
    row,
    at(value),
    { actor: { subject: 'somebody', roles: row.roles }, bodies: [], today: TODAY },
    row.roles,
  ).some(
    ({ kind, reason }) =>
      kind === 'state' && reason.guard === undefined && reason.code === 'command-not-allowed',
  );

const moves = [...new Set(Object.values(rows).flatMap(({ emits }) => emits))].filter(
  (type) => data.events[type]?.kind === 'move',
);
const statesOfOwner = (type: string): string[] => {
  const event = data.events[type];
  return event?.kind === 'move' ? Object.keys(data.machine.states[event.owner]!.states) : [];
};
/** A move, and other states from which its owner accepts it. */
const anyArrows = fc
  .constantFrom(...moves)
  .chain((type) => fc.tuple(fc.constant(type), fc.subarray(statesOfOwner(type), { minLength: 1 })));

describe('the arrows of the definition', () => {
  test('alone determine in which states a command is possible, whichever are added or removed', () => {
    expect(moves).toHaveLength(12);
    fc.assert(
      fc.property(anyArrows, ([type, sources]) => {
        const changed = acceptedFrom(type, sources);
        const lifecycle = commanded(changed);
        const differences = everyValue(lifecycle).flatMap((value) =>
          Object.entries(rows)
            .filter(([, row]) => isRefused(lifecycle, row, value) === letsThrough(changed, row, value))
            .map(([command]) => ({ command, value })),
        );
        expect(differences).toEqual([]);
      }),
      { numRuns: process.env['DOCKET_TEST_LONG'] === undefined ? 6 : 30 },
    );
  });
});

const NAMES = { record: 'r', comment: NO_EVENT, issued: NO_EVENT, request: NO_EVENT, successor: 's' };
const issued = pastEvent('RecommendationIssued', { recipient: 'wiltshire' });
const OUTCOMES = ['complete', 'no-further-action', 'superseded'] as const;

/** A record in each situation, some with actions of its recipient or an earlier withdrawn closure. */
const states: State[] = [
  ...VARIANTS.flatMap((variant) =>
    situationsOf(variant).map(({ facts, path }) => stateAfter(historyOf(facts, path, NAMES))),
  ),
  // The body changed after its correction was requested.
  stateAfter([
    issued,
    pastEvent('CorrectionRequested', { eventId: 'event 0', recipient: 'kent' }),
    { ...pastEvent('RecipientAssigned', { recipient: 'essex' }), by: 'decider' },
  ]),
  ...reachableValues().map(({ path }) =>
    stateAfter([issued, ...path.map((type) => pastEvent(type))], 'force-lead'),
  ),
  ...OUTCOMES.map((outcome, index) =>
    stateAfter([
      issued,
      { ...pastEvent('ClosureRequested', { outcome: OUTCOMES[(index + 1) % 3]! }), by: 'decider' },
      pastEvent('ClosureWithdrawn'),
      pastEvent('ClosureRequested', { outcome }),
    ]),
  ),
];

function stateAfter(history: ReturnType<typeof historyOf>, role = 'inspector'): State {
  const state = history.reduce<State | null>(
    (before, { type, by: subject, data: said }, index) =>
      inspectionRecommendation.evolve(
        before,
        folded(type, {
          eventId: `event ${index}`,
          version: index + 1,
          subject,
          data: said,
          decision: { role },
        }),
      ),
    null,
  );
  return state!;
}

describe('a guard of a row', () => {
  /** Returns every caller in every situation. */
  const callers = (roles: readonly string[]) =>
    states.flatMap((state) => roles.flatMap((role) => PEOPLE.map((subject) => ({ state, role, subject }))));
  type Caller = ReturnType<typeof callers>[number];

  /** Returns the code of the first refusal; undefined if there is none. */
  const answer = (row: CommandDefinition<Facts>, { state, role, subject }: Caller): string | undefined => {
    const bodies = isOfTheRecipient(role) ? ['wiltshire'] : [];
    const asking = { actor: { subject, roles: [role] }, bodies, today: TODAY };
    return reasonsBeforehand(inspectionRecommendation, row, state, asking, [role])[0]?.reason.code;
  };

  const ofState = ({ preconditions = [] }: CommandDefinition<Facts>) =>
    preconditions.filter(({ kind }) => kind === 'state');
  const guarded = Object.entries(rows).filter(
    ([, row]) => row.when ?? row.state ?? row.people ?? ofState(row)[0],
  );

  test.each(guarded)('of %s changes some answer, or it would restate an arrow', (_, row) => {
    const { when, ...always } = row;
    const fewer = [
      ...(when === undefined ? [] : [[when, always] as const]),
      ...(['state', 'people'] as const).flatMap((kind) =>
        (row[kind] ?? []).map(
          (guard) => [guard.code, { ...row, [kind]: row[kind]?.filter((each) => each !== guard) }] as const,
        ),
      ),
      ...ofState(row).map(
        (each) =>
          [
            each.code,
            { ...row, preconditions: row.preconditions!.filter((other) => other !== each) },
          ] as const,
      ),
    ];
    const all = callers(row.roles);
    const idle = fewer.filter(
      ([, less]) => !all.some((caller) => answer(row, caller) !== answer(less, caller)),
    );
    expect(idle.map(([code]) => code)).toEqual([]);
  });
});
