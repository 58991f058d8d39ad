import type { JsonObject } from '#event-sourcing/envelope';
import { eventData, readerOf, rowOf } from '#lifecycle/capability';
import type { FormSubject } from '#lifecycle/command-form';
import { all, commandRow } from '#lifecycle/decide';
import type { CommandDefinition, CommandPayload, Guard } from '#lifecycle/decide';
import { byCommand, byEngine, identifier, list, meaning, object, optional, sent } from '#lifecycle/fields';
import type { Members } from '#lifecycle/fields';
import type { FoldedEvent } from '#lifecycle/folded-event';
import type { RecordKind } from '#lifecycle/kind';
import type { GuardDefinition, LifecycleState, RegionConfig } from '#lifecycle/lifecycle-definition';
import { commandPayload, move } from '#lifecycle/shapes';
import type { PayloadOf, PayloadShape } from '#lifecycle/shapes';
import type { SummaryPart } from '#lifecycle/summary';
import { isSamePerson } from '../access.ts';
import type { RecordView } from '../record-view.ts';
import { closureWords, pendingMembers, queuesFor } from './closure-words.ts';
import { decidedOn, decidesRules, idsOf, NOTHING, refusing } from './decides.ts';
import type { Naming, Standing } from './decides.ts';
import { evidenceConsidered, undecidedEvidence } from './evidence.ts';
import type { EvidenceFacts } from './evidence.ts';
import { decided, decides, statement, why } from './fields.ts';
import { requestFrom, requestShown, UNKNOWN_REQUEST } from './persons.ts';
import type { Request } from './persons.ts';
import { withPending } from './shared-view.ts';

/** A closure that waits for a decision. */
export interface ClosureRequest extends Request {
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
type NoForm = { readonly [None in never]: never };
/** Where records have evidence as well, a closure takes it into account. */
export type Closable<Form extends object> = ClosureFacts<Form> & Partial<EvidenceFacts>;
type State<Form extends object = object> = LifecycleState<Closable<Form>>;
type DecidePayload = CommandPayload & Naming;
type WithStatement = DecidePayload & { readonly statement: string };
type WithReason = DecidePayload & { readonly reason: string };

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
  /** What a command is wrapped in that requests, approves or decides: `judging` of recipients. */
  readonly judged?: (row: CommandDefinition<Facts>) => CommandDefinition<Facts>;
  /** The ids of what was changed after a version, so that an approval must name it. */
  readonly changes?: (state: LifecycleState<Facts>, version: number) => readonly string[];
  /** Where a record can be closed as more than one thing. */
  readonly outcomes?: ClosureOutcomes<Facts, Form>;
  /** What is still open and does not stand in the way, as the form of a decision says it. */
  readonly stillOpen?: (subject: FormSubject<Facts>) => readonly string[];
}

interface ClosureOutcomes<Facts, Form extends JsonObject> {
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
const EVENTS = {
  ClosureWithdrawn: move('closure', {}),
  ClosureRefused: move('closure', { reason: why('Why it is refused'), decides: byEngine(decided) }),
};
/** Every request holds these, whatever a lifecycle adds. */
const REQUESTS = { ClosureRequested: move('closure', REQUESTED) };
const readRequest = readerOf(REQUESTS);

/** Two people are needed: who requested the closure does not decide it. */
export const notTheRequester: Guard<ClosureFacts> = {
  code: 'not-the-requester',
  holds: ({ facts: { closure } }, { subject }) => !isSamePerson(closure?.requester ?? null, subject),
  detail: () => 'You asked for this closure yourself; a second person must decide',
};

const theRequester: Guard<ClosureFacts> = {
  code: 'the-requester',
  holds: ({ facts: { closure } }, { subject }) => isSamePerson(closure?.requester ?? null, subject),
  detail: () => 'Only the person who asked for this closure may withdraw it; an approver may refuse it',
};

/** The region of closure: a request leads to `requested`, whatever decides it back to `none`. */
export const closureRegion = (open: string, closedBy: readonly string[]) =>
  ({
    initial: 'none',
    states: {
      none: { on: { ClosureRequested: { target: 'requested', guard: open } } },
      requested: { on: { ClosureWithdrawn: 'none', ClosureRefused: 'none' } },
    },
    on: Object.fromEntries(closedBy.map((type) => [type, '.none'])),
  }) satisfies RegionConfig;

/** An import records a closing that nobody requested; a command does not. */
const GUARDS = {
  'closure-requested': { region: 'closure', in: ['requested'] },
} as const satisfies Record<string, GuardDefinition>;

/** A record is closed by two people: one requests it, and another one decides. */
export function closure<
  const Type extends string,
  Form extends JsonObject = NoForm,
  Facts extends Closable<Form> = Closable<Form>,
>(options: ClosureOptions<Facts, Form, Type>) {
  const { open, closes, closedBy = [], evidence, outcomes, roles } = options;
  const endedBy = [closes.type, ...closedBy];
  const { standing, refusal, decision } = standingsOf(options);
  const requested: typeof REQUESTED = { ...outcomes?.members, ...REQUESTED };
  const countsFor = [closes.region, 'closure', ...(evidence ? ['evidence'] : [])];
  const closing = move(closes.region, CLOSES, countsFor);
  const pending = (state: LifecycleState<Facts>) => closurePending(state, decision, outcomes);
  return {
    events: {
      ...EVENTS,
      ClosureRequested: move('closure', requested),
      ...({ [closes.type]: closing } as Record<Type, typeof closing>),
    },
    guards: GUARDS,
    regions: { closure: closureRegion(open, endedBy) },
    initial: { closure: null } satisfies ClosureFacts as ClosureFacts<Form>,
    fold: closureFold(endedBy, outcomes),
    effectiveOnsOfEarlier,
    commands: {
      ...requestCommands(options, requested),
      ...decisionCommands(options, { standing, refusal, decision }),
    },
    /** What an approval is about, and what it records of that. */
    standing,
    decision,
    pending,
    summary: summaryPart(outcomes),
    queues: queuesFor(roles),
    answers: { standing: { pending: object(pendingMembers(evidence, outcomes?.shown)) } },
    words: closureWords(options, pending),
    /** A view of records that shows a closure that waits for a decision. */
    view: (base: RecordView): RecordView<Facts> => withPending(base, pending),
  };
}

/** What a decision on a closure is about; what was submitted after the request blocks nothing, and need not be named. */
function standingsOf<Facts extends Closable<object>>({
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
type Standings<Facts extends Closable<object>> = ReturnType<typeof standingsOf<Facts>>;

/** The submissions that a request for closure takes into account: those it names, and those that were decided. */
function consideredBy(state: State, { decides: given }: Naming): readonly string[] {
  const named = new Set(given);
  const undecided = new Set(undecidedEvidence(state));
  return idsOf(state.facts.submitted ?? []).filter(
    (eventId) => named.has(eventId) || !undecided.has(eventId),
  );
}

type Outcomes<Form extends JsonObject> = Pick<ClosureOutcomes<never, Form>, 'form'> | undefined;

/** As what a record is closed, among other members of what is said. */
const formOf = <Form extends JsonObject>(outcomes: Outcomes<Form>, said: object): Form =>
  outcomes?.form(said) ?? ({} as Form);

function closureFold<Form extends JsonObject>(closedBy: readonly string[], outcomes: Outcomes<Form>) {
  const ends = new Set([...Object.keys(EVENTS), ...closedBy]);
  return <Facts extends ClosureFacts<Form>>(facts: Facts, event: FoldedEvent): Facts => {
    const requested = readRequest(event);
    if (requested === null)
      return facts.closure !== null && ends.has(event.type) ? { ...facts, closure: null } : facts;
    const { considers: named = null } = requested.data;
    const request = { ...requestFrom(event), considers: named, recordedAt: event.recordedAt };
    return { ...facts, closure: { ...request, ...formOf(outcomes, requested.data) } };
  };
}

/** A request is not effective before the evidence that it takes into account. */
function effectiveOnsOfEarlier(
  { submitted = [] }: Closable<object>,
  event: Pick<FoldedEvent, 'type' | 'data'>,
): readonly string[] {
  const { considers: named = [] } = readRequest(event)?.data ?? {};
  return submitted.filter(({ eventId }) => named.includes(eventId)).map(({ on }) => on);
}

function requestCommands<Facts extends Closable<Form>, Form extends JsonObject>(
  options: ClosureOptions<Facts, Form, string>,
  request: Members,
) {
  const { kind, evidence, outcomes, roles, judged = (row) => row } = options;
  return {
    'request-closure': judged(
      commandRow<Facts, WithStatement>({
        summary: `Requests that the ${kind.noun.singular} be closed; a second person decides.`,
        // Which members an outcome adds is not known here; this row reads none of them.
        payload: requestPayload(request, evidence) as PayloadShape<WithStatement>,
        roles: roles.request,
        whenFull: true,
        emits: all('ClosureRequested'),
        ...outcomes?.request,
        rules: [...(evidence ? evidenceConsidered : []), ...(outcomes?.request.rules ?? [])],
        events: (state, payload) => {
          const { statement: said } = payload;
          const named = evidence ? { considers: consideredBy(state, payload) } : {};
          return [
            { type: 'ClosureRequested', data: { ...formOf(outcomes, payload), statement: said, ...named } },
          ];
        },
      }),
    ),
    'withdraw-closure': rowOf<Facts, typeof EVENTS, CommandPayload>({
      summary: 'Takes back a closure that you asked for.',
      payload: commandPayload('EmptyPayload', sent(EVENTS.ClosureWithdrawn.members)),
      roles: roles.request,
      whenFull: true,
      emits: all('ClosureWithdrawn'),
      people: [theRequester],
      events: () => [{ type: 'ClosureWithdrawn', data: {} }],
    }),
  };
}

function decisionCommands<Facts extends Closable<Form>, Form extends JsonObject>(
  options: ClosureOptions<Facts, Form, string>,
  { standing, refusal, decision }: Standings<Facts>,
) {
  const { kind, closes, outcomes, roles, judged = (row) => row } = options;
  const approval = commandPayload('DecideWithStatementPayload', { ...sent(CLOSES), decides });
  return {
    'refuse-closure': judged(
      rowOf<Facts, typeof EVENTS, WithReason>({
        summary: 'Refuses the closure that was asked for; the status stays as it was.',
        payload: commandPayload('DecideWithReasonPayload', {
          ...sent(EVENTS.ClosureRefused.members),
          decides,
        }),
        roles: roles.decide,
        whenFull: true,
        emits: all('ClosureRefused'),
        people: [notTheRequester],
        rules: decidesRules(refusal),
        events: (state, payload) => [
          {
            type: 'ClosureRefused',
            data: { ...eventData(payload), decides: decidedOn(refusal(state), payload) },
          },
        ],
      }),
    ),
    'approve-closure': judged(
      commandRow<Facts, PayloadOf<typeof approval>>({
        summary: `Closes the ${kind.noun.singular}, after another person asked for it.`,
        payload: approval,
        roles: roles.decide,
        whenFull: true,
        emits: all(closes.type),
        when: 'closure-requested',
        ...outcomes?.approval,
        people: [notTheRequester, ...(outcomes?.approval.people ?? [])],
        rules: decidesRules(standing),
        events: (state, payload) => [
          { type: closes.type, data: { ...eventData(payload), ...decision(state, payload) } },
        ],
      }),
    ),
  };
}

const requestPayload = (members: Members, evidence: true | undefined): PayloadShape =>
  commandPayload('RequestClosurePayload', {
    ...sent(members),
    ...(evidence && {
      decides: meaning(
        decides,
        'The ids of all submissions of evidence that were considered; later ones do not refuse the request.',
      ),
    }),
  });

function closurePending<Facts extends Closable<Form>, Form extends JsonObject>(
  state: LifecycleState<Facts>,
  decision: Standings<Facts>['decision'],
  outcomes: Outcomes<Form>,
): { readonly closure?: ReturnType<typeof requestShown> & Form & ReturnType<typeof decision> } {
  const { closure: request } = state.facts;
  if (request === null) return {};
  return {
    closure: { ...requestShown(request), ...formOf(outcomes, request), ...decision(state, {}) },
  };
}

interface Kept {
  readonly closure?: Pick<Request, 'eventId' | 'requester'>;
}

const summaryPart = <Form extends JsonObject>(outcomes: Outcomes<Form>) =>
  ({
    keeps: ['closure'],
    kept: ({ closure: request }) =>
      request === null ? {} : { closure: { eventId: request.eventId, requester: request.requester } },
    from(kept) {
      const { closure: request } = kept as JsonObject & Kept;
      if (request === undefined) return { closure: null };
      const unknown = { ...UNKNOWN_REQUEST, considers: null, recordedAt: '' };
      return { closure: { ...unknown, ...request, ...formOf(outcomes, {}) } };
    },
    waits: {
      closure: { persons: ({ closure: request }) => (request === null ? null : [request.requester]) },
    },
  }) satisfies SummaryPart<ClosureFacts<Form>>;
