import { deadlineStates } from '../../capabilities/dated-work.ts';
import { PLAIN_KINDS } from '../../capabilities/deadlines.ts';
import { RESPONSE } from '../../capabilities/response.ts';
import { guards } from './machine.ts';

/**
 * The properties of the kinds of deadlines. Lists use only dates of the recommendation itself; the duty to respond is
 * listed separately.
 */
export const kinds = {
  ...PLAIN_KINDS,
  response: { ...PLAIN_KINDS.response, isListed: false },
};

/** Functions for the states of recommendations' deadlines. */
export const { isOpen, stateOn, deadlinesOn } = deadlineStates({
  open: guards.open,
  answered: RESPONSE.answered,
  kinds,
});
