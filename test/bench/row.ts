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

type Measured = Pick<Row, 'value' | 'floor' | 'target' | 'unit'>;

/** Returns a row whose ratio must be at least the target. */
export function row(measure: string, measured: Measured): Row {
  const ratio = measured.value / measured.floor;
  return { measure, ...measured, ratio, isMet: ratio >= measured.target };
}

/** Returns a row whose ratio must be at most the target. */
export function atMost(measure: string, measured: Measured): Row {
  const ratio = measured.value / measured.floor;
  return { measure: `${measure} (at most)`, ...measured, ratio, isMet: ratio <= measured.target };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}
