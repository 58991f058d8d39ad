import type { StateValue } from '#event-sourcing/envelope';
import { inspectionRecommendation } from '#state-machines/inspection-recommendation/v1/lifecycle';

/** A value of the machine, and whether it takes a command. */
export interface Point {
  readonly value: StateValue;
  readonly allowed: boolean;
}

/** What must be so together: for each region that matters, the states it may be in. */
export type Condition = readonly (readonly [region: string, states: readonly string[]])[];

/** Regions and states in the chart's order. */
const REGIONS = Object.entries(inspectionRecommendation.definition.machine.states).map(
  ([region, { states }]) => [region, Object.keys(states)] as const,
);

const keyWithout = (value: StateValue, name: string): string =>
  JSON.stringify({ ...value, [name]: undefined });

/** Whether two values that differ in nothing else are answered differently. */
function matters(name: string, points: readonly Point[]): boolean {
  const answers = new Map<string, boolean>();
  return points.some(({ value, allowed }) => {
    const key = keyWithout(value, name);
    const other = answers.get(key);
    answers.set(key, allowed);
    return other !== undefined && other !== allowed;
  });
}

const valuesOf = (name: string, points: readonly Point[]): string[] => {
  const seen = new Set(points.map(({ value }) => value[name] as string));
  const ordered = REGIONS.find(([region]) => region === name)?.[1] ?? [...seen];
  return ordered.filter((value) => seen.has(value));
};

/** Where a command is allowed: one of these conditions holds; the fewest regions are named. */
export function conditionsOf(points: readonly Point[]): Condition[] {
  const names = REGIONS.map(([region]) => region).filter((name) => matters(name, points));
  return alternatives(names, points);
}

function alternatives(names: readonly string[], points: readonly Point[]): Condition[] {
  const allowed = points.filter((point) => point.allowed);
  if (allowed.length === 0) return [];
  const condition = names.map((name) => [name, valuesOf(name, allowed)] as const);
  const meets = ({ value }: Point) =>
    condition.every(([name, values]) => values.includes(value[name] as string));
  if (points.every((point) => point.allowed || !meets(point))) {
    return [condition.filter(([name, values]) => values.length < valuesOf(name, points).length)];
  }
  // No one condition says it: each value of the first region has its own.
  const [first = '', ...others] = names;
  return valuesOf(first, points).flatMap((value) =>
    alternatives(
      others,
      points.filter((point) => point.value[first] === value),
    ).map((condition): Condition => [[first, [value]], ...condition]),
  );
}
