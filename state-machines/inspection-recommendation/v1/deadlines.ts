import type { Foreseen } from '#lifecycle/decide';
import { deadlineStates } from '../../capabilities/dated-work.ts';
import type { Deadline, DeadlineState } from '../../capabilities/deadlines.ts';
import type { RecipientFacts } from '../../capabilities/recipients.ts';
import { RESPONSE } from '../../capabilities/response.ts';
import { guards } from './machine.ts';

/** How deadlines of recommendations are. */
export const { isOpen, isSettled, singleDeadlineState, deadlineState, stateOn, deadlinesOn } = deadlineStates(
  {
    open: guards.open,
    given: RESPONSE.given,
  },
);

export type Dated = RecipientFacts & { readonly deadlines: readonly Deadline[] };
const PASSED: ReadonlySet<DeadlineState> = new Set(['overdue', 'escalated']);

/** Of those in force: by their dates alone, whether a sweep has told of it or not; none that was extended or settled in time. */
export const noDeadlinePassed: Foreseen<Dated> = {
  code: 'no-deadline-passed',
  kind: 'state',
  holds: ({ value, facts }, { role, today }) =>
    role === 'approver' ||
    facts.recipient === null ||
    !facts.deadlines.some((each) => each.passed || PASSED.has(singleDeadlineState(value, each, today))),
  detail: () => 'A deadline has passed; only an approver names another recipient now, with a reason',
};
