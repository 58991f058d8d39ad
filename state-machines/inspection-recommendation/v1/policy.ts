import { eventData } from '#lifecycle/capability';
import { all } from '#lifecycle/decide';
import { asking } from '#lifecycle/shapes';
import type { CommandTable } from '#lifecycle/decide';
import { decidedOn, decidesRules } from '../../capabilities/decides.ts';
import { acceptanceStanding, rejectionStanding } from './decides.ts';
import { addressing, commenting, owning, redacting, responding } from './parts.ts';
import { actsToday } from '../../capabilities/persons.ts';
import type { Facts } from './facts.ts';
import { notASubmitter } from './guards.ts';
import { proposalKnown, proposalNamed, proposalWaiting } from './proposals.ts';
import {
  AcceptEvidencePayload,
  AmendTextPayload,
  ConfirmDeadlinePayload,
  DismissDeadlinePayload,
  DecideWithReasonPayload,
  EmptyPayload,
  ReasonPayload,
  SubmitEvidencePayload,
} from './payloads.ts';
import { amendment, changesSomething, saidBefore } from './amendments.ts';
import { closureCommands } from './closure-commands.ts';
import { correctionCommands } from './correction-commands.ts';
import { judgingCommand, recordCommand } from './decided-events.ts';
import { dueFromIssueOn, issuedText, pastDueAsIssued } from './due-dates.ts';
import { why } from '../../capabilities/fields.ts';
import { notItsSuperseder, supersederForeseen } from './supersession.ts';
import { dating } from './dating.ts';
import { fullOfDeadlines, notTheWithdrawer, roomForOneMore } from '../../capabilities/deadline-rules.ts';

const {
  'set-deadline': setDeadline,
  'withdraw-deadline': withdrawDeadline,
  ...extensionCommands
} = dating.commands;

/** Who may do what, in which state, and what records it. Help, answers, documents and tests are derived from this. */
export const commands = {
  'start-progress': recordCommand({
    summary: 'The body has begun to act on the recommendation.',
    payload: EmptyPayload,
    roles: ['inspector'],
    emits: all('ProgressStarted'),
    events: () => [{ type: 'ProgressStarted', data: {} }],
  }),
  'return-to-review': recordCommand({
    summary: 'What was taken for progress needs to be reviewed again.',
    payload: ReasonPayload,
    roles: ['inspector'],
    emits: all('ReturnedToReview'),
    events: (_, payload) => [{ type: 'ReturnedToReview', data: eventData(payload) }],
  }),
  ...commenting.commands,
  ...closureCommands,
  ...addressing.commands,
  ...owning.commands,
  'submit-evidence': recordCommand<SubmitEvidencePayload>({
    summary: 'Submits evidence: the SHA-256 of each item, whose bytes stay where they are.',
    payload: SubmitEvidencePayload,
    roles: ['force-lead', 'inspector'],
    emits: all('EvidenceSubmitted'),
    rules: [actsToday],
    events: (_, payload) => [{ type: 'EvidenceSubmitted', data: eventData(payload) }],
  }),
  'accept-evidence': judgingCommand<AcceptEvidencePayload>({
    summary: 'Accepts the evidence that was submitted; nobody accepts their own.',
    payload: AcceptEvidencePayload,
    roles: ['inspector'],
    whenFull: true,
    emits: all('EvidenceAccepted'),
    people: [notASubmitter],
    rules: decidesRules(acceptanceStanding),
    events: (state, payload) => {
      const decides = decidedOn(acceptanceStanding(state), payload);
      return [{ type: 'EvidenceAccepted', data: { ...eventData(payload), decides } }];
    },
  }),
  'reject-evidence': judgingCommand<DecideWithReasonPayload>({
    summary: 'Rejects the evidence that was submitted, and says why.',
    payload: asking(DecideWithReasonPayload, { reason: why('Why it is rejected') }),
    roles: ['inspector'],
    whenFull: true,
    emits: all('EvidenceRejected'),
    people: [notASubmitter],
    rules: decidesRules(rejectionStanding),
    events: (state, payload) => {
      const decides = decidedOn(rejectionStanding(state), payload);
      return [{ type: 'EvidenceRejected', data: { ...eventData(payload), decides } }];
    },
  }),
  'set-deadline': setDeadline,
  'withdraw-deadline': withdrawDeadline,
  'confirm-deadline': judgingCommand<ConfirmDeadlinePayload>({
    summary: 'Makes a deadline of one that was found in the text, by the date that you name.',
    payload: ConfirmDeadlinePayload,
    roles: ['inspector'],
    whenFull: true,
    emits: all('DeadlineSet'),
    when: 'open',
    state: [proposalWaiting],
    history: issuedText,
    foreseen: [fullOfDeadlines, supersederForeseen],
    rules: [
      ...[notTheWithdrawer, notItsSuperseder, proposalKnown, dueFromIssueOn, pastDueAsIssued],
      roomForOneMore,
    ],
    events: (state, { deadlineId, dueOn }) => {
      const source = proposalNamed(state, deadlineId)?.source ?? null;
      return [{ type: 'DeadlineSet', data: { deadlineId, kind: 'action', dueOn, source } }];
    },
  }),
  'dismiss-deadline': judgingCommand<DismissDeadlinePayload>({
    summary: 'Says that what was found in the text is no deadline.',
    payload: DismissDeadlinePayload,
    roles: ['inspector'],
    whenFull: true,
    emits: all('DeadlineDismissed'),
    when: 'open',
    state: [proposalWaiting],
    rules: [proposalKnown],
    events: (_, payload) => [{ type: 'DeadlineDismissed', data: eventData(payload) }],
  }),
  ...extensionCommands,
  ...responding.commands,
  'amend-text': judgingCommand<AmendTextPayload>({
    summary:
      'Amends the text or the title, and says why; the old one stays in history. New dates are proposed.',
    payload: AmendTextPayload,
    roles: ['inspector'],
    emits: all('TextAmended', 'DeadlineProposed'),
    history: saidBefore,
    rules: [changesSomething],
    events: amendment,
  }),
  ...correctionCommands,
  ...redacting.commands,
} satisfies CommandTable<Facts>;

export type CommandName = keyof typeof commands;
