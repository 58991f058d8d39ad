import type { Guard } from '#lifecycle/decide';
import { isSameForm } from './facts.ts';
import type { Facts } from './facts.ts';
import type { ClosureOutcome } from './record-fields.ts';
import { isSamePerson } from '../../capabilities/persons.ts';

type RecommendationGuard = Guard<Facts>;

/** The command that approves each outcome. */
const APPROVED_BY: Readonly<Record<ClosureOutcome, string>> = {
  complete: 'approve-closure',
  'no-further-action': 'decide-no-further-action',
  superseded: 'supersede',
};

export const closureToComplete: RecommendationGuard = {
  code: 'closure-to-complete',
  isMet: ({ facts: { closure } }) => closure === null || closure.outcome === 'complete',
  detail: ({ facts: { closure } }) => {
    const outcome = closure?.outcome ?? 'complete';
    return `The pending request is to close the record as ${outcome}; ${APPROVED_BY[outcome]} approves it`;
  },
};

/** Refuses people who requested a closure since the last reopening, whatever the decision on it was. */
export const notAnEarlierRequester: RecommendationGuard = {
  code: 'not-an-earlier-requester',
  isMet: ({ facts: { closure, requestedClosures } }, { subject }) =>
    closure === null ||
    !requestedClosures.some(({ by, form }) => isSamePerson(by, subject) && !isSameForm(form, closure)),
  detail: () =>
    'You requested another closure of this record since it was last opened; someone else must decide',
};
