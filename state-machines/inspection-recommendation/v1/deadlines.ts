import { deadlineStates } from '../../capabilities/dated-work.ts';
import { RESPONSE } from '../../capabilities/response.ts';
import type { Facts } from './facts.ts';
import { guards } from './machine.ts';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';

/** Lists use only dates of the recommendation itself; the duty to respond is listed separately. */
export const listedKinds = ['action'] as const;

/** Functions for the states of recommendations' deadlines. */
export const { isOpen, stateOn, deadlinesOn } = deadlineStates({
  open: guards.open,
  answered: RESPONSE.answered,
  listedKinds,
});

/** Returns the response that is not published yet, if one is required. */
export const openResponse = (state: LifecycleState<Facts>, today: string) =>
  deadlinesOn(state, today).find(({ kind, state: is }) => kind === 'response' && is !== 'settled');
