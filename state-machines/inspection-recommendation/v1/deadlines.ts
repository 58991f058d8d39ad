import { deadlineStates } from '../../capabilities/dated-work.ts';
import { RESPONSE } from '../../capabilities/response.ts';
import { guards } from './machine.ts';

/** How deadlines of recommendations are. */
export const { isOpen, isSettled, singleDeadlineState, deadlineState, stateOn, deadlinesOn } = deadlineStates(
  {
    open: guards.open,
    given: RESPONSE.given,
  },
);
