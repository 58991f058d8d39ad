import { deadlineStates } from '../../capabilities/dated-work.ts';
import { RESPONSE } from '../../capabilities/response.ts';
import { guards } from './machine.ts';

/** Lists use only dates of the recommendation itself; the duty to respond is listed separately. */
export const listedKinds = ['action'] as const;

/** Functions for the states of recommendations' deadlines. */
export const { isOpen, stateOn, deadlinesOn } = deadlineStates({
  open: guards.open,
  answered: RESPONSE.answered,
  listedKinds,
});
