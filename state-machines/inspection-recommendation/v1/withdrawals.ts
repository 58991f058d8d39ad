import type { DecisionContext, Guard, Rule } from '../../../libs/lifecycle/src/decide.ts';
import type { LifecycleState } from '../../../libs/lifecycle/src/lifecycle-definition.ts';
import { londonDate } from '../../../libs/lifecycle/src/plain-date.ts';
import type { Deadline } from './deadlines.ts';
import type { Facts, PendingExtension } from './facts.ts';
import { isSamePerson } from './guards.ts';
import type { WhichDeadlinePayload, WithdrawDeadlinePayload } from './payloads.ts';

type State = LifecycleState<Facts>;
type DeadlineRule = Rule<Facts, WithdrawDeadlinePayload>;

const inForce = ({ facts }: State, deadlineId: string): Deadline | undefined =>
  facts.deadlines.find(({ id, kind }) => id === deadlineId && kind === 'action');

/** Ids are given one after another, also to proposals. */
const wasGiven = ({ facts }: State, deadlineId: string): boolean =>
  Number(deadlineId.slice(1)) <= facts.deadlineIds;

export const deadlineInForce: DeadlineRule = {
  code: 'deadline-in-force',
  kind: 'state',
  holds: (state, { deadlineId }) => !wasGiven(state, deadlineId) || inForce(state, deadlineId) !== undefined,
  detail: (_, { deadlineId }) => `${deadlineId} is no deadline for the recommendation that is in force`,
};

export const deadlineGiven: DeadlineRule = {
  code: 'deadline-unknown',
  holds: (state, { deadlineId }) => wasGiven(state, deadlineId),
  detail: (_, { deadlineId }) =>
    `The record never had a deadline ${deadlineId}; GET the record lists those in force`,
};

/** An approver who did not set it; or the inspector who did, on the day on which they did. */
export const mayWithdraw: DeadlineRule = {
  code: 'not-the-setter',
  kind: 'people',
  holds: (state, { deadlineId }, { actor, role, today }: DecisionContext<Facts>) => {
    const deadline = inForce(state, deadlineId);
    if (deadline === undefined) return true;
    const { setBy } = deadline;
    const isSetter = isSamePerson(setBy?.subject ?? null, actor.subject);
    return role === 'approver' ? !isSetter : isSetter && setBy !== null && londonDate(setBy.at) === today;
  },
  detail: () =>
    'An approver who did not set the deadline withdraws it; the inspector who set it may on that day alone',
};

const ownRequests = ({ facts }: State, subject: string): readonly PendingExtension[] =>
  facts.extensions.filter(({ requester }) => isSamePerson(requester, subject));

/** The pending request that somebody takes back: of the deadline named, else the only one of theirs. */
export function withdrawnRequest(
  state: State,
  { deadlineId }: WhichDeadlinePayload,
  subject: string,
): PendingExtension | undefined {
  const own = ownRequests(state, subject);
  if (deadlineId === undefined) return own.length === 1 ? own[0] : undefined;
  return own.find((each) => each.deadlineId === deadlineId);
}

export const askedForExtension: Guard<Facts> = {
  code: 'the-requester',
  holds: (state, { subject }) => ownRequests(state, subject).length > 0,
  detail: () =>
    'Only the person who asked for an extension may withdraw the request; an inspector may refuse it',
};

export const askedForThis: Rule<Facts, WhichDeadlinePayload> = {
  code: 'the-requester',
  kind: 'people',
  holds: (state, payload, { actor }) =>
    payload.deadlineId === undefined || withdrawnRequest(state, payload, actor.subject) !== undefined,
  detail: (_, { deadlineId }) => `The extension of ${deadlineId} was asked for by somebody else`,
};

export const ownRequestNamed: Rule<Facts, WhichDeadlinePayload> = {
  code: 'deadline-ambiguous',
  holds: (state, { deadlineId }, { actor }) =>
    deadlineId !== undefined || ownRequests(state, actor.subject).length < 2,
  detail: ({ facts }) =>
    `Name the deadline; extensions wait for: ${facts.extensions.map((each) => each.deadlineId).join(', ')}`,
};
