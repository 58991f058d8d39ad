import { inspectionRecommendation } from '#state-machines/inspection-recommendation/v1/lifecycle';
import type { Situation } from '../support/documented-commands.ts';

/** A situation, and whether a command was allowed in it to somebody at all. */
export interface Point {
  readonly situation: Situation;
  readonly allowed: boolean;
}

/** What must be so together: for each region or fact that matters, the values it may have. */
export type Condition = readonly (readonly [name: string, values: readonly string[]])[];

type Flat = Readonly<Record<string, string>>;
interface FlatPoint {
  readonly at: Flat;
  readonly allowed: boolean;
}

const flat = ({ value, facts }: Situation): Flat => ({ ...value, ...facts });

/** Regions in the chart's order come first, then facts; values in the chart's order as well. */
const REGIONS = Object.entries(inspectionRecommendation.definition.machine.states).map(
  ([region, { states }]) => [region, Object.keys(states)] as const,
);

const keyWithout = (at: Flat, name: string): string => JSON.stringify({ ...at, [name]: undefined });

/** Whether two situations that differ in nothing else are answered differently. */
function matters(name: string, points: readonly FlatPoint[]): boolean {
  const answers = new Map<string, boolean>();
  return points.some(({ at, allowed }) => {
    const key = keyWithout(at, name);
    const other = answers.get(key);
    answers.set(key, allowed);
    return other !== undefined && other !== allowed;
  });
}

const valuesOf = (name: string, points: readonly FlatPoint[]): string[] => {
  const seen = new Set(points.map(({ at }) => at[name] as string));
  const ordered = REGIONS.find(([region]) => region === name)?.[1] ?? [...seen];
  return ordered.filter((value) => seen.has(value));
};

/** Where a command is allowed: one of these conditions holds; the fewest regions and facts are named. */
export function conditionsOf(points: readonly Point[]): Condition[] {
  const all = points.map(({ situation, allowed }) => ({ at: flat(situation), allowed }));
  const names = Object.keys(all[0]?.at ?? {}).filter((name) => matters(name, all));
  return alternatives(names, all);
}

function alternatives(names: readonly string[], points: readonly FlatPoint[]): Condition[] {
  const allowed = points.filter((point) => point.allowed);
  if (allowed.length === 0) return [];
  const condition = names.map((name) => [name, valuesOf(name, allowed)] as const);
  const meets = ({ at }: FlatPoint) =>
    condition.every(([name, values]) => values.includes(at[name] as string));
  if (points.every((point) => point.allowed || !meets(point))) {
    return [condition.filter(([name, values]) => values.length < valuesOf(name, points).length)];
  }
  // No one condition says it: each value of the first region has its own.
  const [first = '', ...others] = names;
  return valuesOf(first, points).flatMap((value) =>
    alternatives(
      others,
      points.filter(({ at }) => at[first] === value),
    ).map((condition): Condition => [[first, [value]], ...condition]),
  );
}
