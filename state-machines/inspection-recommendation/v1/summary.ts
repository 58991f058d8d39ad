import type { DateNews, DatesCode, Shown, SummaryCode, TextsCode, Wait } from '#lifecycle/summary';
import { responseDueOn } from '../../capabilities/deadlines.ts';
import { bodyAfter, mayDecideCorrection } from './corrected-facts.ts';
import type { NamedBody } from './corrected-facts.ts';
import { oneEach } from '../../capabilities/evidence.ts';
import { unconfirmedClaims } from './claims.ts';
import { closureCapability, evidenceCapability } from './closure-capability.ts';
import { deadlineCapability } from './deadline-capability.ts';
import { responseCapability } from './parts.ts';
import { isOpen } from './deadlines.ts';
import type { EventType } from './events.ts';
import { evolveFacts, noFacts } from './evolve-facts.ts';
import type { Facts } from './facts.ts';
import { isInternalComment } from '../../capabilities/comments.ts';
import { asRecordEvent } from './record-event.ts';
import type { AnyData, EventOf, RecordEvent } from './record-event.ts';

/** The facts that lists need. Their lists end with decisions, and do not grow with every event. */
const LISTED = [
  ...(['deadlines', 'extensions', 'proposals', 'closure', 'submissions', 'claims'] as const),
  ...(['corrections', 'correctionsDecided', 'isClosed', 'closedAt'] as const),
  ...(['bodyActors', 'successionApprovers'] as const),
];
type Listed = Pick<Facts, (typeof LISTED)[number]>;

/** Returns a request that no one can decide on a closed record. */
const whileOpen = (wait: Wait<Listed>): Wait<Listed> => ({
  ...wait,
  persons: (facts, value) => (isOpen(value) ? wait.persons(facts, value) : null),
});

/** The summary of a recommendation: some of the facts, folded like all of them. */
export const summary: SummaryCode<Listed> = {
  initial: listedOf(noFacts),
  after(before, event) {
    // It moves the places of dates in the text, which lists do not need.
    if (event.type === 'TextAmended') return before;
    const facts = { ...noFacts, ...before };
    const after = evolveFacts(facts, asRecordEvent(event));
    if (after === facts) return before;
    const listed = listedOf(after);
    return LISTED.every((name) => listed[name] === before[name]) ? before : listed;
  },
  isClosed: (value) => !isOpen(value),
  supersedes(event) {
    const { type, data } = asRecordEvent(event);
    return type === 'NoFurtherActionDecided' && data.reason === 'superseded';
  },
  answer: responseCapability.summary.answer,
  body(before, event) {
    const known = { recipient: before.body, recipientEvent: before.event };
    const after = bodyAfter<NamedBody>(known, asRecordEvent(event));
    return after === known ? before : { body: after.recipient, event: after.recipientEvent };
  },
  dates: ({ deadlines }) => deadlines,
  listedKinds: deadlineCapability.listedKinds,
  waits: {
    closure: whileOpen(closureCapability.summary.waits.closure),
    evidence: whileOpen(evidenceCapability.summary.waits.evidence),
    ...deadlineCapability.summary.waits,
    proposal: {
      persons: ({ proposals, successionApprovers, bodyActors }, value) =>
        isOpen(value) && proposals.length > 0 ? [...successionApprovers, ...bodyActors] : null,
    },
    correction: {
      persons: ({ corrections, bodyActors }) =>
        corrections.length > 0 ? [...barredFrom(corrections), ...bodyActors] : null,
    },
    /** A claim whose confirmation no one has requested yet. */
    claim: {
      decidedBy: ['request-correction'],
      persons: ({ corrections, bodyActors, ...facts }) => {
        const requested = new Set(corrections.map(({ corrects }) => corrects));
        return unconfirmedClaims(facts).some(({ eventId }) => !requested.has(eventId)) ? bodyActors : null;
      },
    },
  },
  about(stored) {
    const { type, data } = asRecordEvent(stored);
    if (type === 'RecommendationIssued') {
      const { issue, report }: AnyData = data;
      return { group: issue ?? null, publishedOn: report?.publishedOn ?? null };
    }
    return type === 'CorrectionApproved' && data.publishedOn !== undefined
      ? { publishedOn: data.publishedOn }
      : {};
  },
};

/** Returns the people who may decide none of these corrections. */
const barredFrom = (corrections: Facts['corrections']): string[] =>
  [corrections[0]?.requester, corrections[0]?.claimant]
    .filter((person) => typeof person === 'string')
    .filter((person) => corrections.every((each) => !mayDecideCorrection(each, person)));

/** Returns the listed facts, with one submission of each person and without what a request for closure considers. */
function listedOf(facts: Facts): Listed {
  const { deadlines, extensions, proposals, closure, submissions, claims } = facts;
  const { corrections, correctionsDecided, isClosed, closedAt, bodyActors, successionApprovers } = facts;
  return {
    ...{ deadlines, extensions, proposals, claims, corrections, correctionsDecided, isClosed, closedAt },
    ...{ bodyActors, successionApprovers },
    closure: closure === null || closure.considers === null ? closure : { ...closure, considers: null },
    submissions: oneEach(submissions),
  };
}

/** The locations of texts in a recommendation's events. */
export const texts: TextsCode = {
  at: {
    RecommendationIssued: { '/data/title': 'title', '/data/text': 'text', '/data/report/name': 'report' },
    TextAmended: { '/data/title': 'title', '/data/text': 'text' },
    OwnerAssigned: { '/data/owner': 'owner' },
    CommentAdded: { '/data/text': 'comment' },
  } satisfies Partial<Record<EventType, TextsCode['at'][string]>>,
  isInternal: (event) => isInternalComment(asRecordEvent(event)),
  completes(event) {
    const { completes }: AnyData = asRecordEvent(event).data;
    return completes ?? null;
  },
};

/** The due dates in a recommendation's events. */
export const dates: DatesCode = {
  ...deadlineCapability.dates,
  news(stored) {
    const { type, data } = asRecordEvent(stored);
    return type === 'CorrectionApproved' ? correctedBy(data) : deadlineCapability.dates.news(stored);
  },
  shows: (event) => shownBy(asRecordEvent(event)),
};

type TypedEvent = RecordEvent<Pick<RecordEvent, 'type' | 'data'>>;

function correctedBy(data: EventOf<'CorrectionApproved'>['data']): DateNews | null {
  const { eventId, recipient, publishedOn, deadlineId, dueOn, insteadOf } = data;
  if (recipient !== undefined) return { is: 'misnamed', event: eventId };
  if (insteadOf === undefined) return null;
  if (publishedOn !== undefined)
    return {
      is: 'corrected',
      of: { kind: 'response' },
      was: responseDueOn(insteadOf),
      dueOn: responseDueOn(publishedOn),
    };
  return dueOn === undefined || deadlineId === undefined
    ? null
    : { is: 'corrected', of: { id: deadlineId }, was: insteadOf, dueOn };
}

function shownBy({ type, data }: TypedEvent): Shown | null {
  const { decides = [] }: AnyData = data;
  switch (type) {
    case 'DeadlineExtended':
      return { met: { id: data.deadlineId }, decides };
    case 'CorrectionApproved':
      return data.kind === undefined ? null : { met: { kind: data.kind }, decides };
    case 'RecommendationCompleted':
    case 'NoFurtherActionDecided':
      return { met: { notKind: 'response' }, decides };
    default:
      return null;
  }
}
