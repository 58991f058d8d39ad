import { ownCode } from '#state-machines/inspection-recommendation/v1/lifecycle';
import { isClaimed } from '#state-machines/inspection-recommendation/v1/claims';
import { earliestActionDue } from '#state-machines/capabilities/deadlines';
import { mayDecideCorrection } from '#state-machines/inspection-recommendation/v1/corrected-facts';
import type { PendingCorrection } from '#state-machines/inspection-recommendation/v1/corrected-facts';
import { noFacts } from '#state-machines/inspection-recommendation/v1/facts';
import type { Facts, StatusOrigin } from '#state-machines/inspection-recommendation/v1/facts';
import { personOf } from '#state-machines/access';
import type { Request } from '#state-machines/inspection-recommendation/v1/persons';
import { lifecycles } from '#state-machines/lifecycles';
import { deadlinesColumn, foldedOf, RECORD_COLUMNS, recordAfter } from './record-row.ts';
import type { Folded, ProjectedEvent, RecordRow } from './record-row.ts';

/**
 * How a record stands, in columns that lists are narrowed by: the same whether they are folded as things are stored, or in
 * effective order for a view of the past.
 */
export interface StandingRow extends RecordRow {
  status_origin: StatusOrigin;
  /** The states of these regions. */
  closure: string;
  evidence: string;
  response: string;
  /** Who waits for a decision, as `personsColumn` writes them; null where nothing of the kind waits. */
  closure_by: string | null;
  evidence_by: string | null;
  extension_by: string | null;
  /** Who may decide none of the corrections that wait; null where none waits. */
  correction_by: string | null;
  /** 1 where a date from the text waits to be confirmed or dismissed. */
  proposals: number;
  /** 1 where no action deadline is left to be met: it is closed, and not by a claim that nobody has confirmed. */
  settled: number;
  /** 1 where the response is to be published, or what claims that it was is not confirmed. */
  unanswered: number;
  /** The effective date of the closing that stands; null while it is open. */
  closed_on: string | null;
  /** What the next event is folded from beside the columns, as JSON; no text that people write is in it. */
  facts: string;
}

export const STANDING_COLUMNS = {
  ...RECORD_COLUMNS,
  status_origin: 'text',
  closure: 'text',
  evidence: 'text',
  response: 'text',
  closure_by: 'long text or null',
  evidence_by: 'long text or null',
  extension_by: 'long text or null',
  correction_by: 'long text or null',
  proposals: 'integer',
  settled: 'integer',
  unanswered: 'integer',
  closed_on: 'text or null',
  facts: 'long text',
} as const;

/** A record while its events are folded: facts are text in its row alone, once a batch. */
export type FoldedStanding = Folded<RecordRow> &
  Pick<StandingRow, 'closure' | 'evidence' | 'response' | 'closed_on'> & { readonly facts: Facts };

/** The record as its row says it; other columns of the row are left out. */
export function standingFrom(row: StandingRow): FoldedStanding {
  const { id, recipient, recipient_event, owner, owner_event, status, status_origin, closed, issued_on } =
    row;
  const { closure, evidence, response, closed_on } = row;
  const { due_on, deadlines } = row;
  const record = foldedOf<RecordRow>({
    ...{ id, recipient, recipient_event, owner, owner_event, status, closed, issued_on, due_on, deadlines },
  });
  const facts = {
    ...noFacts,
    ...factsFrom(JSON.parse(row.facts) as RowFacts),
    ...{ recipient, recipientEvent: recipient_event, owner, ownerEvent: owner_event },
    statusOrigin: status_origin,
    deadlines: record.deadlines,
  };
  return { ...record, closure, evidence, response, closed_on, facts };
}

/**
 * The record after an event. State and status are those that the order has in which it is folded: the event's own as things
 * are stored, in effective order each region's last.
 */
export function foldStanding(before: FoldedStanding | undefined, event: ProjectedEvent): FoldedStanding {
  const known = before?.facts ?? noFacts;
  const evolved = ownCode(lifecycles.of(event)).facts.evolve(known, event);
  const facts = evolved === known ? known : kept(evolved);
  const record = recordAfter(before, event, facts);
  const { id, recipient, recipient_event, owner, owner_event, status, closed, issued_on, deadlines } = record;
  const closedOn = before?.closed === 1 ? before.closed_on : event.effectiveOn;
  return {
    ...{ id, recipient, recipient_event, owner, owner_event, status, closed, issued_on, deadlines },
    closure: stateOf(event, 'closure'),
    evidence: stateOf(event, 'evidence'),
    response: stateOf(event, 'response'),
    closed_on: closed === 1 ? closedOn : null,
    facts,
  };
}

/** The row of a record as it is stored. */
export const standingRow = (standing: FoldedStanding): StandingRow => ({
  ...standingColumns(standing),
  deadlines: deadlinesColumn(standing.deadlines),
  facts: JSON.stringify(rowFactsOf(standing.facts)),
});

/** The columns by which lists are narrowed: the row without what it is folded on from. */
export function standingColumns({
  facts,
  deadlines,
  ...standing
}: FoldedStanding): Omit<StandingRow, 'deadlines' | 'facts'> {
  const { closure, submissions, extensions, proposals, corrections, statusOrigin } = facts;
  const isOpen = standing.closed === 0;
  const isSubmitted = isOpen && standing.evidence === 'submitted';
  return {
    ...standing,
    due_on: earliestActionDue(deadlines),
    status_origin: statusOrigin,
    closure_by: isOpen && closure !== null ? personsColumn([closure.requester]) : null,
    evidence_by: isSubmitted ? personsColumn(requesters(submissions)) : null,
    correction_by: corrections.length > 0 ? personsColumn(barredFrom(corrections)) : null,
    extension_by: isOpen && extensions.length > 0 ? personsColumn(requesters(extensions)) : null,
    proposals: isOpen && proposals.length > 0 ? 1 : 0,
    settled: isOpen || isClaimed(deadlines, 'action') ? 0 : 1,
    unanswered: standing.response === 'due' || isClaimed(deadlines, 'response') ? 1 : 0,
  };
}

const requesters = (requests: readonly Pick<Request, 'requester'>[]): (string | null)[] =>
  requests.map(({ requester }) => requester);

/** Who may decide none of these. */
const barredFrom = (corrections: Facts['corrections']): string[] =>
  [corrections[0]?.requester, corrections[0]?.claimant]
    .filter((person) => typeof person === 'string')
    .filter((person) => corrections.every((each) => !mayDecideCorrection(each, person)));

/**
 * Persons, each once and in order, so that equal sets are equal texts; whom nobody knows is `null`. Each stands between
 * line ends, which none has, so that a condition finds one.
 */
const personsColumn = (persons: readonly (string | null)[]): string =>
  [...new Set(persons.map(personLine))].sort().reduce((column, line) => column + line.slice(1), '\n');

/** One person in such a column. */
export const personLine = (subject: string | null): string =>
  `\n${JSON.stringify(subject === null ? null : personOf(subject))}\n`;

/** A lifecycle without the region has no state of it. */
const stateOf = ({ state }: ProjectedEvent, region: string): string => state[region] ?? '';

/** What is folded on; all else that policy asks would only grow. */
function kept(facts: Facts): Facts {
  const { recipient, recipientEvent, owner, ownerEvent, statusOrigin, deadlines } = facts;
  const { closure, submissions, extensions, proposals, claims, corrections, isClosed, closedAt } = facts;
  return {
    ...noFacts,
    ...{ recipient, recipientEvent, owner, ownerEvent, statusOrigin, deadlines },
    ...{ extensions, proposals, claims, corrections, isClosed, closedAt },
    closure: closure && { ...closure, considers: null, recordedAt: '' },
    correctionsDecided: facts.correctionsDecided,
    submissions: oneEach(submissions),
  };
}

/** Who submitted is asked, and how often never. */
function oneEach(submissions: Facts['submissions']): Facts['submissions'] {
  if (submissions.length < 2) return submissions;
  const persons = new Map(submissions.map((each) => [personLine(each.requester), each]));
  return persons.size === submissions.length ? submissions : [...persons.values()];
}

/** What a row keeps of the facts beside its columns. */
interface RowFacts {
  readonly closure: Asked | null;
  /** Who submitted evidence since the last decision on it. */
  readonly submitters: readonly (string | null)[];
  readonly extensions: readonly (Asked & { readonly deadlineId: string })[];
  /** The ids of proposals. */
  readonly proposals: readonly string[];
  readonly corrections: readonly (Asked & Partial<Pick<PendingCorrection, 'claimant'>>)[];
  readonly claims?: Facts['claims'];
  readonly correctionsDecided: readonly string[];
  readonly isClosed: boolean;
  readonly closedAt: number;
}
type Asked = Pick<Request, 'eventId' | 'requester'>;

const rowFactsOf = ({ closure, ...facts }: Facts): RowFacts => ({
  closure: closure && { eventId: closure.eventId, requester: closure.requester },
  submitters: facts.submissions.map(({ requester }) => requester),
  extensions: facts.extensions.map(({ eventId, requester, deadlineId }) => ({
    ...{ eventId, requester, deadlineId },
  })),
  proposals: facts.proposals.map(({ id }) => id),
  corrections: facts.corrections.map(({ eventId, requester, claimant }) => ({
    ...{ eventId, requester },
    ...(claimant !== null && { claimant }),
  })),
  ...(facts.claims.length > 0 && { claims: facts.claims }),
  correctionsDecided: facts.correctionsDecided,
  isClosed: facts.isClosed,
  closedAt: facts.closedAt,
});

const UNKNOWN_REQUEST = { eventId: '', on: '', version: 0 };

/** What of them only the policy asks is not known. */
const factsFrom = ({ closure, submitters, extensions, proposals, corrections, ...rest }: RowFacts) => ({
  ...rest,
  closure: closure && {
    ...UNKNOWN_REQUEST,
    ...closure,
    outcome: 'complete' as const,
    considers: null,
    recordedAt: '',
  },
  submissions: submitters.map((requester) => ({ ...UNKNOWN_REQUEST, requester })),
  extensions: extensions.map((each) => ({ ...UNKNOWN_REQUEST, ...each, dueOn: '' })),
  corrections: corrections.map(({ claimant = null, ...each }) => ({
    ...UNKNOWN_REQUEST,
    ...each,
    ...{ corrects: '', correction: {}, claimant },
  })),
  proposals: proposals.map((id) => ({ id, suggestedOn: null, rule: '', proposedOn: '', source: null })),
});
