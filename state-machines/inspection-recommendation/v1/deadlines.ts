import type { StateValue } from '#event-sourcing/envelope';
import { dateState, earliestActionDue } from '../../capabilities/deadlines.ts';
import type { Deadline, DeadlineState } from '../../capabilities/deadlines.ts';
import { OPEN_STATUSES } from './machine.ts';

export const isOpen = (value: StateValue): boolean =>
  OPEN_STATUSES.some((status) => status === value['progress']);

/** A record's deadline state at the end of a day: that of its earliest action deadline. */
export function deadlineState(value: StateValue, deadlines: readonly Deadline[], day: string): DeadlineState {
  const dueOn = earliestActionDue(deadlines);
  if (dueOn === null) return 'none';
  return isOpen(value) || deadlines.some((each) => !isSettled(value, each) && each.kind === 'action')
    ? dateState(dueOn, day)
    : 'settled';
}

/** Whether what a deadline is for is done: a response deadline is settled by the response, an action deadline by closure. */
export const isSettled = (
  value: StateValue,
  { kind, claimedBy }: Pick<Deadline, 'kind' | 'claimedBy'>,
): boolean =>
  claimedBy === undefined && (kind === 'response' ? value['response'] === 'published' : !isOpen(value));

/** One deadline's own state. */
export const singleDeadlineState = (
  value: StateValue,
  deadline: Pick<Deadline, 'kind' | 'dueOn' | 'claimedBy'>,
  day: string,
): DeadlineState => (isSettled(value, deadline) ? 'settled' : dateState(deadline.dueOn, day));
