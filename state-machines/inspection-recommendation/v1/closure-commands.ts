import { eventData } from '#lifecycle/capability';
import type { CommandTable, DecisionContext, Precondition, Rule } from '#lifecycle/decide';
import { asRule } from '#lifecycle/decide';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import { notTheRequester } from '../../capabilities/closure.ts';
import { decidesRules, notAnAuthor } from '../../capabilities/decides.ts';
import { closureCapability } from './closure-capability.ts';
import { judgingCommand } from './decided-events.ts';
import { supersessionEvents } from './decides.ts';
import { isSameForm } from './facts.ts';
import type { ClosureForm, Facts } from './facts.ts';
import { notAnEarlierRequester } from './guards.ts';
import { NoFurtherActionPayload, ReopenPayload, SupersedePayload } from './payloads.ts';
import type { ClosureOutcome } from './record-fields.ts';
import { recordStream } from '../kind.ts';
import { nextSuccessor, notItsMaker, successorRules, supersedesRecorded } from './supersession.ts';

type State = LifecycleState<Facts>;

const REQUEST_FIRST =
  'another person must first use request-closure with the same outcome, and the same reason or replacement';

/** Requires a requested closure with this outcome. Its reason or successor is checked with the payload. */
const closureRequested = (outcome: ClosureOutcome): Precondition<Facts> => ({
  code: 'closure-request-needed',
  kind: 'state',
  hasOwnCode: true,
  isMet: ({ facts: { closure } }) => closure?.outcome === outcome,
  detail: ({ facts: { closure } }) =>
    closure === null
      ? `No closure was requested; ${REQUEST_FIRST}`
      : `The pending request is to close the record as ${closure.outcome}, not as ${outcome}; ${REQUEST_FIRST}`,
});

/** Requires the decision to match the request. */
const closureMatches = <Payload>(formOf: (payload: Payload) => ClosureForm): Rule<Facts, Payload> => ({
  code: 'closure-request-needed',
  kind: 'state',
  hasOwnCode: true,
  isMet: ({ facts: { closure } }, payload) => closure === null || isSameForm(closure, formOf(payload)),
  detail: ({ facts: { closure } }) =>
    `The pending request is for ${closure?.reason ?? closure?.supersededBy ?? 'a different outcome'}; ${REQUEST_FIRST}`,
});

const eventsWithSuccessor = (
  state: State,
  { by }: SupersedePayload,
  { others }: Pick<DecisionContext<Facts>, 'others'>,
) => supersessionEvents(state, others.get(recordStream(by)));

const notTheAuthor = notAnAuthor<Facts>((state) => [closureCapability.decisionEvents(state)]);

/** The commands that close and reopen a record. */
export const closureCommands = {
  ...closureCapability.commands,
  'decide-no-further-action': judgingCommand<NoFurtherActionPayload>({
    summary:
      'Closes the record with no further action, after another person requested this for the same reason.',
    payload: NoFurtherActionPayload,
    roles: ['approver'],
    whenFull: true,
    emits: ['NoFurtherActionDecided'],
    stillOpen: closureCapability.stillOpen,
    people: [notTheRequester, notAnEarlierRequester, notTheAuthor],
    preconditions: [closureRequested('no-further-action')],
    rules: [
      asRule(closureRequested('no-further-action')),
      closureMatches<NoFurtherActionPayload>(({ reason }) => ({ outcome: 'no-further-action', reason })),
      ...decidesRules(closureCapability.decisionEvents),
    ],
    events: (state, payload) => [
      {
        type: 'NoFurtherActionDecided',
        data: { ...eventData(payload), ...closureCapability.decision(state, payload) },
      },
    ],
  }),
  supersede: judgingCommand<SupersedePayload>({
    summary:
      'Closes the record because another record replaces it, after a different person requested this; reopening reverses the closure.',
    payload: SupersedePayload,
    roles: ['approver'],
    whenFull: true,
    emits: ['NoFurtherActionDecided'],
    emitsElsewhere: ['SupersedesRecorded'],
    stillOpen: closureCapability.stillOpen,
    people: [notTheRequester, notAnEarlierRequester, notTheAuthor],
    otherRecord: ({ facts }) => facts.closure?.supersededBy ?? null,
    foreseen: ({ facts: { closure } }) =>
      closure?.supersededBy === undefined ? [] : [{ by: closure.supersededBy }],
    nextStream: ({ by }, streamId, loaded) => nextSuccessor(by, streamId, loaded),
    preconditions: [closureRequested('superseded')],
    rules: [
      asRule(closureRequested('superseded')),
      closureMatches<SupersedePayload>(({ by }) => ({ outcome: 'superseded', supersededBy: by })),
      ...decidesRules(eventsWithSuccessor),
      notItsMaker,
      ...successorRules<SupersedePayload>(({ by }) => by),
    ],
    events: (state, payload, { streamId, others }) => {
      const { by: supersededBy, statement } = payload;
      const toDecide = eventsWithSuccessor(state, payload, { others });
      const data = {
        reason: 'superseded' as const,
        statement,
        supersededBy,
        ...closureCapability.decision(state, payload, toDecide),
      };
      return [{ type: 'NoFurtherActionDecided', data }, supersedesRecorded(supersededBy, streamId)];
    },
  }),
  reopen: judgingCommand({
    summary: 'Reopens a closed record and sets its status to being progressed.',
    payload: ReopenPayload,
    roles: ['approver'],
    whenFull: true,
    emits: ['RecommendationReopened'],
    events: (_, payload) => [{ type: 'RecommendationReopened', data: eventData(payload) }],
  }),
} satisfies CommandTable<Facts>;
