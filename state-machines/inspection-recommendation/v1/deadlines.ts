import { deadlineStates } from '../../capabilities/dated-work.ts';
import { guards } from './machine.ts';

/** The duty to respond to a recommendation: where it is due, where it is done, and how. */
export const response = {
  due: { region: 'response', in: ['due'] },
  given: { region: 'response', in: ['published'] },
  command: 'publish-response',
} as const;

/** How deadlines of recommendations are. */
export const { isOpen, isSettled, singleDeadlineState, deadlineState, stateOn, deadlinesOn } = deadlineStates(
  {
    open: guards.open,
    given: response.given,
  },
);
