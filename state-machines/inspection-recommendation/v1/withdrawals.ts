import type { Asking, Foreseen, Guard, Rule } from '#lifecycle/decide';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import { londonDate } from '../../london.ts';
import type { Deadline, WithdrawnDate } from '../../capabilities/deadlines.ts';
import type { PendingExtension } from './deadline-facts.ts';
import type { Facts } from './facts.ts';
import { responseStands } from './extensions.ts';
import { isSamePerson } from '../../access.ts';
import type { SetDeadlinePayload, WhichDeadlinePayload, WithdrawDeadlinePayload } from './payloads.ts';

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
  detail: (state, { deadlineId }) => {
    const detail = `${deadlineId} is no deadline for the recommendation that is in force`;
    const isResponse = state.facts.deadlines.some(({ id }) => id === deadlineId);
    return isResponse ? `${detail}; ${responseStands(state)}` : detail;
  },
};

export const deadlineGiven: DeadlineRule = {
  code: 'deadline-unknown',
  holds: (state, { deadlineId }) => wasGiven(state, deadlineId),
  detail: (_, { deadlineId }) =>
    `The record never had a deadline ${deadlineId}; GET the record lists those in force`,
};

/** Whether somebody set a deadline after one that is in force, to a later date: without the earlier one that date would stand. */
const setLaterSince = ({ facts }: State, deadline: Deadline, subject: string): boolean =>
  facts.deadlines
    .slice(facts.deadlines.indexOf(deadline) + 1)
    .some(
      ({ kind, firstDueOn, setBy }) =>
        kind === 'action' && firstDueOn > deadline.dueOn && isSamePerson(setBy?.subject ?? null, subject),
    );

/**
 * An approver who set neither it nor a later one since; or the inspector who set it, on the day on which they did. A later date is
 * two people's decision, as an extension is.
 */
export const mayWithdraw: DeadlineRule = {
  code: 'not-the-setter',
  kind: 'people',
  holds: (state, { deadlineId }, context) => {
    const deadline = inForce(state, deadlineId);
    return deadline === undefined || isTheirsToWithdraw(state, deadline, context);
  },
  detail: () => WHO_WITHDRAWS,
};

const WHO_WITHDRAWS =
  'An approver withdraws a deadline who set neither it nor a later one since; the inspector who set it may on that day alone';

function isTheirsToWithdraw(state: State, deadline: Deadline, { actor, role, today }: Asking): boolean {
  const { setBy } = deadline;
  const isSetter = isSamePerson(setBy?.subject ?? null, actor.subject);
  if (role === 'approver') return !isSetter && !setLaterSince(state, deadline, actor.subject);
  return isSetter && setBy !== null && londonDate(setBy.at) === today;
}

/** Whichever deadline is named, it is not theirs to withdraw. */
export const noneToWithdraw: Foreseen<Facts> = {
  code: 'not-the-setter',
  kind: 'people',
  holds: (state, asking) =>
    state.facts.deadlines.some((each) => each.kind === 'action' && isTheirsToWithdraw(state, each, asking)),
  detail: () => WHO_WITHDRAWS,
};

/** Whoever took the date of somebody else away does not put a later one in its place; an earlier one they may. */
export const notTheWithdrawer: Rule<Facts, Pick<SetDeadlinePayload, 'dueOn' | 'effectiveOn'>> = {
  code: 'not-the-withdrawer',
  kind: 'people',
  holds: (state, { dueOn }, { actor }) => {
    const withdrawn = withdrawnBy(state, actor.subject);
    return withdrawn === undefined || dueOn <= withdrawn.dueOn;
  },
  detail: (state, _, { actor }) =>
    `You withdrew the deadline of ${withdrawnBy(state, actor.subject)?.dueOn ?? ''}, which somebody else had set; a later one is for a second person to set`,
};

const withdrawnBy = ({ facts }: State, subject: string): WithdrawnDate | undefined =>
  facts.withdrawn.find(({ by }) => isSamePerson(by, subject));

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
  detail: (state, _, { actor }) =>
    `Name the deadline; your requests wait for: ${ownRequests(state, actor.subject)
      .map((each) => each.deadlineId)
      .join(', ')}`,
};
