import type { StateValue } from '#event-sourcing/envelope';
import { eventData, rowOf } from '#lifecycle/capability';
import type { CommandDefinition, DecisionContext, Rule } from '#lifecycle/decide';
import { withLabel, withDescription, optional, commandMembers } from '#lifecycle/fields';
import { seniorOf } from '#lifecycle/kind';
import type { RecordKind } from '#lifecycle/kind';
import type { GuardDefinition, LifecycleState } from '#lifecycle/lifecycle-definition';
import { commandPayload } from '#lifecycle/shapes';
import type { PayloadOf } from '#lifecycle/shapes';
import { DEADLINE_EVENTS, isIn, WHICH_DEADLINE } from './deadline-facts.ts';
import type { DatedRegions, DeadlineFacts, PendingExtension } from './deadline-facts.ts';
import type { AddsToLedger } from './deadline-ledger.ts';
import * as rules from './deadline-rules.ts';
import type { DeadlineKind } from './deadlines.ts';
import { decidedEvents, decidesRules, notAnAuthor, NOTHING, forRefusal } from './decides.ts';
import type { DecisionEvents, DecisionEventsOf } from './decides.ts';
import { deadlineId, decides, dueOn, why } from './fields.ts';
import { requestView } from './persons.ts';
import type { Request } from './persons.ts';
import { judgingOf } from './recipients.ts';

const whichDeadline = (label: string) =>
  optional(
    withLabel(
      withDescription(
        deadlineId,
        'The id of the deadline. Required if the record has several deadlines; for a decision, required if you may decide several requests.',
      ),
      label,
      WHICH_DEADLINE,
    ),
  );

const SetDeadlinePayload = commandPayload('SetDeadlinePayload', {
  ...commandMembers(DEADLINE_EVENTS.DeadlineSet.members),
  dueOn: withLabel(dueOn, 'Deadline', { missing: 'Enter the date of the deadline' }),
});
const WhichDeadlinePayload = commandPayload('WhichDeadlinePayload', {
  deadlineId: whichDeadline('Extension'),
});
const DecideExtensionPayload = commandPayload('DecideExtensionPayload', {
  deadlineId: whichDeadline('Extension'),
  decides,
});
const WithdrawDeadlinePayload = commandPayload(
  'WithdrawDeadlinePayload',
  DEADLINE_EVENTS.DeadlineWithdrawn.members,
);
const RequestExtensionPayload = commandPayload('RequestExtensionPayload', {
  ...DEADLINE_EVENTS.ExtensionRequested.members,
  deadlineId: whichDeadline('Deadline'),
  dueOn: withLabel(withDescription(dueOn, 'The later date requested.'), 'New date', {
    missing: 'Enter the new date',
  }),
});
const RefuseExtensionPayload = commandPayload('RefuseExtensionPayload', {
  ...DEADLINE_EVENTS.ExtensionRefused.members,
  ...{ deadlineId: whichDeadline('Extension'), reason: why('Reason for refusal'), decides },
});

type Events = typeof DEADLINE_EVENTS;
type SetDeadline = PayloadOf<typeof SetDeadlinePayload>;

export interface DeadlineOptions<Facts extends DeadlineFacts> {
  readonly kind: RecordKind;
  /** The type of the first event. */
  readonly first: string;
  /** The regions of the machine. */
  readonly regions: DatedRegions['regions'];
  /** The states in which work is open. Leaving them settles the record's deadlines. */
  readonly open: GuardDefinition;
  /** The command that reopens a record; absent if none does. */
  readonly reopens?: string;
  /** The states in which a response is due or published, and the command that publishes it. */
  readonly response?: {
    readonly due: GuardDefinition;
    readonly answered: GuardDefinition;
    readonly command: string;
  };
  /** The kinds that lists, queues and statistics use; all if absent. */
  readonly listedKinds?: readonly DeadlineKind[];
  /**
   * The roles that set deadlines and decide extensions, and the roles that request extensions. Approvers also withdraw
   * deadlines.
   */
  readonly roles: { readonly decide: readonly string[]; readonly request: readonly string[] };
  /** The rule for setting dates before today, and the events that it needs; no such date is allowed if absent. */
  readonly past?: Pick<CommandDefinition<Facts>, 'history'> & {
    readonly rule: Rule<Facts, { readonly dueOn: string }>;
  };
  /** Returns the events, besides the request, that a decision on an extension must and may list. */
  readonly decisionEvents?: ExtensionEvents<Facts>;
  /**
   * Returns the requests of other commands that two people decide. Deciding another person's request does not count as
   * one person's decision.
   */
  readonly requests?: (facts: Facts) => readonly Request[];
  /** What the lifecycle's other events add to the ledger, by event type. */
  readonly adds?: Readonly<Record<string, AddsToLedger>>;
}

type ExtensionEvents<Facts> = (state: LifecycleState<Facts>, extension: PendingExtension) => DecisionEvents;

/** Returns only the request, unless the lifecycle overrides this. */
const theRequest: ExtensionEvents<unknown> = (_, { eventId }) => ({ ...NOTHING, needed: [eventId] });

/** Returns a function for the pending extensions, each with the events that a decision must list. */
export const pendingExtensions =
  <Facts extends DeadlineFacts>(decisionEvents: ExtensionEvents<Facts> = theRequest) =>
  (state: LifecycleState<Facts>) =>
    state.facts.extensions.map((extension) => {
      const { deadlineId: id, dueOn: date } = extension;
      const decided = decidedEvents(decisionEvents(state, extension), {});
      return { deadlineId: id, dueOn: date, ...requestView(extension), decides: decided };
    });

/** Returns the words and conditions of the deadline rules. */
export function termsOf<Facts extends DeadlineFacts>({
  kind,
  open,
  reopens,
  response,
}: DeadlineOptions<Facts>): rules.DeadlineTerms {
  const settles = (value: StateValue): string =>
    response !== undefined && isIn(value, response.due) ? `; ${response.command} settles it` : '';
  return {
    ...{ kind, settles, ...(reopens !== undefined && { reopens }) },
    isOpen: (value) => isIn(value, open),
  };
}

export const deadlineCommands = <Facts extends DeadlineFacts>(
  options: DeadlineOptions<Facts>,
  terms: rules.DeadlineTerms,
) => ({
  ...settingCommands(options, terms),
  ...requestCommands(options, terms),
  ...decidingCommands(options, terms),
  ...withdrawingCommands(options, terms),
});

function settingCommands<Facts extends DeadlineFacts>(
  { kind, roles, past }: DeadlineOptions<Facts>,
  terms: rules.DeadlineTerms,
) {
  const judged = judgingOf(kind);
  return {
    'set-deadline': judged(
      rowOf<Facts, Events, SetDeadline>({
        summary: 'Sets an additional deadline.',
        payload: SetDeadlinePayload,
        roles: roles.decide,
        emits: ['DeadlineSet'],
        when: 'open',
        ...(past?.history && { history: past.history }),
        preconditions: [rules.fullOfDeadlines],
        rules: [rules.notTheWithdrawer, past?.rule ?? rules.notInPast, rules.roomForOneMore],
        events: ({ facts }, payload) => [
          {
            type: 'DeadlineSet',
            data: { ...eventData(payload), deadlineId: `d${facts.deadlineIds + 1}`, kind: 'action' },
          },
        ],
      }),
    ),
    'withdraw-deadline': judged(
      rowOf<Facts, Events, PayloadOf<typeof WithdrawDeadlinePayload>>({
        summary:
          'Withdraws a mistaken deadline; the history and the statistics keep the deadline, and pending requests for it are dropped.',
        payload: WithdrawDeadlinePayload,
        roles: [...new Set([seniorOf(kind), ...roles.decide])],
        whenFull: true,
        emits: ['DeadlineWithdrawn'],
        state: [rules.hasDeadline(terms)],
        preconditions: [rules.noneToWithdraw(terms)],
        rules: [rules.deadlineInForce(terms), rules.mayWithdraw(terms), rules.deadlineExists],
        events: (_, payload) => [{ type: 'DeadlineWithdrawn', data: eventData(payload) }],
      }),
    ),
  };
}

function requestCommands<Facts extends DeadlineFacts>(
  { kind, roles }: DeadlineOptions<Facts>,
  terms: rules.DeadlineTerms,
) {
  const judged = judgingOf(kind);
  return {
    'request-extension': judged(
      rowOf<Facts, Events, PayloadOf<typeof RequestExtensionPayload>>({
        summary: 'Requests a later date; a second person decides.',
        payload: RequestExtensionPayload,
        roles: roles.request,
        emits: ['ExtensionRequested'],
        when: 'open',
        state: [rules.hasDeadline(terms)],
        preconditions: [rules.everyOnePending],
        rules: [
          ...[rules.nonePendingForIt, rules.deadlineIsUnambiguous],
          ...[rules.deadlineIsExtendable(terms), rules.laterThanNow],
        ],
        events: (state, payload) => [
          {
            type: 'ExtensionRequested',
            data: {
              ...eventData(payload),
              deadlineId: rules.requestedDeadline(state, payload)?.id ?? '',
            },
          },
        ],
      }),
    ),
  };
}

function decidingCommands<Facts extends DeadlineFacts>(
  { kind, roles, decisionEvents = theRequest }: DeadlineOptions<Facts>,
  terms: rules.DeadlineTerms,
) {
  const judged = judgingOf(kind);
  const state = [rules.extensionPending(terms)];
  const { decisionEventsOf, refusalOf } = extensionDecisions(decisionEvents);
  return {
    'grant-extension': judged(
      rowOf<Facts, Events, DecideExtension>({
        summary: 'Grants the requested later date; the first date stays in the history.',
        payload: DecideExtensionPayload,
        roles: roles.decide,
        whenFull: true,
        emits: ['DeadlineExtended'],
        foreseen: ({ facts }) => facts.extensions.map(({ deadlineId: id }) => ({ deadlineId: id })),
        state,
        people: [
          rules.notEveryRequester,
          notAnAuthor((on, actor) => rules.decidable(on, { actor }).map((each) => decisionEvents(on, each))),
        ],
        rules: [
          ...[rules.pendingForIt, ...decidesRules(decisionEventsOf), rules.notItsRequester],
          ...[rules.pendingNamed, rules.stillLater],
        ],
        events: (state, payload, context) => {
          const decided = decidedEvents(decisionEventsOf(state, payload, context) ?? NOTHING, payload);
          return [
            { type: 'DeadlineExtended', data: { ...requested(state, payload, context), decides: decided } },
          ];
        },
      }),
    ),
    'refuse-extension': judged(
      rowOf<Facts, Events, PayloadOf<typeof RefuseExtensionPayload>>({
        summary: 'Refuses the requested later date; the deadline does not change.',
        payload: RefuseExtensionPayload,
        roles: roles.decide,
        whenFull: true,
        emits: ['ExtensionRefused'],
        state,
        people: [rules.notEveryRequester],
        rules: [rules.pendingForIt, ...decidesRules(refusalOf), rules.notItsRequester, rules.pendingNamed],
        events: (state, payload, context) => {
          const { deadlineId: id } = requested(state, payload, context);
          const decided = decidedEvents(refusalOf(state, payload, context) ?? NOTHING, payload);
          return [
            { type: 'ExtensionRefused', data: { deadlineId: id, reason: payload.reason, decides: decided } },
          ];
        },
      }),
    ),
  };
}

function withdrawingCommands<Facts extends DeadlineFacts>(
  { roles }: DeadlineOptions<Facts>,
  terms: rules.DeadlineTerms,
) {
  return {
    'withdraw-extension': rowOf<Facts, Events, PayloadOf<typeof WhichDeadlinePayload>>({
      summary: 'Withdraws your request for a later date.',
      payload: WhichDeadlinePayload,
      roles: roles.request,
      whenFull: true,
      emits: ['ExtensionWithdrawn'],
      state: [rules.extensionPending(terms)],
      people: [rules.ownExtensionRequest(roles.decide)],
      rules: [rules.pendingForIt, rules.ownRequestForDeadline, rules.ownRequestNamed],
      events: (state, payload, { actor }) => {
        const id = rules.withdrawnRequest(state, payload, actor.subject)?.deadlineId ?? '';
        return [{ type: 'ExtensionWithdrawn', data: { deadlineId: id } }];
      },
    }),
  };
}

type DecideExtension = PayloadOf<typeof DecideExtensionPayload>;

/** Returns the events that an approval and a refusal decide. */
function extensionDecisions<Facts extends DeadlineFacts>(decisionEvents: ExtensionEvents<Facts>) {
  const decisionEventsOf: DecisionEventsOf<Facts, DecideExtension> = (state, payload, context) => {
    const extension = rules.decidedExtension(state, payload, context);
    return extension === undefined ? null : decisionEvents(state, extension);
  };
  const refusalOf: typeof decisionEventsOf = (state, payload, context) => {
    const known = decisionEventsOf(state, payload, context);
    return known && forRefusal(known);
  };
  return { decisionEventsOf, refusalOf };
}

function requested(
  state: LifecycleState<DeadlineFacts>,
  payload: DecideExtension,
  context: Pick<DecisionContext, 'actor'>,
) {
  const { deadlineId: id = '', dueOn: date = '' } = rules.decidedExtension(state, payload, context) ?? {};
  return { deadlineId: id, dueOn: date };
}
