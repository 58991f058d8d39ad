/** One line of the benchmark's report: a figure of ours beside the floor it is held against, from the same run. */
export interface Row {
  readonly measure: string;
  readonly value: number;
  readonly floor: number;
  /** value / floor. */
  readonly ratio: number;
  /** What the ratio must reach. */
  readonly target: number;
  readonly unit: string;
  readonly holds: boolean;
}

export function row(
  measure: string,
  { value, floor, target, unit }: Pick<Row, 'value' | 'floor' | 'target' | 'unit'>,
): Row {
  const ratio = value / floor;
  return { measure, value, floor, ratio, target, unit, holds: ratio >= target };
}

/** @throws Error that names what was measured, with what was thrown as its cause. */
export async function measuring<Result>(measure: string, action: () => Promise<Result>): Promise<Result> {
  try {
    return await action();
  } catch (cause) {
    throw new Error(`"${measure}" could not be measured`, { cause });
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

export const formatRow = ({ measure, value, floor, ratio, target, unit, holds }: Row): string =>
  `${measure}: ${value.toFixed(0)} ${unit}, floor ${floor.toFixed(0)}, ` +
  `ratio ${ratio.toFixed(2)} (target ${target.toFixed(2)}) ${holds ? 'holds' : 'MISSED'}`;
