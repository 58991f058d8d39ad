import type { CommandWords, LifecycleWords } from '#lifecycle/words';
import { closing, evidencing } from './v1/closing.ts';
import { dating } from './v1/dating.ts';
import { forms, isCommentOf } from './v1/forms.ts';
import { headlineOf } from './v1/headlines.ts';
import { addressing, commenting, owning, redacting, responding } from './v1/parts.ts';
import type { CommandName } from './v1/policy.ts';
import { asRecordEvent } from './v1/record-event.ts';

const commands: Readonly<Record<CommandName, CommandWords>> = {
  'start-progress': { purpose: 'Say that the body has begun to act on the recommendation.' },
  'return-to-review': { purpose: 'Say that what was taken for progress needs to be reviewed again.' },
  ...commenting.words.commands,
  ...evidencing.words.commands,
  ...closing.words.commands,
  'approve-closure': { purpose: 'Close the recommendation as complete, as another person asked.' },
  'decide-no-further-action': {
    title: 'Decide that no further action is needed',
    purpose: 'Close the recommendation although it was not carried out, as another person requested.',
  },
  supersede: {
    title: 'Replace with another recommendation',
    purpose: 'Close this recommendation because another one takes its place, as another person requested.',
  },
  reopen: { purpose: 'Open the recommendation again, as being progressed.' },
  ...addressing.words.commands,
  ...owning.words.commands,
  ...dating.words.commands,
  'confirm-deadline': {
    title: 'Confirm a date from the text',
    purpose: 'Make a deadline of a date that was found in the text.',
  },
  'dismiss-deadline': {
    title: 'Dismiss a date from the text',
    purpose: 'Say that a date that was found in the text is no deadline.',
  },
  ...responding.words.commands,
  'amend-text': {
    title: 'Amend the text',
    purpose: 'Change the title or the text. The old ones stay in the history.',
  },
  'request-correction': {
    title: 'Request a correction',
    purpose:
      'Ask for a wrong date of publication, body or deadline to be corrected, or for a claim to be confirmed. A second person decides.',
  },
  'approve-correction': {
    title: 'Approve a correction',
    purpose:
      'Agree to the correction. It takes effect on the date of what it corrects, and the history keeps both.',
  },
  'refuse-correction': { title: 'Refuse a correction', purpose: 'Keep the record as it is, and say why.' },
  ...redacting.words.commands,
};

/** The commands that a role most likely needs, in order, if the state allows them: pending decisions first. */
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
  sweepEvents: dating.words.sweepEvents,
  importEvent: 'RegisterRecordImported',
  likeliest: ({ evidence }, roles) => [
    // Once evidence is accepted, the next step is to request closure.
    ...(evidence === 'accepted' ? ['request-closure'] : []),
    ...Object.keys(FIRST).flatMap((role) => (roles.includes(role) ? (FIRST[role] ?? []) : [])),
  ],
  members: {
    ...dating.words.members,
    responseDueOn: 'the date of the response',
    responseRequired: 'whether a response is required',
    publishedOn: 'the date of publication',
    ...responding.words.members,
    supersededBy: 'the recommendation that replaces it',
    eventId: 'the entry',
  },
  ruleMembers: {
    ...dating.words.ruleMembers,
    'owner-unknown': 'owner',
    'owner-ambiguous': 'owner',
    'successor-is-itself': 'supersededBy',
    'successor-not-found': 'supersededBy',
    'successor-closed': 'supersededBy',
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
      says: 'shows what was done. A force lead submits it on the recommendation’s page; an inspector accepts it, or rejects it and says why. Then other evidence can be submitted. Files are not kept here: keep them where they are.',
    },
    {
      topic: 'More time',
      says: 'is asked for on the same page, and a second person decides. Until then the first date stands.',
    },
    {
      topic: 'A response',
      says: 'that is due is published by a commissioner, also of a recommendation that is closed. It cannot be changed later.',
    },
    {
      topic: 'Closing',
      says: 'takes two people: an inspector asks for it, and an approver decides. People of the body do not ask for it: they submit evidence.',
    },
  ],
  headlineTellsReason: ['NoFurtherActionDecided', 'ClosureRequested'],
  headline: (event) => headlineOf(asRecordEvent(event)),
};
