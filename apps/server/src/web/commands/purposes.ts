import type { CommandName } from '#state-machines/inspection-recommendation/v1/policy';

/** What a command is for, said to whoever is about to give it. */
export const PURPOSES: Readonly<Record<CommandName, string>> = {
  'start-progress': 'Say that the body has begun to act on the recommendation.',
  'return-to-review': 'Say that what was taken for progress needs to be reviewed again.',
  'add-comment':
    'Add to the history of the recommendation. You can correct it later; the history keeps both texts.',
  'correct-comment': 'Correct a comment that you added. Readers see the new text; the history keeps both.',
  'submit-evidence':
    'Show that the recommendation was acted on. An inspector accepts the evidence, or rejects it.',
  'accept-evidence': 'Say that the evidence shows what it should. Nobody accepts their own.',
  'reject-evidence': 'Say why the evidence does not show what it should. More can be submitted.',
  'request-closure': 'Request that the recommendation be closed. A second person decides.',
  'withdraw-closure': 'Take back the closure that you asked for.',
  'approve-closure': 'Close the recommendation as complete, as another person asked.',
  'refuse-closure': 'Keep the recommendation open, and say why.',
  'decide-no-further-action':
    'Close the recommendation although it was not carried out, as another person requested.',
  supersede: 'Close this recommendation because another one takes its place, as another person requested.',
  reopen: 'Open the recommendation again, as being progressed.',
  'assign-recipient': 'Say which body the recommendation is for.',
  'assign-owner': 'Say who answers for the work. A reason is needed where somebody did before.',
  'set-deadline': 'Set one more deadline.',
  'withdraw-deadline': 'Say that a deadline was none. An extension that was asked of it falls.',
  'confirm-deadline': 'Make a deadline of a date that was found in the text.',
  'dismiss-deadline': 'Say that a date that was found in the text is no deadline.',
  'request-extension': 'Ask for a later date. A second person decides.',
  'grant-extension': 'Agree to the later date. The first one stays on record.',
  'refuse-extension': 'Keep the deadline as it is, and say why.',
  'withdraw-extension': 'Take back a later date that you asked for.',
  'publish-response':
    'Publish the response that is due. A late one is marked as such, and none can be changed later.',
  'amend-text': 'Change the title or the text. The old ones stay in the history.',
  'request-correction':
    'Ask for a wrong date of publication, body or deadline to be corrected, or for a claim to be confirmed. A second person decides.',
  'approve-correction':
    'Agree to the correction. It takes effect on the date of what it corrects, and the history keeps both.',
  'refuse-correction': 'Keep the record as it is, and say why.',
  'redact-comment': 'Erase a text for good. That it was there stays on record.',
};
