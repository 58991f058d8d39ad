import { identifier, withDescription, oneOf, optional } from '#lifecycle/fields';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import type { CommandPayload } from '#lifecycle/decide';
import { closure } from '../../capabilities/closure.ts';
import { isClaimed } from '../../capabilities/deadline-facts.ts';
import { longDate } from '../../capabilities/deadlines.ts';
import { evidence } from '../../capabilities/evidence.ts';
import { recommendation } from '../kind.ts';
import { openResponse } from './deadlines.ts';
import type { ClosureForm, Facts } from './facts.ts';
import { closureToComplete, notAnEarlierRequester } from './guards.ts';
import { CLOSED_BY, EVIDENCE } from './machine.ts';
import { outcome, OUTCOME, reasonCode } from './record-fields.ts';
import { nextSuccessor, successorRules } from './supersession.ts';

type Request = CommandPayload & { readonly supersededBy?: string };

/** Closure of a recommendation as complete, with no further action, or as superseded by another one. */
export const closureCapability = closure<'RecommendationCompleted', ClosureForm, Facts>({
  ...{ kind: recommendation, open: 'open', stillOpen },
  closes: { type: 'RecommendationCompleted', region: 'progress' },
  closedBy: CLOSED_BY,
  roles: { request: ['inspector'], decide: ['approver'] },
  reliesOn: () => true,
  outcomes: {
    members: OUTCOME,
    form: closureForm,
    shown: {
      outcome: withDescription(oneOf(outcome.values), 'The outcome of the closure.'),
      reason: optional(
        withDescription(
          oneOf(reasonCode.values),
          'The reason, as a code; only for the `no-further-action` outcome.',
        ),
      ),
      supersededBy: optional(
        identifier(
          "The id of the record that replaces this one; only for the `superseded` outcome. Decisions must also list the changes to that record's text, recipient and deadlines after the request; 409 `decides-outdated` contains them.",
        ),
      ),
    },
    approvedBy: ['decide-no-further-action', 'supersede'],
    request: {
      summary:
        'Requests closure of the record: as complete, with no further action, or as superseded by another; a second person decides.',
      nextStream: ({ supersededBy }: Request, streamId, loaded) =>
        nextSuccessor(supersededBy, streamId, loaded),
      rules: successorRules<Request>(({ supersededBy }) => supersededBy),
    },
    approval: {
      summary: 'Closes the record as complete, after another person requested it.',
      state: [closureToComplete],
      people: [notAnEarlierRequester],
    },
  },
});

/** Returns the outcome in a request or its event. */
export function closureForm({
  outcome: closedAs = 'complete',
  reason,
  supersededBy,
}: Partial<ClosureForm>): ClosureForm {
  return {
    outcome: closedAs,
    ...(reason !== undefined && { reason }),
    ...(supersededBy !== undefined && { supersededBy }),
  };
}

/** Evidence for a recommendation. Accepting it must list later changes to the text and body that it was submitted for, and to itself. */
export const evidenceCapability = evidence<Facts>({
  ...{ kind: recommendation, ...EVIDENCE },
  roles: { submit: ['force-lead', 'inspector'], decide: ['inspector'] },
  reliesOn: ({ of, isChange }) => of === 'text' || of === 'recipient' || (of === 'evidence' && isChange),
});

/** Returns the undecided points, which do not prevent closure but are shown to the decider. */
function stillOpen(state: LifecycleState<Facts>, today: string): string[] {
  const response = openResponse(state, today);
  const { proposals, corrections, extensions } = state.facts;
  return [
    ...(response === undefined
      ? []
      : [`The response, due on ${longDate(response.dueOn)}, ${howFar(state.facts)}.`]),
    ...counted(proposals.length, 'date', 'from the text not yet confirmed or dismissed.'),
    ...counted(extensions.length, 'extension', 'not yet decided. The closure ends such requests.'),
    ...counted(corrections.length, 'correction', 'not yet decided. The closure ends such requests.'),
  ];
}

/** Returns how far the response of a record has come that is not published, or only by a claim. */
const howFar = ({ deadlines }: Facts): string =>
  isClaimed(deadlines, 'response')
    ? 'was published, but the claim that it was in time awaits confirmation'
    : 'has not been published';

const counted = (count: number, noun: string, what: string): string[] =>
  count === 0 ? [] : [`${count} ${count === 1 ? noun : `${noun}s`} ${what}`];
