import type { JsonObject } from '#event-sourcing/envelope';
import type { DateNews, DatesCode, Shown, SummaryCode, TextsCode, Wait } from '#lifecycle/summary';
import { responseDueOn } from '../../capabilities/deadlines.ts';
import { bodyAfter, mayDecideCorrection } from './corrected-facts.ts';
import type { NamedBody, PendingCorrection } from './corrected-facts.ts';
import { oneEach } from '../../capabilities/evidence.ts';
import { closureCapability, evidenceCapability } from './closure-capability.ts';
import { deadlineCapability } from './deadline-capability.ts';
import { responseCapability } from './parts.ts';
import { isOpen } from './deadlines.ts';
import type { EventType } from './events.ts';
import { evolveFacts, noFacts } from './evolve-facts.ts';
import type { Facts } from './facts.ts';
import { UNKNOWN_REQUEST } from '../../capabilities/persons.ts';
import type { Request } from '../../capabilities/persons.ts';
import { isInternalComment } from '../../capabilities/comments.ts';
import { asRecordEvent } from './record-event.ts';
import type { AnyData, EventOf, RecordEvent } from './record-event.ts';

/** The data in a list row, without deadlines. */
interface Kept {
  /** The ids of proposals. */
  readonly proposals?: readonly string[];
  readonly corrections?: readonly (PendingRequest & Partial<Pick<PendingCorrection, 'claimant'>>)[];
  readonly correctionsDecided?: readonly string[];
  readonly claims?: Facts['claims'];
}
type PendingRequest = Pick<Request, 'eventId' | 'requester'>;

const ASIDES: ReadonlySet<string> = new Set<EventType>([
  'CommentAdded',
  'CommentRedacted',
  'TextAmended',
  'UnknownStatusRecorded',
  'RegisterRecordImported',
]);

/** Returns a request that no one can decide on a closed record. */
const whileOpen = (wait: Wait<Facts>): Wait<Facts> => ({
  ...wait,
  persons: (facts, value) => (isOpen(value) ? wait.persons(facts, value) : null),
});

/**
 * The list row of a recommendation. It is folded from facts without unbounded lists, of which a row stores only some.
 */
export const summary: SummaryCode<Facts> = {
  initial: noFacts,
  asides: ASIDES,
  unused: ['report', 'items', 'places', 'source', 'rule', 'anomalies'],
  after(before, event) {
    if (ASIDES.has(event.type)) return before;
    const facts = evolveFacts(before, asRecordEvent(event));
    return facts === before ? before : trimFacts(facts);
  },
  kept: keptOf,
  from: (kept) => factsFrom(kept),
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
      persons: ({ proposals }, value) => (isOpen(value) && proposals.length > 0 ? [] : null),
    },
    correction: {
      persons: ({ corrections }) => (corrections.length > 0 ? barredFrom(corrections) : null),
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

/** Returns the facts that are needed for folding; the others would only grow. */
function trimFacts(facts: Facts): Facts {
  const { deadlines, closure, submissions, extensions, proposals, claims, corrections } = facts;
  const { correctionsDecided, isClosed, closedAt } = facts;
  return {
    ...noFacts,
    ...{ deadlines, extensions, proposals, claims, corrections, correctionsDecided, isClosed, closedAt },
    closure: closure && { ...closure, considers: null, recordedAt: '' },
    submissions: oneEach(submissions),
  };
}

const requestOf = ({ eventId, requester }: Request): PendingRequest => ({ eventId, requester });

function keptOf(facts: Facts): JsonObject {
  const { proposals, claims, corrections, correctionsDecided } = facts;
  return {
    ...deadlineCapability.summary.kept(facts),
    ...closureCapability.summary.kept(facts),
    ...evidenceCapability.summary.kept(facts),
    ...(proposals.length > 0 && { proposals: proposals.map(({ id }) => id) }),
    ...(corrections.length > 0 && {
      corrections: corrections.map((each) => ({
        ...requestOf(each),
        ...(each.claimant !== null && { claimant: each.claimant }),
      })),
    }),
    ...(correctionsDecided.length > 0 && { correctionsDecided }),
    ...(claims.length > 0 && { claims: claims.map(({ eventId, by }) => ({ eventId, by })) }),
  };
}

/** Returns the facts in a row; those that only the policy needs are lost. */
function factsFrom(kept: JsonObject & Kept): Facts {
  const { proposals = [], corrections = [], claims = [], correctionsDecided = [] } = kept;
  return {
    ...noFacts,
    ...deadlineCapability.summary.from(kept),
    ...closureCapability.summary.from(kept),
    ...evidenceCapability.summary.from(kept),
    ...{ claims, correctionsDecided },
    corrections: corrections.map(({ claimant = null, ...each }) => ({
      ...UNKNOWN_REQUEST,
      ...each,
      ...{ corrects: '', correction: {}, claimant },
    })),
    proposals: proposals.map((id) => ({ id, suggestedOn: null, rule: '', proposedOn: '', source: null })),
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
