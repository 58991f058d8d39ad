import type { JsonObject } from '#event-sourcing/envelope';
import { eventData, readerOf, rowOf } from '#lifecycle/capability';
import { commandRow } from '#lifecycle/decide';
import type { CommandPayload, Guard } from '#lifecycle/decide';
import { withDescription, object, commandMembers } from '#lifecycle/fields';
import type { Members } from '#lifecycle/fields';
import type { FoldedEvent } from '#lifecycle/folded-event';
import type { GuardDefinition, LifecycleState, RegionConfig } from '#lifecycle/lifecycle-definition';
import { commandPayload, move } from '#lifecycle/shapes';
import type { PayloadOf, PayloadShape } from '#lifecycle/shapes';
import type { SummaryPart } from '#lifecycle/summary';
import { isSamePerson, requestFrom, requestView } from './persons.ts';
import { CLOSES, CLOSURE_EVENTS, closureDecisionsOf } from './closure-facts.ts';
import type {
  Closable,
  ClosureFacts,
  ClosureOptions,
  ClosureOutcomes,
  ClosureDecisions,
} from './closure-facts.ts';
import { closureNotices, closureWords, pendingMembers, queuesFor } from './closure-words.ts';
import { decidedEvents, decidesRules, idsOf, notAnAuthor } from './decides.ts';
import type { Naming } from './decides.ts';
import { evidenceConsidered, undecidedEvidence } from './evidence.ts';
import { decides } from './fields.ts';
import { oneOfRoles } from '#lifecycle/words';
import { judgingOf } from './recipients.ts';
import type { RecipientFacts } from './recipients.ts';

type DecidePayload = CommandPayload & Naming;
type WithStatement = DecidePayload & { readonly statement: string };
type WithReason = DecidePayload & { readonly reason: string };
const { ClosureRequested } = CLOSURE_EVENTS;
const { members: REQUESTED } = ClosureRequested;
const readRequest = readerOf({ ClosureRequested });

/** Requires a second person: the requester of a closure may not decide it. */
export const notTheRequester: Guard<ClosureFacts> = {
  code: 'not-the-requester',
  isMet: ({ facts: { closure } }, { subject }) => !isSamePerson(closure?.requester ?? null, subject),
  detail: () => 'You requested this closure; a second person must decide',
};

const theRequester = (decide: readonly string[]): Guard<ClosureFacts> => ({
  code: 'the-requester',
  isMet: ({ facts: { closure } }, { subject }) => isSamePerson(closure?.requester ?? null, subject),
  detail: () =>
    `Only the person who requested this closure may withdraw it; ${oneOfRoles(decide)} may refuse it`,
});

/** Returns the closure region. A request moves it to `requested`, and any decision back to `none`. */
export const closureRegion = (open: string, closedBy: readonly string[]) =>
  ({
    initial: 'none',
    states: {
      none: { on: { ClosureRequested: { target: 'requested', guard: open } } },
      requested: { on: { ClosureWithdrawn: 'none', ClosureRefused: 'none' } },
    },
    on: Object.fromEntries(closedBy.map((type) => [type, '.none'])),
  }) satisfies RegionConfig;

/** Only commands are checked: an import may record a closing without a request. */
const GUARDS = {
  'closure-requested': { region: 'closure', in: ['requested'] },
} as const satisfies Record<string, GuardDefinition>;

/** Returns the capability of closure by two people: one requests it, another decides. */
export function closure<const Type extends string, Form extends JsonObject, Facts extends Closable<Form>>(
  options: ClosureOptions<Facts, Form, Type>,
) {
  const { open, closes, closedBy, outcomes, roles } = options;
  const endedBy = [closes.type, ...closedBy];
  const { decisionEvents, refusal, decision } = closureDecisionsOf(options);
  const requested: typeof REQUESTED = { ...outcomes.members, ...REQUESTED };
  const closing = move(closes.region, CLOSES, [closes.region, 'closure', 'evidence']);
  const pending = (state: LifecycleState<Facts>) => closurePending(state, decision, outcomes);
  const events = {
    ...CLOSURE_EVENTS,
    ClosureRequested: move('closure', requested),
    ...({ [closes.type]: closing } as Record<Type, typeof closing>),
  };
  return {
    events,
    guards: GUARDS,
    regions: { closure: closureRegion(open, endedBy) },
    initial: { closure: null } satisfies ClosureFacts as ClosureFacts<Form>,
    fold: closureFold(endedBy, outcomes),
    effectiveOnsOfEarlier,
    commands: {
      ...requestCommands(options, requested),
      ...decisionCommands(options, { decisionEvents, refusal, decision }),
    },
    decisionEvents,
    decision,
    pending,
    stillOpen: openPointsOf(options),
    summary: SUMMARY,
    queues: queuesFor(roles),
    answers: { currentData: { pending: object(pendingMembers(outcomes.shown)) } },
    words: closureWords(options, pending),
    notices: closureNotices(closes.type, closedBy),
  };
}

/** Returns the submissions that a request for closure considers: those that it lists, and those already decided. */
function consideredBy(
  state: LifecycleState<Closable<object>>,
  { decides: decided }: Naming,
): readonly string[] {
  const named = new Set(decided);
  const undecided = new Set(undecidedEvidence(state));
  return idsOf(state.facts.submitted).filter((eventId) => named.has(eventId) || !undecided.has(eventId));
}

type Outcomes<Form extends JsonObject> = Pick<ClosureOutcomes<never, Form>, 'form'>;

function closureFold<Form extends JsonObject>(closedBy: readonly string[], outcomes: Outcomes<Form>) {
  const ends = new Set(['ClosureWithdrawn', 'ClosureRefused', ...closedBy]);
  return <Facts extends ClosureFacts<Form>>(facts: Facts, event: FoldedEvent): Facts => {
    const requested = readRequest(event);
    if (requested === null)
      return facts.closure !== null && ends.has(event.type) ? { ...facts, closure: null } : facts;
    const { considers: named = null } = requested.data;
    const request = { ...requestFrom(event), considers: named, recordedAt: event.recordedAt };
    return { ...facts, closure: { ...request, ...outcomes.form(requested.data) } };
  };
}

/** Returns the effective dates of the evidence that a request considers, before which it cannot be effective. */
function effectiveOnsOfEarlier(
  { submitted }: Closable<object>,
  event: Pick<FoldedEvent, 'type' | 'data'>,
): readonly string[] {
  const { considers: named = [] } = readRequest(event)?.data ?? {};
  return submitted.filter(({ eventId }) => named.includes(eventId)).map(({ on }) => on);
}

function requestCommands<Facts extends Closable<Form>, Form extends JsonObject>(
  options: ClosureOptions<Facts, Form, string>,
  request: Members,
) {
  const { kind, outcomes, roles } = options;
  const judged = judgingOf(kind);
  return {
    'request-closure': judged(
      commandRow<Facts, WithStatement>({
        // The members of an outcome are unknown here, and this row does not read them.
        payload: requestPayload(request) as PayloadShape<WithStatement>,
        roles: roles.request,
        whenFull: true,
        emits: ['ClosureRequested'],
        ...outcomes.request,
        rules: [...evidenceConsidered, ...(outcomes.request.rules ?? [])],
        events: (state, payload) => {
          const { statement } = payload;
          const considers = consideredBy(state, payload);
          return [{ type: 'ClosureRequested', data: { ...outcomes.form(payload), statement, considers } }];
        },
      }),
    ),
    'withdraw-closure': rowOf<Facts, typeof CLOSURE_EVENTS, CommandPayload>({
      summary: 'Withdraws your request for closure.',
      payload: commandPayload('EmptyPayload', commandMembers(CLOSURE_EVENTS.ClosureWithdrawn.members)),
      roles: roles.request,
      whenFull: true,
      emits: ['ClosureWithdrawn'],
      people: [theRequester(roles.decide)],
      events: () => [{ type: 'ClosureWithdrawn', data: {} }],
    }),
  };
}

function decisionCommands<Facts extends Closable<Form>, Form extends JsonObject>(
  options: ClosureOptions<Facts, Form, string>,
  { decisionEvents, refusal, decision }: ClosureDecisions<Facts>,
) {
  const { kind, closes, outcomes, roles } = options;
  const judged = judgingOf(kind);
  const approval = commandPayload('DecideWithStatementPayload', { ...commandMembers(CLOSES), decides });
  return {
    'refuse-closure': judged(
      rowOf<Facts, typeof CLOSURE_EVENTS, WithReason>({
        summary: 'Refuses a request for closure; the status does not change.',
        payload: commandPayload('DecideWithReasonPayload', {
          ...commandMembers(CLOSURE_EVENTS.ClosureRefused.members),
          decides,
        }),
        roles: roles.decide,
        whenFull: true,
        emits: ['ClosureRefused'],
        people: [notTheRequester],
        rules: decidesRules(refusal),
        events: (state, payload) => [
          {
            type: 'ClosureRefused',
            data: { ...eventData(payload), decides: decidedEvents(refusal(state), payload) },
          },
        ],
      }),
    ),
    'approve-closure': judged(
      commandRow<Facts, PayloadOf<typeof approval>>({
        payload: approval,
        roles: roles.decide,
        whenFull: true,
        emits: [closes.type],
        when: 'closure-requested',
        stillOpen: openPointsOf(options),
        ...outcomes.approval,
        people: [
          notTheRequester,
          notAnAuthor((state) => [decisionEvents(state)]),
          ...outcomes.approval.people,
        ],
        rules: decidesRules(decisionEvents),
        events: (state, payload) => [
          { type: closes.type, data: { ...eventData(payload), ...decision(state, payload) } },
        ],
      }),
    ),
  };
}

/** Returns a function for the open points of a decision, with those of the evidence, which its page shows apart. */
const openPointsOf =
  <Facts>({ stillOpen }: Pick<ClosureOptions<Facts, never, string>, 'stillOpen'>): typeof stillOpen =>
  (state, today) => {
    const evidence = EVIDENCE_LEFT[String(state.value['evidence'])];
    return [...(evidence === undefined ? [] : [evidence]), ...stillOpen(state, today)];
  };

const EVIDENCE_LEFT: Readonly<Record<string, string>> = {
  none: 'No evidence was submitted.',
  submitted: 'Evidence was submitted and is not yet accepted or rejected.',
  rejected: 'The last evidence was rejected.',
};

const requestPayload = (members: Members): PayloadShape =>
  commandPayload('RequestClosurePayload', {
    ...commandMembers(members),
    decides: withDescription(
      decides,
      'The ids of all submissions of evidence that were considered; later ones do not block the request.',
    ),
  });

function closurePending<Facts extends Closable<Form>, Form extends JsonObject>(
  state: LifecycleState<Facts>,
  decision: ClosureDecisions<Facts>['decision'],
  outcomes: Outcomes<Form>,
): { readonly closure?: ReturnType<typeof requestView> & Form & ReturnType<typeof decision> } {
  const { closure: request } = state.facts;
  if (request === null) return {};
  return {
    closure: { ...requestView(request), ...outcomes.form(request), ...decision(state, {}) },
  };
}

const SUMMARY = {
  waits: {
    closure: {
      decidedBy: ['approve-closure', 'refuse-closure'],
      persons: ({ closure: request, bodyActors = [] }) =>
        request === null ? null : [request.requester, ...bodyActors],
    },
  },
} satisfies SummaryPart<ClosureFacts & Partial<RecipientFacts>>;
