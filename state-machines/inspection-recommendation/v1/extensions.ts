import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import type { DecisionContext, Foreseen, Guard, Rule } from '#lifecycle/decide';
import { isOpen } from './deadlines.ts';
import type { Deadline } from '../../capabilities/deadlines.ts';
import { decidedOn, decidesRules, extensionStanding, NOTHING, refusing } from './decides.ts';
import type { StandingOf } from './decides.ts';
import type { PendingExtension } from './deadline-facts.ts';
import type { Facts } from './facts.ts';
import { isSamePerson } from '../../access.ts';
import type { DecideExtensionPayload, RequestExtensionPayload, WhichDeadlinePayload } from './payloads.ts';

type State = LifecycleState<Facts>;

/** The deadlines that can be extended; the duty to respond is the law's, and cannot. */
const extendable = ({ facts }: State): readonly Deadline[] =>
  facts.deadlines.filter(({ kind }) => kind === 'action');

/** The deadline that a request is for: the one named, else the only one there is. */
export const requestedDeadline = (
  state: State,
  { deadlineId }: WhichDeadlinePayload,
): Deadline | undefined =>
  deadlineId === undefined
    ? onlyOne(extendable(state))
    : extendable(state).find(({ id }) => id === deadlineId);

type Deciding = Pick<DecisionContext<Facts>, 'actor'>;

/** The pending requests that somebody may decide: those of others. */
const decidable = ({ facts }: State, { actor }: Deciding): readonly PendingExtension[] =>
  facts.extensions.filter(({ requester }) => !isSamePerson(requester, actor.subject));

/** The pending request that a decision is for: of the deadline named, else the only one that they may decide, or that there is. */
export const decidedExtension = (
  state: State,
  { deadlineId }: WhichDeadlinePayload,
  context: Deciding,
): PendingExtension | undefined =>
  deadlineId === undefined
    ? (onlyOne(decidable(state, context)) ?? onlyOne(state.facts.extensions))
    : state.facts.extensions.find((each) => each.deadlineId === deadlineId);

export const onlyOne = <Item>(items: readonly Item[]): Item | undefined =>
  items.length === 1 ? items[0] : undefined;

const NO_DEADLINE = 'The record has no deadline for the recommendation itself';

/** The duty to respond is the law's, and so is its date: what is said to whoever would change it. */
export const responseStands = ({ value }: State): string =>
  `the date of a response is neither extended nor withdrawn${value['response'] === 'due' ? '; publish-response settles it' : ''}`;

export const hasDeadline: Guard<Facts> = {
  code: 'has-deadline',
  holds: (state) => extendable(state).length > 0,
  detail: (state) =>
    state.facts.deadlines.length === 0 ? NO_DEADLINE : `${NO_DEADLINE}; ${responseStands(state)}`,
};

export const extensionPending: Guard<Facts> = {
  code: 'extension-pending',
  holds: ({ facts }) => facts.extensions.length > 0,
  detail: ({ value }) =>
    isOpen(value)
      ? 'No extension has been asked for; request-extension comes first'
      : 'No extension waits for a decision: what was asked fell when the record was closed, and would be asked anew once it is open again (reopen)',
};

export const deadlineNamed: Rule<Facts, WhichDeadlinePayload> = {
  code: 'deadline-ambiguous',
  holds: (state, { deadlineId }) => deadlineId !== undefined || extendable(state).length < 2,
  detail: (state) => `Name one of the deadlines: ${extendable(state).map(told).join(', ')}`,
};

export const deadlineKnown: Rule<Facts, WhichDeadlinePayload> = {
  code: 'deadline-unknown',
  holds: (state, payload) =>
    payload.deadlineId === undefined || requestedDeadline(state, payload) !== undefined,
  detail: (state, { deadlineId }) => {
    const isResponse = state.facts.deadlines.some(({ id }) => id === deadlineId);
    const why = isResponse
      ? `${deadlineId} is for the response: ${responseStands(state)}. Deadlines that can be extended`
      : 'There is no such deadline to extend; there are';
    return `${why}: ${extendable(state).map(told).join(', ')}`;
  },
};

const told = ({ id, dueOn }: Deadline): string => `${id} (${dueOn})`;

export const laterThanNow: Rule<Facts, RequestExtensionPayload> = {
  code: 'deadline-not-later',
  holds: (state, payload) => payload.dueOn > (requestedDeadline(state, payload)?.dueOn ?? ''),
  detail: (state, payload) =>
    `The new date must be later than the present one, ${requestedDeadline(state, payload)?.dueOn ?? ''}`,
};

/** A correction can have moved the deadline since the request. */
export const stillLater: Rule<Facts, WhichDeadlinePayload> = {
  code: 'deadline-not-later',
  holds: (state, payload, context) => {
    const extension = decidedExtension(state, payload, context);
    return extension === undefined || extension.dueOn > extendedDueOn(state, extension);
  },
  detail: (state, payload, context) => {
    const extension = decidedExtension(state, payload, context);
    const dueOn = extension === undefined ? '' : extendedDueOn(state, extension);
    return `The date that was requested, ${extension?.dueOn ?? ''}, is not later than the present one, ${dueOn}; refuse the request (refuse-extension)`;
  },
};

const extendedDueOn = ({ facts }: State, { deadlineId }: PendingExtension): string =>
  facts.deadlines.find(({ id }) => id === deadlineId)?.dueOn ?? '';

const nonePending = 'An extension of this deadline was asked for already, and waits for a decision';

export const nonePendingForIt: Rule<Facts, WhichDeadlinePayload> = {
  code: 'no-extension-pending',
  kind: 'state',
  holds: (state, payload) => {
    const deadline = requestedDeadline(state, payload);
    return !state.facts.extensions.some(({ deadlineId }) => deadlineId === deadline?.id);
  },
  detail: () => nonePending,
};

/** Whichever deadline is named, its extension was asked for. */
export const everyOnePending: Foreseen<Facts> = {
  code: 'no-extension-pending',
  kind: 'state',
  holds: (state) => {
    const deadlines = extendable(state);
    const asked = new Set(state.facts.extensions.map(({ deadlineId }) => deadlineId));
    return deadlines.length === 0 || deadlines.some(({ id }) => !asked.has(id));
  },
  detail: (state) =>
    extendable(state).length === 1
      ? nonePending
      : 'An extension of each of its deadlines was asked for already, and waits for a decision',
};

export const pendingNamed: Rule<Facts, WhichDeadlinePayload> = {
  code: 'deadline-ambiguous',
  holds: (state, { deadlineId }, context) => deadlineId !== undefined || decidable(state, context).length < 2,
  detail: (state, _, context) =>
    `Name the deadline; extensions that you may decide wait for: ${decidable(state, context)
      .map((each) => each.deadlineId)
      .join(', ')}`,
};

export const pendingForIt: Rule<Facts, WhichDeadlinePayload> = {
  code: 'extension-pending',
  kind: 'state',
  holds: ({ facts }, payload) =>
    payload.deadlineId === undefined ||
    facts.extensions.some(({ deadlineId }) => deadlineId === payload.deadlineId),
  detail: () => 'No extension of this deadline has been asked for',
};

const ASKED_YOURSELF = 'You asked for this extension yourself; a second person must decide';

export const notItsRequester: Rule<Facts, WhichDeadlinePayload> = {
  code: 'not-the-requester',
  kind: 'people',
  holds: (state, payload, context) =>
    !isSamePerson(decidedExtension(state, payload, context)?.requester ?? null, context.actor.subject),
  detail: () => ASKED_YOURSELF,
};

/** Whichever extension is named, they asked for it themselves. */
export const notEveryRequester: Guard<Facts> = {
  code: 'not-the-requester',
  holds: (state, actor) => decidable(state, { actor }).length > 0,
  detail: () => ASKED_YOURSELF,
};

const standing: StandingOf<DecideExtensionPayload> = (state, payload, context) => {
  const extension = decidedExtension(state, payload, context);
  return extension === undefined ? null : extensionStanding(state, extension);
};
const refusalStanding: StandingOf<DecideExtensionPayload> = (state, payload, context) => {
  const known = standing(state, payload, context);
  return known && refusing(known);
};

export const grantNamesIt = decidesRules(standing);
export const refusalNamesIt = decidesRules(refusalStanding);

/** What a decision on an extension decides on. */
export const decidedOnExtension = (...asked: Parameters<typeof standing>): readonly string[] =>
  decidedOn(standing(...asked) ?? NOTHING, asked[1]);
export const decidedOnRefusal = (...asked: Parameters<typeof standing>): readonly string[] =>
  decidedOn(refusalStanding(...asked) ?? NOTHING, asked[1]);
