import type { Guard } from '#lifecycle/decide';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import { isClaimed } from './claims.ts';
import { isOpen } from './deadlines.ts';
import { isSameForm } from './facts.ts';
import type { Facts } from './facts.ts';
import type { ClosureOutcome } from './record-fields.ts';
import { isSamePerson } from './persons.ts';

type State = LifecycleState<Facts>;
type RecommendationGuard = Guard<Facts>;

const status = ({ value }: State): string => value['progress'] as string;

export const statusIs = (wanted: string): RecommendationGuard => ({
  code: `status-${wanted}`,
  holds: (state) => status(state) === wanted,
  detail: (state) => `The record must be ${wanted}; it is ${status(state)}`,
});

export const open: RecommendationGuard = {
  code: 'open',
  holds: ({ value }) => isOpen(value),
  detail: (state) => `The record must be open; it is ${status(state)}`,
};

export const closed: RecommendationGuard = {
  code: 'closed',
  holds: ({ value }) => !isOpen(value),
  detail: (state) => `The record must be closed; it is ${status(state)}`,
};

export const closurePending: RecommendationGuard = {
  code: 'closure-pending',
  holds: ({ value }) => value['closure'] === 'requested',
  detail: () => 'No closure has been asked for; request-closure comes first',
};

/** Which command approves a closure. */
const APPROVED_BY: Readonly<Record<ClosureOutcome, string>> = {
  complete: 'approve-closure',
  'no-further-action': 'decide-no-further-action',
  superseded: 'supersede',
};

export const closureToComplete: RecommendationGuard = {
  code: 'closure-to-complete',
  holds: ({ facts: { closure } }) => closure === null || closure.outcome === 'complete',
  detail: ({ facts: { closure } }) => {
    const outcome = closure?.outcome ?? 'complete';
    return `The pending request is to close the record as ${outcome}; ${APPROVED_BY[outcome]} approves it`;
  },
};

export const noClosurePending: RecommendationGuard = {
  code: 'no-closure-pending',
  holds: ({ value }) => value['closure'] !== 'requested',
  detail: () => 'A closure was asked for already, and waits for a second person',
};

export const evidenceSubmitted: RecommendationGuard = {
  code: 'evidence-submitted',
  holds: ({ value }) => value['evidence'] === 'submitted',
  detail: () => 'No evidence waits to be decided on; submit-evidence comes first',
};

export const responseDue: RecommendationGuard = {
  code: 'response-due',
  // A claim that nobody has confirmed leaves the response to be published.
  holds: ({ value, facts }) => value['response'] === 'due' || isClaimed(facts.deadlines, 'response'),
  detail: ({ value }) =>
    value['response'] === 'published' ? 'The response is published already' : 'No response is required',
};

export const notASubmitter: RecommendationGuard = {
  code: 'not-a-submitter',
  holds: ({ facts }, { subject }) =>
    !facts.submissions.some(({ requester }) => isSamePerson(requester, subject)),
  detail: () => 'You submitted some of this evidence yourself; a second person must decide',
};

export const notTheRequester: RecommendationGuard = {
  code: 'not-the-requester',
  holds: ({ facts: { closure } }, { subject }) => !isSamePerson(closure?.requester ?? null, subject),
  detail: () => 'You asked for this closure yourself; a second person must decide',
};

/** Whoever asked for one closure does not decide another one, however the first ended. */
export const notAnEarlierRequester: RecommendationGuard = {
  code: 'not-an-earlier-requester',
  holds: ({ facts: { closure, closuresAsked } }, { subject }) =>
    closure === null ||
    !closuresAsked.some(({ by, form }) => isSamePerson(by, subject) && !isSameForm(form, closure)),
  detail: () =>
    'You requested another closure of this record since it was last opened; a person who did not must decide',
};

export const theRequester: RecommendationGuard = {
  code: 'the-requester',
  holds: ({ facts: { closure } }, { subject }) => isSamePerson(closure?.requester ?? null, subject),
  detail: () => 'Only the person who asked for this closure may withdraw it; an approver may refuse it',
};
