import type { LifecycleReference } from '#event-sourcing/envelope';
import { arrowsOf } from './lifecycle-definition.ts';
import type { GuardDefinition, LifecycleDefinition } from './lifecycle-definition.ts';

/** One arrow of a region, as the chart shows it. */
export interface ChartArrow {
  readonly event: string;
  readonly guard: string | null;
  readonly from: string;
  readonly to: string;
  /** Whether the same arrow leads from every state of the region. */
  readonly fromAny: boolean;
}

export interface ChartRegion {
  readonly region: string;
  readonly initial: string;
  readonly states: readonly string[];
  readonly arrows: readonly ChartArrow[];
}

/** A statechart as it is shown: what it is of, and its regions, all of which hold at the same time. */
export interface Chart<Region extends ChartRegion = ChartRegion> {
  readonly lifecycle: LifecycleReference;
  readonly guards: Readonly<Record<string, GuardDefinition>>;
  readonly regions: readonly Region[];
}

/** The chart of a lifecycle, without any record in it. */
export const chartOf = (
  definition: Pick<LifecycleDefinition, 'machine' | 'guards'>,
  lifecycle: LifecycleReference,
): Chart => ({ lifecycle, guards: definition.guards, regions: regionsOf(definition) });

/** A definition never changes, and is drawn for each record that follows it. */
const known = new WeakMap<object, readonly ChartRegion[]>();

function regionsOf(definition: Pick<LifecycleDefinition, 'machine'>): readonly ChartRegion[] {
  const regions = known.get(definition) ?? readRegions(definition);
  known.set(definition, regions);
  return regions;
}

function readRegions(definition: Pick<LifecycleDefinition, 'machine'>): ChartRegion[] {
  const arrows = [...arrowsOf(definition)];
  return Object.entries(definition.machine.states).map(([region, { initial, states }]) => ({
    region,
    initial,
    states: Object.keys(states),
    arrows: arrows
      .filter((arrow) => arrow.region === region)
      .map(({ event, guard, from, target, shared }) => ({ event, guard, from, to: target, fromAny: shared })),
  }));
}
