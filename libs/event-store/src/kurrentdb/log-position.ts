/** Where an event is in the server's log: of its commit, and of the record that prepared it. */
export interface LogPosition {
  readonly commit: bigint;
  readonly prepare: bigint;
}

const DECIMAL = /^\d{1,40}$/;
const HALF = 64n;

/**
 * A position as one decimal number: the commit's figure above 64 bits of the prepare's, so that numbers are in the order of the log
 * also where an event was prepared before others and committed after them.
 */
export const positionText = ({ commit, prepare }: LogPosition): string => String((commit << HALF) | prepare);

/**
 * Null for the beginning of the log, `'0'`.
 * @throws RangeError for a text that is no position.
 */
export function parseLogPosition(position: string): LogPosition | null {
  if (!DECIMAL.test(position)) {
    throw new RangeError(`${JSON.stringify(position)} is no position of this store`);
  }
  const number = BigInt(position);
  // A figure without an upper half is from another store: none of this one's events is as early.
  const commit = number >> HALF;
  return commit === 0n ? null : { commit, prepare: BigInt.asUintN(64, number) };
}
