import type { Headline } from '#lifecycle/words';
import { longDate } from '../../capabilities/deadlines.ts';
import { closureCapability, evidenceCapability } from './closure-capability.ts';
import { deadlineCapability } from './deadline-capability.ts';
import type { EventType } from './events.ts';
import { responseCapability } from './parts.ts';
import type { StoredData } from './record-event.ts';

/** The beginning of the headline of a requested correction. */
export const CORRECTION_REQUESTED = 'Correction requested: ';

/** The headlines of entries in histories. */
export const HEADLINES: { readonly [Type in EventType]: Headline<StoredData[Type]> } = {
  RecommendationIssued: ({ recipient }) =>
    isWord(recipient) ? `Recommendation issued to ${recipient}` : 'Recommendation issued',
  RecipientAssigned: ({ recipient }) => `Body assigned: ${printable(recipient)}`,
  OwnerAssigned: ({ owner }) => `Owner assigned: ${printable(owner)}`,
  TextAmended: (_, { commitments = {} }) => {
    // Erased texts count too.
    if (!Object.hasOwn(commitments, '/data/title')) return 'Text amended';
    return Object.hasOwn(commitments, '/data/text') ? 'Title and text amended' : 'Title amended';
  },

  ProgressStarted: 'Being progressed',
  ReturnedToReview: 'Returned to review',
  RecommendationCompleted: 'Completed',
  NoFurtherActionDecided: ({ reason }) =>
    isWord(reason) ? `No further action needed: ${reason.replaceAll('-', ' ')}` : 'No further action needed',
  RecommendationReopened: 'Reopened',
  'StatusRecorded.awaiting-review': 'Recorded as awaiting review',
  'StatusRecorded.being-progressed': 'Recorded as being progressed',
  'StatusRecorded.complete': 'Recorded as complete',
  'StatusRecorded.no-further-action-needed': 'Recorded as no further action needed',
  UnknownStatusRecorded: ({ status }) =>
    isWord(status) ? `Unknown status recorded: ${status}` : 'Unknown status recorded',

  ...closureCapability.words.headlines,
  ClosureRequested: ({ outcome, reason, supersededBy }) => {
    if (outcome === 'superseded') return `Closure requested: superseded by ${printable(supersededBy)}`;
    if (outcome !== 'no-further-action') return 'Closure requested';
    return `Closure requested: no further action, ${printable(reason).replaceAll('-', ' ')}`;
  },
  ...evidenceCapability.words.headlines,
  ...responseCapability.words.headlines,

  CommentAdded: ({ completes, reason }) => {
    if (!isWord(completes)) return 'Comment';
    return isWord(reason) ? 'Comment, corrected' : 'Comment that replaces an earlier one';
  },
  CommentRedacted: 'Text redacted',

  ...deadlineCapability.words.headlines,
  DeadlineProposed: ({ suggestedOn }) =>
    isWord(suggestedOn)
      ? `Possible deadline found in the text: ${longDate(suggestedOn)}`
      : 'Possible deadline found in the text',
  DeadlineDismissed: 'Possible deadline dismissed',

  CorrectionRequested: (data) => CORRECTION_REQUESTED + correctionInWords(data),
  CorrectionApproved: (data) => `Corrected: ${correctionInWords(data)}`,
  CorrectionRefused: 'Correction refused',

  SupersedesRecorded: 'Replaces another recommendation',
  RegisterRecordImported: 'Imported from a register record',
};

/** Returns a correction as the end of a sentence, with the old and the new value. */
function correctionInWords({
  publishedOn,
  recipient,
  dueOn,
  insteadOf,
}: Partial<StoredData['CorrectionApproved']>): string {
  const was = (shownAs: (text: string) => string) => (isWord(insteadOf) ? `, not ${shownAs(insteadOf)}` : '');
  if (isWord(publishedOn)) return `published on ${longDate(publishedOn)}${was(longDate)}`;
  if (isWord(recipient)) return `the recipient is ${recipient}${was((text) => text)}`;
  if (isWord(dueOn)) return `due on ${longDate(dueOn)}${was(longDate)}`;
  return 'claim confirmed';
}

const isWord = (text: string | null | undefined): text is string => text != null && text !== '';

const printable = (text: string | null | undefined): string => (isWord(text) ? text : 'unknown');
