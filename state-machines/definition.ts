import type { LifecycleDefinition } from '#lifecycle/lifecycle-definition';
import { statechartOf } from '#lifecycle/statechart';
import type { Statechart } from '#lifecycle/statechart';

/** A lifecycle of Docket as data, with the thresholds of deadlines. */
export interface DocketDefinition extends LifecycleDefinition {
  /** The days of the deadlines' thresholds. */
  readonly thresholds: Readonly<Record<string, number>>;
}

/**
 * Returns the statechart of a lifecycle of this build.
 * @throws InvalidLifecycleError with every problem and its location.
 */
export const ownStatechart = (definition: DocketDefinition): Statechart => statechartOf(definition);
