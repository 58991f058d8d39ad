import type { Envelope } from '#event-sourcing/envelope';
import type { CommandPayload, DecisionContext, Guard, Rule } from '#lifecycle/decide';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import { whyNotAs, isSamePerson } from '../../capabilities/persons.ts';
import { recordIdOf } from '../kind.ts';
import type { Deadline } from '../../capabilities/deadlines.ts';
import { decidedEvents, decidesRules, notAnAuthor, NOTHING, forRefusal } from '../../capabilities/decides.ts';
import type { DecisionEventsOf } from '../../capabilities/decides.ts';
import { correctionEvents } from './decides.ts';
import { publicationProblem } from './due-dates.ts';
import type { Correction } from './events.ts';
import { mayDecideCorrection } from './corrected-facts.ts';
import type { PendingCorrection } from './corrected-facts.ts';
import type { Facts } from './facts.ts';
import { onlyOne } from '../../capabilities/persons.ts';
import type { ApproveCorrectionPayload, RequestCorrectionPayload } from './payloads.ts';
import { recordOf } from '../../capabilities/recipients.ts';
import { asRecordEvents } from './record-event.ts';
import type { AnyData, DecidedRecordEvent, RecordEnvelope } from './record-event.ts';

type State = LifecycleState<Facts>;
type Context = DecisionContext<Facts>;
/** A correction with the id of the event that it corrects. */
type Named = Correction & { readonly eventId: string };
type Correctable = Exclude<keyof Correction, 'confirms'>;

const MEMBERS = ['publishedOn', 'recipient', 'dueOn', 'confirms'] as const satisfies (keyof Correction)[];

const correctedMembers = (correction: Correction) =>
  MEMBERS.filter((member) => correction[member] !== undefined);

const eventOf = (history: readonly Envelope[], { eventId }: Pick<Named, 'eventId'>) =>
  asRecordEvents(history).find((event) => event.eventId === eventId);

/** Returns the recorded value of a correctable member; null if the event does not have the member. */
function recordedValue(event: RecordEnvelope, member: Correctable): string | null {
  const { type, data } = event;
  switch (member) {
    case 'publishedOn':
      return type === 'RecommendationIssued' ? (data.report?.publishedOn ?? null) : null;
    case 'recipient':
      return type === 'RecommendationIssued' || type === 'RecipientAssigned' ? data.recipient : null;
    case 'dueOn':
      return type === 'DeadlineExtended' || (type === 'DeadlineSet' && data.kind === 'action')
        ? data.dueOn
        : null;
  }
}

/** Returns the kind of deadline that an event claims to have settled in time; null if it makes no claim. */
function claimedKind({ type, data }: RecordEnvelope): Deadline['kind'] | null {
  const { claim }: AnyData = data;
  if (claim !== true) return null;
  return type === 'ResponsePublished' ? 'response' : 'action';
}

/** Returns whether an event has the member of a correction. */
const hasMember = (event: RecordEnvelope, member: keyof Correction): boolean =>
  member === 'confirms' ? claimedKind(event) !== null : recordedValue(event, member) !== null;

/** Returns the members of a record's events that can be corrected or confirmed, by event id. */
export function correctable(
  events: readonly RecordEnvelope[],
): ReadonlyMap<string, readonly (keyof Correction)[]> {
  return new Map(
    events.flatMap((event) => {
      const members = MEMBERS.filter(
        (member) =>
          hasMember(event, member) && !(member === 'confirms' && whyNotToConfirm(event, events) !== null),
      );
      return members.length === 0 ? [] : [[event.eventId, members] as const];
    }),
  );
}

/** Returns the value after all approved corrections. */
function valueNow(event: RecordEnvelope, member: Correctable, history: readonly Envelope[]): string | null {
  const last = asRecordEvents(history).findLast(
    ({ type, data }) =>
      type === 'CorrectionApproved' && data.eventId === event.eventId && data[member] !== undefined,
  );
  return (
    (last?.type === 'CorrectionApproved' ? last.data[member] : undefined) ?? recordedValue(event, member)
  );
}

/**
 * Returns the dates of a deadline before and after the one that an event set, in stream order; null for a missing one.
 */
function datesAround(event: RecordEnvelope, history: readonly Envelope[]) {
  const dates = asRecordEvents(history).filter(
    (each) =>
      (each.type === 'DeadlineSet' || each.type === 'DeadlineExtended') &&
      'deadlineId' in event.data &&
      each.data.deadlineId === event.data.deadlineId,
  );
  const at = dates.findIndex(({ eventId }) => eventId === event.eventId);
  const dateOf = (each: RecordEnvelope | undefined) =>
    each === undefined ? null : valueNow(each, 'dueOn', history);
  return { before: dateOf(at < 1 ? undefined : dates[at - 1]), after: dateOf(dates[at + 1]) };
}

type Actor = Pick<Context, 'actor'>;

/** Returns the pending corrections that a person may decide. */
const decidable = ({ facts }: State, { actor }: Actor): readonly PendingCorrection[] =>
  facts.corrections.filter((each) => mayDecideCorrection(each, actor.subject));

/**
 * Returns the correction of a decision: that of the listed event or request, or else the only one that the person may
 * decide, or the only one.
 */
export const decidedCorrection = (
  state: State,
  { eventId }: Pick<ApproveCorrectionPayload, 'eventId'>,
  context: Actor,
): PendingCorrection | undefined => {
  if (eventId !== undefined)
    return state.facts.corrections.find((each) => each.corrects === eventId || each.eventId === eventId);
  return onlyOne(decidable(state, context)) ?? onlyOne(state.facts.corrections);
};

export const correctionPending: Guard<Facts> = {
  code: 'correction-pending',
  isMet: ({ facts }) => facts.corrections.length > 0,
  detail: () => 'No correction is pending; use request-correction first',
};

type Deciding = Rule<Facts, ApproveCorrectionPayload>;

export const correctionNamed: Deciding = {
  code: 'correction-ambiguous',
  isMet: (state, { eventId }, context) => eventId !== undefined || decidable(state, context).length < 2,
  detail: (state, _, context) =>
    `Specify the corrected event. You may decide the corrections of: ${decidable(state, context)
      .map(({ corrects }) => corrects)
      .join(', ')}`,
};

export const pendingForEvent: Deciding = {
  code: 'correction-pending',
  kind: 'state',
  isMet: (state, payload, context) =>
    payload.eventId === undefined || decidedCorrection(state, payload, context) !== undefined,
  detail: (_, { eventId }) => `No correction of event ${eventId} is pending`,
};

const whyNotToDecide = ({ requester }: PendingCorrection, subject: string): string =>
  isSamePerson(requester, subject)
    ? 'You requested this correction; a second person must decide'
    : 'You recorded the claim; a second person must confirm it';

/** Fails if the person requested every pending correction or recorded its claim. */
export const notEveryClaimant: Guard<Facts> = {
  code: 'not-the-claimant',
  isMet: (state, actor) => decidable(state, { actor }).length > 0,
  detail: ({ facts: { corrections } }) =>
    `You requested ${corrections.length === 1 ? 'this correction' : 'these corrections'} or recorded the claim; a second person must decide`,
};

/** Refuses people who wrote something that each of their possible approvals covers. */
export const notEveryAuthor = notAnAuthor<Facts>((state, actor) =>
  decidable(state, { actor }).map((each) => correctionEvents(state, each)),
);

/** Refuses the requester and the person who recorded the claim. */
export const notTheClaimant: Deciding = {
  code: 'not-the-claimant',
  kind: 'people',
  isMet: (state, payload, context) => {
    const correction = decidedCorrection(state, payload, context);
    return correction === undefined || mayDecideCorrection(correction, context.actor.subject);
  },
  detail: (state, payload, context) =>
    whyNotToDecide(decidedCorrection(state, payload, context) as PendingCorrection, context.actor.subject),
};

const decisionEventsOf: DecisionEventsOf<Facts, ApproveCorrectionPayload> = (state, payload, context) => {
  const correction = decidedCorrection(state, payload, context);
  return correction === undefined ? null : correctionEvents(state, correction);
};

export const approvalDecides = decidesRules(decisionEventsOf);
export const refusalDecides = decidesRules<Facts, ApproveCorrectionPayload>((state, payload, context) => {
  const toDecide = decisionEventsOf(state, payload, context);
  return toDecide === null ? null : forRefusal(toDecide);
});

/** Requires the date of the corrected event as the effective date. */
export const fromItsDate: Deciding = {
  code: 'effective-date-of-correction',
  pointer: '/effectiveOn',
  isMet: (state, payload, context) => {
    const { history, today } = context;
    const correction = decidedCorrection(state, payload, context);
    const event = correction && eventOf(history, { eventId: correction.corrects });
    const { effectiveOn } = payload;
    const isRefusedAnyway = effectiveOn === undefined || effectiveOn > today || effectiveOn < state.firstOn;
    return isRefusedAnyway || event?.effectiveOn === effectiveOn;
  },
  detail: () => 'A correction takes effect on the date of the event that it corrects; leave effectiveOn out',
};

export const exactlyOne: Rule<Facts, RequestCorrectionPayload> = {
  code: 'exactly-one-correction',
  kind: 'invalid',
  isMet: (_, payload) => correctedMembers(payload).length === 1,
  detail: () => `must have exactly one of ${MEMBERS.join(', ')}`,
};

export const nonePendingForEvent: Rule<Facts, RequestCorrectionPayload> = {
  code: 'no-correction-pending',
  kind: 'state',
  isMet: ({ facts }, { eventId }) => !facts.corrections.some(({ corrects }) => corrects === eventId),
  detail: (_, { eventId }) => `A correction of event ${eventId} is already pending`,
};

export const notBeforeCorrected: Rule<Facts, RequestCorrectionPayload> = {
  code: 'effective-date-out-of-order',
  isMet: (_, payload, { history, today }) =>
    (payload.effectiveOn ?? today) >= (eventOf(history, payload)?.effectiveOn ?? ''),
  detail: (_, payload, { history, today }) =>
    `effectiveOn ${payload.effectiveOn ?? today} is earlier than ${eventOf(history, payload)?.effectiveOn ?? ''}, the date of the event to correct`,
};

/** A rule for the correction of any event. */
interface CorrectionRule extends Pick<Rule<Facts, unknown>, 'code' | 'kind' | 'pointer' | 'hasOwnCode'> {
  /** Returns the reason why the correction is not possible; null if it is. Called only for an event of the record. */
  readonly problem: (correction: Named, event: RecordEnvelope, context: Context) => string | null;
}

const REMEDIES: Readonly<Record<keyof Correction, string>> = {
  publishedOn: 'publishedOn can only correct the issue of a record with a report',
  recipient:
    'recipient can only correct the issue, or an event that set a recipient; use assign-recipient to set the first one',
  dueOn:
    'dueOn can only correct an event that set or extended a deadline for the recommendation; to change the date of a response, correct publishedOn',
  confirms:
    'confirms is only for a response, or a closing in an imported file, that is dated before the day on which a deadline passed, although it is already recorded as passed',
};

const RULES: readonly CorrectionRule[] = [
  {
    code: 'not-correctable',
    problem: (correction, event) => {
      const [member] = correctedMembers(correction);
      if (member === undefined) return null;
      return hasMember(event, member) ? null : `${REMEDIES[member]}; event ${event.eventId} is ${event.type}`;
    },
  },
  {
    code: 'changes-something',
    kind: 'state',
    problem: (correction, event, { history }) => {
      if (correction.confirms !== undefined) return whyNotToConfirm(event, asRecordEvents(history));
      const isKnown = correctedMembers(correction).every(
        (member) =>
          member !== 'confirms' &&
          recordedValue(event, member) !== null &&
          valueNow(event, member, history) === correction[member],
      );
      return isKnown ? KNOWN : null;
    },
  },
  {
    code: 'publication-out-of-range',
    pointer: '/publishedOn',
    problem: ({ publishedOn }, _, { today }) =>
      publishedOn === undefined ? null : publicationProblem(publishedOn, today),
  },
  {
    code: 'not-their-own-body',
    kind: 'role',
    problem: ({ recipient }, _, { organisations, role }) =>
      recipient !== undefined && organisations.includes(recipient)
        ? whyNotAs({ organisations }, recipient, [role])
        : null,
  },
  {
    code: 'id-already-used',
    kind: 'state',
    hasOwnCode: true,
    problem: ({ recipient = '' }, _, { others }) => {
      const other = recordOf(recipient, others);
      return other === undefined
        ? null
        : `${recipient} already has a record of the same recommendation: ${recordIdOf(other) ?? ''}`;
    },
  },
  {
    code: 'due-in-past',
    pointer: '/dueOn',
    problem: ({ dueOn }, { effectiveOn }) =>
      dueOn !== undefined && dueOn < effectiveOn
        ? `The new deadline must be on or after the effective date, ${effectiveOn}`
        : null,
  },
  {
    code: 'deadline-not-later',
    pointer: '/dueOn',
    problem: ({ dueOn }, event, { history }) => {
      if (dueOn === undefined) return null;
      const { before, after } = datesAround(event, history);
      if (before !== null && dueOn <= before)
        return `An extension must be later than the previous date, ${before}`;
      return after !== null && dueOn >= after
        ? `The deadline was later extended to ${after}, so the corrected date must be earlier`
        : null;
    },
  },
];

const KNOWN = 'The record already has this value';

/**
 * Returns the reason why a claim can no longer be confirmed: it already is, or the response was published since; null
 * if it can.
 */
function whyNotToConfirm(
  { eventId, type, version }: RecordEnvelope,
  history: readonly RecordEnvelope[],
): string | null {
  const isConfirmed = history.some(
    (each) =>
      each.type === 'CorrectionApproved' && each.data.eventId === eventId && each.data.confirms === true,
  );
  if (isConfirmed) return KNOWN;
  const isReplaced =
    type === 'ResponsePublished' && history.some((each) => each.type === type && each.version > version);
  return isReplaced ? 'The response was published after this claim, so the later date applies' : null;
}

/**
 * Returns the rules for a correction. They are checked on request and again on approval, because the record may have
 * changed in between.
 * @param named returns the correction of a payload; undefined if it cannot be determined yet.
 */
const rulesOf = <Payload extends CommandPayload>(
  named: (state: State, payload: Payload, context: Context) => Named | undefined,
): Rule<Facts, Payload>[] =>
  RULES.map(({ problem, ...rule }) => {
    const problemOf = (state: State, payload: Payload, context: Context): string | null => {
      const correction = named(state, payload, context);
      const event = correction && eventOf(context.history, correction);
      return event === undefined ? null : problem(correction as Named, event, context);
    };
    return {
      ...rule,
      isMet: (state, payload, context) => problemOf(state, payload, context) === null,
      detail: (state, payload, context) => problemOf(state, payload, context) ?? '',
    };
  });

export const eventToCorrect: Rule<Facts, RequestCorrectionPayload> = {
  code: 'event-not-found',
  isMet: (_, payload, { history }) => eventOf(history, payload) !== undefined,
  detail: (_, { eventId }) => `This record has no event ${eventId}; list its events to find the id`,
};

export const requestRules = rulesOf<RequestCorrectionPayload>((_, payload) => payload);
export const approvalRules = rulesOf<ApproveCorrectionPayload>((state, payload, context) => {
  const pending = decidedCorrection(state, payload, context);
  return pending && { ...pending.correction, eventId: pending.corrects };
});

/** Returns the ids that the refusal of a correction decides. */
export const decidedOnCorrectionRefused = (
  state: State,
  payload: ApproveCorrectionPayload,
  context: Context,
): readonly string[] =>
  decidedEvents(forRefusal(decisionEventsOf(state, payload, context) ?? NOTHING), payload);

/** Returns the approved correction, effective from the date of the corrected event. */
export function approvedCorrection(
  state: State,
  payload: ApproveCorrectionPayload,
  context: Context,
): DecidedRecordEvent[] {
  const { history } = context;
  const pending = decidedCorrection(state, payload, context);
  const event = pending && eventOf(history, { eventId: pending.corrects });
  if (event === undefined) return [];
  const { corrects, correction } = pending as PendingCorrection;
  const [member] = correctedMembers(correction);
  const insteadOf = member === undefined || member === 'confirms' ? null : valueNow(event, member, history);
  const kind = member === 'confirms' ? claimedKind(event) : null;
  const data = {
    eventId: corrects,
    ...correction,
    ...(insteadOf !== null && { insteadOf }),
    ...(kind !== null && { kind }),
    ...(member === 'dueOn' && 'deadlineId' in event.data && { deadlineId: event.data.deadlineId }),
    decides: decidedEvents(correctionEvents(state, pending as PendingCorrection), payload),
  };
  return [{ type: 'CorrectionApproved', data, effectiveOn: event.effectiveOn }];
}
