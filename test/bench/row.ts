/** A line of the report: Docket's figure, and the floor from the same run. */
export interface Row {
  readonly measure: string;
  readonly value: number;
  readonly floor: number;
  /** value / floor. */
  readonly ratio: number;
  /** The required ratio. */
  readonly target: number;
  readonly unit: string;
  readonly isMet: boolean;
}

export function row(
  measure: string,
  { value, floor, target, unit }: Pick<Row, 'value' | 'floor' | 'target' | 'unit'>,
): Row {
  const ratio = value / floor;
  return { measure, value, floor, ratio, target, unit, isMet: ratio >= target };
}

/**
 * Runs a measurement.
 * @throws Error that names the measurement, with the original error as its cause.
 */
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

export const formatRow = ({ measure, value, floor, ratio, target, unit, isMet }: Row): string =>
  `${measure}: ${value.toFixed(0)} ${unit}, floor ${floor.toFixed(0)}, ` +
  `ratio ${ratio.toFixed(2)} (target ${target.toFixed(2)}) ${isMet ? 'holds' : 'MISSED'}`;
