import type { JsonObject } from '#event-sourcing/envelope';
import type { FormSubject } from '#lifecycle/command-form';
import type { CommandDefinition, Guard } from '#lifecycle/decide';
import { byCommand, byEngine, identifier, list, optional } from '#lifecycle/fields';
import type { Members } from '#lifecycle/fields';
import type { RecordKind } from '#lifecycle/kind';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import { move } from '#lifecycle/shapes';
import { idsOf, NOTHING, refusing } from './decides.ts';
import type { Naming, Standing } from './decides.ts';
import { undecidedEvidence } from './evidence.ts';
import type { EvidenceFacts } from './evidence.ts';
import { decided, statement, why } from './fields.ts';
import type { Request } from './persons.ts';

/** A closure that waits for a decision. */
interface ClosureRequest extends Request {
  /** The ids of the submissions that were taken into account; null where the event is older and does not say. */
  readonly considers: readonly string[] | null;
  readonly recordedAt: string;
}

/** What commands need of the closure of a record. `Form` is what a request says besides: what the record is closed as. */
export interface ClosureFacts<Form extends object = object> {
  /** The closure that was requested and is not decided. */
  readonly closure: (ClosureRequest & Form) | null;
}

/** Where a record can be closed as one thing alone. */
export type NoForm = { readonly [None in never]: never };
/** Where records have evidence as well, a closure takes it into account. */
export type Closable<Form extends object> = ClosureFacts<Form> & Partial<EvidenceFacts>;

export interface ClosureOptions<Facts, Form extends JsonObject, Type extends string> {
  readonly kind: RecordKind;
  /** The guard of the definition that says where a closure can be requested. */
  readonly open: string;
  /** The event that closes a record, and the region that it moves. */
  readonly closes: { readonly type: Type; readonly region: string };
  /** Further events by which a record is closed; the lifecycle has them. */
  readonly closedBy?: readonly string[];
  readonly roles: { readonly request: readonly string[]; readonly decide: readonly string[] };
  /** Whether records have evidence: it is decided, or named, before a closure is requested. */
  readonly evidence?: true;
  /** The ids of what was changed after a version, so that an approval must name it. */
  readonly changes?: (state: LifecycleState<Facts>, version: number) => readonly string[];
  /** Where a record can be closed as more than one thing. */
  readonly outcomes?: ClosureOutcomes<Facts, Form>;
  /** What is still open and does not stand in the way, as the form of a decision says it. */
  readonly stillOpen?: (subject: FormSubject<Facts>) => readonly string[];
}

export interface ClosureOutcomes<Facts, Form extends JsonObject> {
  /** What a request says of it. */
  readonly members: Members;
  /** The same as facts keep it. */
  form(said: Partial<Form>): Form;
  /** How answers show it. */
  readonly shown: Members;
  /** The commands that approve the other outcomes; the lifecycle has them. */
  readonly approvedBy: readonly string[];
  readonly request: Pick<CommandDefinition<Facts>, 'summary' | 'nextStream' | 'rules'>;
  readonly approval: {
    readonly summary: string;
    readonly state: readonly Guard<Facts>[];
    readonly people: readonly Guard<Facts>[];
  };
}

const notConsidered = optional(
  list(
    identifier(),
    'The ids of the submissions that came after the request to close, and that the decision did not consider.',
  ),
);
const considers = optional(list(identifier(), 'The ids of the submissions that it takes into account.'));

/** What an event holds that closes a record as it was requested; an import that closes one says less. */
export const CLOSES = {
  statement: byCommand({
    ...statement,
    hint: 'What was found. The record keeps it as the ground of the closure.',
  }),
  decides: byCommand(byEngine(decided)),
  notConsidered: byCommand(byEngine(notConsidered)),
};

const REQUESTED = {
  statement: { ...statement, hint: 'What was done, or why nothing more is needed, and how it is known.' },
  considers: byEngine(considers),
};
/** Every request holds these, whatever a lifecycle adds. */
export const CLOSURE_EVENTS = {
  ClosureRequested: move('closure', REQUESTED),
  ClosureWithdrawn: move('closure', {}),
  ClosureRefused: move('closure', { reason: why('Why it is refused'), decides: byEngine(decided) }),
};
/** What a decision on a closure is about; what was submitted after the request blocks nothing, and need not be named. */
export function standingsOf<Facts extends Closable<object>>({
  changes = () => [],
}: Pick<ClosureOptions<Facts, NoForm, string>, 'changes'>) {
  const standing = (state: LifecycleState<Facts>): Standing => {
    const { closure: request, submitted = [] } = state.facts;
    if (request === null) return NOTHING;
    const { eventId, version, considers: named } = request;
    const considered = new Set(
      named ?? idsOf(submitted.filter((submission) => submission.version < version)),
    );
    return {
      needed: [eventId, ...considered],
      changes: changes(state, version),
      others: idsOf(submitted).filter((each) => !considered.has(each)),
    };
  };
  /** A refusal is about the request alone. */
  const refusal = (state: LifecycleState<Facts>): Standing => {
    const { needed, changes: changed, others } = standing(state);
    const [request, submissions] = [needed.slice(0, 1), needed.slice(1)];
    return refusing({ needed: request, changes: changed, others: [...submissions, ...others] });
  };
  /**
   * What an approval of the pending closure decides on, and which submissions it leaves aside: those that came after the request,
   * that nobody has decided since, and that the approval does not name.
   */
  const decision = (state: LifecycleState<Facts>, { decides: given = [] }: Naming, of = standing(state)) => {
    const named = new Set(given);
    const undecided = new Set(undecidedEvidence(state));
    const isLeftAside = (eventId: string) => undecided.has(eventId) && !named.has(eventId);
    const leftAside = of.others.filter(isLeftAside);
    return {
      decides: [...of.needed, ...of.others.filter((eventId) => !isLeftAside(eventId)), ...of.changes],
      ...(leftAside.length > 0 && { notConsidered: leftAside }),
    };
  };
  return { standing, refusal, decision };
}
export type Standings<Facts extends Closable<object>> = ReturnType<typeof standingsOf<Facts>>;
