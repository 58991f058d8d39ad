import type { FoldedEvent } from '../../../libs/lifecycle/src/lifecycle-definition.ts';
import type { Deadline } from './deadlines.ts';
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
  extensions: [],
};

/** Folds one event into the facts; an event that changes none gives back the same object. */
export function evolveFacts(facts: Facts, { type, data, actor }: FoldedEvent): Facts {
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
    case 'NoFurtherActionDecided':
    case 'StatusRecorded.complete':
    case 'StatusRecorded.no-further-action-needed':
      return closureSettled(facts, type);
    case 'EvidenceSubmitted':
      return { ...facts, submitters: [...new Set([...facts.submitters, actor.subject])] };
    case 'EvidenceAccepted':
    case 'EvidenceRejected':
    case 'RecommendationReopened':
      return facts.submitters.length === 0 ? facts : { ...facts, submitters: [] };
    case 'DeadlineSet':
      return { ...facts, deadlines: [...facts.deadlines, deadlineFrom(data)] };
    case 'ExtensionRequested':
      return { ...facts, extensions: [...facts.extensions, extensionFrom(data, actor.subject)] };
    case 'ExtensionRefused':
      return { ...facts, extensions: withoutExtension(facts, data) };
    case 'DeadlineExtended':
      return {
        ...facts,
        deadlines: facts.deadlines.map((deadline) => extended(deadline, data)),
        extensions: withoutExtension(facts, data),
      };
    default:
      return facts;
  }
}

function deadlineFrom(data: FoldedEvent['data']): Deadline {
  const { deadlineId, kind, dueOn, source } = data as unknown as {
    deadlineId: string;
    kind: Deadline['kind'];
    dueOn: string;
    source?: NonNullable<Deadline['source']>;
  };
  return { id: deadlineId, kind, dueOn, firstDueOn: dueOn, ...(source && { source }) };
}

const extended = (deadline: Deadline, data: FoldedEvent['data']): Deadline =>
  deadline.id === data['deadlineId'] ? { ...deadline, dueOn: data['dueOn'] as string } : deadline;

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

const withoutExtension = ({ extensions }: Facts, data: FoldedEvent['data']): readonly PendingExtension[] =>
  extensions.filter(({ deadlineId }) => deadlineId !== data['deadlineId']);
