import { checkLifecycles } from '#lifecycle/check-lifecycle';
import { Lifecycles } from '#lifecycle/lifecycles';
import { recommendations } from './inspection-recommendation/versions.ts';
import type { ViewedLifecycle } from './record-view.ts';

/** Every version of every lifecycle in this build. New records of a kind follow its last version. */
export const lifecycles = new Lifecycles<unknown, ViewedLifecycle>(...recommendations);
checkLifecycles(lifecycles);
