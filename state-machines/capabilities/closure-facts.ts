import type { JsonObject } from '#event-sourcing/envelope';
import type { CommandDefinition, Guard } from '#lifecycle/decide';
import { byCommand, byEngine, identifier, list, optional } from '#lifecycle/fields';
import type { Members } from '#lifecycle/fields';
import type { RecordKind } from '#lifecycle/kind';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import { move } from '#lifecycle/shapes';
import { changesSince, idsOf, NOTHING, forRefusal } from './decides.ts';
import type { Naming, DecisionEvents, ReliesOn } from './decides.ts';
import { undecidedEvidence } from './evidence.ts';
import type { EvidenceFacts } from './evidence.ts';
import { decided, statement, why } from './fields.ts';
import type { Request } from './persons.ts';

/** A pending request for closure. */
interface ClosureRequest extends Request {
  /** The ids of the considered submissions; null for older events, which do not list them. */
  readonly considers: readonly string[] | null;
  readonly recordedAt: string;
}

/** The facts that the closure commands need. `Form` is the outcome in a request. */
export interface ClosureFacts<Form extends object = object> {
  /** The pending request. */
  readonly closure: (ClosureRequest & Form) | null;
}

/** The facts of records that can be closed. A closure must consider their evidence. */
export type Closable<Form extends object> = ClosureFacts<Form> & EvidenceFacts;

export interface ClosureOptions<Facts, Form extends JsonObject, Type extends string> {
  readonly kind: RecordKind;
  /** The definition's guard for the states in which closure can be requested. */
  readonly open: string;
  /** The event that closes a record, and the region that it moves. */
  readonly closes: { readonly type: Type; readonly region: string };
  /** The lifecycle's other closing events. */
  readonly closedBy: readonly string[];
  readonly roles: { readonly request: readonly string[]; readonly decide: readonly string[] };
  /** Returns whether an approval relies on a change. It must list such changes since the request. */
  readonly reliesOn: ReliesOn;
  readonly outcomes: ClosureOutcomes<Facts, Form>;
  /** Returns the open points that do not prevent a decision, besides the evidence. */
  readonly stillOpen: NonNullable<CommandDefinition<Facts>['stillOpen']>;
}

export interface ClosureOutcomes<Facts, Form extends JsonObject> {
  /** The payload members of the outcome. */
  readonly members: Members;
  /** Returns the outcome as facts contain it. */
  form(members: object): Form;
  /** The members of the outcome in API responses. */
  readonly shown: Members;
  /** The lifecycle's commands that approve the other outcomes. */
  readonly approvedBy: readonly string[];
  readonly request: Pick<CommandDefinition<Facts>, 'summary' | 'nextStream' | 'rules'>;
  readonly approval: {
    readonly summary: string;
    readonly state: readonly Guard<Facts>[];
    readonly people: readonly Guard<Facts>[];
  };
}

const notConsidered = optional(
  list(identifier(), 'The ids of undecided submissions that the closure request did not consider.'),
);
const considers = optional(list(identifier(), 'The ids of the submissions that the request considers.'));

/** The members of a closing event. An import leaves out some of them. */
export const CLOSES = {
  statement: byCommand({
    ...statement,
    hint: 'Describe what was found. The record keeps it as the reason for closure.',
  }),
  decides: byCommand(byEngine(decided)),
  notConsidered: byCommand(byEngine(notConsidered)),
};

const REQUESTED = {
  statement: {
    ...statement,
    hint: 'Describe what was done, or why nothing more is needed, and the evidence for it.',
  },
  considers: byEngine(considers),
};
/** The events of every closure, without members that a lifecycle adds. */
export const CLOSURE_EVENTS = {
  ClosureRequested: move('closure', REQUESTED),
  ClosureWithdrawn: move('closure', {}),
  ClosureRefused: move('closure', { reason: why('Reason for refusal'), decides: byEngine(decided) }),
};
/**
 * Returns functions for the events that closure decisions must and may list. Evidence submitted after the request is
 * optional, and prevents nothing.
 */
export function closureDecisionsOf<Facts extends Closable<object>>({
  reliesOn,
}: Pick<ClosureOptions<Facts, never, string>, 'reliesOn'>) {
  const decisionEvents = (state: LifecycleState<Facts>): DecisionEvents => {
    const { closure: request, submitted } = state.facts;
    if (request === null) return NOTHING;
    const { eventId, version, considers: named } = request;
    const considered = new Set(
      named ?? idsOf(submitted.filter((submission) => submission.version < version)),
    );
    const others = idsOf(submitted).filter((each) => !considered.has(each));
    const undecided = new Set(undecidedEvidence(state));
    return {
      needed: [eventId, ...considered],
      changes: changesSince(state, version, reliesOn),
      others,
      covered: others.filter((each) => !undecided.has(each)),
      reliesOn,
    };
  };
  /** A refusal decides only the request. */
  const refusal = (state: LifecycleState<Facts>): DecisionEvents => {
    const { needed, changes: changed, others } = decisionEvents(state);
    const [request, submissions] = [needed.slice(0, 1), needed.slice(1)];
    return forRefusal({ needed: request, changes: changed, others: [...submissions, ...others] });
  };
  /**
   * Returns the events that an approval decides, and the submissions that it ignores: those that are undecided and
   * listed neither in the request nor in the approval.
   */
  const decision = (
    state: LifecycleState<Facts>,
    { decides: decided = [] }: Naming,
    of = decisionEvents(state),
  ) => {
    const named = new Set(decided);
    const undecided = new Set(undecidedEvidence(state));
    const isLeftAside = (eventId: string) => undecided.has(eventId) && !named.has(eventId);
    const leftAside = of.others.filter(isLeftAside);
    return {
      decides: [...of.needed, ...of.others.filter((eventId) => !isLeftAside(eventId)), ...of.changes],
      ...(leftAside.length > 0 && { notConsidered: leftAside }),
    };
  };
  return { decisionEvents, refusal, decision };
}
export type ClosureDecisions<Facts extends Closable<object>> = ReturnType<typeof closureDecisionsOf<Facts>>;
