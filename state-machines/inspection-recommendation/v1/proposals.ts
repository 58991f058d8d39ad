import type { Guard, Rule } from '#lifecycle/decide';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import type { DeadlineProposal } from '../../capabilities/deadlines.ts';
import type { Facts } from './facts.ts';

/** The proposal of an id; undefined where none waits under it. */
export const proposalNamed = (
  { facts }: LifecycleState<Facts>,
  deadlineId: string,
): DeadlineProposal | undefined => facts.proposals.find(({ id }) => id === deadlineId);

export const proposalWaiting: Guard<Facts> = {
  code: 'proposal-waiting',
  holds: ({ facts }) => facts.proposals.length > 0,
  detail: () => 'No deadline that was found in the text waits to be confirmed or dismissed',
};

export const proposalKnown: Rule<Facts, { readonly deadlineId: string }> = {
  code: 'deadline-unknown',
  holds: (state, { deadlineId }) => proposalNamed(state, deadlineId) !== undefined,
  detail: ({ facts }) =>
    `No such deadline waits; those that do: ${facts.proposals.map(({ id, suggestedOn }) => (suggestedOn === null ? id : `${id} (${suggestedOn})`)).join(', ')}`,
};
