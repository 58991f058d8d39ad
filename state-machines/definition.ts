import { isMapping, mapped } from '#lifecycle/check-definition';
import type { LifecycleDefinition } from '#lifecycle/lifecycle-definition';
import { statechartOf } from '#lifecycle/statechart';
import type { Statechart } from '#lifecycle/statechart';

/** A lifecycle of Docket as data, with the thresholds of deadlines. */
export interface DocketDefinition extends LifecycleDefinition {
  /** The days of the deadlines' thresholds. */
  readonly thresholds: Readonly<Record<string, number>>;
}

const MEMBERS = ['name', 'version', 'statusRegion', 'machine', 'guards', 'events', 'thresholds'];

/** Yields the problems of a definition's thresholds and of its other members. */
function* furtherProblems(definition: Readonly<Record<string, unknown>>): Generator<string> {
  const { thresholds } = definition;
  for (const member of Object.keys(definition))
    if (!MEMBERS.includes(member)) yield `${member}: is not a member of a definition; remove it`;
  if (!isMapping(thresholds)) yield 'thresholds: must be an object';
  for (const [name, days] of mapped(thresholds)) {
    if (!Number.isSafeInteger(days)) yield `thresholds.${name}: must be a whole number of days`;
  }
}

/**
 * Returns the statechart of a lifecycle from a file.
 * @throws InvalidLifecycleError with every problem and its location.
 */
export const docketStatechart = (definition: unknown): Statechart =>
  statechartOf(definition, { furtherProblems });

/**
 * Returns the statechart of a lifecycle of this build. `definition.spec.ts` checks for every lifecycle in
 * `lifecycles.ts` that all states can be reached, so processes and threads skip that check at start-up.
 */
export const ownStatechart = (definition: DocketDefinition): Statechart =>
  statechartOf(definition, { furtherProblems, isWalked: true });
