import { eventData, together } from '#lifecycle/capability';
import type { CommandTable } from '#lifecycle/decide';
import { evidenceCapability } from './closure-capability.ts';
import {
  recipientCapability,
  commentCapability,
  ownerCapability,
  redactionCapability,
  responseCapability,
} from './parts.ts';
import type { Facts } from './facts.ts';
import {
  noLaterDateSet,
  notLaterThanSuggested,
  proposalKnown,
  proposalNamed,
  proposalWaiting,
} from './proposals.ts';
import {
  AmendTextPayload,
  ConfirmDeadlinePayload,
  DismissDeadlinePayload,
  EmptyPayload,
  ReasonPayload,
} from './payloads.ts';
import { amendment, changesSomething, textEventsBefore } from './amendments.ts';
import { closureCommands } from './closure-commands.ts';
import { correctionCommands } from './correction-commands.ts';
import { judgingCommand } from './decided-events.ts';
import { dueFromIssueOn, issuedText, pastDueAsIssued } from './due-dates.ts';
import { withSuccession } from './supersession.ts';
import { deadlineCapability } from './deadline-capability.ts';
import { fullOfDeadlines, notTheWithdrawer, roomForOneMore } from '../../capabilities/deadline-rules.ts';

const {
  'set-deadline': setDeadline,
  'withdraw-deadline': withdrawDeadline,
  ...extensionCommands
} = deadlineCapability.commands;

/**
 * The commands: who may send each, in which state, and which event records it. Help, API responses, documents and tests
 * are derived from this table.
 */
export const commands = withSuccession(
  together(
    {
      'start-progress': judgingCommand({
        summary: 'Records that the body has started to act on the recommendation.',
        payload: EmptyPayload,
        roles: ['inspector'],
        emits: ['ProgressStarted'],
        events: () => [{ type: 'ProgressStarted', data: {} }],
      }),
      'return-to-review': judgingCommand({
        summary: 'Returns the recommendation to review, because the recorded progress is in doubt.',
        payload: ReasonPayload,
        roles: ['inspector'],
        emits: ['ReturnedToReview'],
        events: (_, payload) => [{ type: 'ReturnedToReview', data: eventData(payload) }],
      }),
    },
    commentCapability.commands,
    closureCommands,
    recipientCapability.commands,
    ownerCapability.commands,
    evidenceCapability.commands,
    {
      'set-deadline': setDeadline,
      'withdraw-deadline': withdrawDeadline,
      'confirm-deadline': judgingCommand<ConfirmDeadlinePayload>({
        summary: 'Confirms a deadline found in the text, with the date in the payload.',
        payload: ConfirmDeadlinePayload,
        roles: ['inspector'],
        whenFull: true,
        emits: ['DeadlineSet'],
        when: 'open',
        state: [proposalWaiting],
        history: issuedText,
        foreseen: ({ facts }, today) =>
          facts.proposals.flatMap(({ id: deadlineId, suggestedOn }) => [
            { deadlineId, dueOn: suggestedOn ?? today },
            { deadlineId, dueOn: today },
          ]),
        preconditions: [fullOfDeadlines],
        rules: [
          ...[notTheWithdrawer, notLaterThanSuggested, proposalKnown, dueFromIssueOn, pastDueAsIssued],
          roomForOneMore,
        ],
        events: (state, { deadlineId, dueOn }) => {
          const source = proposalNamed(state, deadlineId)?.source ?? null;
          return [{ type: 'DeadlineSet', data: { deadlineId, kind: 'action', dueOn, source } }];
        },
      }),
      'dismiss-deadline': judgingCommand<DismissDeadlinePayload>({
        summary: 'Dismisses a date found in the text that is not a deadline.',
        payload: DismissDeadlinePayload,
        roles: ['inspector'],
        whenFull: true,
        emits: ['DeadlineDismissed'],
        when: 'open',
        state: [proposalWaiting],
        foreseen: ({ facts }) => facts.proposals.map(({ id }) => ({ deadlineId: id, reason: '' })),
        rules: [noLaterDateSet, proposalKnown],
        events: (_, payload) => [{ type: 'DeadlineDismissed', data: eventData(payload) }],
      }),
    },
    extensionCommands,
    responseCapability.commands,
    {
      'amend-text': judgingCommand<AmendTextPayload>({
        summary:
          'Amends the text or the title, with a reason; the history keeps the previous version. New dates are proposed as deadlines.',
        payload: AmendTextPayload,
        roles: ['inspector'],
        emits: ['TextAmended', 'DeadlineProposed'],
        history: textEventsBefore,
        rules: [changesSomething],
        events: amendment,
      }),
    },
    correctionCommands,
    redactionCapability.commands,
  ) satisfies CommandTable<Facts>,
);

export type CommandName = keyof typeof commands;
