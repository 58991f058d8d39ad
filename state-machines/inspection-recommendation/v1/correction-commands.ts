import { eventData } from '#lifecycle/capability';
import type { CommandTable } from '#lifecycle/decide';
import { issueStream, recommendation } from '../kind.ts';
import {
  approvalDecides,
  approvalRules,
  approvedCorrection,
  correctionNamed,
  correctionPending,
  decidedCorrection,
  decidedOnCorrectionRefused,
  eventToCorrect,
  exactlyOne,
  fromItsDate,
  nonePendingForEvent,
  notBeforeCorrected,
  notEveryAuthor,
  notEveryClaimant,
  notTheClaimant,
  refusalDecides,
  pendingForEvent,
  requestRules,
} from './corrections.ts';
import { judgingCommand } from './decided-events.ts';
import type { Facts } from './facts.ts';
import { ApproveCorrectionPayload, RefuseCorrectionPayload, RequestCorrectionPayload } from './payloads.ts';
import { nextOfIssue } from '../../capabilities/recipients.ts';

/** The commands that correct honest mistakes and confirm claims: one person requests, and another decides. */
export const correctionCommands = {
  'request-correction': judgingCommand<RequestCorrectionPayload>({
    summary:
      'Requests the correction of a mistake, or the confirmation of a claim, also after closure; a second person decides.',
    payload: RequestCorrectionPayload,
    roles: ['inspector'],
    whenFull: true,
    emits: ['CorrectionRequested'],
    history: () => [],
    index: ({ facts }) => (facts.issue === null ? null : issueStream(facts.issue)),
    nextStream: (_, streamId, loaded, index) => nextOfIssue(recommendation, streamId, loaded, index),
    rules: [exactlyOne, nonePendingForEvent, eventToCorrect, ...requestRules, notBeforeCorrected],
    events: (_, payload) => [{ type: 'CorrectionRequested', data: eventData(payload) }],
  }),
  'approve-correction': judgingCommand<ApproveCorrectionPayload>({
    summary:
      'Approves a correction, which applies from the date of the corrected event; the history keeps both values.',
    payload: ApproveCorrectionPayload,
    roles: ['inspector', 'approver'],
    whenFull: true,
    emits: ['CorrectionApproved'],
    foreseen: ({ facts }) => facts.corrections.map(({ corrects }) => ({ eventId: corrects })),
    state: [correctionPending],
    people: [notEveryClaimant, notEveryAuthor],
    history: () => [],
    index: ({ facts }) => (facts.issue === null ? null : issueStream(facts.issue)),
    nextStream: (_, streamId, loaded, index) => nextOfIssue(recommendation, streamId, loaded, index),
    rules: [
      ...[pendingForEvent, ...approvalDecides, notTheClaimant, correctionNamed],
      ...approvalRules,
      fromItsDate,
    ],
    events: approvedCorrection,
  }),
  'refuse-correction': judgingCommand<RefuseCorrectionPayload>({
    summary: 'Refuses a correction, with a reason; the record does not change.',
    payload: RefuseCorrectionPayload,
    roles: ['inspector', 'approver'],
    whenFull: true,
    emits: ['CorrectionRefused'],
    state: [correctionPending],
    people: [notEveryClaimant],
    history: () => [],
    rules: [pendingForEvent, ...refusalDecides, notTheClaimant, correctionNamed],
    events: (state, payload, context) => {
      const { corrects: eventId = '' } = decidedCorrection(state, payload, context) ?? {};
      const decides = decidedOnCorrectionRefused(state, payload, context);
      return [{ type: 'CorrectionRefused', data: { eventId, reason: payload.reason, decides } }];
    },
  }),
} satisfies CommandTable<Facts>;
