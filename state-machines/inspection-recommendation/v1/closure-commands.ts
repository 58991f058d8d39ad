import { eventData } from '#lifecycle/capability';
import type { CommandTable, DecisionContext, Foreseen, Rule } from '#lifecycle/decide';
import { all, asRule } from '#lifecycle/decide';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import { asking } from '#lifecycle/shapes';
import { decidedOn, decidesRules } from '../../capabilities/decides.ts';
import { judgingCommand, recordCommand } from './decided-events.ts';
import {
  closureDecided,
  closureRefusalStanding,
  closureStanding,
  consideredBy,
  evidenceConsidered,
  supersessionStanding,
} from './decides.ts';
import { isSameForm } from './facts.ts';
import type { ClosureForm, Facts } from './facts.ts';
import { closureToComplete, notAnEarlierRequester, notTheRequester, theRequester } from './guards.ts';
import {
  DecideWithReasonPayload,
  DecideWithStatementPayload,
  EmptyPayload,
  NoFurtherActionPayload,
  ReasonPayload,
  RequestClosurePayload,
  SupersedePayload,
} from './payloads.ts';
import { why } from '../../capabilities/fields.ts';
import type { ClosureOutcome } from './record-fields.ts';
import { recordStream } from '../kind.ts';
import {
  nextSuccessor,
  notItsMaker,
  requestedSuccessor,
  successorRules,
  supersedesRecorded,
} from './supersession.ts';

type State = LifecycleState<Facts>;

const REQUEST_FIRST =
  'request-closure comes first, by another person, with the same outcome and the same reason or successor';

/** A closure of this outcome was requested; that it was for the same reason or successor only a payload can say. */
const closureRequested = (outcome: ClosureOutcome): Foreseen<Facts> => ({
  code: 'closure-request-needed',
  kind: 'state',
  hasOwnCode: true,
  holds: ({ facts: { closure } }) => closure?.outcome === outcome,
  detail: ({ facts: { closure } }) =>
    closure === null
      ? `No closure was requested; ${REQUEST_FIRST}`
      : `The pending request is to close the record as ${closure.outcome}, not as ${outcome}; ${REQUEST_FIRST}`,
});

/** The decision is the one that was requested. */
const closureMatches = <Payload>(formOf: (payload: Payload) => ClosureForm): Rule<Facts, Payload> => ({
  code: 'closure-request-needed',
  kind: 'state',
  hasOwnCode: true,
  holds: ({ facts: { closure } }, payload) => closure === null || isSameForm(closure, formOf(payload)),
  detail: ({ facts: { closure } }) =>
    `The pending request names ${closure?.reason ?? closure?.supersededBy ?? 'another outcome'}; ${REQUEST_FIRST}`,
});

const standingWithSuccessor = (
  state: State,
  { by }: SupersedePayload,
  { others }: Pick<DecisionContext<Facts>, 'others'>,
) => supersessionStanding(state, others.get(recordStream(by)));

/** How a record is closed, and opened again. */
export const closureCommands = {
  'request-closure': judgingCommand<RequestClosurePayload>({
    summary:
      'Requests that the record be closed: as complete, with no further action, or superseded by another; a second person decides.',
    payload: RequestClosurePayload,
    roles: ['inspector'],
    whenFull: true,
    emits: all('ClosureRequested'),
    nextStream: ({ supersededBy }, streamId, loaded) => nextSuccessor(supersededBy, streamId, loaded),
    rules: [
      ...evidenceConsidered,
      ...successorRules<RequestClosurePayload>(({ supersededBy }) => supersededBy),
    ],
    events: (state, payload) => {
      const { outcome = 'complete', ...data } = eventData(payload);
      const considers = consideredBy(state, payload);
      return [{ type: 'ClosureRequested', data: { outcome, ...data, considers } }];
    },
  }),
  'withdraw-closure': recordCommand({
    summary: 'Takes back a closure that you asked for.',
    payload: EmptyPayload,
    roles: ['inspector'],
    whenFull: true,
    emits: all('ClosureWithdrawn'),
    people: [theRequester],
    events: () => [{ type: 'ClosureWithdrawn', data: {} }],
  }),
  'refuse-closure': judgingCommand<DecideWithReasonPayload>({
    summary: 'Refuses the closure that was asked for; the status stays as it was.',
    payload: asking(DecideWithReasonPayload, { reason: why('Why it is refused') }),
    roles: ['approver'],
    whenFull: true,
    emits: all('ClosureRefused'),
    people: [notTheRequester],
    rules: decidesRules(closureRefusalStanding),
    events: (state, payload) => {
      const decides = decidedOn(closureRefusalStanding(state), payload);
      return [{ type: 'ClosureRefused', data: { ...eventData(payload), decides } }];
    },
  }),
  'approve-closure': judgingCommand<DecideWithStatementPayload>({
    summary: 'Closes the record as complete, after another person asked for it.',
    payload: DecideWithStatementPayload,
    roles: ['approver'],
    whenFull: true,
    emits: all('RecommendationCompleted'),
    when: 'closure-requested',
    state: [closureToComplete],
    people: [notTheRequester, notAnEarlierRequester],
    rules: decidesRules(closureStanding),
    events: (state, payload) => [
      { type: 'RecommendationCompleted', data: { ...eventData(payload), ...closureDecided(state, payload) } },
    ],
  }),
  'decide-no-further-action': judgingCommand<NoFurtherActionPayload>({
    summary:
      'Closes the record without its having been carried out, after another person requested that for the same reason.',
    payload: NoFurtherActionPayload,
    roles: ['approver'],
    whenFull: true,
    emits: all('NoFurtherActionDecided'),
    people: [notTheRequester, notAnEarlierRequester],
    foreseen: [closureRequested('no-further-action')],
    rules: [
      asRule(closureRequested('no-further-action')),
      closureMatches<NoFurtherActionPayload>(({ reason }) => ({ outcome: 'no-further-action', reason })),
      ...decidesRules(closureStanding),
    ],
    events: (state, payload) => [
      { type: 'NoFurtherActionDecided', data: { ...eventData(payload), ...closureDecided(state, payload) } },
    ],
  }),
  supersede: judgingCommand<SupersedePayload>({
    summary:
      'Closes the record because another one takes its place, after another person requested that; reopening ends it.',
    payload: SupersedePayload,
    roles: ['approver'],
    whenFull: true,
    emits: all('NoFurtherActionDecided'),
    emitsElsewhere: ['SupersedesRecorded'],
    people: [notTheRequester, notAnEarlierRequester],
    otherRecord: requestedSuccessor,
    nextStream: ({ by }, streamId, loaded) => nextSuccessor(by, streamId, loaded),
    foreseen: [closureRequested('superseded')],
    rules: [
      asRule(closureRequested('superseded')),
      closureMatches<SupersedePayload>(({ by }) => ({ outcome: 'superseded', supersededBy: by })),
      ...decidesRules(standingWithSuccessor),
      notItsMaker,
      ...successorRules<SupersedePayload>(({ by }) => by),
    ],
    events: (state, payload, { streamId, others }) => {
      const { by: supersededBy, statement } = payload;
      const standing = standingWithSuccessor(state, payload, { others });
      const data = {
        reason: 'superseded' as const,
        statement,
        supersededBy,
        ...closureDecided(state, payload, standing),
      };
      return [{ type: 'NoFurtherActionDecided', data }, supersedesRecorded(supersededBy, streamId)];
    },
  }),
  reopen: judgingCommand({
    summary: 'Opens a closed record again, as being progressed.',
    payload: asking(ReasonPayload, { reason: why('Why it is opened again') }),
    roles: ['approver'],
    whenFull: true,
    emits: all('RecommendationReopened'),
    events: (_, payload) => [{ type: 'RecommendationReopened', data: eventData(payload) }],
  }),
} satisfies CommandTable<Facts>;
