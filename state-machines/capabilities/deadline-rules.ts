import type { StateValue } from '#event-sourcing/envelope';
import { asRule } from '#lifecycle/decide';
import type { Requester, DecisionContext, Precondition, Guard, Rule } from '#lifecycle/decide';
import { seniorOf, otherStaffOf } from '#lifecycle/kind';
import type { RecordKind } from '#lifecycle/kind';
import { oneOfRoles, roleInWords } from '#lifecycle/words';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import { isSamePerson, onlyOne } from './persons.ts';
import { londonDate } from '../london.ts';
import { hasWritten } from './authors.ts';
import type { DeadlineFacts, PendingExtension } from './deadline-facts.ts';
import { ANSWER, DEADLINES_MAX } from './deadlines.ts';
import type { Deadline, WithdrawnDate } from './deadlines.ts';

type State = LifecycleState<DeadlineFacts>;
interface NamedDeadline {
  readonly deadlineId: string;
}
/** A payload that selects a deadline; the only candidate if it has no id. */
interface WhichDeadline {
  readonly deadlineId?: string | undefined;
}
interface LaterDate extends WhichDeadline {
  readonly dueOn: string;
}

/** Returns the deadlines that people extend and withdraw. The law determines the date of a response. */
export const changeable = ({ facts }: Pick<State, 'facts'>): readonly Deadline[] =>
  facts.deadlines.filter(({ kind }) => kind !== ANSWER);

/** Returns the deadline of a request: the one with the id, or the only one. */
export const requestedDeadline = (state: State, { deadlineId }: WhichDeadline): Deadline | undefined =>
  deadlineId === undefined
    ? onlyOne(changeable(state))
    : changeable(state).find(({ id }) => id === deadlineId);

type Deciding = Pick<DecisionContext<DeadlineFacts>, 'actor'>;

/** Returns the pending requests that a person may decide, which other people have made. */
export const decidable = ({ facts }: State, { actor }: Deciding): readonly PendingExtension[] =>
  facts.extensions.filter(({ requester }) => !isSamePerson(requester, actor.subject));

/**
 * Returns the pending request of a decision: that of the listed deadline, or the only one that the person may decide,
 * or the only one.
 */
export const decidedExtension = (
  state: State,
  { deadlineId }: WhichDeadline,
  context: Deciding,
): PendingExtension | undefined =>
  deadlineId === undefined
    ? (onlyOne(decidable(state, context)) ?? onlyOne(state.facts.extensions))
    : state.facts.extensions.find((each) => each.deadlineId === deadlineId);

/** The words and conditions of the deadline rules for a kind of record. */
export interface DeadlineTerms {
  readonly kind: RecordKind;
  readonly isOpen: (value: StateValue) => boolean;
  /** Returns the command that publishes the due response, as part of a sentence; empty if none is due. */
  readonly settles: (value: StateValue) => string;
  /** The command that reopens a record; absent if none does. */
  readonly reopens?: string;
}

/** Returns the reason why the date of a response cannot be changed. */
const whyResponseIsFixed = ({ settles }: DeadlineTerms, { value }: State): string =>
  `the date of a response cannot be extended or withdrawn${settles(value)}`;

export const hasDeadline = (terms: DeadlineTerms): Guard<DeadlineFacts> => ({
  code: 'has-deadline',
  isMet: (state) => changeable(state).length > 0,
  detail: (state) => {
    const none = `The record has no deadline for the ${terms.kind.noun.singular} itself`;
    return state.facts.deadlines.length === 0 ? none : `${none}; ${whyResponseIsFixed(terms, state)}`;
  },
});

export const extensionPending = ({ isOpen, reopens }: DeadlineTerms): Guard<DeadlineFacts> => ({
  code: 'extension-pending',
  isMet: ({ facts }) => facts.extensions.length > 0,
  detail: ({ value }) =>
    isOpen(value)
      ? 'No extension has been requested; use request-extension first'
      : `No extension request is pending: closing the record dropped all requests. Reopen it${reopens === undefined ? '' : ` (${reopens})`}, then request the extension again`,
});

export const deadlineIsUnambiguous: Rule<DeadlineFacts, WhichDeadline> = {
  code: 'deadline-ambiguous',
  isMet: (state, { deadlineId }) => deadlineId !== undefined || changeable(state).length < 2,
  detail: (state) => `Specify one of the deadlines: ${changeable(state).map(withDate).join(', ')}`,
};

export const deadlineIsExtendable = (terms: DeadlineTerms): Rule<DeadlineFacts, WhichDeadline> => ({
  code: 'deadline-unknown',
  isMet: (state, payload) =>
    payload.deadlineId === undefined || requestedDeadline(state, payload) !== undefined,
  detail: (state, { deadlineId }) => {
    const isResponse = state.facts.deadlines.some(({ id }) => id === deadlineId);
    const why = isResponse
      ? `${deadlineId} is for the response: ${whyResponseIsFixed(terms, state)}. Deadlines that can be extended`
      : 'No such deadline can be extended. Deadlines that can be';
    return `${why}: ${changeable(state).map(withDate).join(', ')}`;
  },
});

const withDate = ({ id, dueOn }: Deadline): string => `${id} (${dueOn})`;

export const laterThanNow: Rule<DeadlineFacts, LaterDate> = {
  code: 'deadline-not-later',
  isMet: (state, payload) => payload.dueOn > (requestedDeadline(state, payload)?.dueOn ?? ''),
  detail: (state, payload) =>
    `The new date must be later than the current one, ${requestedDeadline(state, payload)?.dueOn ?? ''}`,
};

/**
 * Requires the requested date to be later than the present one, which a correction may have moved since the request.
 */
export const stillLater: Rule<DeadlineFacts, WhichDeadline> = {
  code: 'deadline-not-later',
  isMet: (state, payload, context) => {
    const extension = decidedExtension(state, payload, context);
    return extension === undefined || extension.dueOn > extendedDueOn(state, extension);
  },
  detail: (state, payload, context) => {
    const extension = decidedExtension(state, payload, context);
    const dueOn = extension === undefined ? '' : extendedDueOn(state, extension);
    return `The requested date, ${extension?.dueOn ?? ''}, is not later than the current one, ${dueOn}; refuse the request (refuse-extension)`;
  },
};

const extendedDueOn = ({ facts }: State, { deadlineId }: PendingExtension): string =>
  facts.deadlines.find(({ id }) => id === deadlineId)?.dueOn ?? '';

const nonePending = 'A request to extend this deadline is already pending';

export const nonePendingForIt: Rule<DeadlineFacts, WhichDeadline> = {
  code: 'no-extension-pending',
  kind: 'state',
  isMet: (state, payload) => {
    const deadline = requestedDeadline(state, payload);
    return !state.facts.extensions.some(({ deadlineId }) => deadlineId === deadline?.id);
  },
  detail: () => nonePending,
};

/** Fails if every deadline has a pending request. */
export const everyOnePending: Precondition<DeadlineFacts> = {
  code: 'no-extension-pending',
  kind: 'state',
  isMet: (state) => {
    const deadlines = changeable(state);
    const requested = new Set(state.facts.extensions.map(({ deadlineId }) => deadlineId));
    return deadlines.length === 0 || deadlines.some(({ id }) => !requested.has(id));
  },
  detail: (state) =>
    changeable(state).length === 1 ? nonePending : 'Requests to extend all its deadlines are already pending',
};

export const pendingNamed: Rule<DeadlineFacts, WhichDeadline> = {
  code: 'deadline-ambiguous',
  isMet: (state, { deadlineId }, context) => deadlineId !== undefined || decidable(state, context).length < 2,
  detail: (state, _, context) =>
    `Specify the deadline. You may decide the extensions of: ${decidable(state, context)
      .map((each) => each.deadlineId)
      .join(', ')}`,
};

export const pendingForIt: Rule<DeadlineFacts, WhichDeadline> = {
  code: 'extension-pending',
  kind: 'state',
  isMet: ({ facts }, payload) =>
    payload.deadlineId === undefined ||
    facts.extensions.some(({ deadlineId }) => deadlineId === payload.deadlineId),
  detail: () => 'No extension of this deadline has been requested',
};

const OWN_REQUEST = 'You requested this extension; a second person must decide';

export const notItsRequester: Rule<DeadlineFacts, WhichDeadline> = {
  code: 'not-the-requester',
  kind: 'people',
  isMet: (state, payload, context) =>
    !isSamePerson(decidedExtension(state, payload, context)?.requester ?? null, context.actor.subject),
  detail: () => OWN_REQUEST,
};

/** Fails if the person requested every pending extension. */
export const notEveryRequester: Guard<DeadlineFacts> = {
  code: 'not-the-requester',
  isMet: (state, actor) => decidable(state, { actor }).length > 0,
  detail: () => OWN_REQUEST,
};

const inForce = (state: State, deadlineId: string): Deadline | undefined =>
  changeable(state).find(({ id }) => id === deadlineId);

/** Returns whether a deadline or proposal has this id. Ids are sequential. */
const isUsedId = ({ facts }: State, deadlineId: string): boolean =>
  Number(deadlineId.slice(1)) <= facts.deadlineIds;

export const deadlineInForce = (terms: DeadlineTerms): Rule<DeadlineFacts, NamedDeadline> => ({
  code: 'deadline-in-force',
  kind: 'state',
  isMet: (state, { deadlineId }) => !isUsedId(state, deadlineId) || inForce(state, deadlineId) !== undefined,
  detail: (state, { deadlineId }) => {
    const detail = `${deadlineId} is not a current deadline for the ${terms.kind.noun.singular}`;
    const isResponse = state.facts.deadlines.some(({ id }) => id === deadlineId);
    return isResponse ? `${detail}; ${whyResponseIsFixed(terms, state)}` : detail;
  },
});

export const deadlineExists: Rule<DeadlineFacts, NamedDeadline> = {
  code: 'deadline-unknown',
  isMet: (state, { deadlineId }) => isUsedId(state, deadlineId),
  detail: (_, { deadlineId }) =>
    `The record has no deadline ${deadlineId}; read the record for its current deadlines`,
};

/**
 * Returns whether a person set or moved a later deadline than this one. Withdrawing the earlier one would leave only
 * the later date.
 */
export const setLaterOne = (
  { facts }: State,
  deadline: Pick<Deadline, 'kind' | 'dueOn'>,
  subject: string,
): boolean =>
  facts.deadlines.some(
    ({ id, kind, dueOn, setBy }) =>
      kind === deadline.kind &&
      dueOn > deadline.dueOn &&
      (isSamePerson(setBy?.subject ?? null, subject) ||
        hasWritten(facts, subject, ({ of, isOfIssue }) => of === id && !isOfIssue)),
  );

/**
 * Allows an approver who set neither the deadline nor a later one, or a staff member who set it on the same day. A later
 * date requires two people, as an extension does.
 */
export const mayWithdraw = (terms: DeadlineTerms): Rule<DeadlineFacts, NamedDeadline> => ({
  code: 'not-the-setter',
  kind: 'people',
  isMet: (state, { deadlineId }, context) => {
    const deadline = inForce(state, deadlineId);
    return deadline === undefined || isTheirsToWithdraw(terms, state, deadline, context);
  },
  detail: () => whoWithdraws(terms),
});

const whoWithdraws = ({ kind }: DeadlineTerms): string =>
  `Only ${oneOfRoles([seniorOf(kind)])} who set neither this deadline nor a later one may withdraw it; ` +
  `the ${otherStaffOf(kind).map(roleInWords).join(' or ') || 'person'} who set it may do so on the same day`;

function isTheirsToWithdraw(
  { kind }: DeadlineTerms,
  state: State,
  deadline: Deadline,
  { actor, role, today }: Requester,
): boolean {
  const { setBy } = deadline;
  const isSetter = isSamePerson(setBy?.subject ?? null, actor.subject);
  if (role === seniorOf(kind)) return !isSetter && !setLaterOne(state, deadline, actor.subject);
  return isSetter && setBy !== null && londonDate(setBy.at) === today;
}

/** Fails if the person may withdraw none of the deadlines. */
export const noneToWithdraw = (terms: DeadlineTerms): Precondition<DeadlineFacts> => ({
  code: 'not-the-setter',
  kind: 'people',
  isMet: (state, requester) =>
    changeable(state).some((each) => isTheirsToWithdraw(terms, state, each, requester)),
  detail: () => whoWithdraws(terms),
});

/**
 * Refuses a later date by a person who withdrew another person's date or dismissed one in the text. An earlier date is
 * allowed.
 */
export const notTheWithdrawer: Rule<DeadlineFacts, { readonly dueOn: string }> = {
  code: 'not-the-withdrawer',
  kind: 'people',
  isMet: (state, { dueOn }, { actor }) => {
    const withdrawn = withdrawnBy(state, actor.subject);
    return withdrawn === undefined || dueOn <= withdrawn.dueOn;
  },
  detail: (state, _, { actor }) =>
    `You withdrew or dismissed the date ${withdrawnBy(state, actor.subject)?.dueOn ?? ''}, which did not come from you; only a second person may set a later one`,
};

const withdrawnBy = ({ facts }: State, subject: string): WithdrawnDate | undefined =>
  facts.withdrawn.find(({ by }) => isSamePerson(by, subject));

const ownRequests = ({ facts }: State, subject: string): readonly PendingExtension[] =>
  facts.extensions.filter(({ requester }) => isSamePerson(requester, subject));

/** Returns the pending request that its requester withdraws: that of the listed deadline, or their only one. */
export function withdrawnRequest(
  state: State,
  { deadlineId }: WhichDeadline,
  subject: string,
): PendingExtension | undefined {
  const own = ownRequests(state, subject);
  if (deadlineId === undefined) return own.length === 1 ? own[0] : undefined;
  return own.find((each) => each.deadlineId === deadlineId);
}

export const ownExtensionRequest = (decide: readonly string[]): Guard<DeadlineFacts> => ({
  code: 'the-requester',
  isMet: (state, { subject }) => ownRequests(state, subject).length > 0,
  detail: () =>
    `Only the person who requested an extension may withdraw the request; ${oneOfRoles(decide)} may refuse it`,
});

export const ownRequestForDeadline: Rule<DeadlineFacts, WhichDeadline> = {
  code: 'the-requester',
  kind: 'people',
  isMet: (state, payload, { actor }) =>
    payload.deadlineId === undefined || withdrawnRequest(state, payload, actor.subject) !== undefined,
  detail: (_, { deadlineId }) => `Someone else requested the extension of ${deadlineId}`,
};

export const ownRequestNamed: Rule<DeadlineFacts, WhichDeadline> = {
  code: 'deadline-ambiguous',
  isMet: (state, { deadlineId }, { actor }) =>
    deadlineId !== undefined || ownRequests(state, actor.subject).length < 2,
  detail: (state, _, { actor }) =>
    `Specify the deadline. Your requests are for: ${ownRequests(state, actor.subject)
      .map((each) => each.deadlineId)
      .join(', ')}`,
};

export const fullOfDeadlines: Precondition<DeadlineFacts> = {
  code: 'too-many-deadlines',
  kind: 'rule',
  isMet: ({ facts }) => facts.deadlines.length < DEADLINES_MAX,
  detail: () => `The record has the maximum of ${DEADLINES_MAX} deadlines; withdraw one first`,
};

export const roomForOneMore: Rule<DeadlineFacts, unknown> = asRule(fullOfDeadlines);

/** Refuses dates before today, which would make a body late on the day of entry. */
export const notInPast: Rule<DeadlineFacts, { readonly dueOn: string }> = {
  code: 'due-in-past',
  pointer: '/dueOn',
  isMet: (_, { dueOn }, { today }) => dueOn >= today,
  detail: (_, { dueOn }, { today }) => `${dueOn} has passed; use ${today} or a later date`,
};
