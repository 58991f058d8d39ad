import type { RolesPolicy } from '#lifecycle/command-roles';
import type { Lifecycle } from '#lifecycle/lifecycle';
import { Lifecycles } from '#lifecycle/lifecycles';
import { rolesOn, whyNotAs } from './access.ts';
import { earlierDefinitions, inspectionRecommendation } from './inspection-recommendation/v1/lifecycle.ts';

/**
 * Every version of every lifecycle that this build has, by which events are folded. What decides commands under them is in
 * `commanded-lifecycles.ts`: who only folds, as the projector does, loads no payloads.
 */
export const lifecycles = new Lifecycles<unknown, Lifecycle>(
  // Of each lifecycle the versions in their order: new records follow the last.
  ...earlierDefinitions,
  inspectionRecommendation,
);

/** In which roles people act on records, whichever lifecycle these follow. */
export const rolesPolicy: RolesPolicy = { rolesOn, whyNotAs };
