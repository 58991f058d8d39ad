import type { RolesPolicy } from '#lifecycle/command-roles';
import { Lifecycles } from '#lifecycle/lifecycles';
import { rolesOn, whyNotAs } from './access.ts';
import type { Facts } from './inspection-recommendation/v1/facts.ts';
import { earlierDefinitions, inspectionRecommendation } from './inspection-recommendation/v1/lifecycle.ts';

/**
 * Every version of every lifecycle that this build has, by which events are folded. What decides commands under them is in
 * `commanded-lifecycles.ts`: who only folds, as the projector does, loads no payloads.
 */
export const lifecycles = new Lifecycles<Facts>(inspectionRecommendation, ...earlierDefinitions);

/** In which roles people act on records, whichever lifecycle these follow. */
export const rolesPolicy: RolesPolicy<Facts> = {
  rolesOn: (caller, { recipient }) => rolesOn(caller, recipient),
  whyNotAs: (caller, { recipient }, roles) => whyNotAs(caller, recipient, roles),
};
