import type { LifecycleReference } from '#event-sourcing/envelope';
import { arrowsOf } from './lifecycle-definition.ts';
import type { GuardDefinition, LifecycleDefinition } from './lifecycle-definition.ts';

/** An arrow of a region in the chart. */
export interface ChartArrow {
  readonly event: string;
  readonly guard: string | null;
  readonly from: string;
  readonly to: string;
  /** True if the arrow starts from every state of the region. */
  readonly fromAny: boolean;
}

export interface ChartRegion {
  readonly region: string;
  readonly initial: string;
  readonly states: readonly string[];
  readonly arrows: readonly ChartArrow[];
}

/** A statechart for display: its lifecycle and its parallel regions. */
export interface Chart<Region extends ChartRegion = ChartRegion> {
  readonly lifecycle: LifecycleReference;
  readonly guards: Readonly<Record<string, GuardDefinition>>;
  readonly regions: readonly Region[];
}

/** Returns a lifecycle's chart without the path of a record. */
export const chartOf = (
  definition: Pick<LifecycleDefinition, 'machine' | 'guards'>,
  lifecycle: LifecycleReference,
): Chart => ({ lifecycle, guards: definition.guards, regions: regionsOf(definition) });

/** Definitions are immutable, so the regions are computed once for each. */
const regionsCache = new WeakMap<object, readonly ChartRegion[]>();

function regionsOf(definition: Pick<LifecycleDefinition, 'machine'>): readonly ChartRegion[] {
  const regions = regionsCache.get(definition) ?? computeRegions(definition);
  regionsCache.set(definition, regions);
  return regions;
}

function computeRegions(definition: Pick<LifecycleDefinition, 'machine'>): ChartRegion[] {
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
