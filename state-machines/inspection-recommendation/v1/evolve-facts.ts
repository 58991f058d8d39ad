import type { StatusOrigin } from '#lifecycle/answers';
import type { EventDefinition } from '#lifecycle/lifecycle-definition';
import { personOf, withActor } from '../../capabilities/persons.ts';
import { withoutOf, withWithdrawn } from '../../capabilities/deadline-facts.ts';
import { responseDueOn } from '../../capabilities/deadlines.ts';
import type { Deadline, DeadlineProposal } from '../../capabilities/deadlines.ts';
import { authorFold } from '../../capabilities/authors.ts';
import { withClaim } from './claims.ts';
import { closureCapability, closureForm, evidenceCapability } from './closure-capability.ts';
import { evolveCorrections } from './corrected-facts.ts';
import { deadlineCapability } from './deadline-capability.ts';
import { events } from './events.ts';
import { isSameForm } from './facts.ts';
import type { Facts } from './facts.ts';
import { recipientCapability, commentCapability, ownerCapability, redactionCapability } from './parts.ts';
import { issuedWith, proposalFrom } from './proposals.ts';
import type { EventOf, RecordEvent } from './record-event.ts';

export const noFacts: Facts = {
  ...recipientCapability.initial,
  ...ownerCapability.initial,
  textOn: null,
  titleOn: null,
  ...commentCapability.initial,
  statusOrigin: 'command',
  ...closureCapability.initial,
  requestedClosures: [],
  ...evidenceCapability.initial,
  written: [],
  ...redactionCapability.initial,
  ...deadlineCapability.initial,
  issued: null,
  proposals: [],
  supersededBy: null,
  successionApprovers: [],
  claims: [],
  corrections: [],
  correctionsDecided: [],
  placesAhead: [],
};

const foldAuthors = authorFold(events);

/** Returns the facts after an event; the same object if nothing changed. */
export function evolveFacts(before: Facts, event: RecordEvent): Facts {
  const known = redactionCapability.fold(foldAuthors<Facts>(before, event), event);
  const dated = deadlineCapability.fold(recipientCapability.fold<Facts>(known, event), event);
  const facts = withoutEarlierCorrections(dated, before);
  const after = withClaim(evolveEach(facts, event, before.isClosed), event);
  const statusOrigin = statusOriginAfter(facts.statusOrigin, event);
  return after.statusOrigin === statusOrigin ? after : { ...after, statusOrigin };
}

/** Drops the corrections that were pending when the record was closed. */
function withoutEarlierCorrections(facts: Facts, { closedAt: before }: Facts): Facts {
  const { closedAt, corrections } = facts;
  if (closedAt === before || corrections.length === 0) return facts;
  return { ...facts, corrections: corrections.filter(({ version }) => version > closedAt) };
}

/** Returns the status's origin after an event; the same if the event has no status. */
function statusOriginAfter(
  before: StatusOrigin,
  { type, origin }: Pick<RecordEvent, 'type' | 'origin'>,
): StatusOrigin {
  if (!MAKES_STATUS.has(type)) return before;
  return origin === 'import' ? 'import' : 'command';
}

const MAKES_STATUS: ReadonlySet<string> = new Set(
  Object.entries<EventDefinition>(events).flatMap(([type, event]) =>
    event.kind === 'first' || (event.kind === 'move' && event.owner === 'progress') ? [type] : [],
  ),
);

function evolveEach(facts: Facts, event: RecordEvent, wasClosed: boolean): Facts {
  const { type, data } = event;
  switch (type) {
    case 'RecommendationIssued':
      return {
        ...facts,
        issued: {
          eventId: event.eventId,
          dates: data.report ? [responseDueOn(data.report.publishedOn)] : [],
        },
      };
    case 'OwnerAssigned':
      return ownerCapability.fold(facts, event);
    case 'TextAmended':
      return withAmendment(facts, event);
    case 'CommentAdded':
      return commentCapability.fold(facts, event);
    case 'CommentRedacted':
      return ownerCapability.fold(facts, event);
    case 'ClosureRequested':
      return withClosureRequest(closureCapability.fold(facts, event));
    case 'ClosureWithdrawn':
    case 'ClosureRefused':
    case 'RecommendationCompleted':
    case 'StatusRecorded.complete':
    case 'StatusRecorded.no-further-action-needed':
      return closureCapability.fold(facts, event);
    case 'NoFurtherActionDecided': {
      const { supersededBy = null } = data;
      const settled = closureCapability.fold(facts, event);
      return supersededBy === settled.supersededBy ? settled : { ...settled, supersededBy };
    }
    case 'SupersedesRecorded':
      return { ...facts, successionApprovers: withActor(facts.successionApprovers, event) };
    case 'EvidenceSubmitted':
    case 'EvidenceAccepted':
    case 'EvidenceRejected':
      return evidenceCapability.fold(facts, event);
    case 'RecommendationReopened':
      return { ...evidenceCapability.fold(facts, event), requestedClosures: [], supersededBy: null };
    case 'StatusRecorded.awaiting-review':
    case 'StatusRecorded.being-progressed':
      return wasClosed && facts.requestedClosures.length > 0 ? { ...facts, requestedClosures: [] } : facts;
    default:
      return evolveDeadlines(facts, event);
  }
}

/** Returns the facts after an event, as far as dates in the text and corrections are concerned. */
function evolveDeadlines(facts: Facts, event: RecordEvent): Facts {
  const { type, data } = event;
  switch (type) {
    case 'DeadlineSet':
      return withSource(facts, event);
    case 'DeadlineProposed': {
      const proposals = [...facts.proposals, proposalFrom(event)];
      const issued = issuedWith(facts.issued, data.source, data.suggestedOn);
      return { ...facts, proposals, deadlineIds: facts.deadlineIds + 1, issued };
    }
    case 'DeadlineDismissed': {
      const { suggestedOn = null } = facts.proposals.find(({ id }) => id === data.deadlineId) ?? {};
      const by = event.actor.subject;
      return {
        ...facts,
        proposals: withoutOf(facts.proposals, ({ id }) => id === data.deadlineId),
        ...(suggestedOn !== null && {
          withdrawn: withWithdrawn(facts.withdrawn, { by, dueOn: suggestedOn }),
        }),
      };
    }
    default:
      return evolveCorrections(facts, event);
  }
}

/**
 * Returns the facts with the place of a new deadline's words in the text. A confirmed proposal keeps its id; any other
 * deadline gets the next one.
 */
function withSource(facts: Facts, { data }: EventOf<'DeadlineSet'>): Facts {
  const { deadlineId, source, dueOn } = data;
  const proposals = withoutOf(facts.proposals, ({ id }) => id === deadlineId);
  const isProposed = proposals !== facts.proposals;
  // The inspector who confirms a proposal chooses its date.
  const issued = isProposed ? facts.issued : issuedWith(facts.issued, source, dueOn);
  const place = { ...(source !== undefined && { source }), ...placeOf(facts, deadlineId) };
  if (!isProposed && issued === facts.issued && !('source' in place)) return facts;
  const deadlines = facts.deadlines.map((each) => (each.id === deadlineId ? { ...each, ...place } : each));
  return { ...facts, deadlines, issued, proposals, deadlineIds: facts.deadlineIds - (isProposed ? 1 : 0) };
}

/** Returns the facts with the outcome and requester of a closure request, each combination once. */
function withClosureRequest(facts: Facts): Facts {
  const { closure, requestedClosures } = facts;
  if (closure === null || closure.requester === null) return facts;
  const by = personOf(closure.requester);
  if (requestedClosures.some((each) => each.by === by && isSameForm(each.form, closure))) return facts;
  return { ...facts, requestedClosures: [...requestedClosures, { by, form: closureForm(closure) }] };
}

function withAmendment(facts: Facts, { data, commitments = {}, effectiveOn }: EventOf<'TextAmended'>): Facts {
  // An erased text counts too.
  const isAmended = (member: 'text' | 'title') =>
    data[member] !== undefined || Object.hasOwn(commitments, `/data/${member}`);
  const { places = [] } = data;
  const sources = new Map(places.map(({ deadlineId, source }) => [deadlineId, source]));
  const moved = <Item extends Deadline | DeadlineProposal>(items: readonly Item[]): readonly Item[] =>
    sources.size === 0
      ? items
      : items.map((item) =>
          sources.has(item.id) ? { ...item, source: sources.get(item.id) ?? null } : item,
        );
  const known = new Set([...facts.deadlines, ...facts.proposals].map(({ id }) => id));
  const ahead = places.filter(({ deadlineId }) => !known.has(deadlineId));
  return {
    ...facts,
    ...(isAmended('text') && { textOn: effectiveOn }),
    ...(isAmended('title') && { titleOn: effectiveOn }),
    deadlines: moved(facts.deadlines),
    proposals: moved(facts.proposals),
    ...(ahead.length > 0 && { placesAhead: [...facts.placesAhead, ...ahead] }),
  };
}

/**
 * Returns the place of a new deadline's words. In a view, an amendment that was recorded later can be effective
 * earlier.
 */
function placeOf({ proposals, placesAhead }: Facts, deadlineId: string): Pick<Deadline, 'source'> | null {
  const proposal = proposals.find(({ id }) => id === deadlineId);
  if (proposal !== undefined) return { source: proposal.source };
  const ahead = placesAhead.findLast((place) => place.deadlineId === deadlineId);
  return ahead === undefined ? null : { source: ahead.source };
}
