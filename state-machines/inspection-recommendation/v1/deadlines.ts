import { deadlineStates } from '../../capabilities/dated-work.ts';
import { PLAIN_KINDS } from '../../capabilities/deadlines.ts';
import { RESPONSE } from '../../capabilities/response.ts';
import { guards } from './machine.ts';

/** Lists judge a recommendation by the dates for itself alone; the duty to respond to it is listed beside. */
export const kinds = {
  ...PLAIN_KINDS,
  response: { ...PLAIN_KINDS.response, isListed: false },
};

/** How deadlines of recommendations are. */
export const { isOpen, isSettled, singleDeadlineState, deadlineState, stateOn, deadlinesOn } = deadlineStates(
  { open: guards.open, given: RESPONSE.given, kinds },
);
