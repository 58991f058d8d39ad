import { Lifecycles } from '#lifecycle/lifecycles';
import { recommendations } from './inspection-recommendation/versions.ts';
import type { ViewedLifecycle } from './record-view.ts';

/** Every version of every lifecycle that this build has: the one list. New records of a kind follow the last of its versions. */
export const lifecycles = new Lifecycles<unknown, ViewedLifecycle>(...recommendations);
