import type { CommandWords, LifecycleWords } from '#lifecycle/words';
import { closureCapability, evidenceCapability } from './v1/closure-capability.ts';
import { deadlineCapability } from './v1/deadline-capability.ts';
import { forms, isCommentOf } from './v1/forms.ts';
import { HEADLINES } from './v1/headlines.ts';
import {
  recipientCapability,
  commentCapability,
  ownerCapability,
  redactionCapability,
  responseCapability,
} from './v1/parts.ts';
import type { CommandName } from './v1/policy.ts';

const commands: Readonly<Record<CommandName, CommandWords>> = {
  'start-progress': {
    title: 'Mark as being progressed',
    purpose: 'Record that the body has started to act on the recommendation.',
  },
  'return-to-review': {
    purpose: 'Return the recommendation to review, because the recorded progress is in doubt.',
  },
  ...commentCapability.words.commands,
  ...evidenceCapability.words.commands,
  ...closureCapability.words.commands,
  'approve-closure': { purpose: 'Close the recommendation as complete, after another person requested it.' },
  'decide-no-further-action': {
    title: 'Decide that no further action is needed',
    purpose: 'Close the recommendation with no further action, after another person requested it.',
  },
  supersede: {
    title: 'Replace with another recommendation',
    purpose: 'Close this recommendation because another one replaces it, after another person requested it.',
  },
  reopen: {
    title: 'Reopen the recommendation',
    purpose: 'Reopen the recommendation. Its status changes to “Being progressed”.',
  },
  ...recipientCapability.words.commands,
  ...ownerCapability.words.commands,
  ...deadlineCapability.words.commands,
  'confirm-deadline': {
    title: 'Confirm the deadline',
    purpose: 'Turn a date found in the text into a deadline.',
  },
  'dismiss-deadline': {
    title: 'Dismiss a date from the text',
    purpose: 'Record that a date found in the text is not a deadline.',
  },
  ...responseCapability.words.commands,
  'amend-text': {
    title: 'Amend the text',
    purpose: 'Change the title or the text. The history keeps the earlier versions.',
  },
  'request-correction': {
    title: 'Request a correction',
    purpose:
      'Request the correction of a publication date, body or deadline, or the confirmation of a claim. A second person decides.',
  },
  'approve-correction': {
    title: 'Approve a correction',
    purpose:
      'Approve the correction. It applies from the date of the corrected entry, and the history keeps both values.',
  },
  'refuse-correction': {
    title: 'Refuse a correction',
    purpose: 'Keep the record unchanged and record the reason.',
  },
  ...redactionCapability.words.commands,
};

/** The commands that a role most likely needs if the state allows them, in order: pending decisions first. */
const FIRST: Readonly<Partial<Record<string, readonly CommandName[]>>> = {
  approver: [
    'approve-closure',
    'refuse-closure',
    'approve-correction',
    'refuse-correction',
    'add-comment',
    'reopen',
  ],
  inspector: [
    'accept-evidence',
    'reject-evidence',
    'grant-extension',
    'refuse-extension',
    'approve-correction',
    'refuse-correction',
    'start-progress',
    'add-comment',
    'request-closure',
  ],
  'force-lead': ['submit-evidence', 'add-comment', 'request-extension', 'assign-owner'],
  commissioner: ['publish-response', 'add-comment'],
};

/** The labels that cannot be derived from the names. */
export const words: LifecycleWords = {
  colours: { 'awaiting-review': 'yellow', 'being-progressed': 'blue', complete: 'green' },
  moves: {
    RecommendationIssued: 'Issued',
    RecommendationCompleted: 'Completed',
    NoFurtherActionDecided: 'No further action decided',
    RecommendationReopened: 'Reopened',
    'StatusRecorded.awaiting-review': 'Recorded as awaiting review',
    'StatusRecorded.being-progressed': 'Recorded as being progressed',
    'StatusRecorded.complete': 'Recorded as complete',
    'StatusRecorded.no-further-action-needed': 'Recorded as no further action needed',
    ClosureWithdrawn: 'Request withdrawn',
  },
  commands,
  datesInText: { text: 'text', publishedOn: 'report-publishedOn' },
  foundDates: { confirm: 'confirm-deadline', dismiss: 'dismiss-deadline' },
  textHeading: 'What is recommended',
  forms,
  sweepEvents: deadlineCapability.words.sweepEvents,
  importEvent: 'RegisterRecordImported',
  likeliest: ({ evidence }, roles) => [
    // Once evidence is accepted, the next step is to request closure.
    ...(evidence === 'accepted' ? ['request-closure'] : []),
    ...Object.keys(FIRST).flatMap((role) => (roles.includes(role) ? (FIRST[role] ?? []) : [])),
  ],
  members: {
    ...deadlineCapability.words.members,
    responseDueOn: 'the date on which the response is due',
    responseRequired: 'whether a response is required',
    publishedOn: 'the publication date',
    ...responseCapability.words.members,
    supersededBy: 'the recommendation that replaces it',
    eventId: 'the entry',
  },
  ruleMembers: {
    ...deadlineCapability.words.ruleMembers,
    'owner-unknown': 'owner',
    'owner-ambiguous': 'owner',
    'successor-is-itself': 'supersededBy',
    'successor-not-found': 'supersededBy',
    'successor-closed': 'supersededBy',
    'successor-of-another-body': 'supersededBy',
    'supersede-cycle': 'supersededBy',
    'event-not-found': 'eventId',
    'not-correctable': 'eventId',
    'correction-ambiguous': 'eventId',
    'publication-out-of-range': 'publishedOn',
    'not-redactable': 'pointers',
  },
  correctedBy: (line, person) => (isCommentOf(line, person) ? 'correct-comment' : undefined),
  headlineMembers: [
    ...['recipient', 'owner', 'unknownStatus', 'position', 'late', 'kind', 'dueOn', 'suggestedOn'],
    ...['publishedOn', 'confirms', 'insteadOf', 'deadlineId', 'erased'],
  ],
  help: [
    {
      topic: 'Evidence',
      text: 'shows what was done. A force lead submits it on the recommendation’s page. An inspector accepts it, or rejects it with a reason; more evidence can then be submitted. Docket does not store files: keep them where they are.',
    },
    {
      topic: 'More time',
      text: 'can be requested on the same page. A second person decides; until then the first date applies.',
    },
    {
      topic: 'A response',
      text: 'that is due is published by a commissioner, even if the recommendation is closed. It cannot be changed later.',
    },
    {
      topic: 'Closing',
      text: 'needs two people: an inspector requests it, and an approver decides. People who work for the body submit evidence instead.',
    },
  ],
  headlinesWithReason: ['NoFurtherActionDecided', 'ClosureRequested'],
  headlines: HEADLINES,
};
