import type { FoldedEvent } from '../../../libs/lifecycle/src/lifecycle-definition.ts';
import type { Deadline, DeadlineProposal } from './deadlines.ts';
import type { EventType } from './events.ts';

/** What policy needs besides the machine's value. */
export interface Facts {
  /** The body that the recommendation is for; null where a register did not say. */
  readonly recipient: string | null;
  readonly owner: string | null;
  /** Who asked for the pending closure. */
  readonly closureRequester: string | null;
  /** Everyone who submitted evidence since the last decision on it. */
  readonly submitters: readonly string[];
  readonly deadlines: readonly Deadline[];
  /** Found in the text, and to be confirmed or dismissed by an inspector. */
  readonly proposals: readonly DeadlineProposal[];
  /** How many ids of deadlines were given, also to proposals that were dismissed. */
  readonly deadlineIds: number;
  /** The record that has taken this one's place, until it is reopened. */
  readonly supersededBy: string | null;
  /** Asked for and not decided; closing drops them. */
  readonly extensions: readonly PendingExtension[];
}

/** A later date that somebody asked for. */
export interface PendingExtension {
  readonly deadlineId: string;
  readonly dueOn: string;
  readonly requester: string;
}

export const noFacts: Facts = {
  recipient: null,
  owner: null,
  closureRequester: null,
  submitters: [],
  deadlines: [],
  proposals: [],
  deadlineIds: 0,
  supersededBy: null,
  extensions: [],
};

/** Folds one event into the facts; an event that changes none gives back the same object. */
export function evolveFacts(facts: Facts, event: FoldedEvent): Facts {
  const { type, data, actor } = event;
  switch (type as EventType) {
    case 'RecommendationIssued':
    case 'RecipientAssigned':
      return { ...facts, recipient: (data['recipient'] as string | null | undefined) ?? null };
    case 'OwnerAssigned':
      return { ...facts, owner: data['owner'] as string };
    case 'ClosureRequested':
      return { ...facts, closureRequester: actor.subject };
    case 'ClosureWithdrawn':
    case 'ClosureRefused':
    case 'RecommendationCompleted':
    case 'StatusRecorded.complete':
    case 'StatusRecorded.no-further-action-needed':
      return closureSettled(facts, type);
    case 'NoFurtherActionDecided': {
      const supersededBy = (data['supersededBy'] as string | undefined) ?? null;
      const settled = closureSettled(facts, type);
      return supersededBy === settled.supersededBy ? settled : { ...settled, supersededBy };
    }
    case 'EvidenceSubmitted':
      return { ...facts, submitters: [...new Set([...facts.submitters, actor.subject])] };
    case 'EvidenceAccepted':
    case 'EvidenceRejected':
      return facts.submitters.length === 0 ? facts : { ...facts, submitters: [] };
    case 'RecommendationReopened':
      return { ...facts, submitters: [], supersededBy: null };
    case 'DeadlineSet': {
      // A proposal that is confirmed keeps its id; any other deadline is given one more.
      const proposals = withoutOf(facts.proposals, ({ id }) => id === data['deadlineId']);
      const deadlineIds = facts.deadlineIds + (proposals === facts.proposals ? 1 : 0);
      return { ...facts, proposals, deadlineIds, deadlines: [...facts.deadlines, deadlineFrom(event)] };
    }
    case 'DeadlineProposed': {
      const proposals = [...facts.proposals, proposalFrom(event)];
      return { ...facts, proposals, deadlineIds: facts.deadlineIds + 1 };
    }
    case 'DeadlineDismissed':
      return { ...facts, proposals: withoutOf(facts.proposals, ({ id }) => id === data['deadlineId']) };
    case 'DeadlineExtended':
      return withoutExtension({ ...facts, deadlines: extended(facts.deadlines, event) }, data);
    case 'DeadlineWithdrawn': {
      const deadlines = withoutOf(facts.deadlines, ({ id }) => id === data['deadlineId']);
      return withoutExtension({ ...facts, deadlines }, data);
    }
    case 'ExtensionRequested':
      return { ...facts, extensions: [...facts.extensions, extensionFrom(data, actor.subject)] };
    case 'ExtensionRefused':
    case 'ExtensionWithdrawn':
      return withoutExtension(facts, data);
    default:
      return facts;
  }
}

function deadlineFrom({ data, effectiveOn }: FoldedEvent): Deadline {
  const { deadlineId, kind, dueOn, source } = data as unknown as {
    deadlineId: string;
    kind: Deadline['kind'];
    dueOn: string;
    source?: NonNullable<Deadline['source']>;
  };
  const dates = { dueOn, firstDueOn: dueOn, dueSince: effectiveOn };
  return { id: deadlineId, kind, ...dates, ...(source && { source }) };
}

function proposalFrom({ data, effectiveOn }: FoldedEvent): DeadlineProposal {
  const { deadlineId, suggestedOn, rule, source } = data as unknown as {
    deadlineId: string;
    suggestedOn: string | null;
    rule: string;
    source: DeadlineProposal['source'];
  };
  return { id: deadlineId, suggestedOn, rule, source, proposedOn: effectiveOn };
}

/** The list without the item that is meant; the same list where there is none. */
function withoutOf<Item>(items: readonly Item[], isMeant: (item: Item) => boolean): readonly Item[] {
  const index = items.findIndex(isMeant);
  return index < 0 ? items : items.toSpliced(index, 1);
}

function extended(deadlines: readonly Deadline[], { data, effectiveOn }: FoldedEvent): readonly Deadline[] {
  const index = deadlines.findIndex(({ id }) => id === data['deadlineId']);
  const deadline = deadlines[index];
  if (deadline === undefined) return deadlines;
  return deadlines.with(index, { ...deadline, dueOn: data['dueOn'] as string, dueSince: effectiveOn });
}

/** Withdrawing and refusing a closure leave the record open, so only closing drops what was asked of its deadlines. */
function closureSettled(facts: Facts, type: string): Facts {
  const closes = type !== 'ClosureWithdrawn' && type !== 'ClosureRefused';
  if (facts.closureRequester === null && !(closes && facts.extensions.length > 0)) return facts;
  return { ...facts, closureRequester: null, extensions: closes ? [] : facts.extensions };
}

const extensionFrom = (data: FoldedEvent['data'], requester: string): PendingExtension => ({
  deadlineId: data['deadlineId'] as string,
  dueOn: data['dueOn'] as string,
  requester,
});

function withoutExtension(facts: Facts, data: FoldedEvent['data']): Facts {
  const extensions = withoutOf(facts.extensions, ({ deadlineId }) => deadlineId === data['deadlineId']);
  return extensions === facts.extensions ? facts : { ...facts, extensions };
}
