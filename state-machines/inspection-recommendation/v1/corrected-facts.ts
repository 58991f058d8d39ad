import type { FoldedEvent } from '#lifecycle/folded-event';
import { withoutClaims } from '../../capabilities/deadline-facts.ts';
import type { Claim } from './claims.ts';
import { responseDueOn, settledOn } from '../../capabilities/deadlines.ts';
import type {
  Deadline,
  DeadlineProposal,
  IssuedDates,
  PassedDeadline,
} from '../../capabilities/deadlines.ts';
import type { Correction } from './events.ts';
import { requestFrom } from '../../capabilities/persons.ts';
import { isSamePerson } from '../../capabilities/persons.ts';
import type { Request } from '../../capabilities/persons.ts';
import type { EventOf, RecordEvent } from './record-event.ts';

/** The record's body, and the event that set it. */
export interface NamedBody {
  /** The body; null if a register did not contain it. */
  readonly recipient: string | null;
  readonly recipientEvent: string | null;
}

/** A request to correct an earlier event. */
export interface PendingCorrection extends Request {
  /** The id of the event to correct. */
  readonly corrects: string;
  readonly correction: Correction;
  /** The person who recorded the claim to be confirmed; null if the correction confirms none. */
  readonly claimant: string | null;
}

/**
 * Returns whether a person may decide a correction: they are neither its requester nor the person who recorded its
 * claim.
 */
export const mayDecideCorrection = (
  { requester, claimant }: Pick<PendingCorrection, 'requester' | 'claimant'>,
  subject: string,
): boolean => !isSamePerson(requester, subject) && !isSamePerson(claimant, subject);

/** The facts that corrections change. */
interface Corrected extends NamedBody {
  readonly recipientActed: boolean;
  readonly claims: readonly Claim[];
  readonly corrections: readonly PendingCorrection[];
  readonly correctionsDecided: readonly string[];
  readonly closedAt: number;
  readonly deadlines: readonly Deadline[];
  readonly proposals: readonly DeadlineProposal[];
  readonly passed: readonly PassedDeadline[];
  readonly issued: IssuedDates | null;
}

/**
 * Returns the record's body after an event; the same object if it did not change. A correction applies only while the
 * corrected event is the latest.
 */
export function bodyAfter<Body extends NamedBody>(
  before: Body,
  { type, eventId, data }: RecordEvent<Pick<FoldedEvent, 'type' | 'eventId' | 'data'>>,
): Body | NamedBody {
  switch (type) {
    case 'RecommendationIssued':
    case 'RecipientAssigned':
      return { recipient: data.recipient, recipientEvent: eventId };
    case 'CorrectionApproved':
      return data.recipient === undefined || data.eventId !== before.recipientEvent
        ? before
        : { recipient: data.recipient, recipientEvent: before.recipientEvent };
    default:
      return before;
  }
}

/** Returns the corrected members of an event. */
const correctionOf = ({ publishedOn, recipient, dueOn, confirms }: Correction): Correction => ({
  ...(publishedOn !== undefined && { publishedOn }),
  ...(recipient !== undefined && { recipient }),
  ...(dueOn !== undefined && { dueOn }),
  ...(confirms !== undefined && { confirms }),
});

function withCorrectionRequest<Facts extends Corrected>(
  facts: Facts,
  event: EventOf<'CorrectionRequested'>,
): Facts {
  // A view can fold a request after the closing that dropped it.
  if (event.version < facts.closedAt || facts.correctionsDecided.includes(event.eventId)) return facts;
  const { eventId: corrects, confirms } = event.data;
  const claim = facts.claims.find(({ eventId }) => eventId === corrects);
  const claimant = confirms === undefined ? null : (claim?.by ?? null);
  const correction = { corrects, correction: correctionOf(event.data), claimant };
  return { ...facts, corrections: [...facts.corrections, { ...requestFrom(event), ...correction }] };
}

function correctionSettled<Facts extends Corrected>(
  facts: Facts,
  { data }: EventOf<'CorrectionApproved' | 'CorrectionRefused'>,
): Facts {
  const known = facts.corrections.filter(({ eventId }) => data.decides.includes(eventId));
  if (known.length > 0)
    return { ...facts, corrections: facts.corrections.filter((each) => !known.includes(each)) };
  return { ...facts, correctionsDecided: [...facts.correctionsDecided, ...data.decides] };
}

/** Returns the facts after a correction, which changes values of the corrected event and not of later decisions. */
function applyCorrection<Facts extends Corrected>(facts: Facts, event: EventOf<'CorrectionApproved'>): Facts {
  const { publishedOn, deadlineId, dueOn, insteadOf, kind } = event.data;
  const body = bodyAfter<NamedBody>(facts, event);
  const named = body === facts ? facts : { ...facts, ...body, recipientActed: false };
  if (kind !== undefined) return applyConfirmation(named, event, kind);
  if (insteadOf === undefined) return named;
  const [is, was, now] =
    publishedOn === undefined
      ? [({ id }: Deadline) => id === deadlineId, insteadOf, dueOn]
      : [({ kind }: Deadline) => kind === 'response', responseDueOn(insteadOf), responseDueOn(publishedOn)];
  if (now === undefined) return named;
  const deadlines = named.deadlines.map((each) => (is(each) ? withCorrectedDate(each, was, now) : each));
  const ids = new Set(named.deadlines.filter(is).map(({ id }) => id));
  return {
    ...named,
    deadlines,
    proposals:
      publishedOn === undefined
        ? named.proposals
        : named.proposals.map((each) => countedFrom(each, insteadOf, publishedOn)),
    // Recorded thresholds of a mistaken date no longer count.
    passed: named.passed.filter((each) => each.dueOn !== was || !ids.has(each.deadlineId)),
    issued:
      publishedOn === undefined || named.issued === null
        ? named.issued
        : { ...named.issued, dates: named.issued.dates.map((date) => (date === was ? now : date)) },
  };
}

/** Returns the facts after a confirmation, which settles the deadlines of the claim from its date on. */
function applyConfirmation<Facts extends Corrected>(
  facts: Facts,
  { data, effectiveOn }: EventOf<'CorrectionApproved'>,
  kind: Deadline['kind'],
): Facts {
  const isMatch = ({ claimedBy }: Deadline): boolean => claimedBy === data.eventId;
  if (!facts.deadlines.some(isMatch)) return facts;
  return { ...facts, deadlines: settledOn(withoutClaims(facts.deadlines, isMatch), kind, effectiveOn) };
}

/**
 * Returns a proposal, marked if the publication date from which it counts was corrected. Counting again would require
 * the text, which the facts do not contain.
 */
function countedFrom(
  { countedFrom: before, ...proposal }: DeadlineProposal,
  was: string,
  now: string,
): DeadlineProposal {
  const from = before ?? was;
  return from === now ? proposal : { ...proposal, countedFrom: from };
}

/** Returns a deadline with a corrected date. The mistaken date never passed. */
function withCorrectedDate(deadline: Deadline, was: string, dueOn: string): Deadline {
  const { passed, ...rest } = deadline;
  const isInForce = deadline.dueOn === was;
  return {
    ...rest,
    ...(passed && !isInForce && { passed }),
    ...(deadline.firstDueOn === was && { firstDueOn: dueOn }),
    ...(isInForce && { dueOn }),
  };
}

/** Returns the facts after an event, as far as corrections and corrected facts are concerned. */
export function evolveCorrections<Facts extends Corrected>(facts: Facts, event: RecordEvent): Facts {
  switch (event.type) {
    case 'CorrectionRequested':
      return withCorrectionRequest(facts, event);
    case 'CorrectionRefused':
      return correctionSettled(facts, event);
    case 'CorrectionApproved':
      return applyCorrection(correctionSettled(facts, event), event);
    default:
      return facts;
  }
}
