import type { StatusOrigin } from '#lifecycle/answers';
import type { EventDefinition } from '#lifecycle/lifecycle-definition';
import type { CommentFacts } from '../../capabilities/comments.ts';
import type { RedactionFacts } from '../../capabilities/redaction.ts';
import type { OwnerFacts } from '../../capabilities/owner.ts';
import type { RecipientFacts } from '../../capabilities/recipients.ts';
import { addressing, commenting, owning, redacting } from './parts.ts';
import { responseDueOn } from '../../capabilities/deadlines.ts';
import type {
  Deadline,
  DeadlineProposal,
  Place,
  IssuedDates,
  PassedDeadline,
  WithdrawnDate,
} from '../../capabilities/deadlines.ts';
import { evolveCorrections } from './corrected-facts.ts';
import type { PendingCorrection } from './corrected-facts.ts';
import { withClaim, withoutClaims } from './claims.ts';
import type { Claim } from './claims.ts';
import {
  deadlineFrom,
  extended,
  extensionFrom,
  issuedWith,
  proposalFrom,
  replaced,
  requestSettled,
  settledBy,
  withdrawnAfter,
  withoutOf,
} from './deadline-facts.ts';
import type { PendingExtension } from './deadline-facts.ts';
import { changeFrom } from './changes.ts';
import type { Change } from './changes.ts';
import { events } from './events.ts';
import type { EventType } from './events.ts';
import { NO_LEDGER } from './thresholds.ts';
import type { DeadlineLedger } from './thresholds.ts';
import type { ClosureOutcome, NoFurtherActionReason } from './record-fields.ts';
import { including, requestFrom } from '../../capabilities/persons.ts';
import { personOf } from '../../access.ts';
import type { Request } from '../../capabilities/persons.ts';
import type { EventOf, RecordEvent } from './record-event.ts';

/** What policy needs besides the machine's value. */
export interface Facts extends CommentFacts, RedactionFacts, RecipientFacts, OwnerFacts {
  /** The dates from which the text and the title hold since they were amended. */
  readonly textOn: string | null;
  readonly titleOn: string | null;
  /** The persons who issued or imported it, or gave, moved or withdrew one of its dates, or requested another one. */
  readonly makers: readonly string[];
  /** The persons who approved that it takes the place of another record. */
  readonly successionApprovers: readonly string[];
  /** Where the status came from: that of the event that made it. */
  readonly statusOrigin: StatusOrigin;
  /** The closure that was asked for and is not decided. */
  readonly closure: ClosureRequest | null;
  /** Which closures were asked for since the last reopening, and by whom, however that ended. */
  readonly closuresAsked: readonly AskedClosure[];
  /** The submissions of evidence since the last decision on it. */
  readonly submissions: readonly Request[];
  /** All submissions since the last reopening, decided or not. */
  readonly submitted: readonly Submission[];
  /** What was changed of that which a decision can be about. */
  readonly changes: readonly Change[];
  readonly deadlines: readonly Deadline[];
  /** When which thresholds are crossed, and which of them events tell of. */
  readonly ledger: DeadlineLedger;
  /** The days on which deadlines are on record as passed or escalated. */
  readonly passed: readonly PassedDeadline[];
  /** The event that the text was issued in, and the dates that follow from it: those it names or suggests, and the response's. */
  readonly issued: IssuedDates | null;
  /** Found in the text, and to be confirmed or dismissed by an inspector. */
  readonly proposals: readonly DeadlineProposal[];
  /** How many ids of deadlines were given, also to proposals that were dismissed. */
  readonly deadlineIds: number;
  /**
   * Who took the deadline of somebody else away, and its date (the earliest of several), until another person sets one: a later
   * one in its place is not for them to set.
   */
  readonly withdrawn: readonly WithdrawnDate[];
  /** The record that has taken this one's place, until it is reopened. */
  readonly supersededBy: string | null;
  /** Asked for and not decided; closing drops them. */
  readonly extensions: readonly PendingExtension[];
  /** Nothing can be asked of what is closed, also where a view has the request after the closing. */
  readonly isClosed: boolean;
  /** The version of the latest closing in the stream: what was asked before it, it dropped, also where a view has it earlier. */
  readonly closedAt: number;
  /** The date of the last reopening: nothing is asked of the record before it any more. */
  readonly reopenedOn: string | null;
  /** Who recorded what is a claim until a second person confirms it. */
  readonly claims: readonly Claim[];
  /** Requested and not decided; also on a closed record. */
  readonly corrections: readonly PendingCorrection[];
  /** Requests whose decision a view has before them, since an approved correction holds from the date of what it corrects. */
  readonly correctionsDecided: readonly string[];
  /** Where in an amended text the words of deadlines are that a view has only after the amendment; else none. */
  readonly placesAhead: readonly Place[];
}

/** What the record would be closed as. */
export interface ClosureForm {
  readonly outcome: ClosureOutcome;
  readonly reason?: NoFurtherActionReason;
  readonly supersededBy?: string;
}

/** A closure that waits for a decision. */
export interface ClosureRequest extends Request, ClosureForm {
  /** The ids of the submissions that were taken into account; null where the event is older and does not say. */
  readonly considers: readonly string[] | null;
  readonly recordedAt: string;
}

export type Submission = Pick<Request, 'eventId' | 'version' | 'on'>;

export interface AskedClosure {
  readonly by: string;
  readonly form: ClosureForm;
}

export const noFacts: Facts = {
  ...addressing.initial,
  ...owning.initial,
  textOn: null,
  titleOn: null,
  makers: [],
  successionApprovers: [],
  ...commenting.initial,
  statusOrigin: 'command',
  closure: null,
  closuresAsked: [],
  submissions: [],
  submitted: [],
  changes: [],
  ...redacting.initial,
  deadlines: [],
  ledger: NO_LEDGER,
  passed: [],
  issued: null,
  proposals: [],
  deadlineIds: 0,
  withdrawn: [],
  supersededBy: null,
  extensions: [],
  isClosed: false,
  closedAt: 0,
  reopenedOn: null,
  claims: [],
  corrections: [],
  correctionsDecided: [],
  placesAhead: [],
};

/** Folds one event into the facts; an event that changes none gives back the same object. */
export function evolveFacts(before: Facts, event: RecordEvent): Facts {
  const facts = withChange(withMaker(addressing.fold(redacting.fold(before, event), event), event), event);
  const after = withClaim(evolveEach(withLedger(facts, event), event), event);
  const statusOrigin = statusOriginAfter(facts.statusOrigin, event);
  return after.statusOrigin === statusOrigin ? after : { ...after, statusOrigin };
}

/** Where the status came from after an event: what says nothing of the status leaves it. */
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

function evolveEach(facts: Facts, event: RecordEvent): Facts {
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
      return owning.fold(facts, event);
    case 'TextAmended':
      return withAmendment(facts, event);
    case 'CommentAdded':
      return commenting.fold(facts, event);
    case 'CommentRedacted':
      return owning.fold(facts, event);
    case 'ClosureRequested':
      return closureAsked(facts, event);
    case 'ClosureWithdrawn':
    case 'ClosureRefused':
    case 'RecommendationCompleted':
    case 'StatusRecorded.complete':
    case 'StatusRecorded.no-further-action-needed':
      return closureSettled(facts, event);
    case 'NoFurtherActionDecided': {
      const { supersededBy = null } = data;
      const settled = closureSettled(facts, event);
      return supersededBy === settled.supersededBy ? settled : { ...settled, supersededBy };
    }
    case 'EvidenceSubmitted':
      return withSubmission(facts, event);
    case 'EvidenceAccepted':
    case 'EvidenceRejected':
      return facts.submissions.length === 0 ? facts : { ...facts, submissions: [] };
    case 'RecommendationReopened':
      return { ...reopened(facts, event), submissions: [], submitted: [], supersededBy: null };
    case 'StatusRecorded.awaiting-review':
    case 'StatusRecorded.being-progressed':
      return facts.isClosed ? reopened(facts, event) : facts;
    default:
      return evolveDeadlines(facts, event);
  }
}

function withSubmission(facts: Facts, event: RecordEvent): Facts {
  const { eventId, version, effectiveOn: on } = event;
  return {
    ...facts,
    submissions: [...facts.submissions, requestFrom(event)],
    submitted: [...facts.submitted, { eventId, version, on }],
  };
}

/** What an event does to deadlines, and to what waits for a decision on them. */
function evolveDeadlines(facts: Facts, event: RecordEvent): Facts {
  const { type, data } = event;
  switch (type) {
    case 'DeadlineSet': {
      // A proposal that is confirmed keeps its id; any other deadline is given one more.
      const proposals = withoutOf(facts.proposals, ({ id }) => id === data.deadlineId);
      const deadlineIds = facts.deadlineIds + (proposals === facts.proposals ? 1 : 0);
      const deadline = { ...deadlineFrom(event), ...placeOf(facts, data.deadlineId) };
      const deadlines = [...facts.deadlines, deadline];
      // The date of a proposal is for the inspector who confirms it to say.
      const issued =
        proposals === facts.proposals ? issuedWith(facts.issued, data.source, data.dueOn) : facts.issued;
      const withdrawn = replaced(facts.withdrawn, event);
      return { ...facts, proposals, deadlineIds, deadlines, withdrawn, issued };
    }
    case 'DeadlineProposed': {
      const proposals = [...facts.proposals, proposalFrom(event)];
      const issued = issuedWith(facts.issued, data.source, data.suggestedOn);
      return { ...facts, proposals, deadlineIds: facts.deadlineIds + 1, issued };
    }
    case 'DeadlineDismissed':
      return { ...facts, proposals: withoutOf(facts.proposals, ({ id }) => id === data.deadlineId) };
    case 'DeadlineExtended':
      return withoutExtension({ ...facts, deadlines: extended(facts.deadlines, event) }, event);
    case 'DeadlineWithdrawn': {
      const deadlines = withoutOf(facts.deadlines, ({ id }) => id === data.deadlineId);
      return withoutExtension({ ...facts, deadlines, withdrawn: withdrawnAfter(facts, event) }, event);
    }
    case 'ExtensionRequested':
      return withExtension(facts, event);
    case 'ExtensionRefused':
    case 'ExtensionWithdrawn':
      return withoutExtension({ ...facts, deadlines: requestSettled(facts.deadlines, event) }, event);
    case 'DeadlinePassed':
    case 'DeadlineEscalated': {
      const { deadlineId, dueOn } = data;
      const passed = { deadlineId, dueOn, on: event.effectiveOn };
      return { ...facts, passed: [...facts.passed, passed] };
    }
    case 'ResponsePublished':
      return withDeadlines(facts, settledBy(facts.deadlines, event, 'response'));
    default:
      return evolveCorrections(facts, event);
  }
}

function withLedger(facts: Facts, event: RecordEvent): Facts {
  const ledger = facts.ledger.after(event);
  return ledger === facts.ledger ? facts : { ...facts, ledger };
}

function withChange(facts: Facts, event: RecordEvent): Facts {
  const change = changeFrom(event);
  return change === null ? facts : { ...facts, changes: [...facts.changes, change] };
}

const GIVES_DATES: ReadonlySet<string> = new Set<EventType>([
  'RecommendationIssued',
  'DeadlineSet',
  'DeadlineExtended',
  'DeadlineWithdrawn',
  'ExtensionRequested',
  'CorrectionRequested',
  'CorrectionApproved',
]);

function withMaker(facts: Facts, event: RecordEvent): Facts {
  const { type, origin } = event;
  if (type === 'SupersedesRecorded')
    return { ...facts, successionApprovers: including(facts.successionApprovers, event) };
  if (origin !== 'import' && !GIVES_DATES.has(type)) return facts;
  const makers = including(facts.makers, event);
  return makers === facts.makers ? facts : { ...facts, makers };
}

export const isSameForm = (one: ClosureForm, other: ClosureForm): boolean =>
  one.outcome === other.outcome && one.reason === other.reason && one.supersededBy === other.supersededBy;

function closureAsked(facts: Facts, event: EventOf<'ClosureRequested'>): Facts {
  const { outcome = 'complete', reason, supersededBy, considers = null } = event.data;
  const form = {
    outcome,
    ...(reason !== undefined && { reason }),
    ...(supersededBy !== undefined && { supersededBy }),
  };
  const request = requestFrom(event);
  const closure = { ...request, ...form, considers, recordedAt: event.recordedAt };
  const by = request.requester === null ? null : personOf(request.requester);
  const isKnown = facts.closuresAsked.some((each) => each.by === by && isSameForm(each.form, form));
  if (by === null || isKnown) return { ...facts, closure };
  return { ...facts, closure, closuresAsked: [...facts.closuresAsked, { by, form }] };
}

const withDeadlines = (facts: Facts, deadlines: readonly Deadline[]): Facts =>
  deadlines === facts.deadlines ? facts : { ...facts, deadlines };

/** Withdrawing and refusing a closure leave the record open, so only closing drops what was asked of its deadlines. */
function closureSettled(before: Facts, event: RecordEvent): Facts {
  const { type, version } = event;
  const closes = type !== 'ClosureWithdrawn' && type !== 'ClosureRefused';
  const facts = closes && version > before.closedAt ? { ...before, closedAt: version } : before;
  if (facts.closure === null && (!closes || facts.isClosed)) return facts;
  if (!closes || facts.isClosed) return { ...facts, closure: null };
  const deadlines = settledBy(facts.deadlines, event, 'action');
  return { ...facts, closure: null, extensions: [], deadlines, isClosed: true };
}

const reopened = (facts: Facts, { effectiveOn }: RecordEvent): Facts => ({
  ...facts,
  closuresAsked: [],
  deadlines: withoutClaims(facts.deadlines, ({ kind }) => kind === 'action'),
  isClosed: false,
  reopenedOn: effectiveOn,
});

/** In a view a request can come after the closing, or after the withdrawal of its deadline: it asks for nothing then. */
function withExtension(facts: Facts, event: EventOf<'ExtensionRequested'>): Facts {
  const extension = extensionFrom(event);
  if (facts.isClosed || event.version < facts.closedAt) return facts;
  if (!facts.deadlines.some(({ id }) => id === extension.deadlineId)) return facts;
  return { ...facts, extensions: [...facts.extensions, extension] };
}

function withAmendment(facts: Facts, { data, commitments = {}, effectiveOn }: EventOf<'TextAmended'>): Facts {
  // Also where what was written is erased.
  const says = (member: 'text' | 'title') =>
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
    ...(says('text') && { textOn: effectiveOn }),
    ...(says('title') && { titleOn: effectiveOn }),
    deadlines: moved(facts.deadlines),
    proposals: moved(facts.proposals),
    ...(ahead.length > 0 && { placesAhead: [...facts.placesAhead, ...ahead] }),
  };
}

/**
 * Where the words of a deadline are when it is set: in a view, its text can have been amended after that was recorded, and hold from
 * before.
 */
function placeOf({ proposals, placesAhead }: Facts, deadlineId: string): Pick<Deadline, 'source'> | null {
  const proposal = proposals.find(({ id }) => id === deadlineId);
  if (proposal !== undefined) return { source: proposal.source };
  const ahead = placesAhead.findLast((place) => place.deadlineId === deadlineId);
  return ahead === undefined ? null : { source: ahead.source };
}

/** A decision takes out the request that it names; what names none is for the one of its deadline. */
function withoutExtension(
  facts: Facts,
  { data }: EventOf<'DeadlineExtended' | 'DeadlineWithdrawn' | 'ExtensionRefused' | 'ExtensionWithdrawn'>,
): Facts {
  const extensions = withoutOf(facts.extensions, ({ eventId, deadlineId }) =>
    'decides' in data ? data.decides.includes(eventId) : deadlineId === data.deadlineId,
  );
  return extensions === facts.extensions ? facts : { ...facts, extensions };
}
