import type { FormFields, CommandForm, FormSubject, FormTable, ShownEvents } from '#lifecycle/command-form';
import { identifier, withLabel, list, withDescription, object, optional } from '#lifecycle/fields';
import type { Members } from '#lifecycle/fields';
import type { JsonObject } from '#event-sourcing/envelope';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import type { Notices } from '#lifecycle/notices';
import type { Queues } from '#lifecycle/queue';
import { naming, THE_REQUEST } from './request-fields.ts';
import type { Closable, ClosureOptions } from './closure-facts.ts';
import { decidedByName, request as requestMembers } from './deadline-words.ts';
import { isEvidenceDecision, undecidedEvidence } from './evidence.ts';
import type { EvidenceFacts } from './evidence.ts';
import type { requestView, Request } from './persons.ts';
import type { ShownRecord, ShownWait } from '../record-view.ts';

/** Returns the members of API responses for a pending closure. */
export const pendingMembers = (shown: Members) => ({
  closure: withLabel(
    optional(
      object({
        ...requestMembers,
        ...shown,
        decides: decidedByName('the command that approves the outcome, or refuse-closure,'),
        notConsidered: optional(
          withDescription(
            list(identifier()),
            'The undecided submissions that the request did not consider. An approval ignores them unless its `decides` lists them.',
          ),
        ),
      }),
    ),
    'Closure requested',
  ),
});

/** Returns the notifications for requests for closure and for decisions on them. */
export const closureNotices = (closes: string, closedBy: readonly string[]): Notices => ({
  ClosureRequested: {
    kind: 'closure-requested',
    title: 'Closure requested',
    ...{ opens: 'closure', to: ['owner'] },
  },
  ClosureWithdrawn: {
    kind: 'closure-withdrawn',
    title: 'Closure request withdrawn',
    ...{ answers: 'closure', to: ['owner', 'deciders'] },
  },
  ClosureRefused: {
    kind: 'closure-refused',
    title: 'Closure refused',
    ...{ answers: 'closure', to: ['owner'], comesBack: true },
  },
  ...Object.fromEntries(
    [closes, ...closedBy].map((type) => [
      type,
      {
        kind: 'closure-approved',
        title: 'Closure approved',
        ...{ answers: 'closure', to: ['owner', 'body'] },
      } as const,
    ]),
  ),
});

/** Returns the pending closure as a task on the record's page. */
export function closureWaits({ pending }: ShownRecord): readonly ShownWait[] {
  const { closure } = (pending ?? {}) as { readonly closure?: ReturnType<typeof requestView> };
  if (closure === undefined) return [];
  const requested = { by: closure.requester, on: closure.requestedOn };
  return [{ name: 'closure', what: 'Closure was requested', requested, command: 'approve-closure' }];
}

export const queuesFor = ({ request, decide }: ClosureOptions<never, never, string>['roles']) =>
  ({
    'my-closures': {
      ...{ title: 'Closures you requested', group: 'look-after', roles: request },
      ...{ state: { closure: 'requested' }, waits: 'closure', by: 'me' },
    },
    'closures-to-decide': {
      ...{ title: 'Closures to decide', group: 'decide', roles: decide, decides: true },
      ...{ state: { closure: 'requested' }, waits: 'closure', by: 'others' },
    },
  }) as const satisfies Queues;

type Pending<Facts> = (state: LifecycleState<Facts>) => {
  readonly closure?: Pick<Request, 'eventId'> & {
    readonly decides: readonly string[];
    readonly notConsidered?: readonly string[];
  };
};

/** Returns the labels, headlines and forms of the closure commands. */
export function closureWords<Facts extends Closable<Form>, Form extends JsonObject>(
  options: ClosureOptions<Facts, Form, string>,
  pending: Pending<Facts>,
) {
  const { kind, outcomes } = options;
  const { singular } = kind.noun;
  const decisionForm = decisionForms(options, pending);
  return {
    decisionForm,
    commands: {
      'request-closure': { purpose: `Request closure of the ${singular}. A second person decides.` },
      'withdraw-closure': {
        title: 'Withdraw the closure request',
        purpose: 'Withdraw your request for closure.',
      },
      'approve-closure': { purpose: `Close the ${singular} after another person requested it.` },
      'refuse-closure': { purpose: `Keep the ${singular} open and record the reason.` },
    },
    headlines: {
      ClosureRequested: 'Closure requested',
      ClosureWithdrawn: 'Closure request withdrawn',
      ClosureRefused: 'Closure refused',
    },
    forms: {
      'approve-closure': decisionForm(['refuse-closure']),
      'refuse-closure': decisionForm(['approve-closure', ...outcomes.approvedBy]),
    } satisfies FormTable<Facts>,
  };
}

/** Returns the evidence that a request for closure must list; undefined if none is pending. */
export const waitingEvidence = (state: LifecycleState<EvidenceFacts>): readonly string[] | undefined =>
  state.value['evidence'] === 'submitted' ? undecidedEvidence(state) : undefined;

/** Returns the forms for decisions on a closure. They show the request and the evidence. */
const decisionForms =
  <Facts extends Closable<Form>, Form extends JsonObject>(
    { stillOpen }: ClosureOptions<Facts, Form, string>,
    pending: Pending<Facts>,
  ) =>
  (
    otherCommands: readonly string[],
    extraFields: (subject: FormSubject<Facts>) => FormFields = () => ({}),
  ) => ({
    showsHistory: true as const,
    form(subject: FormSubject<Facts>): CommandForm {
      const { closure: request } = pending(subject.state);
      const eventIds = request === undefined ? [] : [request.eventId];
      return {
        about: [{ ...THE_REQUEST, eventIds }, ...evidenceView(subject, request)],
        since: { eventIds, what: 'the closure was requested' },
        open: stillOpen(subject.state, subject.today),
        otherCommands,
        fields: { decides: naming(request?.decides), ...extraFields(subject) },
      };
    },
  });

/** Returns the evidence for the form, including evidence that the request ignored: an approval ignores it too. */
function evidenceView(
  { history }: Pick<FormSubject, 'history'>,
  {
    decides = [],
    notConsidered = [],
  }: { readonly decides?: readonly string[]; readonly notConsidered?: readonly string[] } = {},
): readonly ShownEvents[] {
  const named = new Set(decides);
  const lines = history.filter(
    ({ eventId, type, decides: decided = [] }) =>
      type !== 'ClosureRequested' &&
      (named.has(eventId) || (isEvidenceDecision(type) && decided.some((each) => named.has(each)))),
  );
  const leftAside = { heading: 'Evidence that the request did not consider', eventIds: notConsidered };
  return [
    {
      heading: 'The evidence',
      eventIds: lines.map(({ eventId }) => eventId),
      none: `No evidence was ${notConsidered.length === 0 ? 'submitted' : 'considered'}.`,
    },
    ...(notConsidered.length === 0 ? [] : [{ ...leftAside, none: 'None.' }]),
  ];
}
