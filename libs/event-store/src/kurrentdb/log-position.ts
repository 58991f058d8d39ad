import { InvalidPositionError } from '#event-sourcing/errors';

/** A position in the server's log: of the commit, and of the record that prepared it. */
export interface LogPosition {
  readonly commit: bigint;
  readonly prepare: bigint;
}

const DECIMAL = /^\d{1,40}$/;
const HALF = 64n;
/** The server counts in signed 64-bit integers. */
const COMMIT_MAX = 2n ** 63n - 1n;

/**
 * Returns a position as one decimal number: the commit above the prepare's 64 bits. Numbers are in log order even if an
 * event was prepared before others and committed after them.
 */
export const positionText = ({ commit, prepare }: LogPosition): string => String((commit << HALF) | prepare);

/**
 * Parses a position; returns null for the beginning of the log, `'0'`.
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
