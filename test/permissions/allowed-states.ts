import type { StateValue } from '#event-sourcing/envelope';
import type { MachineConfig } from '#lifecycle/lifecycle-definition';

/** A value of the machine, and whether it allows a command. */
interface Point {
  readonly value: StateValue;
  readonly allowed: boolean;
}

/** A conjunction: the permitted states of each region that matters. */
export type Condition = readonly (readonly [region: string, states: readonly string[]])[];

/** The regions and states in the order of the chart. */
type Chart = MachineConfig['states'];

const keyWithout = (value: StateValue, name: string): string =>
  JSON.stringify({ ...value, [name]: undefined });

/** Returns whether two values that differ only in this region have different results. */
function matters(name: string, points: readonly Point[]): boolean {
  const answers = new Map<string, boolean>();
  return points.some(({ value, allowed }) => {
    const key = keyWithout(value, name);
    const other = answers.get(key);
    answers.set(key, allowed);
    return other !== undefined && other !== allowed;
  });
}

const valuesOf = (chart: Chart, name: string, points: readonly Point[]): string[] => {
  const seen = new Set(points.map(({ value }) => value[name] as string));
  return Object.keys(chart[name]?.states ?? {}).filter((value) => seen.has(value));
};

/** Returns the conditions under which a command is allowed, as alternatives over as few regions as possible. */
export function conditionsOf(chart: Chart, points: readonly Point[]): Condition[] {
  const names = Object.keys(chart).filter((name) => matters(name, points));
  return alternatives(chart, names, points);
}

function alternatives(chart: Chart, names: readonly string[], points: readonly Point[]): Condition[] {
  const allowed = points.filter((point) => point.allowed);
  if (allowed.length === 0) return [];
  const condition = names.map((name) => [name, valuesOf(chart, name, allowed)] as const);
  const meets = ({ value }: Point) =>
    condition.every(([name, values]) => values.includes(value[name] as string));
  if (points.every((point) => point.allowed || !meets(point))) {
    return [condition.filter(([name, values]) => values.length < valuesOf(chart, name, points).length)];
  }
  // A single condition is not enough: each value of the first region has its own.
  const [first = '', ...others] = names;
  return valuesOf(chart, first, points).flatMap((value) =>
    alternatives(
      chart,
      others,
      points.filter((point) => point.value[first] === value),
    ).map((condition): Condition => [[first, [value]], ...condition]),
  );
}
