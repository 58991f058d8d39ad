import { deadlineStates } from '../../capabilities/dated-work.ts';
import { PLAIN_KINDS } from '../../capabilities/deadlines.ts';
import { RESPONSE } from '../../capabilities/response.ts';
import { guards } from './machine.ts';

/** Lists use only the dates for the recommendation itself; the duty to respond is listed separately. */
export const kinds = {
  ...PLAIN_KINDS,
  response: { ...PLAIN_KINDS.response, isListed: false },
};

/** The states of recommendations' deadlines. */
export const { isOpen, isSettled, singleDeadlineState, deadlineState, stateOn, deadlinesOn } = deadlineStates(
  { open: guards.open, answered: RESPONSE.answered, kinds },
);
