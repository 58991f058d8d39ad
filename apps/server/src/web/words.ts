import type { ListedOutcome } from '#read-models/deadlines/deadlines-query';
import type { QueueName } from '#read-models/queues';
import type { Role } from '#state-machines/access';
import type { DeadlineState } from '#state-machines/capabilities/deadlines';
import type { Status } from '#state-machines/inspection-recommendation/v1/machine';
import type { CommandName } from '#state-machines/inspection-recommendation/v1/policy';

// What stands in the log by a name, in the words of the people who read pages. One place, so that a status has one name
// wherever it is met.

export const STATUS_WORDS: Readonly<Record<Status, string>> = {
  'awaiting-review': 'Awaiting review',
  'being-progressed': 'Being progressed',
  complete: 'Complete',
  'no-further-action-needed': 'No further action needed',
};

export const DEADLINE_WORDS: Readonly<Record<DeadlineState, string>> = {
  none: 'No deadline',
  'on-track': 'On track',
  approaching: 'Approaching',
  overdue: 'Overdue',
  escalated: 'Long overdue',
  settled: 'Settled',
};

export const CLOSURE_WORDS = { none: 'Not asked for', requested: 'Asked for' } as const;

export const EVIDENCE_WORDS = {
  none: 'None',
  submitted: 'Submitted',
  accepted: 'Accepted',
  rejected: 'Rejected',
} as const;

export const RESPONSE_STATE_WORDS = {
  'not-required': 'Not required',
  due: 'Due',
  published: 'Published',
} as const;

/** The outcomes of deadlines that fell due. */
export const OUTCOME_WORDS: Readonly<Record<ListedOutcome, string>> = {
  met: 'Met',
  metEstablishedLater: 'Met, established later',
  late: 'Late',
  stillOpen: 'Still open',
  lateAtEntry: 'Late when entered',
  withdrawn: 'Withdrawn',
  superseded: 'Superseded',
  enteredInError: 'Entered in error',
  recordedLate: 'Recorded as late',
  extended: 'Put off',
};

export const KIND_WORDS = { action: 'Action', response: 'Response' } as const;

export const QUEUE_WORDS: Readonly<Record<QueueName, string>> = {
  'evidence-to-decide': 'Evidence to decide on',
  'extensions-to-decide': 'Extensions to decide on',
  'corrections-to-decide': 'Corrections to decide on',
  'proposals-to-confirm': 'Dates from the text to confirm',
  'without-recipient': 'Without a body',
  'without-owner': 'Without an owner',
  mine: 'Owned by you',
  'my-closures': 'Closures that you asked for',
  'closures-to-decide': 'Closures to decide on',
  'evidence-rejected': 'Evidence that was rejected',
  'extensions-waiting': 'Extensions that wait for a decision',
  'responses-due': 'Responses due',
  overdue: 'Overdue',
  'due-30': 'Due within 30 days',
  'due-90': 'Due within 90 days',
  escalated: 'Long overdue',
  'closed-30': 'Closed within 30 days',
};

export const ROLE_WORDS: Readonly<Record<Role, string>> = {
  inspector: 'inspector',
  approver: 'approver',
  'force-lead': 'force lead',
  commissioner: 'commissioner',
  auditor: 'auditor',
  scheduler: 'scheduler',
  administrator: 'administrator',
};

/** Names as a sentence has them: one, another and a third. */
export const inOneSentence = (names: readonly string[]): string =>
  new Intl.ListFormat('en-GB', { type: 'conjunction' }).format(names);

/** What somebody does by a command, as a link or a button says it. */
export const COMMAND_WORDS: Readonly<Record<CommandName, string>> = {
  'start-progress': 'Start progress',
  'return-to-review': 'Return to review',
  'correct-comment': 'Correct a comment',
  'add-comment': 'Add a comment',
  'submit-evidence': 'Submit evidence',
  'accept-evidence': 'Accept the evidence',
  'reject-evidence': 'Reject the evidence',
  'request-closure': 'Request closure',
  'withdraw-closure': 'Withdraw the closure request',
  'approve-closure': 'Approve closure',
  'refuse-closure': 'Refuse closure',
  'decide-no-further-action': 'Decide that no further action is needed',
  supersede: 'Replace with another recommendation',
  reopen: 'Reopen',
  'assign-recipient': 'Name the body',
  'assign-owner': 'Name the owner',
  'set-deadline': 'Set a deadline',
  'withdraw-deadline': 'Withdraw a deadline',
  'confirm-deadline': 'Confirm a date from the text',
  'dismiss-deadline': 'Dismiss a date from the text',
  'request-extension': 'Request an extension',
  'grant-extension': 'Grant an extension',
  'refuse-extension': 'Refuse an extension',
  'withdraw-extension': 'Withdraw an extension request',
  'publish-response': 'Publish the response',
  'amend-text': 'Amend the text',
  'request-correction': 'Request a correction',
  'approve-correction': 'Approve a correction',
  'refuse-correction': 'Refuse a correction',
  'redact-comment': 'Redact a text',
};

/** What is shown where a text was erased. */
export const REDACTED = '[redacted]';

/** The words for a name, or the name itself where a lifecycle has one that no page knows. */
export const wordsFor = <Name extends string>(words: Readonly<Record<Name, string>>, name: string): string =>
  Object.hasOwn(words, name) ? words[name as Name] : name;

const COUNT = new Intl.NumberFormat('en-GB');

/** A count with its noun: "1 event", "2 events". */
export const counted = (count: number, one: string, several = `${one}s`): string =>
  `${COUNT.format(count)} ${count === 1 ? one : several}`;
