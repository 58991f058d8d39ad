import { InvalidPositionError } from '#event-sourcing/errors';

/** A position in the server's log: that of the commit, and that of the record that prepared it. */
export interface LogPosition {
  readonly commit: bigint;
  readonly prepare: bigint;
}

const DECIMAL = /^\d{1,40}$/;
const HALF = 64n;
/** The largest signed 64-bit integer, in which the server counts. */
const COMMIT_MAX = 2n ** 63n - 1n;

/**
 * Returns a position as one decimal number, with the commit above the 64 bits of the prepare. The numbers are in log
 * order even if an event was prepared before others and committed after them.
 */
export const positionText = ({ commit, prepare }: LogPosition): string => String((commit << HALF) | prepare);

/**
 * Returns the parsed position; null for `'0'`, the beginning of the log.
 * @throws InvalidPositionError
 */
export function parseLogPosition(position: string): LogPosition | null {
  if (position === '0') return null;
  const number = DECIMAL.test(position) ? BigInt(position) : 0n;
  const commit = number >> HALF;
  // A number without an upper half is a position of another store.
  if (commit === 0n || commit > COMMIT_MAX) {
    throw new InvalidPositionError(position);
  }
  return { commit, prepare: BigInt.asUintN(64, number) };
}
