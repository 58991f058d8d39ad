import { isMapping, mapped } from '#lifecycle/check-definition';
import type { LifecycleDefinition } from '#lifecycle/lifecycle-definition';
import { statechartOf } from '#lifecycle/statechart';
import type { Statechart } from '#lifecycle/statechart';

/** A lifecycle of Docket as data: its records have deadlines, whose thresholds are part of it. */
export interface DocketDefinition extends LifecycleDefinition {
  /** Days of a deadline's thresholds. */
  readonly thresholds: Readonly<Record<string, number>>;
}

const MEMBERS = ['name', 'version', 'statusRegion', 'machine', 'guards', 'events', 'thresholds'];

/** What is wrong with the thresholds of a definition, and with what it has besides. */
function* furtherProblems(definition: Readonly<Record<string, unknown>>): Generator<string> {
  const { thresholds } = definition;
  for (const member of Object.keys(definition))
    if (!MEMBERS.includes(member)) yield `${member}: is no member of a definition; leave it out`;
  if (!isMapping(thresholds)) yield 'thresholds: must be given, as an object';
  for (const [name, days] of mapped(thresholds)) {
    if (!Number.isSafeInteger(days)) yield `thresholds.${name}: must be a whole number of days`;
  }
}

/**
 * The statechart of a lifecycle of Docket that is read from a file.
 * @throws InvalidLifecycleError naming every problem with its place.
 */
export const docketStatechart = (definition: unknown): Statechart =>
  statechartOf(definition, { furtherProblems });

/**
 * The statechart of a lifecycle of this build. That all of it can be reached is shown by `definition.spec.ts`, for every lifecycle
 * of `lifecycles.ts`, and not at the start of each process and thread again.
 */
export const ownStatechart = (definition: DocketDefinition): Statechart =>
  statechartOf(definition, { furtherProblems, isWalked: true });
