import type { CommandTable } from '#lifecycle/decide';
import { recordCommand, said } from './decided-events.ts';
import { closureStanding, completionStanding, standingIs } from './decides.ts';
import type { Facts } from './facts.ts';
import {
  closed,
  closurePending,
  evidenceDecided,
  noClosurePending,
  notTheIssuer,
  notTheRequester,
  open,
  theRequester,
} from './guards.ts';
import {
  DecideWithReasonPayload,
  DecideWithStatementPayload,
  EmptyPayload,
  NoFurtherActionPayload,
  ReasonPayload,
  StatementPayload,
  SupersedePayload,
} from './payloads.ts';
import {
  anotherRecord,
  nextSuccessor,
  noCycle,
  successorExists,
  successorOpen,
  supersededBy,
} from './supersession.ts';

/** How a record is closed, and opened again. */
export const closureCommands = {
  'request-closure': recordCommand({
    summary: 'Asks for the record to be closed as complete; a second person decides.',
    payload: StatementPayload,
    roles: ['inspector'],
    whenFull: true,
    state: [open, noClosurePending, evidenceDecided],
    events: (_, payload) => [{ type: 'ClosureRequested', data: said(payload) }],
  }),
  'withdraw-closure': recordCommand({
    summary: 'Takes back a closure that you asked for.',
    payload: EmptyPayload,
    roles: ['inspector'],
    whenFull: true,
    state: [closurePending],
    people: [theRequester],
    events: () => [{ type: 'ClosureWithdrawn', data: {} }],
  }),
  'refuse-closure': recordCommand<DecideWithReasonPayload>({
    summary: 'Refuses the closure that was asked for; the status stays as it was.',
    payload: DecideWithReasonPayload,
    roles: ['approver'],
    whenFull: true,
    state: [closurePending],
    people: [notTheRequester],
    rules: [standingIs(closureStanding)],
    events: (state, payload) => [
      { type: 'ClosureRefused', data: { ...said(payload), decides: closureStanding(state) } },
    ],
  }),
  'approve-closure': recordCommand<DecideWithStatementPayload>({
    summary: 'Closes the record as complete, after another person asked for it.',
    payload: DecideWithStatementPayload,
    roles: ['approver'],
    whenFull: true,
    state: [closurePending, evidenceDecided],
    people: [notTheRequester],
    rules: [standingIs(completionStanding)],
    events: (state, payload) => [
      { type: 'RecommendationCompleted', data: { ...said(payload), decides: completionStanding(state) } },
    ],
  }),
  'decide-no-further-action': recordCommand({
    summary: 'Closes the record without its having been carried out, for a stated reason.',
    payload: NoFurtherActionPayload,
    roles: ['approver'],
    whenFull: true,
    state: [open],
    people: [notTheIssuer, notTheRequester],
    events: (_, payload) => [{ type: 'NoFurtherActionDecided', data: said(payload) }],
  }),
  supersede: recordCommand<SupersedePayload>({
    summary: 'Closes the record because another one takes its place; reopening ends that.',
    payload: SupersedePayload,
    roles: ['approver'],
    whenFull: true,
    state: [open],
    people: [notTheIssuer, notTheRequester],
    nextStream: nextSuccessor,
    rules: [anotherRecord, successorExists, noCycle, successorOpen],
    events: (_, payload, { streamId }) => supersededBy(payload, streamId),
  }),
  reopen: recordCommand({
    summary: 'Opens a closed record again, as being progressed.',
    payload: ReasonPayload,
    roles: ['approver'],
    whenFull: true,
    state: [closed],
    events: (_, payload) => [{ type: 'RecommendationReopened', data: said(payload) }],
  }),
} satisfies CommandTable<Facts>;
